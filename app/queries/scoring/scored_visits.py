"""Ended visits of a site with what they are scored by, person by person, for trying other rules on
them."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select

from app.domain.scoring.session_score import SessionFacts
from app.domain.tracking.visit import CLICKS
from app.extensions import db
from app.models import Interaction, VisitorSession
from app.models.bulk import in_parts
from app.models.types import to_millis
from app.queries.scoring.outcomes import NOTHING, Outcome, of_visitors


@dataclass(frozen=True, slots=True)
class Click:
    """A click as it was judged, and what it said."""

    label: str | None
    important: bool


@dataclass(frozen=True, slots=True)
class ScoredVisit:
    """An ended visit; `clicks` only where they were asked for."""

    id: UUID
    started_at: datetime
    ended_at: datetime
    points: int
    facts: SessionFacts
    clicks: tuple[Click, ...] = ()


@dataclass(slots=True)
class Visiting:
    """A visitor with their ended visits, oldest first."""

    visitor_id: UUID
    outcome: Outcome = NOTHING
    visits: list[ScoredVisit] = field(default_factory=list)


def count(site_id: int, since: datetime | None, until: datetime) -> int:
    """How many visits ended, of those begun since a moment."""
    return db.session.scalar(select(func.count()).where(*_within(site_id, since, until)))


def since_the_last(site_id: int, wanted: int, until: datetime) -> datetime | None:
    """The moment since which so many visits began; None when there are fewer."""
    by_time = select(VisitorSession.started_at).where(*_within(site_id, None, until))
    by_time = by_time.order_by(VisitorSession.started_at.desc())
    return db.session.scalar(by_time.offset(wanted - 1).limit(1))


def visitings(
    site_id: int,
    after: UUID | None,
    since: datetime | None,
    until: datetime,
    at_once: int,
    with_clicks: bool,
) -> tuple[list[Visiting], UUID | None]:
    """The next visitors by id with their visits, and from where to go on (None: these were the
    last)."""
    bounds = _within(site_id, since, until)
    wanted = select(VisitorSession.visitor_id).where(*bounds)
    if after is not None:
        wanted = wanted.where(VisitorSession.visitor_id > after)
    wanted = wanted.group_by(VisitorSession.visitor_id).order_by(VisitorSession.visitor_id)
    ids = list(db.session.scalars(wanted.limit(at_once)))
    rows = db.session.scalars(
        select(VisitorSession)
        .where(VisitorSession.visitor_id.in_(ids), *bounds)
        .order_by(VisitorSession.visitor_id, VisitorSession.started_at, VisitorSession.id)
    ).all()
    clicks = _clicks_of([row.id for row in rows]) if with_clicks else {}
    outcomes = of_visitors(ids)
    found = {i: Visiting(i, outcomes.get(i, NOTHING)) for i in ids}
    for row in rows:
        found[row.visitor_id].visits.append(_visit(row, clicks.get(row.id, ())))
    return list(found.values()), ids[-1] if len(ids) == at_once else None


def _within(site_id: int, since: datetime | None, until: datetime) -> list:
    bounds = [
        VisitorSession.site_id == site_id,
        VisitorSession.ended_at.is_not(None),
        VisitorSession.ended_at <= until,
    ]
    return bounds if since is None else [*bounds, VisitorSession.started_at >= since]


def _visit(row: VisitorSession, clicks: Iterable[Click]) -> ScoredVisit:
    facts = SessionFacts(
        (to_millis(row.last_activity_at) - to_millis(row.started_at)) // 1000,
        row.page_views,
        row.regular_clicks,
        row.important_clicks,
    )
    return ScoredVisit(
        row.id, row.started_at, row.ended_at, row.lead_score or 0, facts, tuple(clicks)
    )


def _clicks_of(visit_ids: Collection[UUID]) -> dict[UUID, list[Click]]:
    found = defaultdict(list)
    for part in in_parts(visit_ids):
        rows = db.session.execute(
            select(Interaction.visitor_session_id, Interaction.label, Interaction.important).where(
                Interaction.visitor_session_id.in_(part), Interaction.type.in_(CLICKS)
            )
        )
        for visit_id, label, important in rows:
            found[visit_id].append(Click(label, important))
    return found
