"""The kinds of engagement that the organization acted for counts."""

from collections.abc import Collection

from sqlalchemy import func, select

from app.domain.tracking.event import ENGAGEMENT_TYPES
from app.extensions import db
from app.models import EngagementType, Interaction
from app.tenancy import acting_organization_id


def custom_types() -> list[EngagementType]:
    """The organization's own, by name."""
    return list(db.session.scalars(select(EngagementType).order_by(EngagementType.name)))


def channels() -> dict[str, str]:
    """Every kind that is known, built in or the organization's own, with its usual channel."""
    return ENGAGEMENT_TYPES | {each.name: each.channel for each in custom_types()}


def custom_points() -> dict[str, int]:
    """What each of the organization's own kinds adds to the behavioral score."""
    return {each.name: each.points for each in custom_types()}


def own_label(name: str) -> str | None:
    """What people call one of the organization's own kinds."""
    own = select(EngagementType).where(EngagementType.name == name)
    found = db.session.scalar(own)
    return found.label if found else None


def custom_type(type_id: int) -> EngagementType | None:
    """One of the organization's own."""
    return db.session.scalar(select(EngagementType).where(EngagementType.id == type_id))


def uses_of(names: Collection[str]) -> dict[str, int]:
    """How many engagements of these kinds the log holds."""
    counted = (
        select(Interaction.type, func.count())
        .where(Interaction.organization_id == acting_organization_id(), Interaction.type.in_(names))
        .group_by(Interaction.type)
    )
    found = dict(db.session.execute(counted).tuples().all())
    return {name: found.get(name, 0) for name in names}
