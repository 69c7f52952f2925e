"""Replaying the log in any order of arrival gives the same lead: its stages, its score with all
that made it, its attribution by every model, its journey.

Two organizations hear the same of one person: engagements told by another system (some of them
twice, some at one moment), visits told event by event, moves made elsewhere. Each hears it in its
own order, with the minute's catching up in between at its own times.
"""

from contextlib import contextmanager
from datetime import timedelta
from uuid import UUID, uuid4, uuid5

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from app.domain.tracking.event import ENGAGEMENT_TYPES, Event
from app.extensions import db
from app.identity import Identity
from app.models import (
    AttributionCredit,
    Lead,
    LeadAttribution,
    LeadJourney,
    LeadLifecycle,
    LeadScore,
    Organization,
    Site,
)
from app.models.types import to_millis
from app.operations.leads.enter_stage import enter_stage
from app.operations.leads.rebuild_leads import rebuild_leads
from app.operations.leads.renew_lead import renew_lead
from app.operations.tracking.catch_up import catch_up
from app.operations.tracking.follow_visits import follow_visits
from app.operations.tracking.record_interaction import record_interaction
from app.operations.tracking.sweep import sweep
from app.operations.tracking.track import Hit, track
from app.operations.tracking.track_engagement import track_engagement
from app.queries.tracking.returning import leads_seen_after, newest_act
from app.queries.tracking.sites import facts_of
from app.tenancy import acting_for
from tests.conftest import NOW
from tests.leads import lead_by_form

DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
CAME = NOW - 20 * DAY
VISITOR = UUID(int=7, version=4)
IDS = UUID("3b0a52e0-5f0f-4d8f-8a55-0d6d2f6f9c11")
ENGAGEMENTS = sorted(set(ENGAGEMENT_TYPES) - {"page_viewed"})
ON_A_VISIT = ("page_viewed", "click", "form_started", "content_downloaded", "leave", "search")

engagements = st.builds(
    lambda type, slot, key, revenue: ("engagement", type, slot, key, revenue),
    st.sampled_from(ENGAGEMENTS),
    st.integers(-8, 40),  # 12 hours each, some before they came
    st.integers(0, 3),
    st.sampled_from((0, 100, 12_345)),
)
# The n-th visit begins in the n-th two days, or before they came; its acts lie within 20 minutes.
visits = st.builds(
    lambda place, acts: [("visit", place, *act) for act in acts],
    st.integers(-1, 9),
    st.lists(
        st.tuples(st.sampled_from(ON_A_VISIT), st.integers(0, 20), st.integers(0, 1)),
        min_size=1,
        max_size=5,
        unique_by=lambda act: act[1],
    ),
)
moves = st.builds(
    lambda stage, slot: ("move", stage, slot),
    st.sampled_from(("opportunity", "lost")),
    st.integers(0, 40),
)


@st.composite
def told(draw):
    """What there is to hear, in two orders; after which pieces each catches up, and whether what
    visits do is left until then or follows at once."""
    pieces = draw(st.lists(engagements, max_size=7))
    for visit in draw(st.lists(visits, max_size=3, unique_by=lambda visit: visit[0][1])):
        pieces += visit
    pieces += draw(st.lists(moves, max_size=2, unique_by=(lambda m: m[1], lambda m: m[2])))
    twice = draw(st.lists(st.sampled_from(pieces), max_size=2)) if pieces else []
    pieces += [piece for piece in twice if piece[0] != "move"]
    orders = [draw(st.permutations(pieces)) for _ in range(2)]
    pauses = [draw(st.sets(st.integers(0, len(pieces)))) for _ in range(2)]
    at_once = [draw(st.booleans()) for _ in range(2)]
    return list(zip(orders, pauses, at_once, strict=True))


@contextmanager
def organization(slug, lifecycle):
    one = Organization(slug=slug, name=slug, timezone="Europe/Paris", created_at=CAME)
    one.settings = {"lifecycle": lifecycle}
    db.session.add(one)
    db.session.flush()
    with acting_for(one):
        site = Site(key=slug, name=slug, domain=f"{slug}.example", created_at=CAME - 90 * DAY)
        db.session.add(site)
        db.session.flush()
        yield one, site


def comes(site) -> Lead:
    before = CAME - HOUR
    record_interaction(
        "page_viewed", site=site, identity=Identity(VISITOR), url="https://c.example/", now=before
    )
    given = {"email": "ana@example.com", "phone": "+33612345678", "first_name": "Ana"}
    told = {"site": site, "identity": Identity(VISITOR), "source": "referral"}
    return lead_by_form(given, consents={"email": True}, now=CAME, **told)


def hear(lead, site, piece, at_once):
    kind, *about = piece
    if kind == "engagement":
        type, slot, key, revenue = about
        track_engagement(
            lead,
            type,
            now=NOW,
            occurred_at=CAME + slot * 12 * HOUR,
            revenue=revenue if type == "purchase_made" else None,
            context={"source_name": f"source {key}"},
            idempotency_key=f"{type} {slot} {key} {revenue}",
        )
    elif kind == "visit":
        place, type, minute, important = about
        begins = CAME + 2 * place * DAY + (3 if place < 0 else 5) * HOUR
        event = Event(
            id=uuid5(IDS, f"{lead.organization_id} {place} {minute}").bytes,
            type=type,
            occurred_at=to_millis(begins + minute * MINUTE),
            url=f"https://c.example/{minute}" if type == "page_viewed" else None,
            important=bool(important and type == "click"),
        )
        facts, visitor = facts_of(site), VISITOR.bytes
        hit = Hit(lead.organization_id, to_millis(NOW), [event], facts, visitor)
        met = track([hit], now=NOW).get(lead.organization_id, {})
        assert met.keys() <= {lead.id}
        if at_once:
            follow_visits(met, now=NOW)
    else:
        stage, slot = about
        enter_stage(lead, stage, "elsewhere", at=CAME + slot * 12 * HOUR + MINUTE, now=NOW)
        renew_lead(lead, since=NOW, reason="moved elsewhere", now=NOW)


def look_again(after: int) -> int:
    """What the worker does every minute; up to which act it has looked now."""
    while sweep(now=NOW):
        pass
    newest = newest_act(after)
    catch_up(leads_seen_after(after, newest), now=NOW)
    return newest


def columns(row, *without) -> dict:
    names = [column.key for column in row.__table__.columns]
    apart = {"id", "organization_id", "lead_id", "email", "calculated_at", *without}
    return {name: getattr(row, name) for name in names if name not in apart}


def every(model, *without):
    rows = db.session.scalars(select(model).order_by(model.id))
    return [columns(row, *without) for row in rows]


def state(lead) -> dict:
    db.session.expire_all()
    attributed = every(LeadAttribution)
    for row in attributed:
        for touch in row["touchpoints"]:
            del touch["interaction_id"]
    current = select(LeadScore).where(LeadScore.is_current)
    return {
        "lead": columns(lead, "interaction_id", "scored_interaction_id", "updated_at"),
        "stays": every(LeadLifecycle),
        "score": columns(db.session.scalars(current).one(), "reason"),
        "attribution": sorted(attributed, key=repr),
        "credit": sorted(every(AttributionCredit), key=repr),
        "journey": every(LeadJourney),
    }


@pytest.fixture
def clean(app):
    db.session.rollback()


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    told(),
    st.sampled_from((25, 45, 60)),
    st.sets(st.sampled_from(("outbound_contact", "reply", "score_reached")), max_size=1),
)
def test_the_order_of_arrival_changes_nothing(clean, orders, qualified_at, switched_off):
    lifecycle = {"qualified_at": qualified_at, "switched_off": sorted(switched_off)}
    try:
        found = []
        for order, pauses, at_once in orders:
            with organization(f"org-{uuid4().hex}", lifecycle) as (_, site):
                lead, looked = comes(site), 0
                for number, piece in enumerate(order):
                    hear(lead, site, piece, at_once)
                    if number in pauses:
                        looked = look_again(looked)
                look_again(looked)
                found.append(state(lead))
                differing, _, _ = rebuild_leads(0, 10, now=NOW)
                assert not differing
                assert state(lead)["stays"] == found[-1]["stays"]
        first, second = found
        for what, told_first in first.items():
            assert told_first == second[what], what
        assert 0 <= first["score"]["total_score"] <= 100
        assert [stay["is_current_stage"] for stay in first["stays"]].count(True) == 1
        assert first["stays"][-1]["stage"] == first["lead"]["stage"]
    finally:
        db.session.rollback()
