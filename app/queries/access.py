"""Finding out whose request this is: before any organization is acted for."""

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app.extensions import db
from app.models import ApiToken, Membership
from app.tenancy import across_organizations


def memberships_of(user_id: int) -> list[Membership]:
    """A user's memberships in all organizations, oldest first, each with its organization."""
    wanted = select(Membership).where(Membership.user_id == user_id).order_by(Membership.id)
    with across_organizations():
        return list(db.session.scalars(wanted.options(joinedload(Membership.organization))))


def live_token(secret: str) -> ApiToken | None:
    """The unrevoked token whose hash this secret has."""
    with across_organizations():
        wanted = select(ApiToken).where(
            ApiToken.token_hash == ApiToken.digest(secret), ApiToken.revoked_at.is_(None)
        )
        return db.session.scalar(wanted)


def token(token_id: int) -> ApiToken | None:
    """A token of the organization acted for."""
    return db.session.scalar(select(ApiToken).where(ApiToken.id == token_id))
