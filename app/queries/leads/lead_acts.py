"""What leads did and were told, set-based: the same for one lead, for some, or for all of them.

Core selects, each with its organization.
"""

from collections.abc import Collection

from sqlalchemy import (
    ColumnElement,
    Select,
    Subquery,
    UnaryExpression,
    and_,
    or_,
    select,
    union_all,
)
from sqlalchemy.sql.operators import custom_op

from app.models import Interaction, LeadVisitor, VisitorSession
from app.tenancy import acting_organization_id

# Tables, not models: said twice, the organization would mislead SQLite's guess of how many rows.
INTERACTIONS, LINKS, VISITS = (
    model.__table__.c for model in (Interaction, LeadVisitor, VisitorSession)
)


def unindexed(column: ColumnElement) -> ColumnElement:
    """The column as one by which no index is searched, for a plan that SQLite would not find."""
    return UnaryExpression(column, operator=custom_op("+"), type_=column.type)


# Without it SQLite reads the whole organization by time rather than a visit's or a lead's few acts.
AT = unindexed(INTERACTIONS.occurred_at)


def acts(lead_ids: Collection[int] | None = None) -> Subquery:
    """A subquery (lead_id, id, type, channel, occurred_at, visitor_session_id, revenue) of every
    act of these leads, on every channel; of all leads without `lead_ids`.

    An act belongs to the lead it names, else to the lead whose its visitor then was.
    """
    told, done = branches(lead_ids)
    return union_all(told, done).subquery()


def acts_of_type(engagement_type: str) -> Subquery:
    """The same of every act of one type, of all leads: by the index of types, without the rest of
    the log."""
    each = (part.where(INTERACTIONS.type == engagement_type) for part in branches())
    return union_all(*each).subquery()


def branches(lead_ids: Collection[int] | None = None) -> tuple[Select, Select]:
    """The acts that name one of these leads, and those of their visitors, each as `acts`."""
    organization_id = acting_organization_id()
    columns = _columns(INTERACTIONS.occurred_at if lead_ids is None else AT)
    told = select(INTERACTIONS.lead_id, *columns).where(
        INTERACTIONS.organization_id == organization_id
    )
    done = select(LINKS.lead_id, *columns).where(
        LINKS.organization_id == organization_id,
        INTERACTIONS.organization_id == organization_id,
        INTERACTIONS.visitor_id == LINKS.visitor_id,
        INTERACTIONS.lead_id.is_(None),
        LINKS.starts_at <= AT,
        or_(LINKS.ends_at.is_(None), LINKS.ends_at > AT),
    )
    if lead_ids is None:  # all of the log, as it lies there: each act looks up whose it is
        told = told.where(INTERACTIONS.lead_id.is_not(None))
        done = done.where(INTERACTIONS.visitor_session_id.is_not(None))
    else:  # some leads: their visits name their acts
        told = told.where(INTERACTIONS.lead_id.in_(lead_ids))
        done = done.where(
            LINKS.lead_id.in_(lead_ids),
            INTERACTIONS.visitor_session_id.in_(_visits(organization_id, lead_ids)),
        )
    return told, done


def _columns(at: ColumnElement) -> tuple[ColumnElement, ...]:
    return (
        INTERACTIONS.id,
        INTERACTIONS.type,
        INTERACTIONS.channel,
        at.label("occurred_at"),
        INTERACTIONS.visitor_session_id,
        INTERACTIONS.revenue,
    )


def _visits(organization_id: int, lead_ids: Collection[int]) -> Select:
    """The ids of the visits of everybody who is or was one of these leads."""
    return (
        select(VISITS.id)
        .join_from(
            VisitorSession.__table__,
            LeadVisitor.__table__,
            and_(
                LINKS.organization_id == VISITS.organization_id,
                LINKS.visitor_id == VISITS.visitor_id,
            ),
        )
        .where(VISITS.organization_id == organization_id, LINKS.lead_id.in_(lead_ids))
    )
