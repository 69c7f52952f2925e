"""Everybody moves one lead at once: programs, the board, an engagement that moves it by itself, an
edit, the worker. Whoever wins, the lead is in one stage, and its stays follow on one another.

Several connections to a real database; the barrier lets all of them go at the same moment.
"""

from datetime import timedelta
from functools import partial
from itertools import pairwise

import pytest
from sqlalchemy import select

from app.extensions import db
from app.models import Lead, LeadLifecycle, LeadScore
from app.operations.tracking.catch_up import catch_up
from app.tenancy import acting_for
from tests import races
from tests.races import OWNER, by_api, by_board, in_turn

TRACKING = "/api/lead-tracking"


@pytest.fixture
def lead_id(client, cast):
    made = client.post("/api/leads", json={"email": "sofia@example.com"}, headers=OWNER)
    return made.get_json()["lead"]["id"]


@pytest.fixture
def all_at_once(app):
    return partial(races.all_at_once, app)


def take_in(lead_id, now):
    catch_up({lead_id: now - timedelta(hours=1)}, now=now)


def assert_is_in_one_stage(cast, lead_id):
    db.session.rollback()
    with acting_for(cast.clinic):
        lead = db.session.scalar(select(Lead).where(Lead.id == lead_id))
        wanted = select(LeadLifecycle).where(LeadLifecycle.lead_id == lead_id)
        stays = db.session.scalars(wanted.order_by(LeadLifecycle.id)).all()
        assert [stay.is_current_stage for stay in stays] == [False] * (len(stays) - 1) + [True]
        assert stays[-1].stage == lead.stage
        for before, after in pairwise(stays):
            assert (after.previous_stage, after.entered_at) == (before.stage, before.exited_at)
            assert before.stage != after.stage
        current = select(LeadScore).where(LeadScore.lead_id == lead_id, LeadScore.is_current)
        assert len(db.session.scalars(current).all()) == 1
        db.session.rollback()


def test_of_two_who_want_the_same_stage_one_wins(app, cast, lead_id, all_at_once):
    path = f"{TRACKING}/lifecycle/{lead_id}/transition"
    for stage in ("contacted", "opportunity", "new"):
        body = {"stage": stage, "reason": "at once"}
        found = all_at_once([("move", by_api(app, "POST", path, body))] * 6)
        assert sorted(status for _, status in found) == [200] + [409] * 5
        assert_is_in_one_stage(cast, lead_id)


def test_of_those_who_decided_on_one_stage_one_moves_the_lead(app, cast, lead_id, all_at_once):
    path = f"{TRACKING}/lifecycle/{lead_id}/transition"
    wanted = ("contacted", "qualified", "opportunity", "lost")
    bodies = [{"stage": s, "reason": "at once", "previous_stage": "new"} for s in wanted]
    found = all_at_once([("move", by_api(app, "POST", path, body)) for body in bodies])
    assert sorted(status for _, status in found) == [200] + [409] * 3
    assert_is_in_one_stage(cast, lead_id)


def test_whoever_moves_a_lead_it_is_in_one_stage(app, cast, sign_in, lead_id, all_at_once):
    move = f"{TRACKING}/lifecycle/{lead_id}/transition"
    engage = f"{TRACKING}/engagement/{lead_id}"
    for number in range(4):
        acts = [
            ("api", by_api(app, "POST", move, {"stage": stage, "reason": "at once"}))
            for stage in ("contacted", "opportunity", "lost")
        ]
        acts += [
            ("board", by_board(sign_in(cast.alice), lead_id, stage))
            for stage in ("qualified", "opportunity")
        ]
        for type in ("email_sent", "email_replied", "purchase_made"):
            body = {"engagement_type": type, "idempotency_key": f"{type} {number}"}
            acts.append(("act", by_api(app, "POST", engage, body)))
        profile = {"first_name": f"Sofia {number}", "stage": "new", "reason": "once more"}
        acts.append(("edit", by_api(app, "PATCH", f"/api/leads/{lead_id}", profile)))
        acts.append(("worker", in_turn(cast.clinic.id, partial(take_in, lead_id))))
        found = all_at_once(acts)
        assert {status for kind, status in found if kind in ("act", "worker")} <= {200, 201}
        assert {status for kind, status in found if kind in ("api", "edit")} <= {200, 409}
        assert {status for kind, status in found if kind == "board"} <= {200, 303, 409, 422}
        assert 200 in {status for kind, status in found if kind == "api"}
        assert_is_in_one_stage(cast, lead_id)
