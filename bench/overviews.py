"""The pages about all leads at once, for the leads of a whole year."""

import time

from sqlalchemy import func, select

from app.clock import utc_now
from app.extensions import db
from app.models import Lead, LeadJourney, LeadLifecycle, User
from app.operations.journeys.refresh_journeys import refresh_journeys
from bench.scale_history import Made

ADDRESSES = {
    "journeys": "/admin/journeys?days=365",
    "journeys, by source": "/admin/journeys?days=365&cohorts=source&activity=monthly",
    "attribution of customers": "/admin/attribution?days=365&type=customer",
    "conversions behind it": "/admin/attribution/conversions?days=365&type=customer&model=linear",
    "funnel, for programs": "/api/lead-tracking/analytics/funnel?days=365",
    "cohorts, for programs": "/api/lead-tracking/analytics/cohort?days=365",
    "health, for programs": "/api/lead-tracking/journey/stats/overview?days=365",
}
TIMES, AT_ONCE = 3, 500


def measure(made: Made) -> dict:
    """Seconds of the processor by page, the best of a few times; and of reading every stay of every
    lead once, which is the baseline."""
    _refresh(made)
    user_id = db.session.get(User, made.user_id).get_id()
    baseline = min(_read() for _ in range(TIMES))
    db.session.remove()
    client = made.app.test_client()
    with client.session_transaction() as session:
        session["_user_id"], session["_fresh"] = user_id, True
    pages = {
        name: min(_ask(client, address) for _ in range(TIMES))
        for name, address in ADDRESSES.items()
    }
    return {"baseline": baseline, "pages": pages}


def _refresh(made: Made):
    """Where every journey stands, for those of whom that is not stored yet."""
    if db.session.scalar(select(func.count()).select_from(LeadJourney)) < len(made.leads):
        for first in range(made.leads[0], made.leads[-1] + 1, AT_ONCE):
            some = select(Lead).where(Lead.id >= first, Lead.id < first + AT_ONCE)
            refresh_journeys(db.session.scalars(some).all(), now=utc_now())
            db.session.commit()
            db.session.expunge_all()
    db.session.rollback()


def _read() -> float:
    begun = time.process_time()
    stays = select(LeadLifecycle.lead_id, LeadLifecycle.stage, LeadLifecycle.entered_at)
    for _ in db.session.execute(stays):
        pass
    db.session.rollback()
    return time.process_time() - begun


def _ask(client, address: str) -> float:
    begun = time.process_time()
    answer = client.get(address)
    if answer.status_code != 200:
        raise RuntimeError(f"{address} answers {answer.status_code}")
    return time.process_time() - begun


def report(found: dict) -> str:
    """The table of docs/benchmarks.md."""
    baseline = found["baseline"]
    lines = [("every stay of every lead, read once", baseline), *found["pages"].items()]
    return "\n".join(
        (
            "| all leads of a year | the processor's ms | ratio |",
            "|---|---|---|",
            *(f"| {name} | {took * 1000:.0f} | {took / baseline:.2f} |" for name, took in lines),
        )
    )
