"""What leads did and were told, set-based: the same for one lead, for some, or for all of them.

Core selects, each with its organization.
"""

from collections.abc import Collection

from sqlalchemy import Select, Subquery, and_, or_, select, union_all

from app.models import Interaction, LeadVisitor, VisitorSession
from app.tenancy import acting_organization_id

COLUMNS = (
    Interaction.id,
    Interaction.type,
    Interaction.channel,
    Interaction.occurred_at,
    Interaction.visitor_session_id,
    Interaction.revenue,
)


def acts(lead_ids: Collection[int] | None = None) -> Subquery:
    """A subquery (lead_id, id, type, channel, occurred_at, visitor_session_id, revenue) of every
    act of these leads, on every channel; of all leads without `lead_ids`.

    An act belongs to the lead it names, else to the lead whose its visitor then was.
    """
    organization_id = acting_organization_id()
    told = select(Interaction.lead_id, *COLUMNS).where(
        Interaction.organization_id == organization_id, Interaction.lead_id.is_not(None)
    )
    done = select(LeadVisitor.lead_id, *COLUMNS).where(
        LeadVisitor.organization_id == organization_id,
        Interaction.organization_id == organization_id,
        Interaction.visitor_id == LeadVisitor.visitor_id,
        Interaction.lead_id.is_(None),
        Interaction.occurred_at >= LeadVisitor.starts_at,
        or_(LeadVisitor.ends_at.is_(None), Interaction.occurred_at < LeadVisitor.ends_at),
    )
    if lead_ids is None:  # all of the log: each act looks up whose it is
        done = done.where(Interaction.visitor_session_id.is_not(None))
    else:  # some leads: their visits name their acts, or SQLite would begin with the whole log
        told = told.where(Interaction.lead_id.in_(lead_ids))
        done = done.where(
            LeadVisitor.lead_id.in_(lead_ids),
            Interaction.visitor_session_id.in_(_visits(organization_id, lead_ids)),
        )
    return union_all(told, done).subquery()


def _visits(organization_id: int, lead_ids: Collection[int]) -> Select:
    """The ids of the visits of everybody who is or was one of these leads."""
    return (
        select(VisitorSession.id)
        .join(
            LeadVisitor,
            and_(
                LeadVisitor.organization_id == VisitorSession.organization_id,
                LeadVisitor.visitor_id == VisitorSession.visitor_id,
            ),
        )
        .where(VisitorSession.organization_id == organization_id, LeadVisitor.lead_id.in_(lead_ids))
    )
