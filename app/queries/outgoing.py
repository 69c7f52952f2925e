"""What is to be told to the world, and what became of it."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, and_, exists, func, or_, select

from app.extensions import db
from app.models import Organization, OutboxMessage
from app.tenancy import across_organizations, acting_organization_id

# The kinds that a job delivers. Others are events that nobody has subscribed to yet.
DELIVERED = ("mail.", "notice.")
MAIL = "mail."


class Lag(NamedTuple):
    """How many messages are due now, and since when the oldest is."""

    due: int
    oldest: datetime | None


def is_delivered() -> ColumnElement[bool]:
    """Whether a message is of a kind that is delivered."""
    return or_(*(OutboxMessage.kind.startswith(prefix) for prefix in DELIVERED))


def is_due(now: datetime) -> ColumnElement[bool]:
    """Whether a message is to be delivered now, and nobody is at it."""
    free = or_(OutboxMessage.leased_until.is_(None), OutboxMessage.leased_until <= now)
    return and_(OutboxMessage.done_at.is_(None), OutboxMessage.due_at <= now, free, is_delivered())


def organizations_with_due(now: datetime) -> list[int]:
    """The organizations that have something to deliver now."""
    mine = OutboxMessage.organization_id == Organization.id
    with across_organizations():
        wanted = select(Organization.id).where(exists().where(mine, is_due(now)))
        return list(db.session.scalars(wanted.order_by(Organization.id)))


def lag_of_everybody(now: datetime) -> Lag:
    """How far delivery is behind, over all organizations."""
    late = and_(OutboxMessage.done_at.is_(None), OutboxMessage.due_at <= now, is_delivered())
    with across_organizations():
        wanted = select(func.count(), func.min(OutboxMessage.due_at)).where(late)
        return Lag(*db.session.execute(wanted).one())


STATES = {
    "waiting": and_(OutboxMessage.done_at.is_(None), OutboxMessage.error == ""),
    "trying": and_(OutboxMessage.done_at.is_(None), OutboxMessage.error != ""),
    "sent": OutboxMessage.sent_at.is_not(None),
    "failed": OutboxMessage.failed_at.is_not(None),
    "dropped": and_(
        OutboxMessage.done_at.is_not(None),
        OutboxMessage.sent_at.is_(None),
        OutboxMessage.failed_at.is_(None),
    ),
}


def mails(state: str = "", before: int | None = None, limit: int = 50) -> list[OutboxMessage]:
    """The organization's mails, newest first: those in a state of STATES, older than an id."""
    wanted = select(OutboxMessage).where(OutboxMessage.kind.startswith(MAIL))
    if state in STATES:
        wanted = wanted.where(STATES[state])
    if before is not None:
        wanted = wanted.where(OutboxMessage.id < before)
    return list(db.session.scalars(wanted.order_by(OutboxMessage.id.desc()).limit(limit)))


def mail_counts() -> dict[str, int]:
    """How many of the organization's mails are in each state."""
    mine = (
        OutboxMessage.organization_id == acting_organization_id(),
        OutboxMessage.kind.startswith(MAIL),
    )
    columns = [func.count().filter(condition).label(state) for state, condition in STATES.items()]
    row = db.session.execute(select(*columns).select_from(OutboxMessage).where(*mine)).one()
    return dict(row._mapping)


def is_any_late(moment: datetime) -> bool:
    """Whether one of the organization's mails has been due since before a moment, and never been
    tried: nobody delivers."""
    untried = OutboxMessage.attempts == 0
    late = OutboxMessage.done_at.is_(None), OutboxMessage.due_at < moment, untried
    wanted = select(OutboxMessage.id).where(*late, OutboxMessage.kind.startswith(MAIL))
    return db.session.scalar(wanted.limit(1)) is not None


def mail(message_id: int) -> OutboxMessage | None:
    """One of the organization's mails."""
    return db.session.scalar(
        select(OutboxMessage).where(
            OutboxMessage.id == message_id, OutboxMessage.kind.startswith(MAIL)
        )
    )
