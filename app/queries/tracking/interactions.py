"""The interaction log, newest first, and a visitor's path through it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, or_, select

from app.extensions import db
from app.models import Interaction, Lead, LeadVisitor, Rollup, Visitor, VisitorSession
from app.queries.cursor import Cursor

MOST_VISITS = 50
MOST_ACTS = 2000


@dataclass(frozen=True, slots=True)
class LogFilter:
    """Which interactions; `ends_at` is the moment after the last."""

    types: tuple[str, ...] = ()
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    converted: bool | None = None
    least_score: int | None = None
    site_id: int | None = None
    visitor_id: UUID | None = None


def log_page(
    wanted: LogFilter, after: Cursor | None = None, limit: int = 50
) -> tuple[list[Interaction], Cursor | None]:
    """Interactions newest first, and the cursor of the next page when there is one."""
    query = select(Interaction).where(*_conditions(wanted))
    if after:
        query = query.where(after.follows(Interaction.occurred_at, Interaction.id))
    newest = query.order_by(Interaction.occurred_at.desc(), Interaction.id.desc())
    rows = list(db.session.scalars(newest.limit(limit + 1)))
    if len(rows) <= limit:
        return rows, None
    return rows[:limit], Cursor(rows[limit - 1].occurred_at, rows[limit - 1].id)


def _conditions(wanted: LogFilter) -> list:
    conditions = []
    if wanted.types:
        conditions.append(Interaction.type.in_(wanted.types))
    if wanted.starts_at:
        conditions.append(Interaction.occurred_at >= wanted.starts_at)
    if wanted.ends_at:
        conditions.append(Interaction.occurred_at < wanted.ends_at)
    if wanted.least_score is not None:
        # Said twice, for the partial index of scored rows.
        conditions += [Interaction.score.is_not(None), Interaction.score >= wanted.least_score]
    if wanted.site_id:
        conditions.append(Interaction.site_id == wanted.site_id)
    if wanted.visitor_id:
        conditions.append(Interaction.visitor_id == wanted.visitor_id)
    if wanted.converted is not None:
        conditions.append(_converted() if wanted.converted else ~_converted())
    return conditions


def _converted():
    """A lead's own act, or one of a visitor while they were this lead's."""
    link = select(LeadVisitor.id).where(_held_at(Interaction.visitor_id, Interaction.occurred_at))
    return or_(Interaction.lead_id.is_not(None), link.correlate(Interaction).exists())


def _held_at(visitor_id, moment):
    return and_(
        LeadVisitor.visitor_id == visitor_id,
        LeadVisitor.starts_at <= moment,
        or_(LeadVisitor.ends_at.is_(None), LeadVisitor.ends_at > moment),
    )


def leads_of(interactions: Iterable[Interaction]) -> dict[int, Lead]:
    """The lead of each interaction that has one, by the interaction's id."""
    interactions = list(interactions)
    links = _links({row.visitor_id for row in interactions if row.visitor_id})
    lead_of = {row.id: row.lead_id or _holder(links, row) for row in interactions}
    wanted = select(Lead).where(Lead.id.in_(set(lead_of.values()) - {None}))
    leads = {lead.id: lead for lead in db.session.scalars(wanted)}
    return {row_id: leads[lead_id] for row_id, lead_id in lead_of.items() if lead_id in leads}


def _links(visitor_ids: set[UUID]) -> list[LeadVisitor]:
    if not visitor_ids:
        return []
    return list(
        db.session.scalars(select(LeadVisitor).where(LeadVisitor.visitor_id.in_(visitor_ids)))
    )


def _holder(links: list[LeadVisitor], row: Interaction) -> int | None:
    for link in links:
        ended = link.ends_at is not None and link.ends_at <= row.occurred_at
        if link.visitor_id == row.visitor_id and link.starts_at <= row.occurred_at and not ended:
            return link.lead_id
    return None


def types_seen() -> list[str]:
    """The types of interaction that the organization's roll-ups have counted."""
    wanted = select(Rollup.key).where(Rollup.grain == "day", Rollup.measure == "interactions")
    return list(db.session.scalars(wanted.distinct().order_by(Rollup.key)))


def visitor(visitor_id: UUID) -> Visitor | None:
    """A visitor of the organization acted for."""
    return db.session.scalar(select(Visitor).where(Visitor.id == visitor_id))


def visits_of(visitor_id: UUID) -> list[VisitorSession]:
    """A visitor's newest visits, newest first."""
    wanted = select(VisitorSession).where(VisitorSession.visitor_id == visitor_id)
    newest = wanted.order_by(VisitorSession.started_at.desc()).limit(MOST_VISITS)
    return list(db.session.scalars(newest))


def acts_of_visits(visit_ids: list[UUID]) -> dict[UUID, list[Interaction]]:
    """The interactions of visits, in the order in which they happened."""
    wanted = select(Interaction).where(Interaction.visitor_session_id.in_(visit_ids))
    ordered = wanted.order_by(Interaction.occurred_at.desc(), Interaction.id.desc())
    found: dict[UUID, list[Interaction]] = {visit_id: [] for visit_id in visit_ids}
    for row in reversed(list(db.session.scalars(ordered.limit(MOST_ACTS)))):
        found[row.visitor_session_id].append(row)
    return found


def leads_of_visitor(visitor_id: UUID) -> list[tuple[LeadVisitor, Lead]]:
    """Who this visitor turned out to be, the latest first."""
    wanted = select(LeadVisitor, Lead).join(Lead, Lead.id == LeadVisitor.lead_id)
    found = wanted.where(LeadVisitor.visitor_id == visitor_id)
    return [tuple(r) for r in db.session.execute(found.order_by(LeadVisitor.starts_at.desc()))]
