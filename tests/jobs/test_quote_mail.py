"""The mail that brings a quote, to the end."""

import io

import pytest
from pypdf import PdfReader
from sqlalchemy import select

from app.extensions import db
from app.jobs import deliver
from app.models import Interaction, OutboxMessage, Quote
from app.tenancy import acting_for
from tests.passerby import Passerby
from tests.smtp_sink import SmtpSink


@pytest.fixture
def sink(app):
    sink = SmtpSink()
    app.config["MAIL"] = sink.url
    yield sink
    sink.stop()


def test_the_quote_arrives_as_a_pdf_with_its_link_and_is_noted_as_sent(app, clinic, sink):
    visitor = Passerby(app.test_client())
    visitor.calculate("ipl")
    visitor.answer(email="ana@example.com")
    db.session.rollback()
    deliver.run()
    with acting_for(clinic.clinic):
        quote = db.session.scalar(select(Quote))
        sent = select(Interaction).where(Interaction.type == "quote_sent")
        (act,) = db.session.scalars(sent)
        mail = db.session.scalar(select(OutboxMessage).where(OutboxMessage.kind == "mail.quote"))
    assert quote.sent_at is not None
    assert act.lead_id == quote.lead_id
    assert mail.state == "sent"
    (letter,) = (mail for mail in sink.mails if "quote" in mail["Subject"])
    assert letter["Subject"] == f"Your quote {quote.number} from Aurelia Aesthetics"
    (file,) = letter.iter_attachments()
    assert file.get_filename() == f"{quote.number}.pdf"
    pages = PdfReader(io.BytesIO(file.get_content())).pages
    assert quote.number in pages[0].extract_text()
    text = letter.get_body(("plain",)).get_content()
    path = f"/enhanced-cost/{text.partition('/enhanced-cost/')[2].split()[0]}"
    assert "Valid until" in Passerby(app.test_client()).get(path).text
