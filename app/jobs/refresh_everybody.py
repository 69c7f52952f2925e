"""Judge the journeys of all leads again: by rules that were changed."""

from sqlalchemy import select

from app.clock import utc_now
from app.extensions import db
from app.jobs.report import Report
from app.models import Job, Lead
from app.operations.journeys.refresh_journeys import refresh_journeys
from app.operations.scoring.score_leads import count_leads
from app.operations.start_job import start_job
from app.operations.work_on_job import Work
from app.queries.journeys.won import won

KIND = "leads.journeys"
AT_ONCE = 100


def begin_after_scoring() -> None:
    """A job that judges journeys by the new scores, unless one waits; uncommitted."""
    waiting = select(Job.id).where(Job.kind == KIND, Job.state == "waiting").limit(1)
    if db.session.scalar(waiting) is None:
        start_job(KIND, {}, user_id=None, now=utc_now())


def run(work: Work, report: Report) -> dict:
    """Goes through the leads by id; one that was killed goes on from where it stopped."""
    kept = work.kept or {"after": 0, "leads": 0}
    everybody = count_leads()
    history = won()
    report(kept["leads"], everybody, "Looking at journeys")
    while True:
        with report.saving(kept["leads"], everybody, kept=kept):
            leads = _next(kept["after"])
            refresh_journeys(leads, now=utc_now(), history=history)
            if leads:
                kept["after"], kept["leads"] = leads[-1].id, kept["leads"] + len(leads)
        if not leads:
            return {"leads": kept["leads"]}


def _next(after: int) -> list[Lead]:
    wanted = select(Lead).where(Lead.id > after, Lead.erased_at.is_(None))
    return list(db.session.scalars(wanted.order_by(Lead.id).limit(AT_ONCE)))
