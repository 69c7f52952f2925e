"""Start work that takes longer than a request."""

from datetime import datetime

from app.extensions import db
from app.models import Job


def start_job(kind: str, arguments: dict, *, user_id: int | None, now: datetime) -> Job:
    """A row that a worker takes up within a second or two of the commit.

    `kind` is one of app.jobs.kinds.KINDS, `arguments` plain JSON; the job can run twice.
    """
    job = Job(kind=kind, arguments=arguments, user_id=user_id, created_at=now)
    db.session.add(job)
    db.session.flush()
    return job
