"""Which leads were on the website, as their visitors' acts tell: Core, with the organization."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, func, or_, select

from app.extensions import db
from app.models import Lead, LeadJourney
from app.queries.leads.lead_acts import AT, INTERACTIONS, LINKS, unindexed
from app.tenancy import acting_organization_id

LEADS = Lead.__table__.c


def newest_act(after: int = 0) -> int:
    """The number of the act that came in last; `after`, where none came in after that one.

    Of the organization's own: two organizations' acts are committed in another order than numbered.
    """
    newest = select(func.max(INTERACTIONS.id)).where(
        unindexed(INTERACTIONS.organization_id) == acting_organization_id(),
        INTERACTIONS.id > after,
    )
    return db.session.scalar(newest) or after


def leads_seen_after(act_id: int, until: int) -> dict[int, datetime]:
    """Whose acts came in after one of a number and up to another, by the lead's id, each with when
    the oldest of them happened."""
    return _seen(
        _links().where(
            unindexed(INTERACTIONS.organization_id) == acting_organization_id(),
            INTERACTIONS.id > act_id,
            INTERACTIONS.id <= until,
        )
    )


def leads_seen_since(moment: datetime) -> dict[int, datetime]:
    """The same of acts that happened since a moment."""
    ours = INTERACTIONS.organization_id == acting_organization_id()
    return _seen(_links().where(ours, INTERACTIONS.occurred_at >= moment))


def leads_of_acts(event_ids: Collection[UUID]) -> dict[int, datetime]:
    """The same of these acts."""
    ours = INTERACTIONS.organization_id == acting_organization_id()
    return _seen(_links().where(ours, INTERACTIONS.event_id.in_(event_ids)))


def lengths_of_pasts(lead_ids: Collection[int]) -> dict[int, int]:
    """How many acts each of these leads has, as counted when its journey was last looked at."""
    wanted = select(Lead.id, func.coalesce(LeadJourney.interactions, 0))
    journey = LeadJourney.lead_id == Lead.id
    wanted = wanted.outerjoin(LeadJourney, journey).where(Lead.id.in_(lead_ids))
    return dict(db.session.execute(wanted).tuples().all()) if lead_ids else {}


def _links() -> Select:
    """Acts of the website beside whose they were."""
    whose = (
        LINKS.organization_id == INTERACTIONS.organization_id,
        LINKS.visitor_id == INTERACTIONS.visitor_id,
        LINKS.starts_at <= AT,
        or_(LINKS.ends_at.is_(None), LINKS.ends_at > AT),
    )
    return (
        select(LINKS.lead_id, func.min(AT))
        .select_from(INTERACTIONS.id.table, LINKS.id.table, LEADS.id.table)
        .where(
            *whose,
            LEADS.id == LINKS.lead_id,
            LEADS.erased_at.is_(None),
            INTERACTIONS.lead_id.is_(None),
            INTERACTIONS.visitor_id.is_not(None),
        )
        .group_by(LINKS.lead_id)
    )


def _seen(wanted: Select) -> dict[int, datetime]:
    return dict(db.session.execute(wanted).tuples().all())
