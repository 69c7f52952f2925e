"""What the dashboard's queries cost at 10 thousand, 100 thousand and 1 million interactions.

The log is filled through the tracker itself, 30 days of it; the smallest is the baseline.
"""

import os
import random
import statistics
import tempfile
import time
from datetime import UTC, datetime, timedelta

from flask_migrate import upgrade

from app import create_app
from app.domain.period import last_days
from app.domain.tracking.event import Event
from app.domain.tracking.visit import Origin
from app.domain.uuid7 import uuid7
from app.extensions import db, writing
from app.models import Organization, Site
from app.models.types import to_millis
from app.operations.tracking.book_shelf import BookShelf
from app.operations.tracking.track import Hit, track
from app.queries.tracking.dashboard import Figures
from app.queries.tracking.sites import facts_of
from app.tenancy import acting_for

SIZES = (10_000, 100_000, 1_000_000)
EVENTS_A_VISIT = 5
DAYS = 30
ROUNDS = 60
AT_ONCE = 200  # visits a transaction
KINDS = ("page_viewed", "click", "page_viewed", "scrolled", "leave")
ORIGINS = [
    Origin(channel=channel, source=source, campaign=campaign, device=device)
    for channel, source, campaign in (
        ("direct", None, None),
        ("organic search", "google", None),
        ("paid search", "google", "spring"),
        ("social", "instagram", None),
        ("email", "news", "may"),
        ("referral", "beauty.example", None),
    )
    for device in ("mobile", "desktop")
]


def measure() -> dict[int, float]:
    """Median seconds of all the dashboard's queries, by size of the log."""
    found = {}
    with tempfile.TemporaryDirectory(prefix="leadlight-bench-") as folder:
        os.environ["LEADLIGHT_DATA"] = folder
        app = create_app(
            {
                "SQLALCHEMY_DATABASE_URI": f"sqlite:///{folder}/leadlight.db",
                "LOG_LEVEL": "WARNING",
            }
        )
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
                filled = 0
                for size in SIZES:
                    fill(bench.id, facts_of(site), now, filled, size)
                    filled = size
                    found[size] = statistics.median(_ask(now) for _ in range(ROUNDS))
    return found


def _ask(now: datetime) -> float:
    db.session.rollback()
    started = time.perf_counter()
    figures = Figures(last_days(DAYS, now.date()))
    empty = not (figures.counts.of("interactions") and figures.series and figures.pages)
    took = time.perf_counter() - started
    if empty:
        raise RuntimeError("the dashboard shows nothing of the log")
    return took


def fill(organization_id: int, site, now: datetime, start: int, end: int):
    """Adds visits until the log holds `end` interactions."""
    chance = random.Random(start)
    shelf = BookShelf()
    visits = range(start // EVENTS_A_VISIT, end // EVENTS_A_VISIT)
    with writing(), db.engine.connect() as connection:
        for first in range(visits.start, visits.stop, AT_ONCE):
            part = range(first, min(first + AT_ONCE, visits.stop))
            with connection.begin():
                hits = [_visit(organization_id, site, now, n, chance) for n in part]
                track(hits, now=now, connection=connection, shelf=shelf)


def _visit(organization_id: int, site, now: datetime, n: int, chance) -> Hit:
    # Spread over the days whatever the size, so that each day has its share.
    moment = now - timedelta(days=DAYS - 1) * chance.random()
    visitor = n.to_bytes(16, "big")
    at = to_millis(moment)
    events = [
        Event(
            uuid7(at + place, visitor),
            kind,
            at + place * 20_000,
            url=f"https://bench.example/{chance.randrange(40)}",
            engaged=60 if kind == "leave" else None,
        )
        for place, kind in enumerate(KINDS)
    ]
    origin = chance.choice(ORIGINS)
    return Hit(organization_id, at, events, site=site, visitor_id=visitor, origin=origin)


def report(found: dict[int, float]) -> str:
    """The figures as a table of Markdown."""
    smallest = found[SIZES[0]]
    rows = [
        f"| {size:,} | {1000 * seconds:.2f} | {seconds / smallest:.2f} |"
        for size, seconds in found.items()
    ]
    return "\n".join(
        (
            "| interactions | all queries, median ms | ratio to the smallest |",
            "|---|---|---|",
            *rows,
        )
    )


if __name__ == "__main__":
    print(report(measure()))
