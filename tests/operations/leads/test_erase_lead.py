"""Erasing a person reaches what the log and the outbox hold of them, and of nobody else."""

from datetime import timedelta
from uuid import uuid4

from sqlalchemy import select

from app.extensions import db
from app.models import Interaction, Lead, LeadVisitor, OutboxMessage, VisitorSession
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


def test_of_a_tablet_at_the_reception_only_what_the_erased_person_told_goes(cast):
    """However many others told something there, before and after."""
    tablet, others = uuid4(), 1100
    with acting_for(cast.clinic):
        visit = VisitorSession(
            id=uuid4(),
            site_id=cast.site.id,
            visitor_id=tablet,
            started_at=NOW,
            last_activity_at=NOW + timedelta(minutes=others),
            channel="direct",
        )
        db.session.add(visit)
        ana = come({"email": "ana@example.com"})
        leads = [
            Lead(source="direct", email=f"{n}@example.com", created_at=NOW, updated_at=NOW)
            for n in range(others)
        ]
        leads.insert(others // 2, ana)
        db.session.add_all(leads)
        db.session.flush()
        for n, lead in enumerate(leads):
            begins, ends = NOW + timedelta(minutes=n), NOW + timedelta(minutes=n + 1)
            db.session.add(
                LeadVisitor(
                    lead_id=lead.id,
                    visitor_id=tablet,
                    starts_at=begins,
                    ends_at=None if n == others else ends,
                )
            )
            db.session.add(
                Interaction(
                    event_id=uuid4(),
                    visitor_id=tablet,
                    visitor_session_id=visit.id,
                    type="search",
                    channel="web",
                    occurred_at=begins,
                    received_at=begins,
                    label=f"told by {lead.email}",
                )
            )
        db.session.flush()
        erase_lead(ana, user_id=None, now=NOW)
        searches = select(Interaction.label).where(Interaction.type == "search")
        told = set(db.session.scalars(searches))
        assert told == {None} | {f"told by {n}@example.com" for n in range(others)}
