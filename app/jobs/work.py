"""Do the jobs that are waiting, and those whose worker died."""

from datetime import timedelta

import structlog

from app.clock import utc_now
from app.extensions import db, writing
from app.jobs.kinds import KINDS
from app.jobs.report import JobError, Report
from app.operations.forget_jobs import forget_jobs
from app.operations.work_on_job import Stopped, Work, confirm_cancelled, fail, finish, take_up
from app.queries.jobs import is_any_due
from app.tenancy import across_organizations, acting_for

log = structlog.get_logger()
PAUSE = timedelta(seconds=5)  # before what broke is tried again
BROKEN = "Something broke on our side; it is noted in the worker's log. Start it again in a minute."


def look() -> None:
    """Does what is waiting; costs one read where nothing is."""
    if _is_any_due():
        run()


def run() -> int:
    """Does jobs until none is waiting; how many."""
    count = 0
    while work := _take_up():
        _do(work)
        count += 1
    return count


def tidy() -> None:
    """Takes away what is long over."""
    with writing(), across_organizations():
        forget_jobs(now=utc_now())
        db.session.commit()


def _is_any_due() -> bool:
    try:
        return is_any_due(utc_now())
    finally:
        db.session.rollback()


def _take_up() -> Work | None:
    with writing():
        work = take_up(utc_now())
        db.session.commit()
    return work


def _do(work: Work):
    about = log.bind(job=work.id, kind=work.kind, organization_id=work.organization_id)
    about.info("job.taken_up", attempt=work.attempt)
    with acting_for(work.organization_id):
        try:
            result = KINDS[work.kind](work, Report(work))
        except Stopped:
            _end(confirm_cancelled, work, now=utc_now())
            about.info("job.stopped")
        except JobError as problem:
            _end(fail, work, str(problem), now=utc_now())
            about.warning("job.failed", error=str(problem))
        except Exception:
            about.exception("job.broken")
            _end(fail, work, BROKEN, now=utc_now(), again_at=utc_now() + PAUSE * work.attempt)
        else:
            _finish(work, result)
            about.info("job.done")


def _finish(work: Work, result: dict | None):
    try:
        _end(finish, work, result, now=utc_now())
    except Stopped:
        db.session.rollback()  # another worker has it, and will come to the same end


def _end(how, *given, **named):
    db.session.rollback()
    with writing():
        how(*given, **named)
        db.session.commit()
