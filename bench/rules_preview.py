"""What a preview of scoring rules on history costs, against the same rules in memory.

100 thousand scored interactions of 50 thousand visitors, made through the tracker. The preview
reads them and their outcomes, scores each by two rule sets and counts everything; the baseline
scores the same facts by the same two rule sets, and does nothing else.
"""

import os
import random
import tempfile
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from flask_migrate import upgrade

from app import create_app
from app.domain.scoring.interaction_score import score_interaction
from app.domain.scoring.rules import TOOL_TYPES, RuleSet
from app.domain.tracking.event import Event
from app.domain.tracking.visit import Origin
from app.domain.uuid7 import uuid7
from app.extensions import db, writing
from app.jobs import work
from app.models import Job, Organization, Site
from app.models.types import to_millis
from app.operations.start_job import start_job
from app.operations.tracking.book_shelf import BookShelf
from app.operations.tracking.track import Hit, track
from app.queries.scoring import scored_acts
from app.queries.tracking.sites import facts_of
from app.tenancy import acting_for

ACTS = 100_000
VISITORS = ACTS // 2
DAYS = 60
AT_ONCE = 200  # visits a transaction
DRAFT = RuleSet(
    rules=tuple(
        replace(rule, points=5) if rule.id == "high_budget" else rule for rule in RuleSet().rules
    )
)


def measure() -> dict[str, float]:
    """Seconds of the preview and of the baseline, for all interactions."""
    with tempfile.TemporaryDirectory(prefix="leadlight-bench-") as folder:
        os.environ["LEADLIGHT_DATA"] = folder
        uri = f"sqlite:///{folder}/leadlight.db"
        app = create_app({"SQLALCHEMY_DATABASE_URI": uri, "LOG_LEVEL": "WARNING"})
        with app.app_context():
            upgrade()
            now = datetime.now(UTC)
            bench = Organization(slug="bench", name="Bench", created_at=now)
            db.session.add(bench)
            db.session.flush()
            with acting_for(bench):
                site = Site(key="bench", name="b", domain="bench.example", created_at=now)
                db.session.add(site)
                db.session.commit()
                fill(bench.id, facts_of(site), now)
            return {"preview": preview(bench.id), "memory": in_memory(bench.id)}


def preview(organization_id: int) -> float:
    """Seconds of the job, from its being taken up to its result."""
    with acting_for(organization_id), writing():
        db.session.rollback()
        arguments = {
            "site_id": None,
            "in_force": 0,
            "draft": DRAFT.to_json() | {"version": 1},
            "range": "all",
        }
        job = start_job("rules.preview_interaction", arguments, user_id=None, now=datetime.now(UTC))
        job_id = job.id
        db.session.commit()
    started = time.perf_counter()
    work.run()
    took = time.perf_counter() - started
    with acting_for(organization_id):
        result = db.session.get(Job, job_id, populate_existing=True).result
    if not result or result["acts"] != ACTS:
        raise RuntimeError("the preview did not look at everything")
    return took


def in_memory(organization_id: int) -> float:
    """Seconds of scoring the same facts twice."""
    with acting_for(organization_id):
        facts, after = [], None
        until = scored_acts.newest_id()
        while True:
            actors, after = scored_acts.actors(after, None, until, 500)
            facts += [act.facts for actor in actors for act in actor.acts]
            if after is None:
                break
    in_force = RuleSet()
    started = time.perf_counter()
    for each in facts:
        score_interaction(each, in_force)
        score_interaction(each, DRAFT)
    return time.perf_counter() - started


def fill(organization_id: int, site, now: datetime):
    """A use of a tool in each visit, two visits a visitor."""
    chance, shelf = random.Random(1), BookShelf()
    for first in range(0, ACTS, AT_ONCE):
        with writing():
            db.session.rollback()
            hits = [
                _visit(organization_id, site, now, n, chance) for n in range(first, first + AT_ONCE)
            ]
            track(hits, now=now, shelf=shelf)
            db.session.commit()


def _visit(organization_id: int, site, now: datetime, n: int, chance) -> Hit:
    at = to_millis(now - timedelta(days=DAYS) * chance.random())
    visitor = (n % VISITORS).to_bytes(16, "big")
    wish = {
        "procedures": ["peel", "botox"][: chance.randrange(1, 3)],
        "budget": chance.choice(("low", "medium", "high")),
        "urgency": chance.choice(("immediate", "just_looking")),
    }
    moment = at + chance.randrange(400) * 1000
    used = Event(
        uuid7(moment, visitor + b"u"),
        chance.choice(TOOL_TYPES),
        moment,
        data=wish,
        engaged=chance.randrange(600),
    )
    events = [Event(uuid7(at, visitor), "page_viewed", at, url="https://bench.example/"), used]
    origin = Origin(channel="email", device="mobile")
    return Hit(organization_id, at, events, site=site, visitor_id=visitor, origin=origin)


def report(found: dict[str, float]) -> str:
    """The figures as a table of Markdown."""
    rows = [
        f"| {name} | {found[key]:.1f} | {found[key] / ACTS * 1e6:.0f} | "
        f"{found[key] / found['memory']:.1f} |"
        for key, name in (("memory", "scored in memory"), ("preview", "previewed on history"))
    ]
    return "\n".join(
        (
            f"| {ACTS:,} interactions, two rule sets | seconds | µs each | ratio |",
            "|---|---|---|---|",
            *rows,
        )
    )


if __name__ == "__main__":
    print(report(measure()))
