from datetime import datetime
from typing import NamedTuple

from app.extensions import db
from app.models import Membership, User
from app.operations.audit import audit
from app.queries.users import member, user_by_email


class AlreadyMember(ValueError):
    """The user belongs to the organization already."""


class Invited(NamedTuple):
    """The user, and whether they are new: somebody who was one already keeps their password."""

    user: User
    is_new: bool


def invite_user(
    email: str, name: str, role: str, password_hash: str, *, user_id: int | None, now: datetime
) -> Invited:
    """Makes somebody a member of the organization acted for. Raises AlreadyMember."""
    user = user_by_email(email)
    is_new = user is None
    if is_new:
        user = User(email=email, name=name, password_hash=password_hash, created_at=now)
        db.session.add(user)
        db.session.flush()
    elif member(user.id):
        raise AlreadyMember(email)
    db.session.add(Membership(user_id=user.id, role=role))
    audit("user.added", f"user {user.id}", {"email": email, "role": role}, user_id=user_id, now=now)
    return Invited(user, is_new)
