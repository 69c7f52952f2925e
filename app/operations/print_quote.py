"""Print a quote: the PDF of what was frozen when it was issued."""

from zoneinfo import ZoneInfo

from app.clients import pdf
from app.domain.quote import document
from app.extensions import db
from app.models import Organization, Quote
from app.tenancy import acting_organization_id


def quote_document(quote: Quote) -> dict:
    """What the document says, with its logo; everything that printing needs of the database."""
    organization = db.session.get(Organization, acting_organization_id())
    told = document(
        quote.content,
        number=quote.number,
        issued_on=quote.issued_at.astimezone(ZoneInfo(organization.timezone)).date(),
        last_day=quote.valid_until,
        recipient=quote.recipient,
    )
    return told | {"logo": quote.logo and quote.logo.png}


def print_quote(quote: Quote) -> bytes:
    """The quote as a PDF."""
    return pdf.pdf("quote", quote_document(quote))
