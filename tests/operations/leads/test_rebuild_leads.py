"""What is kept of leads is what the log says: what is not is found, counted and put right."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import delete, select, update

from app.domain.tracking.event import Event
from app.domain.tracking.visit import Origin
from app.extensions import db
from app.identity import Identity
from app.models import (
    AttributionCredit,
    AuditLog,
    ChannelWorth,
    Interaction,
    Lead,
    LeadAttribution,
    LeadLifecycle,
    LeadScore,
)
from app.models.types import to_millis
from app.operations.attribution.attribute_conversion import attribute_conversion
from app.operations.attribution.learn_channels import learn_channels
from app.operations.leads.edit_lead import edit_lead
from app.operations.leads.erase_lead import erase_lead
from app.operations.leads.let_go_silent import let_go_silent
from app.operations.leads.rebuild_leads import rebuild_leads
from app.operations.leads.update_lead import update_lead
from app.operations.scoring.score_lead import score_lead
from app.operations.tracking.catch_up import catch_up
from app.operations.tracking.sweep import sweep
from app.operations.tracking.track import Hit, track
from app.operations.tracking.track_engagement import track_engagement
from app.queries.tracking.returning import leads_seen_after
from app.queries.tracking.sites import facts_of
from app.tenancy import acting_for
from tests.conftest import NOW
from tests.leads import lead_by_form

DAY, HOUR, MINUTE = (timedelta(**{unit: 1}) for unit in ("days", "hours", "minutes"))
NO_IDS = {"id", "calculated_at"}


@pytest.fixture
def clinic(cast):
    cast.site.identity_mode = "cookie"
    cast.clinic.settings = {"lifecycle": {"qualified_at": 15}}
    with acting_for(cast.clinic):
        yield cast


@pytest.fixture
def ana(clinic) -> Lead:
    """Came by a letter, was called, qualified by what she did, was moved by hand, bought twice."""
    visit(clinic, 1, NOW - 40 * DAY, "news")
    lead = come(clinic, "ana@example.com", 1, NOW - 39 * DAY)
    engage(lead, "call_made", NOW - 38 * DAY)
    for days in (30, 29, 28):
        engage(lead, "email_clicked", NOW - days * DAY)
    visit(clinic, 1, NOW - 20 * DAY, "google")
    look_again()
    changes = {"stage": "opportunity", "reason": "asked for an offer"}
    update_lead(lead, changes, user_id=None, now=NOW - 19 * DAY)
    engage(lead, "purchase_made", NOW - 10 * DAY, revenue=90_000)
    engage(lead, "purchase_made", NOW - 5 * DAY, revenue=10_000)
    assert [stay.stage for stay in stays(lead)] == [
        *("new", "contacted", "qualified", "opportunity", "customer")
    ]
    score_lead(lead, reason="time passed", now=NOW)
    return lead


@pytest.fixture
def ben(clinic) -> Lead:
    """Was written to, and has been silent for so long that the night let him go."""
    lead = come(clinic, "ben@example.com", 2, NOW - 300 * DAY)
    engage(lead, "email_sent", NOW - 299 * DAY)
    assert let_go_silent([lead], now=NOW - 3 * DAY) == 1
    score_lead(lead, reason="time passed", now=NOW)
    return lead


def visit(clinic, visitor, at, source):
    events = [
        Event(uuid4().bytes, "page_viewed", to_millis(at + n * MINUTE), url="https://c.example/")
        for n in range(2)
    ]
    told = {"site": facts_of(clinic.site), "visitor_id": UUID(int=visitor, version=4).bytes}
    origin = Origin(channel="email", source=source)
    track([Hit(clinic.clinic.id, to_millis(NOW), events, origin=origin, **told)], now=NOW)


def come(clinic, email, visitor, at) -> Lead:
    identity = Identity(UUID(int=visitor, version=4))
    return lead_by_form({"email": email}, site=clinic.site, identity=identity, now=at)


def engage(lead, type, at, **more):
    track_engagement(lead, type, now=at, occurred_at=at, **more)


def look_again():
    """What the worker does."""
    while sweep(now=NOW):
        pass
    catch_up(leads_seen_after(0, 2**40), now=NOW)


def stays(lead) -> list[LeadLifecycle]:
    wanted = select(LeadLifecycle).where(LeadLifecycle.lead_id == lead.id)
    return list(db.session.scalars(wanted.order_by(LeadLifecycle.id)))


def rebuild(at_once=50) -> dict:
    """What differed."""
    db.session.flush()
    db.session.expire_all()
    counts, after = {}, 0
    while after is not None:
        some, _, after = rebuild_leads(after, at_once, now=NOW)
        for what, count in some.items():
            counts[what] = counts.get(what, 0) + count
    db.session.flush()
    db.session.expire_all()
    return counts


def kept() -> dict:
    """All that is kept of leads, but for what changes with time."""
    db.session.flush()
    db.session.expire_all()
    models = (Lead, LeadLifecycle, LeadAttribution, AttributionCredit)
    return {
        model.__tablename__: sorted(
            repr(
                {
                    column.name: getattr(row, column.name)
                    for column in model.__table__.columns
                    if column.name not in NO_IDS
                }
            )
            for row in db.session.scalars(select(model))
        )
        for model in models
    }


def change(model, *which, **values):
    changed = db.session.execute(update(model).where(*which).values(**values))
    assert changed.rowcount


def remove(model, *which):
    assert db.session.execute(delete(model).where(*which)).rowcount


def written() -> list[int]:
    """How much was written down that is not derived."""
    return [db.session.query(model).count() for model in (Interaction, AuditLog)]


def test_nothing_differs_from_what_was_kept(ana, ben):
    before = kept()
    assert rebuild() == {}
    assert kept() == before


STAY, CONVERTED, CREDITED = LeadLifecycle, LeadAttribution, AttributionCredit
BOUGHT = CONVERTED.conversion_value == 90_000
TAMPERED = {
    "the first stay": (
        lambda: remove(STAY, STAY.stage == "new"),
        {"lead_lifecycle": 2},
    ),
    "a stay by an act": (
        lambda: remove(STAY, STAY.stage == "contacted"),
        {"lead_lifecycle": 2},
    ),
    "a stay by the score": (
        lambda: remove(STAY, STAY.stage == "qualified"),
        {"lead_lifecycle": 2},
    ),
    "a stay by hand": (
        lambda: remove(STAY, STAY.stage == "opportunity"),
        {"lead_lifecycle": 1},
    ),
    "the current stays": (
        lambda: remove(STAY, STAY.is_current_stage),
        {"lead_lifecycle": 2},
    ),
    "all stays": (lambda: remove(STAY, STAY.id > 0), {"lead_lifecycle": 9}),
    "another stage by hand": (
        lambda: change(STAY, STAY.stage == "opportunity", stage="lost"),
        {"lead_lifecycle": 1},
    ),
    "another stage by an act": (
        lambda: change(STAY, STAY.stage == "customer", stage="lost"),
        {"lead_lifecycle": 1},
    ),
    "another moment": (
        lambda: change(STAY, STAY.stage == "customer", entered_at=NOW - 2 * DAY),
        {"lead_lifecycle": 1},
    ),
    "no end": (
        lambda: change(STAY, STAY.stage == "qualified", exited_at=None),
        {"lead_lifecycle": 2},
    ),
    "a stage that leads show": (
        lambda: change(Lead, Lead.id > 0, stage="engaged"),
        {"leads.stage": 2},
    ),
    "touches": (
        lambda: change(Lead, Lead.last_touch.is_not(None), last_touch=None, first_touch=None),
        {"leads.touches": 2},
    ),
    "the order of touches": (
        lambda: change(Lead, Lead.last_touch.is_not(None), last_touch=Lead.first_touch.expression),
        {"leads.touches": 1},
    ),
    "a score that leads show": (
        lambda: change(Lead, Lead.id > 0, lead_score=99, grade="A"),
        {"leads.score": 2},
    ),
    "the last sign of life": (
        lambda: change(Lead, Lead.email == "ana@example.com", last_engaged_at=NOW - 39 * DAY),
        {"leads.last_engaged_at": 1},
    ),
    "credits": (
        lambda: remove(CREDITED, CREDITED.model == "linear"),
        {"attribution_credits": 7},
    ),
    "credits of another weight": (
        lambda: change(CREDITED, CREDITED.model == "u_shaped", weight=7),
        {"attribution_credits": 7},
    ),
    "calculations": (
        lambda: remove(CONVERTED, CONVERTED.conversion_type == "customer"),
        {"lead_attribution": 16},
    ),
    "the value of a conversion": (
        lambda: change(CONVERTED, BOUGHT, conversion_value=1),
        {"lead_attribution": 8},
    ),
    "touchpoints": (
        lambda: change(CONVERTED, CONVERTED.model == "markov", touchpoints=[]),
        {"lead_attribution": 7},
    ),
}


@pytest.mark.parametrize("what", TAMPERED)
def test_what_was_tampered_with_is_found_and_put_right(ana, ben, what):
    tamper, expected = TAMPERED[what]
    before, log = kept(), written()
    tamper()
    assert kept() != before
    assert rebuild() == expected
    after = kept()
    for table, rows in before.items():
        assert after[table] == rows, table
    assert written() == log
    assert rebuild() == {}


def test_leads_are_taken_part_by_part(ana, ben):
    change(Lead, Lead.id > 0, stage="engaged")
    some, count, after = rebuild_leads(0, 1, now=NOW)
    assert (some, count, after) == ({"leads.stage": 1}, 1, ana.id)
    assert rebuild(at_once=1) == {"leads.stage": 1}
    assert rebuild(at_once=1) == {}


def test_what_once_moved_a_lead_stays_when_rules_and_profile_have_changed(clinic, ana, ben):
    clinic.clinic.settings = {"lifecycle": {"qualified_at": 90, "switched_off": ["silent"]}}
    before = kept()
    assert rebuild() == {}
    clinic.clinic.settings = {"lifecycle": {"switched_off": ["outbound_contact", "purchase"]}}
    edit_lead(ana, {"first_name": "Ana", "phone": "+33612345678"}, user_id=None, now=NOW)
    score_lead(ana, reason="profile", now=NOW)
    assert rebuild() == {}
    assert kept()["lead_lifecycle"] == before["lead_lifecycle"]


def test_a_stay_by_the_score_of_then_comes_back_where_the_rules_of_now_have_none(clinic, ana):
    clinic.clinic.settings = {"lifecycle": {"qualified_at": 90}}
    remove(STAY, STAY.stage.in_(("qualified", "opportunity", "customer")))
    remove(Interaction, Interaction.label == "opportunity")
    remove(Interaction, Interaction.type == "purchase_made")
    rebuild()
    assert [stay.stage for stay in stays(ana)] == ["new", "contacted", "qualified"]
    assert ana.stage == "qualified"


def test_a_move_that_nobody_made_is_taken_away_with_its_conversion(ana):
    change(STAY, STAY.lead_id == ana.id, is_current_stage=False)
    false = {"previous_stage": "customer", "transition_reason": "wrong", "entered_at": NOW - HOUR}
    db.session.add(LeadLifecycle(lead_id=ana.id, stage="lost", is_current_stage=True, **false))
    ana.stage = "lost"
    assert rebuild() == {"lead_lifecycle": 2, "leads.stage": 1}
    assert [stay.stage for stay in stays(ana)][-1] == ana.stage == "customer"


def test_a_conversion_that_did_not_happen_is_taken_away(ana):
    change(STAY, STAY.stage == "opportunity", entered_at=NOW - 18 * DAY)
    for model in (CONVERTED, CREDITED):
        which = (model.conversion_type == "opportunity",)
        change(model, *which, conversion_at=NOW - 18 * DAY)
    before = db.session.query(CONVERTED).count()
    assert rebuild()["lead_attribution"] > 8
    assert db.session.query(CONVERTED).count() == before
    assert not db.session.query(CONVERTED).filter_by(conversion_at=NOW - 18 * DAY).count()


def test_a_conversion_that_somebody_had_calculated_stays(ana):
    at = NOW - 2 * DAY
    attribute_conversion(ana, "qualified", at=at, value=500, models=["linear", "markov"], now=NOW)
    before = kept()
    assert rebuild() == {}
    assert kept() == before
    remove(CREDITED, CREDITED.conversion_at == at)
    assert rebuild() == {"attribution_credits": 2}
    assert kept() == before


def test_credit_without_a_conversion_is_taken_away(ana):
    before = kept()
    told = {"conversion_type": "customer", "conversion_at": NOW, "weight": 10**6, "value": 1}
    db.session.add(
        AttributionCredit(lead_id=ana.id, model="linear", channel="web", source="x", **told)
    )
    assert rebuild() == {"attribution_credits": 1}
    assert kept() == before


def test_what_a_model_learned_later_is_no_difference(ana, ben):
    before = kept()
    learn_channels("customer", now=NOW + DAY)
    change(ChannelWorth, ChannelWorth.channel == "email", worth=0.01)
    assert rebuild() == {}
    assert kept() == before
    weightless = [{**touch, "weight": "0"} for touch in _markov().touchpoints]
    change(CONVERTED, CONVERTED.id == _markov().id, touchpoints=weightless)
    assert rebuild()["lead_attribution"] == 1
    assert _markov().summary["learned"] is True
    assert rebuild() == {}


def _markov() -> LeadAttribution:
    wanted = select(CONVERTED).where(CONVERTED.model == "markov", BOUGHT)
    return db.session.scalars(wanted).one()


def test_visits_that_nobody_took_in_are(clinic, ana):
    clinic.clinic.settings = {"lifecycle": {"qualified_at": 15}}
    visit(clinic, 1, NOW - 8 * DAY, "facebook")
    visit(clinic, 1, NOW - HOUR, "bing")
    found = rebuild()
    assert {"leads.touches", "leads.last_engaged_at", "lead_attribution"} <= found.keys()
    assert ana.last_touch["source"] == "bing"
    assert ana.last_engaged_at == NOW - HOUR + MINUTE
    assert rebuild() == {}


def test_a_score_that_time_changed_is_renewed_and_no_difference(ana, ben):
    change(LeadScore, LeadScore.is_current, undecayed_score=50, total_score=50)
    change(Lead, Lead.id > 0, lead_score=50)
    assert rebuild() == {}
    current = select(LeadScore).where(LeadScore.is_current)
    for score in db.session.scalars(current):
        assert score.reason == "derived again from the log"
        assert score.total_score != 50


def test_erased_people_stay_as_they_are(ana, ben):
    erase_lead(ana, user_id=None, now=NOW)
    change(Lead, Lead.id > 0, stage="engaged")
    assert rebuild() == {"leads.stage": 1}
    assert (ana.stage, ben.stage) == ("engaged", "churned")


def test_other_organizations_stay_as_they_are(ana, cast):
    change(Lead, Lead.id > 0, stage="engaged")
    with acting_for(cast.other):
        assert rebuild_leads(0, 50, now=NOW) == ({}, 0, None)
    assert ana.stage == "engaged"
