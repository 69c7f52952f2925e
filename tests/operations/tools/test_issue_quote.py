"""Numbers of quotes: one after the other, whoever asks at the same time."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from uuid import UUID

import pytest
from sqlalchemy import select

from app.domain.tools.cost import Clinic, Price, Selection, Treatment, estimate
from app.extensions import db, writing
from app.models import Interaction, Lead, OutboxMessage, Quote
from app.operations.tools.issue_quote import issue_quote
from app.operations.tracking.record_interaction import record_interaction
from app.tenancy import acting_for
from tests.conftest import NOW

PEEL = Treatment("peel", "Peel", 10_000, 15_000)
ANA = {"email": "ana@example.com"}


def link(kind, row_id):
    return f"https://clinic.example/{kind}/{row_id}"


def used(organization, number, **more) -> UUID:
    """The id of a use of the calculator, committed."""
    told = estimate([Selection(PEEL)], Clinic("Main", "Lyon"))
    assert told.total == Price(10_000, 15_000)
    data = {
        "procedures": ["peel"],
        "choices": {},
        "clinic": "Main, Lyon",
        "currency": "EUR",
        "estimate": told.to_json(),
        "financing": {"months": 0, "plans": []},
    }
    with writing(), acting_for(organization):
        act = record_interaction(
            "cost_calculator", site=None, data=data | more, event_id=UUID(int=number), now=NOW
        )
        db.session.commit()
        return act.event_id


def lead_of(organization, email="ana@example.com") -> int:
    with writing(), acting_for(organization):
        lead = Lead(email=email, interests=[], created_at=NOW, updated_at=NOW)
        db.session.add(lead)
        db.session.commit()
        return lead.id


def issue(organization, event_id, lead_id, now=NOW, recipient=ANA, commit=True) -> str:
    """The number of the quote; everything in a transaction of its own."""
    db.session.rollback()
    with writing(), acting_for(organization):
        act = db.session.scalar(select(Interaction).where(Interaction.event_id == event_id))
        lead = db.session.scalar(select(Lead).where(Lead.id == lead_id))
        quote = issue_quote(act, lead, recipient, site=None, identity=None, link=link, now=now)
        number = quote.number
        db.session.commit() if commit else db.session.rollback()
        return number


@pytest.fixture
def clinic(cast):
    return cast.clinic.id


def test_those_who_ask_at_the_same_time_get_numbers_without_gap_or_double(app, cast):
    clinic, other = cast.clinic.id, cast.other.id
    uses = [(clinic, used(clinic, n)) for n in range(1, 25)]
    uses += [(other, used(other, n)) for n in range(1, 9)]
    leads = {clinic: lead_of(clinic), other: lead_of(other)}
    db.session.remove()

    def ask(use):
        organization, event_id = use
        with app.app_context():
            try:
                return organization, issue(organization, event_id, leads[organization])
            finally:
                db.session.remove()

    with ThreadPoolExecutor(8) as threads:
        told = list(threads.map(ask, uses))
    for organization, prefix, count in ((clinic, "AUR", 24), (other, "OTH", 8)):
        numbers = sorted(number for asked, number in told if asked == organization)
        assert numbers == [f"{prefix}-2026-{n:05d}" for n in range(1, count + 1)]


def test_the_same_use_asked_for_at_the_same_time_is_one_quote(app, clinic):
    event_id, lead_id = used(clinic, 1), lead_of(clinic)
    db.session.remove()

    def ask(_):
        with app.app_context():
            try:
                return issue(clinic, event_id, lead_id)
            finally:
                db.session.remove()

    with ThreadPoolExecutor(8) as threads:
        assert set(threads.map(ask, range(16))) == {"AUR-2026-00001"}
    with acting_for(clinic):
        assert len(list(db.session.scalars(select(Quote)))) == 1
        mails = select(OutboxMessage).where(OutboxMessage.kind == "mail.quote")
        assert len(list(db.session.scalars(mails))) == 1


def test_a_number_that_was_rolled_back_is_given_again(clinic):
    lead_id = lead_of(clinic)
    assert issue(clinic, used(clinic, 1), lead_id, commit=False) == "AUR-2026-00001"
    assert issue(clinic, used(clinic, 2), lead_id) == "AUR-2026-00001"


def test_each_year_begins_anew_at_the_organizations_midnight(clinic):
    lead_id = lead_of(clinic)  # in Paris
    before = datetime(2026, 12, 31, 22, 59, tzinfo=UTC)
    after = datetime(2026, 12, 31, 23, 0, tzinfo=UTC)
    assert issue(clinic, used(clinic, 1), lead_id, before) == "AUR-2026-00001"
    assert issue(clinic, used(clinic, 2), lead_id, after) == "AUR-2027-00001"
    assert issue(clinic, used(clinic, 3), lead_id, before) == "AUR-2026-00002"


def test_the_days_of_validity_are_the_organizations(clinic):
    late = datetime(2026, 3, 1, 23, 30, tzinfo=UTC)  # the second of March in Paris
    issue(clinic, used(clinic, 1), lead_of(clinic), late)
    with acting_for(clinic):
        assert str(db.session.scalar(select(Quote.valid_until))) == "2026-04-01"


def test_two_changes_of_one_quote_are_a_chain(clinic):
    lead_id, first = lead_of(clinic), used(clinic, 1)
    issue(clinic, first, lead_id)
    for number in (2, 3):
        issue(clinic, used(clinic, number, changes=first.hex), lead_id)
    with acting_for(clinic):
        quotes = list(db.session.scalars(select(Quote).order_by(Quote.id)))
    assert [quote.replaces_id for quote in quotes] == [None, quotes[0].id, quotes[1].id]


def test_an_address_given_later_is_added_and_mailed(clinic):
    lead_id, event_id = lead_of(clinic), used(clinic, 1)
    issue(clinic, event_id, lead_id, recipient={"phone": "+33612345678"})
    issue(clinic, event_id, lead_id, recipient={"email": "ana@example.com", "phone": "+3300"})
    with acting_for(clinic):
        quote = db.session.scalar(select(Quote))
        (mail,) = db.session.scalars(select(OutboxMessage))
    assert quote.recipient == {"phone": "+33612345678", "email": "ana@example.com"}
    assert mail.payload["to"] == "ana@example.com"
