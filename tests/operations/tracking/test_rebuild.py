"""All that is derived follows from the log, whatever the order in which it came."""

import random
from datetime import timedelta
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update

from app.domain.tracking.event import Event
from app.domain.tracking.visit import Origin
from app.extensions import db
from app.models import Interaction, Rollup, Visitor, VisitorDay, VisitorSession
from app.models.types import to_millis
from app.operations.tracking.rebuild import rebuild
from app.operations.tracking.sweep import sweep
from app.operations.tracking.track import Hit, track
from app.queries.tracking.sites import facts_of
from app.tenancy import acting_for
from tests.conftest import NOW

DERIVED = (VisitorSession, Visitor, VisitorDay, Rollup)
TYPES = ("page_viewed", "click", "engaged", "leave", "scrolled", "cost_calculator", "web_vital")


def everything(cast):
    db.session.expire_all()
    with acting_for(cast.clinic):
        return {
            model.__tablename__: sorted(
                repr({c.name: getattr(row, c.name) for c in model.__table__.columns})
                for row in db.session.scalars(select(model))
                if model is not Rollup or row.count
            )
            for model in DERIVED
        }


def store(cast, events, now=NOW, at_once=7):
    site = facts_of(cast.site)
    for start in range(0, len(events), at_once):
        hits = [
            Hit(
                cast.clinic.id,
                to_millis(now),
                [event],
                site=site,
                visitor_id=visitor.bytes,
                origin=Origin(channel="email", source=f"news{visitor.int % 3}"),
            )
            for visitor, event in events[start : start + at_once]
        ]
        track(hits, now=now)
    db.session.commit()


def traffic(seed, size):
    chance = random.Random(seed)
    return [
        (
            UUID(int=chance.randrange(1, 6)),
            Event(
                UUID(int=chance.getrandbits(128)).bytes,
                chance.choice(TYPES),
                to_millis(NOW) - chance.randrange(0, 20 * 3600) * 1000,
                url=f"https://clinic.example/{chance.randrange(5)}",
                engaged=chance.choice((None, None, 3, 40)),
                important=chance.random() < 0.2,
            ),
        )
        for _ in range(size)
    ]


def settled(cast, seed: int, length: int):
    """Everything derived of some traffic by chance, once its visits are over."""
    store(cast, traffic(seed, length))
    sweep(now=NOW)
    db.session.commit()
    return everything(cast)


@pytest.mark.parametrize("seed", range(25))
def test_rebuilding_finds_nothing_that_differs(cast, seed):
    before = settled(cast, seed, 120)
    differed = rebuild(cast.clinic, now=NOW)
    assert not +differed
    assert everything(cast) == before


def test_rebuilding_puts_right_what_was_wrong(cast):
    before = settled(cast, 1, 60)
    with acting_for(cast.clinic):
        db.session.execute(update(Rollup).values(count=Rollup.count + 3))
        db.session.execute(update(VisitorSession).values(page_views=99, lead_score=1))
        db.session.execute(update(Visitor).values(sessions_count=0))
        db.session.execute(update(VisitorDay).values(reached=127))
        differed = rebuild(cast.clinic, now=NOW)
    assert all(differed[model.__tablename__] for model in DERIVED)
    assert everything(cast) == before


def test_rebuilding_from_nothing_gives_the_same(cast):
    before = settled(cast, 2, 60)
    with acting_for(cast.clinic):
        for model in DERIVED:
            db.session.query(model).delete()
        rebuild(cast.clinic, now=NOW)
    assert everything(cast) == before


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(seed=st.integers(0, 10_000), data=st.data())
def test_a_visit_is_the_same_in_whatever_order_its_events_arrive(cast, seed, data):
    """Gaps below the window, so that the visit is one however it comes."""
    chance = random.Random(seed)
    visitor = UUID(int=7)
    moment = to_millis(NOW) - 3_600_000
    events = []
    for place in range(12):
        moment += chance.randrange(1, 120) * 1000
        events.append(
            (
                visitor,
                Event(
                    UUID(int=seed * 100 + place + 1).bytes,
                    chance.choice(TYPES),
                    moment,
                    url=f"https://clinic.example/{place}",
                    engaged=chance.choice((None, place)),
                ),
            )
        )
    told = []
    for order in (events, data.draw(st.permutations(events))):
        store(cast, list(order), at_once=data.draw(st.integers(1, 12)))
        with acting_for(cast.clinic):
            told.append([_plain(row) for row in db.session.scalars(select(VisitorSession))])
            for model in (*DERIVED, Interaction):
                db.session.query(model).delete()
            db.session.commit()
    assert told[0] == told[1]


def _plain(row):
    names = [c.name for c in VisitorSession.__table__.columns if c.name != "id"]
    return {name: getattr(row, name) for name in names}


def test_a_silent_visit_is_ended_by_the_sweeper_with_its_last_activity(cast):
    visitor = UUID(int=3)
    event = Event(UUID(int=9).bytes, "page_viewed", to_millis(NOW))
    store(cast, [(visitor, event)])
    assert sweep(now=NOW + timedelta(minutes=29)) == 0
    assert sweep(now=NOW + timedelta(minutes=30)) == 1
    assert sweep(now=NOW + timedelta(minutes=31)) == 0
    with acting_for(cast.clinic):
        visit = db.session.scalars(select(VisitorSession)).one()
        assert (visit.ended_at, visit.lead_score) == (NOW, 10)
