"""Note who did what."""

from datetime import datetime

from app.extensions import db
from app.models import AuditLog


def audit(
    action: str, subject: str, detail: dict | None = None, *, user_id: int | None, now: datetime
) -> AuditLog:
    """Adds a line to the audit log of the organization acted for.

    `action` is noun.verb ("rule.published"), `subject` says which ("lead 12").
    """
    line = AuditLog(action=action, subject=subject, detail=detail, user_id=user_id, at=now)
    db.session.add(line)
    return line
