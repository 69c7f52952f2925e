"""A visit and a visitor by their ids."""

from uuid import UUID

from sqlalchemy import select

from app.extensions import db
from app.models import Visitor, VisitorSession


def visitor_session(session_id: UUID) -> VisitorSession | None:
    """A visit of the organization acted for."""
    return db.session.scalar(select(VisitorSession).where(VisitorSession.id == session_id))


def visitor(visitor_id: UUID) -> Visitor | None:
    """A visitor of the organization acted for."""
    return db.session.scalar(select(Visitor).where(Visitor.id == visitor_id))
