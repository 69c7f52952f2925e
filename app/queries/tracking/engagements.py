"""The engagements of leads: one lead's, by page, and all leads' over a period; those too whose own
type was removed since."""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import func, select

from app.domain.period import Period
from app.domain.tracking.event import NO_ENGAGEMENTS
from app.extensions import db
from app.models import Interaction
from app.queries.cursor import Cursor
from app.queries.leads.lead_acts import acts


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which engagements: of a type, on a channel, from a moment on, before another."""

    type: str | None = None
    channel: str | None = None
    since: datetime | None = None
    until: datetime | None = None


def page(
    lead_id: int, wanted: Wanted, cursor: Cursor | None = None, limit: int = 50
) -> tuple[list[Interaction], str | None]:
    """A lead's engagements, the newest first, and the cursor of the next page."""
    every = acts([lead_id])
    conditions = [
        every.c.type == wanted.type if wanted.type else every.c.type.not_in(NO_ENGAGEMENTS),
        *([every.c.channel == wanted.channel] if wanted.channel else []),
        *([every.c.occurred_at >= wanted.since] if wanted.since else []),
        *([every.c.occurred_at < wanted.until] if wanted.until else []),
        *([cursor.follows(every.c.occurred_at, every.c.id)] if cursor else []),
    ]
    ids = (
        select(every.c.id)
        .where(*conditions)
        .order_by(every.c.occurred_at.desc(), every.c.id.desc())
        .limit(limit + 1)
    )
    rows = select(Interaction).where(Interaction.id.in_(ids))
    found = list(
        db.session.scalars(rows.order_by(Interaction.occurred_at.desc(), Interaction.id.desc()))
    )
    if len(found) <= limit:
        return found, None
    last = found[limit - 1]
    return found[:limit], str(Cursor(last.occurred_at, last.id))


class Sum(NamedTuple):
    """Engagements of one type on one channel: how many, and their revenue in minor units."""

    type: str
    channel: str
    count: int
    revenue: int


def summary(period: Period) -> list[Sum]:
    """The engagements of a period that name their lead, or were made in a lead's visit."""
    every = acts()
    rows = db.session.execute(
        select(every.c.type, every.c.channel, func.count(), func.sum(every.c.revenue))
        .where(
            every.c.type.not_in(NO_ENGAGEMENTS),
            every.c.occurred_at >= period.starts_at,
            every.c.occurred_at < period.ends_at,
        )
        .group_by(every.c.type, every.c.channel)
        .order_by(every.c.type, every.c.channel)
    )
    return [Sum(kind, channel, count, int(revenue or 0)) for kind, channel, count, revenue in rows]


def of_lead_since(lead_id: int, since: datetime) -> list[tuple[str, datetime]]:
    """(type, when) of a lead's acts since a moment, the oldest first."""
    every = acts([lead_id])
    rows = db.session.execute(
        select(every.c.type, every.c.occurred_at)
        .where(every.c.occurred_at >= since)
        .order_by(every.c.occurred_at)
    )
    return [(kind, at) for kind, at in rows]
