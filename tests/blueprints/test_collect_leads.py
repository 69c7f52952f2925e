"""What a known lead does on a website is in their score as soon as it is acknowledged."""

import json
from datetime import timedelta
from importlib import import_module
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select

from app.clock import utc_now
from app.extensions import db, writing
from app.identity import Identity
from app.jobs import catch_up as catching_up
from app.models import Interaction, Lead, LeadJourney, LeadLifecycle, LeadScore
from app.operations.tools.use_tool import use_tool
from app.operations.tracking import follow_visits as following
from app.operations.tracking.rebuild import rebuild
from app.operations.tracking.sweep import sweep
from app.tenancy import acting_for
from tests.leads import lead_by_form

VISITOR = UUID(int=7, version=4)
CHROME = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/140.0.0.0 Safari/537.36"
)


@pytest.fixture
def clinic(cast):
    with acting_for(cast.clinic):
        db.session.get(type(cast.site), cast.site.id).identity_mode = "cookie"
        db.session.commit()
        yield cast


@pytest.fixture
def ana(clinic):
    return become_lead(clinic, "ana@example.com", VISITOR)


@pytest.fixture
def send(app):
    client = app.test_client()

    def send(*types, visitor=VISITOR, at=0):
        """Sends what a browser did, the first of it `at` milliseconds from now."""
        events = [
            {"id": str(uuid4()), "type": kind, "at": at + place} for place, kind in enumerate(types)
        ]
        body = {"v": 1, "site": "clinic-key", "visitor": str(visitor), "events": events}
        body["page"] = {"url": "https://clinic.example/laser"}
        db.session.rollback()
        answer = client.post("/collect", data=json.dumps(body), headers={"User-Agent": CHROME})
        assert (answer.status_code, answer.json["accepted"]) == (202, len(types))
        db.session.expire_all()

    return send


def become_lead(clinic, email, visitor, interaction=None) -> int:
    told = {"site": clinic.site, "interaction": interaction, "identity": Identity(visitor)}
    lead = lead_by_form({"email": email}, now=utc_now() - timedelta(hours=1), **told)
    db.session.commit()
    return lead.id


def use_calculator(clinic):
    with writing():
        use = use_tool(
            clinic.site,
            "cost_calculator",
            identity=Identity(VISITOR),
            data={"procedures": ["laser"]},
            url="https://clinic.example/enhanced-cost/",
            now=utc_now(),
        )
        db.session.commit()
    return use.interaction


def score_of(lead_id):
    return db.session.scalars(
        select(LeadScore).where(LeadScore.lead_id == lead_id, LeadScore.is_current)
    ).one()


def seen(lead_id):
    """What a lead's row, score, journey and stages tell."""
    lead = db.session.get(Lead, lead_id)
    journey = select(LeadJourney.interactions).where(LeadJourney.lead_id == lead_id)
    stays = select(LeadLifecycle.stage).where(LeadLifecycle.lead_id == lead_id)
    return {
        "shown": lead.lead_score,
        "score": score_of(lead_id).total_score,
        "parts": score_of(lead_id).contributions,
        "acts": db.session.scalar(journey),
        "stages": db.session.scalars(stays.order_by(LeadLifecycle.entered_at)).all(),
        "last_engaged_at": lead.last_engaged_at,
    }


def test_a_visit_is_in_the_score_when_it_is_acknowledged(send, ana):
    before = seen(ana)
    send("page_viewed", "content_downloaded")
    after = seen(ana)
    assert after["score"] > before["score"]
    assert after["acts"] == before["acts"] + 2
    assert (before["last_engaged_at"], after["last_engaged_at"] is None) == (None, False)
    assert score_of(ana).reason == "visited the website"
    assert sum(part["points"] for part in after["parts"]) == pytest.approx(after["score"])


def test_the_worker_finds_nothing_left_to_do(send, ana):
    send("page_viewed", "content_downloaded")
    at_once, lines = seen(ana), db.session.scalar(select(func.count()).select_from(LeadScore))
    db.session.rollback()
    with writing():
        catching_up.run()
    db.session.expire_all()
    assert seen(ana) == at_once
    assert db.session.scalar(select(func.count()).select_from(LeadScore)) == lines


def test_a_visit_that_reaches_the_score_moves_the_lead_and_leaves_the_log_right(send, clinic):
    send("page_viewed")  # what the collector remembers of the visit from now on
    lead_id = become_lead(clinic, "ana@example.com", VISITOR, use_calculator(clinic))
    assert seen(lead_id)["stages"] == ["new"]
    with acting_for(clinic.clinic):
        organization = db.session.get(type(clinic.clinic), clinic.clinic.id)
        organization.settings = {"lifecycle": {"qualified_at": seen(lead_id)["shown"] + 2}}
        db.session.commit()
    for _ in range(6):
        send("page_viewed", "content_downloaded", "link_clicked")
    assert seen(lead_id)["stages"] == ["new", "qualified"]
    db.session.rollback()
    with writing():
        sweep(now=utc_now())
        assert not any(rebuild(clinic.clinic, now=utc_now()).values())
        db.session.rollback()


def test_others_at_the_same_batch_keep_their_scores(send, ana, clinic):
    other = uuid4()
    ben = become_lead(clinic, "ben@example.com", other)
    before = seen(ben)
    send("page_viewed", "content_downloaded")
    assert seen(ben) == before
    send("page_viewed", visitor=other)
    assert seen(ben)["acts"] == before["acts"] + 1


def test_events_are_stored_once_when_their_lead_cannot_be_told(send, ana, monkeypatch, app):
    before = seen(ana)

    def fail(seen, *, now):
        db.session.add(LeadScore())  # half done, and wrong
        raise RuntimeError("a score that cannot be worked out")

    monkeypatch.setattr(import_module("app.blueprints.collect.group_commit"), "follow_visits", fail)
    acts = db.session.scalar(select(func.count()).select_from(Interaction))
    send("page_viewed", "content_downloaded")
    assert db.session.scalar(select(func.count()).select_from(Interaction)) == acts + 2
    assert seen(ana) == before
    assert app.collector.stats.accepted == 2
    assert app.collector.stats.failures == 0
    monkeypatch.undo()
    db.session.rollback()
    with writing():
        catching_up.run()
    db.session.expire_all()
    assert seen(ana)["acts"] == before["acts"] + 2


def test_a_past_too_long_for_others_to_wait_is_left_to_the_worker(send, ana, monkeypatch):
    before = seen(ana)
    monkeypatch.setattr(following, "MOST_ACTS", before["acts"] - 1)
    send("page_viewed")
    assert seen(ana) == before
    db.session.rollback()
    with writing():
        catching_up.run()
    db.session.expire_all()
    assert seen(ana)["acts"] == before["acts"] + 1


def test_a_tool_that_a_lead_uses_is_in_their_score_at_once(ana, clinic):
    before = seen(ana)
    use_calculator(clinic)
    after = seen(ana)
    assert after["score"] > before["score"]
    assert after["acts"] == before["acts"] + 1
