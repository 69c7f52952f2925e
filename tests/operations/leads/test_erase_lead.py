"""Erasing a person reaches what the outbox holds of them."""

from datetime import timedelta

from sqlalchemy import select

from app.extensions import db
from app.models import Lead, OutboxMessage
from app.operations.contact.create_lead_from_form import create_lead_from_form
from app.operations.contact.tell_of_lead import tell_of_lead
from app.operations.leads.erase_lead import erase_lead
from app.operations.queue_mail import queue_mail
from app.tenancy import acting_for
from tests.conftest import NOW

LATER = NOW + timedelta(days=3)


def come(given):
    lead, _ = create_lead_from_form(
        given,
        site=None,
        interaction=None,
        identity=None,
        source="direct",
        utm=None,
        consents={},
        now=NOW,
    )
    return lead


def test_mails_to_and_about_an_erased_person_lose_their_words_and_do_not_go_out(cast):
    with acting_for(cast.clinic):
        ana = come({"email": "ana@example.com", "first_name": "Ana", "phone": "+33612345678"})
        ben = come({"email": "ben@example.com", "first_name": "Ben"})
        ana.answers = {"allergy": {"label": "Allergies?", "answer": "Latex, says Ana"}}
        for lead in (ana, ben):
            tell_of_lead(lead.id, came_at=NOW, base="https://leads.example", now=NOW)
            queue_mail("reminder", lead.email, {"who": lead.name}, due_at=LATER, now=NOW)
        erase_lead(ana, user_id=None, now=NOW)
        db.session.expire_all()
        mails = select(OutboxMessage).where(OutboxMessage.kind.startswith("mail."))
        kept = list(db.session.scalars(mails.order_by(OutboxMessage.id)))
        told = str([mail.payload for mail in kept])
        assert "Ana" not in told
        assert "ana@example.com" not in told
        assert "612345678" not in told
        assert told.count("ben@example.com") == 2  # to him, and in what the owner is told
        assert [mail.done_at is not None for mail in kept] == [True, True, False, False]
        assert db.session.scalar(select(Lead).where(Lead.id == ana.id)).answers == {}
