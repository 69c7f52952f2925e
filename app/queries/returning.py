"""Which leads were on the website, as their visitors' acts tell: Core, with the organization."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, func, or_, select

from app.extensions import db
from app.models import Interaction, Lead, LeadVisitor
from app.tenancy import acting_organization_id


def newest_act() -> int:
    """The number of the organization's act that came in last; 0 without any."""
    newest = select(func.max(Interaction.id)).where(
        Interaction.organization_id == acting_organization_id()
    )
    return db.session.scalar(newest) or 0


def leads_seen_after(act_id: int, until: int) -> dict[int, datetime]:
    """Whose acts came in after one of a number and up to another, by the lead's id, each with when
    the oldest of them happened."""
    return _seen(_acts().where(Interaction.id > act_id, Interaction.id <= until))


def leads_seen_since(moment: datetime) -> dict[int, datetime]:
    """The same of acts that happened since a moment."""
    return _seen(_acts().where(Interaction.occurred_at >= moment))


def leads_of_acts(event_ids: Collection[UUID]) -> dict[int, datetime]:
    """The same of these acts."""
    return _seen(_acts().where(Interaction.event_id.in_(event_ids)))


def _acts() -> Select:
    return (
        select(LeadVisitor.lead_id, func.min(Interaction.occurred_at))
        .join(
            LeadVisitor,
            (LeadVisitor.organization_id == Interaction.organization_id)
            & (LeadVisitor.visitor_id == Interaction.visitor_id)
            & (LeadVisitor.starts_at <= Interaction.occurred_at)
            & or_(LeadVisitor.ends_at.is_(None), Interaction.occurred_at < LeadVisitor.ends_at),
        )
        .join(Lead, Lead.id == LeadVisitor.lead_id)
        .where(
            Interaction.organization_id == acting_organization_id(),
            Interaction.lead_id.is_(None),
            Interaction.visitor_id.is_not(None),
            Lead.erased_at.is_(None),
        )
        .group_by(LeadVisitor.lead_id)
    )


def _seen(wanted: Select) -> dict[int, datetime]:
    return dict(db.session.execute(wanted).tuples().all())
