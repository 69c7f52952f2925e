"""Lead scores: all leads at once against lead by lead, through the same rules and facts, in
one run, each writing its line of history. The leads have twenty engagements each."""

import random
import time
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from flask_migrate import upgrade
from sqlalchemy import select

from app import create_app
from app.clock import utc_now
from app.domain.tracking.event import Event
from app.domain.uuid7 import uuid7
from app.extensions import db, writing
from app.models import Lead, LeadLifecycle, Organization
from app.models.types import to_millis
from app.operations.scoring.score_lead import score_lead
from app.operations.scoring.score_leads import changed_scores, keep_scores
from app.operations.tracking.track import Hit, track
from app.tenancy import acting_for

LEADS, ALONE, ACTS = 10_000, 300, 20
TYPES = ("email_opened", "email_clicked", "email_replied", "call_made", "form_submitted")
SOURCES = ("referral", "website", "ads")


@contextmanager
def organization():
    """A database with leads and what they did, made through the tracker."""
    with TemporaryDirectory() as folder:
        uri = f"sqlite:///{Path(folder) / 'bench.db'}"
        app = create_app({"SQLALCHEMY_DATABASE_URI": uri, "DATA": Path(folder)})
        with app.app_context(), writing():
            upgrade()
            now = utc_now()
            made = Organization(slug="bench", name="Bench", created_at=now)
            db.session.add(made)
            db.session.commit()
            with acting_for(made.id):
                _fill(made.id, now)
                yield now


def _fill(organization_id: int, now):
    chance = random.Random(7)
    for first in range(0, LEADS, 500):
        leads = [_lead(n, now, chance) for n in range(first, min(first + 500, LEADS))]
        db.session.add_all(leads)
        db.session.flush()
        stays = [LeadLifecycle(lead_id=each.id, stage="new", entered_at=now) for each in leads]
        db.session.add_all(stays)
        db.session.flush()
        hits = [_acts(organization_id, lead.id, now, chance) for lead in leads]
        track(hits, now=now)
        db.session.commit()


def _lead(n: int, now, chance) -> Lead:
    return Lead(
        email=f"lead{n}@example.com",
        first_name="Ada" if chance.random() < 0.7 else None,
        phone="+33612345678" if chance.random() < 0.4 else None,
        location="Paris",
        source=chance.choice(SOURCES),
        created_at=now - timedelta(days=100),
        updated_at=now,
    )


def _acts(organization_id: int, lead_id: int, now, chance) -> Hit:
    events = []
    for n in range(ACTS):
        at = to_millis(now - timedelta(days=90 * chance.random()))
        tail = lead_id.to_bytes(4) + n.to_bytes(4)
        kind = chance.choice(TYPES)
        events.append(Event(uuid7(at, tail * 2), kind, at, channel="email", lead_id=lead_id))
    return Hit(organization_id, to_millis(now), events)


def measure() -> dict:
    """Seconds a lead, alone and together."""
    with organization() as now:
        some = db.session.scalars(select(Lead).order_by(Lead.id).limit(ALONE)).all()
        begun = time.perf_counter()
        for lead in some:
            score_lead(lead, reason="alone", now=now)
            db.session.flush()
        alone = (time.perf_counter() - begun) / ALONE
        db.session.rollback()
        begun = time.perf_counter()
        changed = [each for each in changed_scores(now) if each[1] is not None]
        for first in range(0, len(changed), 500):
            keep_scores(changed[first : first + 500], reason="together", now=now)
        db.session.commit()
        together = (time.perf_counter() - begun) / len(changed)
    assert len(changed) == LEADS
    return {"alone": alone, "together": together}


def report(found: dict) -> str:
    """The table of docs/benchmarks.md."""
    ratio = found["alone"] / found["together"]
    return "\n".join(
        (
            "| | milliseconds a lead |",
            "|---|---|",
            f"| lead by lead ({ALONE}) | {found['alone'] * 1000:.2f} |",
            f"| all at once ({LEADS:,}) | {found['together'] * 1000:.3f} |",
            f"| **times as fast** | **{ratio:.1f}** |",
        )
    )
