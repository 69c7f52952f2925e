"""A lead came by the visits in which it did something, and by no others."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from app.domain.tracking.event import Event
from app.domain.tracking.visit import Origin
from app.extensions import db
from app.identity import Identity
from app.models import Interaction, Lead, LeadAttribution, LeadJourney
from app.models.types import to_millis
from app.operations.contact.create_lead_from_form import create_lead_from_form
from app.operations.leads.rebuild_leads import rebuild_leads
from app.operations.tracking.catch_up import catch_up
from app.operations.tracking.track import Hit, track
from app.queries.attribution.touches import touches_of
from app.queries.contact import contact
from app.queries.tracking.returning import leads_seen_after
from app.queries.tracking.sites import facts_of
from app.tenancy import acting_for
from tests.conftest import NOW

MINUTE = timedelta(minutes=1)
BROWSER = UUID(int=7, version=4)
LETTER = {"channel": "email", "source": "news2"}


@pytest.fixture
def clinic(cast):
    """A visit by a letter began ten minutes ago."""
    cast.site.identity_mode = "cookie"
    with acting_for(cast.clinic):
        act(cast, "page_viewed", NOW - 10 * MINUTE)
        yield cast


def act(cast, kind, at) -> Interaction:
    event = Event(uuid4().bytes, kind, to_millis(at), url="https://c.example/")
    told = {"site": facts_of(cast.site), "visitor_id": BROWSER.bytes, "origin": Origin(**LETTER)}
    track([Hit(cast.clinic.id, to_millis(NOW), [event], **told)], now=NOW)
    return db.session.scalars(select(Interaction).order_by(Interaction.id.desc())).first()


def comes(cast, name, at, use=None) -> Lead:
    lead, _ = create_lead_from_form(
        {"email": f"{name}@example.com"},
        site=cast.site,
        interaction=use,
        identity=Identity(BROWSER),
        source="website",
        utm=None,
        consents={},
        now=at,
    )
    return lead


def credited(lead) -> list:
    touches = touches_of([lead.id])[lead.id]
    journey = db.session.scalars(select(LeadJourney).where(LeadJourney.lead_id == lead.id)).one()
    assert journey.touchpoints == len(touches)
    stored = select(LeadAttribution.lead_id).where(LeadAttribution.lead_id == lead.id)
    assert bool(db.session.scalars(stored).all()) == bool(touches)
    assert len(contact.visits_of(lead.id)) == len(touches)
    return [touch.source for touch in touches]


def look_again():
    catch_up(leads_seen_after(0, 2**40), now=NOW)
    db.session.flush()
    db.session.expire_all()


def nothing_differs() -> bool:
    before = [(lead.first_touch, lead.last_touch) for lead in db.session.scalars(select(Lead))]
    differing, _, _ = rebuild_leads(0, 10, now=NOW)
    after = [(lead.first_touch, lead.last_touch) for lead in db.session.scalars(select(Lead))]
    return not differing and before == after


def test_a_visit_of_somebody_else_is_no_touch(clinic):
    ana = comes(clinic, "ana", NOW - 5 * MINUTE)
    ben = comes(clinic, "ben", NOW - 4 * MINUTE)
    look_again()
    assert (ana.first_touch, ana.last_touch) == (LETTER, LETTER)
    assert (ben.first_touch, ben.last_touch) == (None, None)
    assert (credited(ana), credited(ben)) == (["news2"], [])
    assert nothing_differs()


def test_a_visit_shared_by_two_is_a_touch_of_each_who_did_something(clinic):
    ana = comes(clinic, "ana", NOW - 5 * MINUTE, act(clinic, "cost_calculator", NOW - 6 * MINUTE))
    ben = comes(clinic, "ben", NOW - 3 * MINUTE, act(clinic, "cost_calculator", NOW - 4 * MINUTE))
    look_again()
    assert [ana.first_touch, ben.first_touch, ben.last_touch] == [LETTER] * 3
    assert (credited(ana), credited(ben)) == (["news2"], ["news2"])
    assert nothing_differs()


def test_whoever_goes_on_in_somebody_elses_visit_came_by_it(clinic):
    comes(clinic, "ana", NOW - 5 * MINUTE)
    ben = comes(clinic, "ben", NOW - 4 * MINUTE)
    act(clinic, "leave", NOW - 3 * MINUTE)
    look_again()
    assert ben.first_touch is None
    act(clinic, "page_viewed", NOW - 2 * MINUTE)
    look_again()
    assert (ben.first_touch, ben.last_touch) == (LETTER, LETTER)
    assert nothing_differs()
