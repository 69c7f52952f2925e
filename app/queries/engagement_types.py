"""The kinds of engagement that the organization acted for counts."""

from sqlalchemy import select

from app.domain.event import ENGAGEMENT_TYPES
from app.extensions import db
from app.models import EngagementType


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
