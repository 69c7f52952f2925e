"""What may have moved a lead from stage to stage: from the log, and what is kept of its stays."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select

from app.domain.leads.lifecycle import TRIGGERS, Fact, LifecycleRules
from app.extensions import db
from app.models import Interaction, LeadLifecycle, Organization
from app.queries.leads.lead_acts import acts
from app.tenancy import acting_organization_id

PURCHASE = "purchase_made"


class Act(NamedTuple):
    """Something that moves a lead by itself; `revenue` in minor units."""

    type: str
    at: datetime
    revenue: int


def lifecycle_rules() -> LifecycleRules:
    """How leads of the organization acted for move by themselves."""
    organization = db.session.get(Organization, acting_organization_id())
    return LifecycleRules.from_json((organization.settings or {}).get("lifecycle", {}))


def stays_of(lead_id: int) -> list[LeadLifecycle]:
    """The stays kept of a lead, in their order."""
    wanted = select(LeadLifecycle).where(LeadLifecycle.lead_id == lead_id)
    return list(db.session.scalars(wanted.order_by(LeadLifecycle.id)))


def moving_acts(lead_id: int) -> list[Act]:
    """What a lead did and was told that moves leads by itself."""
    every = acts([lead_id])
    rows = db.session.execute(
        select(every.c.type, every.c.occurred_at, every.c.revenue).where(every.c.type.in_(TRIGGERS))
    )
    return [Act(kind, at, revenue or 0) for kind, at, revenue in rows]


def newest_move(lead_id: int) -> Interaction | None:
    """The move that a person noted last."""
    wanted = select(Interaction).where(
        Interaction.lead_id == lead_id, Interaction.type == "stage_changed"
    )
    rows = db.session.scalars(wanted.order_by(Interaction.id.desc()))
    return next((row for row in rows if not (row.data or {}).get("trigger")), None)


def chosen(lead_id: int) -> list[Fact]:
    """The moves that people made, as the log noted them; those that changed nothing once more was
    known are here only."""
    return [fact for fact in noted(lead_id) if fact.trigger is None]


def noted(lead_id: int) -> list[Fact]:
    """The same, and the moves that the lead made by itself, at the moment when that was found."""
    rows = db.session.execute(
        select(Interaction.occurred_at, Interaction.label, Interaction.data)
        .where(
            Interaction.organization_id == acting_organization_id(),
            Interaction.lead_id == lead_id,
            Interaction.type == "stage_changed",
        )
        .order_by(Interaction.id)
    )
    return [
        Fact(at, (data or {}).get("trigger"), stage)
        for at, stage, data in rows
        if (data or {}).get("trigger", "") is not None
    ]
