"""Rules tried on a long history, published, brought back; and a worker killed on the way."""

import os
import random
import signal
import subprocess
import sys
import time
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from sqlalchemy import func, select

from app.clock import utc_now
from app.domain.scoring.rules import TOOL_TYPES
from app.domain.tracking.event import Event
from app.domain.tracking.visit import Origin
from app.domain.uuid7 import uuid7
from app.extensions import db, writing
from app.identity import Identity
from app.jobs import work
from app.models import Interaction, Job, Lead, LeadLifecycle, LeadScore
from app.models.types import to_millis
from app.operations.leads.enter_stage import enter_stage
from app.operations.start_job import start_job
from app.operations.tracking.book_shelf import BookShelf
from app.operations.tracking.sweep import sweep
from app.operations.tracking.track import Hit, track
from app.queries.scoring.rules import interaction_rules
from app.queries.tracking.sites import facts_of
from app.tenancy import acting_for
from tests.leads import lead_by_form
from tests.places import snapshot
from tests.rules import PAGE, send, the_form, value_of

ROOT = Path(__file__).resolve().parents[2]
AT_ONCE = 250
DAYS = 80
# The whole length takes minutes; every run of the suite tries a tenth of it.
VISITS = 12_800 if os.environ.get("LEADLIGHT_LONG_STORIES") == "1" else 1_280
# What editing, trying and publishing leave behind; lead_scores are looked at below.
LEFT_BEHIND = {
    "rule_sets",
    "lead_scoring_rules",
    "rule_drafts",
    "jobs",
    "audit_logs",
    "lead_scores",
}


def fill(cast, visits: int, seed: int = 4):
    """Visits of eight acts each, two of them uses of tools, through the tracker."""
    chance, now, shelf = random.Random(seed), utc_now(), BookShelf()
    with acting_for(cast.clinic):
        clinic_id, site = cast.clinic.id, facts_of(cast.site)
    db.session.rollback()
    for first in range(0, visits, AT_ONCE):
        part = range(first, min(first + AT_ONCE, visits))
        with writing():
            hits = [visit(clinic_id, site, n, now, chance) for n in part]
            track(hits, now=now, shelf=shelf)
            db.session.commit()
    end_visits()


def end_visits():
    db.session.rollback()
    with writing():
        while sweep(now=utc_now()):
            db.session.commit()
        db.session.rollback()


def visit(organization_id, site, n, now, chance) -> Hit:
    at = to_millis(now - timedelta(days=2 + DAYS * chance.random()))
    # Half of the visitors come twice.
    visitor = (n % 3 * 10**9 + n // 3 if n % 3 else n + 1).to_bytes(16, "big")
    wish = {
        "procedures": ["peel", "botox"][: chance.randrange(1, 3)],
        "budget": chance.choice(("low", "medium", "high")),
        "urgency": chance.choice(("immediate", "just_looking")),
    }
    events = [
        Event(uuid7(at + n, visitor), kind, at + n * 8_000, url="https://clinic.example/")
        for n, kind in enumerate(("page_viewed", "click", "scrolled") * 2)
    ]
    for place, kind in enumerate(chance.choices(TOOL_TYPES, k=2), start=1):
        moment = at + place * 60_000
        event_id = uuid7(moment, visitor + bytes([place]))
        events.append(Event(event_id, kind, moment, data=wish, engaged=chance.randrange(500)))
    origin = Origin(channel="email", device="mobile")
    return Hit(organization_id, at, events, site=site, visitor_id=visitor, origin=origin)


def become_leads(cast, count: int):
    """Some of the visitors give the form; those with a high budget rather become customers."""
    with acting_for(cast.clinic):
        acts = db.session.scalars(
            select(Interaction).where(Interaction.score.is_not(None)).order_by(Interaction.id)
        ).all()
        for n, act in enumerate(acts[:: len(acts) // count][:count]):
            told = {"site": cast.site, "identity": Identity(act.visitor_id, None)}
            at = act.occurred_at + timedelta(minutes=2)
            lead = lead_by_form({"email": f"lead{n}@example.com"}, interaction=act, now=at, **told)
            if act.data["budget"] == "high" or n % 5 == 0:
                enter_stage(lead, "customer", "signed", now=act.occurred_at + timedelta(days=1))
            db.session.commit()


def figures(cast) -> dict[str, str]:
    """Every table that a publication must leave as it is, as a digest; the newest lead scores."""
    db.session.rollback()
    tables = {
        name: sha256("\n".join(rows).encode()).hexdigest()
        for name, rows in snapshot(cast.clinic.id).items()
        if name not in LEFT_BEHIND | {"lead_scores"}
    }
    with acting_for(cast.clinic):
        newest = db.session.scalars(
            select(LeadScore).where(LeadScore.is_current).order_by(LeadScore.lead_id)
        )
        told = [
            (row.lead_id, str(row.total_score), row.grade, row.score_factors, row.contributions)
            for row in newest
        ]
    return tables | {"current lead scores": str(told)}


def result_of(cast, address: str) -> dict:
    db.session.rollback()
    with acting_for(cast.clinic):
        job = db.session.get(Job, int(address.rpartition("/")[2]), populate_existing=True)
        assert (job.state, job.message) == ("done", "Looking at what happened")
        return job.result


def panels(alice) -> str:
    names = ("cards", "funnel", "tools", "scores", "sources")
    period = f"from={utc_now() - timedelta(days=90):%Y-%m-%d}&to={utc_now():%Y-%m-%d}"
    address = "/admin/comprehensive/dashboard/panel"
    return "".join(alice.get(f"{address}/{n}?{period}&format=csv").text for n in names)


@pytest.fixture
def seen(monkeypatch):
    """Every percentage that somebody who watches the page could have seen."""
    from app.jobs.report import Report

    told, call = [], Report.__call__

    def watched(self, done, all_steps=None, message=None):
        call(self, done, all_steps, message)
        told.append((done, all_steps))

    monkeypatch.setattr(Report, "__call__", watched)
    return told


def test_a_preview_over_a_long_history_a_publication_and_its_return(alice, cast, seen):
    fill(cast, VISITS)
    become_leads(cast, 120)
    end_visits()
    with acting_for(cast.clinic):
        assert db.session.scalar(select(func.count(Interaction.id))) > VISITS * 7.9
    before, dashboard = figures(cast), panels(alice)

    draft = {"rules__5__points": "40", "rules__0__points": "30", "high": "80", "range": "all"}
    where = send(alice, the_form(do="preview", **draft)).location
    work.run()
    tried = result_of(cast, where)
    assert tried["acts"] == 2 * VISITS
    assert tried["changed_acts"] > VISITS / 3
    assert tried["ranking"]["lead"]["auc"]
    customers = tried["ranking"]["customer"]
    change, low, high = customers["difference"]
    assert low <= change <= high
    assert VISITS < 12_800 or change > 0, "the budget tells who buys, and the draft says so"
    assert "%" in alice.get(where).text
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)
    assert len(seen) > 5
    assert figures(cast) == before, "to look changes nothing"

    revision = value_of(alice.get(where), "revision")
    send(alice, {"revision": revision}, to=f"{PAGE}/publish")
    work.run()
    published = figures(cast)
    assert {name for name in before if before[name] != published[name]} == {"leads"}
    assert panels(alice) == dashboard
    with acting_for(cast.clinic):
        rows = db.session.scalars(select(LeadScore).where(LeadScore.reason.contains("version 1")))
        assert len(rows.all()) > 10

    send(alice, {"version": "0", "made_from": "1"}, to=f"{PAGE}/bring-back")
    work.run()
    assert figures(cast) == before
    assert panels(alice) == dashboard
    with acting_for(cast.clinic):
        assert interaction_rules().version == 2
    where = send(alice, the_form(version=2, do="preview", **draft)).location
    work.run()
    assert result_of(cast, where) == tried | {"since": None}


# A worker that is killed


@pytest.fixture
def worker(app, database_uri, tmp_path):
    """start() -> a worker process on this test's database."""
    env = os.environ | {
        "DATABASE_URL": database_uri,
        "LEADLIGHT_DATA": str(tmp_path),
        "LEADLIGHT_LOG_LEVEL": "ERROR",
    }
    running = []

    def start():
        process = subprocess.Popen(
            [sys.executable, "-m", "app.jobs"],
            cwd=ROOT,
            env=env,
            start_new_session=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        running.append(process)
        return process

    yield start
    for process in running:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait(20)


def job_when(cast, job_id, holds, what, seconds=120) -> Job:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        db.session.rollback()
        with acting_for(cast.clinic):
            job = db.session.get(Job, job_id, populate_existing=True)
            if holds(job):
                return job
        time.sleep(0.05)
    raise AssertionError(f"still not after {seconds} s: {what}")


def killed_in_the_middle(cast, worker, job_id) -> Job:
    """The job, after a worker was killed in the middle of it and another did it."""
    first = worker()
    begun = job_when(cast, job_id, lambda job: job.done_steps > 0, "some of it is done")
    os.killpg(first.pid, signal.SIGKILL)
    first.wait(20)
    assert begun.state == "running", "the kill came in the middle"
    worker()
    return job_when(cast, job_id, lambda job: job.is_over, "it is done")


def test_a_preview_whose_worker_is_killed_is_done_by_the_next(alice, cast, worker):
    fill(cast, 9_000)
    where = send(alice, the_form(do="preview", rules__5__points="0", range="all")).location
    job = killed_in_the_middle(cast, worker, int(where.rpartition("/")[2]))
    assert (job.state, job.attempts, job.result["acts"]) == ("done", 2, 18_000)
    assert "Score otherwise" in alice.get(where).text


def test_leads_whose_worker_is_killed_are_scored_once_each(alice, cast, worker):
    fill(cast, 2_500)
    with acting_for(cast.clinic):
        for act in db.session.scalars(select(Interaction).where(Interaction.score.is_not(None))):
            lead = lead_by(act)
            db.session.add(lead)
            db.session.flush()
            db.session.add(score_of(lead))
            stay = {"stage": "new", "entered_at": act.occurred_at, "transition_reason": ""}
            db.session.add(LeadLifecycle(lead_id=lead.id, **stay))
        db.session.commit()
    send(alice, the_form(rules__5__points="0", rules__6__points="0"))
    with acting_for(cast.clinic):
        [job_id] = db.session.scalars(select(Job.id)).all()
    job = killed_in_the_middle(cast, worker, job_id)
    assert (job.state, job.attempts, job.result["leads"]) == ("done", 2, 5_000)
    with acting_for(cast.clinic):
        told = dict(
            db.session.execute(
                select(LeadScore.lead_id, func.count())
                .where(LeadScore.reason.contains("rules version 1 published"))
                .group_by(LeadScore.lead_id)
            ).all()
        )
        assert set(told.values()) == {1}, "nothing is told twice"
        assert len(told) == job.result["changed"]
        again = start_job("rules.rescore_leads", {"version": 1}, user_id=None, now=utc_now())
        db.session.commit()
    done = job_when(cast, again.id, lambda job: job.is_over, "it is looked through again")
    assert "changed" not in done.result, "every lead was scored right"


def lead_by(act: Interaction) -> Lead:
    """A lead as the form leaves it, without the rest of its making."""
    return Lead(
        email=f"{act.id}@example.com",
        interaction_id=act.id,
        scored_interaction_id=act.id,
        interaction_score=act.score,
        engagement_level="high" if act.score >= 70 else "medium",
        created_at=act.occurred_at,
        updated_at=act.occurred_at,
    )


def score_of(lead: Lead) -> LeadScore:
    return LeadScore(
        lead_id=lead.id,
        total_score=10,
        undecayed_score=10,
        grade="D",
        temperature="cold",
        score_factors={},
        contributions=[],
        rules_version=1,
        reason="lead created",
        calculated_at=lead.created_at,
    )
