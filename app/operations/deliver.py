"""Take a message out of the outbox to deliver it, and note what became of it.

A message is leased in a transaction of its own, delivered outside any, and noted in a third. While
the lease runs nobody else takes it. Whoever is killed between delivering and noting has delivered
it: after the lease it goes out a second time, with the same Message-ID.
"""

from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import delete, select, update

from app.domain.delivery import next_attempt
from app.extensions import db
from app.models import OutboxMessage
from app.queries.outgoing import is_delivered, is_due

LEASE = timedelta(minutes=10)
LONGEST_ERROR = 500
KEPT = timedelta(days=90)


class Leased(NamedTuple):
    """A message as it was taken."""

    id: int
    organization_id: int
    kind: str
    payload: dict
    due_at: datetime
    attempts: int


def lease_due(now: datetime) -> Leased | None:
    """The message that is due longest, leased; None when none is due. The edge commits at once."""
    message = db.session.scalar(
        select(OutboxMessage)
        .where(is_due(now))
        .order_by(OutboxMessage.due_at, OutboxMessage.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    if message is None:
        return None
    message.leased_until = now + LEASE
    message.attempts += 1
    db.session.flush()
    return Leased(*(getattr(message, name) for name in Leased._fields))


def note_sent(message_id: int, *, now: datetime) -> None:
    """It is out."""
    values = {"done_at": now, "sent_at": now, "failed_at": None, "error": "", "leased_until": None}
    _note(message_id, values)


def note_done(message_id: int, *, now: datetime) -> None:
    """It was passed on; nothing went out by itself."""
    _note(message_id, {"done_at": now, "error": "", "leased_until": None})


def close_unheard(*, now: datetime) -> None:
    """Ends the events that nobody has subscribed to: told later, they would be no news."""
    unheard = OutboxMessage.done_at.is_(None), OutboxMessage.due_at <= now, ~is_delivered()
    db.session.execute(update(OutboxMessage).where(*unheard).values(done_at=now))


def forget_delivered(*, now: datetime) -> None:
    """Takes away what is done since KEPT: mails hold names and addresses."""
    db.session.execute(delete(OutboxMessage).where(OutboxMessage.done_at < now - KEPT))


def note_failure(message: Leased, error: str, *, final: bool, now: datetime) -> None:
    """It did not go out: to be tried again later, or given up. What was dropped meanwhile stays
    dropped, and who took it after the lease ended decides."""
    again = None if final else next_attempt(message.attempts, now)
    values = {"error": error[:LONGEST_ERROR], "leased_until": None}
    values |= {"due_at": again} if again else {"done_at": now, "failed_at": now}
    mine = OutboxMessage.attempts == message.attempts
    _note(message.id, values, OutboxMessage.done_at.is_(None), mine)


def _note(message_id: int, values: dict, *conditions):
    db.session.execute(
        update(OutboxMessage).where(OutboxMessage.id == message_id, *conditions).values(**values)
    )
