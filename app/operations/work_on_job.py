"""What a worker does to a job's row: take it up, tell how far it is, end it. Each is a short write
of its own, committed by the worker."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, or_, select, update

from app.extensions import db
from app.models import Job
from app.tenancy import across_organizations

LEASE = timedelta(seconds=15)  # renewed as the job goes
MOST_ATTEMPTS = 3
GIVEN_UP = (
    "The work stopped three times before it was done, so it was given up. Start it again; if it "
    "stops again, look into the worker's log."
)


class Stopped(Exception):
    """The job is not the worker's any more: somebody cancelled it, or another worker has it."""


@dataclass(frozen=True, slots=True)
class Work:
    """A job in a worker's hands; `attempt` tells its holder from earlier ones."""

    id: int
    organization_id: int
    kind: str
    arguments: dict
    kept: dict | None
    user_id: int | None
    created_at: datetime
    attempt: int


def take_up(now: datetime) -> Work | None:
    """The oldest job that nobody has in hand, leased; None when there is none."""
    with across_organizations():
        while job := _next(now):
            if job.attempts >= MOST_ATTEMPTS or job.cancel_asked:
                _give_up(job, now)
            elif _lease(job, now):
                return _work(job)
    return None


def _next(now: datetime) -> Job | None:
    free = or_(Job.leased_until.is_(None), Job.leased_until <= now)
    wanted = select(Job).where(Job.state.in_(("waiting", "running")), free)
    return db.session.scalar(
        wanted.order_by(Job.created_at, Job.id).limit(1).execution_options(populate_existing=True)
    )


def _give_up(job: Job, now: datetime):
    state = "cancelled" if job.cancel_asked else "failed"
    message = "Cancelled." if job.cancel_asked else GIVEN_UP
    _change(job.id, job.attempts, state=state, message=message, finished_at=now)


def _lease(job: Job, now: datetime) -> bool:
    return _change(
        job.id,
        job.attempts,
        state="running",
        attempts=job.attempts + 1,
        leased_until=now + LEASE,
        started_at=job.started_at or now,
    )


def _change(job_id: int, attempt: int, **values) -> bool:
    """Changes the row if it is still as that attempt left it; whether it was."""
    changed = db.session.execute(
        update(Job)
        .where(
            Job.id == job_id,
            Job.attempts == attempt,
            Job.state.in_(("waiting", "running")),
        )
        .values(**values)
        .execution_options(synchronize_session=False)
    )
    return changed.rowcount == 1


def _work(job: Job) -> Work:
    db.session.refresh(job)
    return Work(
        id=job.id,
        organization_id=job.organization_id,
        kind=job.kind,
        arguments=job.arguments,
        kept=job.kept,
        user_id=job.user_id,
        created_at=job.created_at,
        attempt=job.attempts,
    )


def hold(work: Work) -> None:
    """Keeps the job this worker's until the transaction ends. Raises Stopped when it is not."""
    wanted = select(Job.attempts, Job.state, Job.cancel_asked).where(Job.id == work.id)
    row = db.session.execute(wanted.with_for_update()).one_or_none()
    if row is None or row.attempts != work.attempt or row.state != "running" or row.cancel_asked:
        raise Stopped


def note_progress(work: Work, *, now: datetime, lease: timedelta = LEASE, **values) -> None:
    """Renews the lease and keeps `done_steps`, `all_steps`, `message`, `kept` as given. Raises
    Stopped when the job is not this worker's any more, or somebody wants it cancelled."""
    hold(work)
    _change(work.id, work.attempt, leased_until=now + lease, **values)


def finish(work: Work, result: dict | None, *, now: datetime) -> None:
    """The job is done; a cancel that came too late is forgotten. Raises Stopped."""
    ended = {"state": "done", "result": result, "kept": None, "finished_at": now}
    ended["done_steps"] = Job.all_steps  # the last steps may have been too quick to tell
    if not _change(work.id, work.attempt, leased_until=None, **ended):
        raise Stopped


def fail(work: Work, message: str, *, now: datetime, again_at: datetime | None = None) -> None:
    """The job broke; it is tried again at a moment, unless it was tried too often or should not."""
    if again_at and work.attempt < MOST_ATTEMPTS:
        _change(work.id, work.attempt, state="waiting", leased_until=again_at, message=message)
    else:
        ended = {"state": "failed", "message": message, "finished_at": now}
        _change(work.id, work.attempt, leased_until=None, **ended)


def confirm_cancelled(work: Work, *, now: datetime) -> None:
    """Ends a job whose worker heard that it is not wanted; not one that another worker has."""
    db.session.execute(
        update(Job)
        .where(Job.id == work.id, and_(Job.attempts == work.attempt, Job.cancel_asked))
        .where(Job.state == "running")
        .values(state="cancelled", message="Cancelled.", finished_at=now, leased_until=None)
        .execution_options(synchronize_session=False)
    )


def cancel_job(job: Job, *, now: datetime) -> None:
    """Asks for the job to stop: at once while nobody has it, else when its worker next looks."""
    if job.is_over:
        return
    job.cancel_asked = True
    if job.state == "waiting" or (job.leased_until and job.leased_until <= now):
        job.state, job.message, job.finished_at = "cancelled", "Cancelled.", now
    db.session.flush()
