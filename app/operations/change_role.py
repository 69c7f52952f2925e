from datetime import datetime

from app.extensions import db
from app.models import Membership
from app.operations.audit import audit
from app.queries.users import owners_count


class LastOwner(ValueError):
    """An organization keeps at least one owner."""


def change_role(
    membership: Membership, role: str | None, *, user_id: int | None, now: datetime
) -> None:
    """Gives a member another role; with none, they belong no more. Raises LastOwner."""
    if membership.role == "owner" and role != "owner" and owners_count() < 2:
        raise LastOwner(membership.user_id)
    subject, detail = f"user {membership.user_id}", {"email": membership.user.email}
    if role is None:
        db.session.delete(membership)
        audit("user.removed", subject, detail, user_id=user_id, now=now)
    elif role != membership.role:
        detail["changed"] = {"role": [membership.role, role]}
        membership.role = role
        audit("user.role_changed", subject, detail, user_id=user_id, now=now)
