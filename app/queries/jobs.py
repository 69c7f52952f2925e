"""Jobs: one by its id, the newest of a kind."""

from datetime import datetime

from sqlalchemy import or_, select

from app.extensions import db
from app.models import Job
from app.tenancy import across_organizations


def job(job_id: int) -> Job | None:
    """A job of the organization acted for."""
    return db.session.scalar(select(Job).where(Job.id == job_id))


def newest(kind: str, **arguments) -> Job | None:
    """The job of this kind and with these arguments that was started last."""
    wanted = select(Job).where(Job.kind == kind)
    for name, value in arguments.items():
        told = Job.arguments[name]
        if value is None:
            wanted = wanted.where(told.as_string().is_(None))
        elif isinstance(value, int):
            wanted = wanted.where(told.as_integer() == value)
        else:
            wanted = wanted.where(told.as_string() == value)
    return db.session.scalar(wanted.order_by(Job.created_at.desc(), Job.id.desc()).limit(1))


def is_any_due(now: datetime) -> bool:
    """Whether any organization has a job that no worker has in hand."""
    with across_organizations():
        free = or_(Job.leased_until.is_(None), Job.leased_until <= now)
        due = select(Job.id).where(Job.state.in_(("waiting", "running")), free)
        return db.session.scalar(due.limit(1)) is not None
