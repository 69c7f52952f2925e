"""Add, change and remove an organization's own kinds of engagement."""

from datetime import datetime
from typing import Any

from app.domain.tracking.own_type import OwnType
from app.extensions import db
from app.models import AuditLog, EngagementType
from app.operations.audit import audit
from app.operations.edit import edit

REMOVED = "engagement_type.removed"


def add_engagement_type(told: OwnType, *, user_id: int | None, now: datetime) -> EngagementType:
    """From now on it can be tracked; what the log holds of this name counts its points again."""
    row = EngagementType(**values_of(told), created_at=now)
    db.session.add(row)
    db.session.flush()
    detail = {"after": values_of(told)}
    audit("engagement_type.added", subject(told.name), detail, user_id=user_id, now=now)
    return row


def change_engagement_type(
    row: EngagementType, told: OwnType, *, user_id: int | None, now: datetime
) -> bool:
    """Its label, channel and points; the name stays, for the log holds it. Whether anything
    changed."""
    values = {name: getattr(told, name) for name in ("label", "channel", "points")}
    return edit(row, values, "engagement_type.changed", subject(row.name), user_id=user_id, now=now)


def remove_engagement_type(row: EngagementType, *, user_id: int | None, now: datetime) -> AuditLog:
    """It can be tracked no more. What was tracked stays in the log and counts no points."""
    told = OwnType(row.name, row.label, row.channel, row.points)
    line = audit(REMOVED, subject(row.name), {"before": values_of(told)}, user_id=user_id, now=now)
    db.session.delete(row)
    db.session.flush()
    return line


def values_of(told: OwnType) -> dict[str, Any]:
    return {name: getattr(told, name) for name in told.__slots__}


def subject(name: str) -> str:
    """How the audit log names a type."""
    return f"engagement type {name}"
