"""Purchases and stage changes are attributed by themselves, once, and again when touches come
late: engagements, visits of an offline queue, the visits of a visitor who is linked later."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from app.domain.attribution.attribution import MODELS
from app.domain.tracking.event import Event
from app.extensions import db
from app.identity import Identity
from app.jobs import catch_up as catching_up
from app.models import Lead, LeadAttribution, LeadJourney, LeadLifecycle, LeadScore
from app.models.types import to_millis
from app.operations.attribution.attribute_conversion import attribute_conversion
from app.operations.leads.import_leads import import_leads, import_stages
from app.operations.leads.update_lead import update_lead
from app.operations.leads.withdraw_consent import withdraw_consent
from app.operations.tracking.track import Hit, track
from app.operations.tracking.track_engagement import track_engagement
from app.queries.tracking.sites import facts_of
from app.tenancy import acting_for
from tests.conftest import NOW
from tests.leads import lead_by_form

DAY, HOUR, MINUTE = (timedelta(**{unit: 1}) for unit in ("days", "hours", "minutes"))
VISITOR = UUID(int=7, version=4)


@pytest.fixture
def clinic(cast):
    cast.site.identity_mode = "cookie"
    with acting_for(cast.clinic):
        yield cast


def visit(clinic, at, *types, url="https://c.example/", visitor=VISITOR):
    """A visit that the collector stores now, whenever it was."""
    events = [
        Event(uuid4().bytes, type, to_millis(at + n * MINUTE), url=url)
        for n, type in enumerate(types or ("page_viewed",))
    ]
    hit = Hit(clinic.clinic.id, to_millis(NOW), events, facts_of(clinic.site), visitor.bytes)
    track([hit], now=NOW)


def come(clinic, at=NOW - 5 * DAY, **more) -> Lead:
    told = {"site": clinic.site, "identity": Identity(VISITOR), **more}
    return lead_by_form({"email": "ana@example.com"}, now=at, **told)


def engage(lead, type, at, **more):
    track_engagement(lead, type, now=NOW, occurred_at=at, **more)


def look_again(clinic, monkeypatch):
    """What the worker does every minute."""
    monkeypatch.setattr(catching_up, "utc_now", lambda: NOW)
    db.session.commit()
    catching_up.run()
    db.session.expire_all()


def stored(kind=None) -> dict[tuple, int]:
    """(type, when) of every conversion, with its value; each by every model."""
    rows = db.session.scalars(select(LeadAttribution)).all()
    found: dict[tuple, list] = {}
    for row in rows:
        found.setdefault((row.conversion_type, row.conversion_at), []).append(row)
    assert all(sorted(r.model for r in each) == sorted(MODELS) for each in found.values())
    values = {key: each[0].conversion_value for key, each in found.items()}
    return {key: value for key, value in values.items() if kind in (None, key[0])}


def first_touch(kind) -> dict:
    wanted = select(LeadAttribution).where(
        LeadAttribution.conversion_type == kind, LeadAttribution.model == "first_touch"
    )
    return db.session.scalars(wanted).one().touchpoints[0]


@pytest.mark.parametrize("stage", ["qualified", "opportunity", "customer"])
def test_a_stage_entered_by_hand_is_attributed_at_that_moment(clinic, stage):
    visit(clinic, NOW - 6 * DAY)
    lead = come(clinic)
    update_lead(lead, {"stage": stage, "reason": "met them"}, user_id=None, now=NOW)
    assert stored() == {("lead_created", NOW - 5 * DAY): 0, (stage, NOW): 0}


def test_a_stage_entered_by_itself_is_attributed_when_the_act_happened(clinic):
    clinic.clinic.settings = {"lifecycle": {"qualified_at": 12}}
    lead = come(clinic)
    engage(lead, "email_clicked", NOW - 2 * DAY)
    assert lead.stage == "qualified"
    assert stored("qualified") == {("qualified", NOW - 2 * DAY): 0}


def test_an_imported_stage_is_attributed_when_it_was_entered(clinic):
    import_leads(
        [{"external_id": "a", "email": "ana@example.com", "created_at": "2026-01-05"}], now=NOW
    )
    lead = db.session.scalars(select(Lead)).one()
    engage(lead, "email_clicked", NOW - 40 * DAY)
    rows = [{"external_id": "a", "at": "2026-02-01", "stage": "opportunity"}]
    assert import_stages(rows, now=NOW).stored == 1
    assert [at.date().isoformat() for _, at in stored("opportunity")] == ["2026-02-01"]


def test_a_stage_counts_when_it_is_entered_first(clinic):
    visit(clinic, NOW - 6 * DAY)
    lead = come(clinic)
    for hours, stage in ((1, "opportunity"), (2, "contacted"), (3, "opportunity")):
        changes = {"stage": stage, "reason": "to and fro"}
        update_lead(lead, changes, user_id=None, now=NOW - DAY + hours * HOUR)
    assert list(stored("opportunity")) == [("opportunity", NOW - DAY + HOUR)]


def test_a_purchase_that_makes_a_customer_is_one_conversion(clinic):
    visit(clinic, NOW - 6 * DAY)
    lead = come(clinic)
    engage(lead, "purchase_made", NOW - DAY, revenue=90_000)
    assert lead.stage == "customer"
    assert stored("customer") == {("customer", NOW - DAY): 90_000}
    engage(lead, "purchase_made", NOW, revenue=10_000)
    assert stored("customer") == {("customer", NOW - DAY): 90_000, ("customer", NOW): 10_000}


def test_a_purchase_takes_the_place_of_the_stage_that_was_entered_by_hand(clinic):
    visit(clinic, NOW - 6 * DAY)
    lead = come(clinic)
    changes = {"stage": "customer", "reason": "said yes"}
    update_lead(lead, changes, user_id=None, now=NOW - 2 * DAY)
    assert stored("customer") == {("customer", NOW - 2 * DAY): 0}
    engage(lead, "purchase_made", NOW, revenue=90_000)
    assert stored("customer") == {("customer", NOW): 90_000}


def test_a_late_engagement_dates_the_stage_and_its_conversion_anew(clinic):
    lead = come(clinic)
    clinic.clinic.settings = {"lifecycle": {"qualified_at": 12}}
    engage(lead, "email_clicked", NOW - DAY)
    assert list(stored("qualified")) == [("qualified", NOW - DAY)]
    engage(lead, "email_clicked", NOW - 3 * DAY)
    assert list(stored("qualified")) == [("qualified", NOW - 3 * DAY)]
    stays = db.session.scalars(select(LeadLifecycle).order_by(LeadLifecycle.id)).all()
    assert [(s.stage, s.is_current_stage) for s in stays] == [("new", False), ("qualified", True)]


def test_a_stage_that_is_dated_anew_takes_the_value_that_was_told_along(clinic):
    lead = come(clinic)
    clinic.clinic.settings = {"lifecycle": {"qualified_at": 12}}
    engage(lead, "email_clicked", NOW - DAY)
    attribute_conversion(lead, "qualified", at=NOW - DAY, value=7_000, now=NOW)
    engage(lead, "email_clicked", NOW - 3 * DAY)
    assert stored("qualified") == {("qualified", NOW - 3 * DAY): 7_000}


def test_visits_that_come_late_are_touches_of_the_conversions_after_them(clinic, monkeypatch):
    visit(clinic, NOW - 6 * DAY, url="https://c.example/?utm_source=news")
    lead = come(clinic)
    engage(lead, "purchase_made", NOW - DAY, revenue=90_000)
    look_again(clinic, monkeypatch)
    before = first_touch("customer")["occurred_at"]
    visit(clinic, NOW - 6 * DAY - 5 * HOUR)  # from an offline queue
    look_again(clinic, monkeypatch)
    assert first_touch("customer")["occurred_at"] < before
    assert first_touch("lead_created")["occurred_at"] < before
    assert stored("customer") == {("customer", NOW - DAY): 90_000}


def test_the_visits_of_a_visitor_linked_later_are_touches_too(clinic):
    lead = come(clinic)
    engage(lead, "email_clicked", NOW - 3 * DAY)
    engage(lead, "purchase_made", NOW - DAY, revenue=90_000)
    other = UUID(int=8, version=4)
    visit(clinic, NOW - 9 * DAY, visitor=other)
    before = first_touch("customer")["occurred_at"]
    lead_by_form({"email": "ana@example.com", "first_name": "Ana"}, identity=Identity(other))
    assert first_touch("customer")["occurred_at"] == (NOW - 9 * DAY).isoformat() < before


def test_a_known_lead_who_comes_back_is_scored_and_told_of_within_a_minute(clinic, monkeypatch):
    lead = come(clinic)
    before = lead.lead_score
    look_again(clinic, monkeypatch)
    visit(clinic, NOW - HOUR, "page_viewed", "form_submitted", "content_downloaded")
    look_again(clinic, monkeypatch)
    current = db.session.scalars(select(LeadScore).where(LeadScore.is_current)).one()
    assert lead.lead_score > before
    assert current.reason == "visited the website"
    assert lead.last_engaged_at == NOW - HOUR + 2 * MINUTE
    assert lead.last_touch["channel"] == "direct"
    journey = db.session.scalars(select(LeadJourney)).one()
    assert journey.counts["form_submitted"] == 1
    rows = db.session.query(LeadScore).count()
    look_again(clinic, monkeypatch)  # nothing new: nothing is written
    assert db.session.query(LeadScore).count() == rows


def test_a_new_lead_has_its_journey_at_once(clinic):
    visit(clinic, NOW - 6 * DAY)
    lead = come(clinic)
    journey = db.session.scalars(select(LeadJourney)).one()
    assert (journey.lead_id, journey.touchpoints) == (lead.id, 1)


def test_a_consent_taken_back_reaches_score_and_advice(clinic):
    lead = come(clinic)
    lead.phone = None
    lead_by_form({"email": "ana@example.com"}, consents={"email": True}, now=NOW - DAY)
    before = lead.lead_score
    withdraw_consent(lead, "email", user_id=None, now=NOW)
    journey = db.session.scalars(select(LeadJourney)).one()
    assert lead.lead_score < before
    assert journey.updated_at == NOW
