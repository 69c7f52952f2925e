"""Who signs in, what programs call with, and who did what."""

from sqlalchemy import func, select

from app.extensions import db
from app.models import ApiToken, AuditLog, Membership, User
from app.queries.cursor import Cursor


def user_by_email(email: str) -> User | None:
    """The user with this address, whatever its case."""
    return db.session.scalar(select(User).where(User.email == email.strip().lower()))


def members() -> list[Membership]:
    """Who belongs to the organization acted for, by name."""
    wanted = select(Membership).join(User).order_by(User.name, User.id)
    return list(db.session.scalars(wanted))


def member(user_id: int) -> Membership | None:
    """A user's membership of the organization acted for."""
    return db.session.scalar(select(Membership).where(Membership.user_id == user_id))


def owners_count() -> int:
    """How many owners the organization acted for has."""
    wanted = select(func.count()).select_from(Membership).where(Membership.role == "owner")
    return db.session.scalar(wanted)


def tokens() -> list[ApiToken]:
    """The organization's API tokens: live ones first, newest first."""
    wanted = select(ApiToken).order_by(ApiToken.revoked_at.is_not(None), ApiToken.id.desc())
    return list(db.session.scalars(wanted))


def audit_lines(
    *,
    action="",
    subject="",
    user_id: int | None = None,
    after: Cursor | None = None,
    limit=50,
) -> list[tuple[AuditLog, str]]:
    """The organization's audit log, newest first, each line with the name of who did it.

    `action` is a noun ("site") or a whole action ("site.created"); `after` the last line seen.
    """
    wanted = select(AuditLog, User.name).outerjoin(User, User.id == AuditLog.user_id)
    if action:
        noun = func.substr(AuditLog.action, 1, len(action) + 1) == f"{action}."
        wanted = wanted.where((AuditLog.action == action) | noun)
    if subject:
        wanted = wanted.where(AuditLog.subject == subject)
    if user_id:
        wanted = wanted.where(AuditLog.user_id == user_id)
    if after:
        wanted = wanted.where(after.follows(AuditLog.at, AuditLog.id))
    newest = wanted.order_by(AuditLog.at.desc(), AuditLog.id.desc()).limit(limit)
    return [tuple(row) for row in db.session.execute(newest)]


def audit_line(line_id: int) -> AuditLog | None:
    """One line of the organization's log."""
    return db.session.scalar(select(AuditLog).where(AuditLog.id == line_id))


def audit_actions() -> list[str]:
    """The kinds of action the organization's log holds."""
    return list(db.session.scalars(select(AuditLog.action).distinct().order_by(AuditLog.action)))
