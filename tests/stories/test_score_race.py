"""Everybody writes the same leads at once: people, programs, their browsers, and the jobs that go
through all leads. Nobody is refused, nothing is lost, and each lead has one current score and
stage, which are those that the log tells.
"""

from collections import Counter
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from app.clock import utc_now
from app.extensions import db, writing
from app.jobs import attribute_everybody, night, refresh_everybody, score_leads
from app.models import AuditLog, Interaction, Job, Lead, LeadJourney, LeadLifecycle, LeadScore
from app.operations.leads.rebuild_leads import rebuild_leads
from app.operations.scoring.score_leads import scores_of
from app.operations.start_job import start_job
from app.operations.tracking.log_engagement import log_engagement
from app.tenancy import acting_for
from tests.passerby import in_mode
from tests.races import OWNER, all_at_once, by_api, by_board, by_browser, by_worker, in_turn

TRACKING = "/api/lead-tracking"
SCORING = f"{TRACKING}/scoring"
JOBS = (score_leads.KIND, refresh_everybody.KIND, attribute_everybody.KIND, night.KIND)


@pytest.fixture
def clinic(cast):
    in_mode(cast, "cookie")
    return cast


@pytest.fixture
def come(client, clinic):
    """come(name) -> (a lead's id, the visitor who is this lead)."""

    def come(name):
        visitor = uuid4()
        visit = {"visitor": str(visitor), "type": "page_viewed", "url": "https://clinic.example/"}
        visit["occurred_at"] = utc_now().isoformat()
        assert client.post("/api/interactions", json=visit, headers=OWNER).status_code == 202
        told = {"email": f"{name}@example.com", "visitor": str(visitor)}
        made = client.post("/api/leads", json=told, headers=OWNER)
        return made.get_json()["lead"]["id"], visitor

    return come


def engagements(app, lead_id, count):
    types = ("email_sent", "email_opened", "call_made", "purchase_made")
    for n in range(count):
        body = {"engagement_type": types[n % len(types)]}
        yield "engagement", by_api(app, "POST", f"{TRACKING}/engagement/{lead_id}", body)


def begin(clinic, *kinds) -> list[int]:
    with acting_for(clinic.clinic):
        begun = [start_job(kind, {}, user_id=None, now=utc_now()).id for kind in kinds]
        db.session.commit()
    return begun


def assert_nothing_is_lost(clinic, leads: dict[int, int]):
    """`leads`: how many engagements of each were accepted."""
    db.session.rollback()
    with writing(), acting_for(clinic.clinic):
        for lead_id in leads:
            lead = db.session.scalar(select(Lead).where(Lead.id == lead_id))
            current = select(LeadScore).where(LeadScore.lead_id == lead_id, LeadScore.is_current)
            [score] = db.session.scalars(current).all()
            stays = select(LeadLifecycle).where(LeadLifecycle.lead_id == lead_id)
            [stay] = db.session.scalars(stays.where(LeadLifecycle.is_current_stage)).all()
            assert stay.stage == lead.stage
            [(_, fresh)] = scores_of([lead], utc_now())
            assert score.score_factors == fresh.score_factors()
            assert (lead.lead_score, lead.grade) == (fresh.shown, fresh.grade)
            assert _tracked(lead_id) == leads[lead_id]
            journey = db.session.scalar(select(LeadJourney).where(LeadJourney.lead_id == lead_id))
            assert journey.total_revenue == 0
        differing, _, _ = rebuild_leads(0, 100, now=utc_now())
        assert not differing
        db.session.rollback()


def _tracked(lead_id) -> int:
    types = ("email_sent", "email_opened", "call_made", "purchase_made")
    wanted = select(func.count()).where(Interaction.lead_id == lead_id, Interaction.type.in_(types))
    return db.session.scalar(wanted)


def assert_jobs_went_through(clinic, begun):
    db.session.rollback()
    with acting_for(clinic.clinic):
        rows = db.session.scalars(select(Job).where(Job.id.in_(begun))).all()
        assert {(job.kind, job.state, job.attempts) for job in rows} == {
            (job.kind, "done", 1) for job in rows
        }
        db.session.rollback()


def test_a_lead_is_scored_by_all_who_ask_at_once(app, clinic, come):
    lead_id, _ = come("sofia")
    calculate = ("score", by_api(app, "POST", f"{SCORING}/{lead_id}/calculate", None))
    bulk = ("bulk", by_api(app, "POST", f"{SCORING}/bulk-calculate", {"lead_ids": [lead_id]}))
    acts = [calculate] * 6 + [bulk] * 4 + [*engagements(app, lead_id, 6)]
    assert Counter(all_at_once(app, acts)) == {
        ("score", 200): 6,
        ("bulk", 200): 4,
        ("engagement", 201): 6,
    }
    assert_nothing_is_lost(clinic, {lead_id: 6})


def test_one_key_sent_by_many_at_once_is_one_engagement(app, clinic, come):
    lead_id, _ = come("sofia")
    body = {"engagement_type": "email_opened", "idempotency_key": "mail 1"}
    send = ("engagement", by_api(app, "POST", f"{TRACKING}/engagement/{lead_id}", body))
    found = Counter(status for _, status in all_at_once(app, [send] * 8))
    assert found == {201: 1, 200: 7}
    assert_nothing_is_lost(clinic, {lead_id: 1})


def test_what_is_told_of_a_lead_while_it_is_erased_is_erased_too(app, clinic, come):
    lead_id, _ = come("sofia")
    body = {"engagement_type": "call_made", "title": "Spoke to Sofia"}
    acts = [("told", by_api(app, "POST", f"{TRACKING}/engagement/{lead_id}", body))] * 6
    acts.append(("score", by_api(app, "POST", f"{SCORING}/{lead_id}/calculate", None)))
    acts.append(("erase", by_api(app, "DELETE", f"/api/leads/{lead_id}", None)))
    found = all_at_once(app, acts)
    assert ("erase", 200) in found
    assert {status for kind, status in found if kind != "erase"} <= {200, 201, 404}
    db.session.rollback()
    with acting_for(clinic.clinic):
        told = select(Interaction).where(Interaction.lead_id == lead_id)
        for act in db.session.scalars(told.where(Interaction.type == "call_made")):
            assert (act.label, act.data) == (None, None)
        db.session.rollback()


def test_a_form_sent_by_two_clicks_at_once_is_noted_once(app, clinic, come):
    lead_id, _ = come("sofia")
    event_id = uuid4()

    def note(now):
        lead = db.session.scalar(select(Lead).where(Lead.id == lead_id))
        log_engagement(lead, "call_made", event_id=event_id, user_id=None, now=now)

    acts = [("note", in_turn(clinic.clinic.id, note))] * 4
    assert all_at_once(app, acts) == [("note", 200)] * 4
    db.session.rollback()
    with acting_for(clinic.clinic):
        noted = select(AuditLog).where(AuditLog.action == "lead.engagement_logged")
        assert len(db.session.scalars(noted).all()) == 1
        db.session.rollback()


def test_everybody_and_every_job_write_the_same_leads_at_once(app, clinic, sign_in, come):
    people = dict(come(name) for name in ("ada", "bea", "cleo"))
    alice, leads = sign_in(clinic.alice), Counter()
    for stages in (("contacted", "qualified"), ("opportunity", "new")):
        begun = begin(clinic, *JOBS)
        acts = [("worker", by_worker()) for _ in JOBS]
        acts += [("bulk", by_api(app, "POST", f"{SCORING}/bulk-calculate", {}))] * 3
        for lead_id, visitor in people.items():
            acts.append(("score", by_api(app, "POST", f"{SCORING}/{lead_id}/calculate", None)))
            acts += engagements(app, lead_id, 3)
            leads[lead_id] += 3
            acts.append(("browser", by_browser(app, visitor, "page_viewed", "content_downloaded")))
            acts += [("board", by_board(alice, lead_id, stage)) for stage in stages]
            sold = {"conversion_type": "opportunity", "attribution_model": "linear"}
            acts.append(
                ("credit", by_api(app, "POST", f"{TRACKING}/attribution/{lead_id}/calculate", sold))
            )
        found = all_at_once(app, acts)
        assert sum(count for kind, count in found if kind == "worker") >= len(JOBS)
        answers = {(kind, status) for kind, status in found if kind not in ("worker", "board")}
        assert answers == {
            ("bulk", 200),
            ("score", 200),
            ("engagement", 201),
            ("browser", 202),
            ("credit", 200),
        }
        boards = {status for kind, status in found if kind == "board"}
        assert 303 in boards
        assert boards <= {200, 303, 409, 422}
        assert_jobs_went_through(clinic, begun)
        assert_nothing_is_lost(clinic, leads)
