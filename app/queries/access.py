"""Finding out whose request this is: before any organization is acted for."""

from sqlalchemy import select

from app.extensions import db
from app.models import ApiToken, Membership, Organization
from app.tenancy import across_organizations


def memberships_of(user_id: int) -> list[Membership]:
    """A user's memberships in all organizations, oldest first."""
    with across_organizations():
        wanted = select(Membership).where(Membership.user_id == user_id).order_by(Membership.id)
        return list(db.session.scalars(wanted))


def organizations_of(user_id: int) -> list[Organization]:
    """The organizations a user may switch to, by name."""
    ids = [membership.organization_id for membership in memberships_of(user_id)]
    wanted = select(Organization).where(Organization.id.in_(ids)).order_by(Organization.name)
    return list(db.session.scalars(wanted))


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
