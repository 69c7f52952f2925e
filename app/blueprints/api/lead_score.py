"""Session scoring: calculate, store, and take apart (api.md)."""

from uuid import UUID

import msgspec
import structlog

from app.access import role
from app.blueprints.api import blueprint
from app.blueprints.api.body import commit, read_body
from app.clock import utc_now
from app.domain.scoring.session_score import SessionScore
from app.errors import ApiError, invalid
from app.models import Visitor, VisitorSession
from app.operations.tracking.score_visitor_session import (
    calculate_visit,
    calculate_visitor,
    score_visit,
    score_visitor_again,
)
from app.queries.tracking import sessions

log = structlog.get_logger()


class SessionReference(msgspec.Struct):
    """A visit."""

    sessionId: UUID


class VisitorReference(msgspec.Struct):
    """A visitor, whom the address calls a user."""

    userId: UUID


@blueprint.post("/api/lead-score/session")
@role("analyst")
def calculate_session():
    """The session's score as it would be now; stores nothing."""
    visit = _visit(read_body(SessionReference).sessionId)
    return _told("session_score.calculated", visit, calculate_visit(visit))


@blueprint.post("/api/lead-score/session/update")
@role("admin")
def update_session():
    """Calculates and stores the session's score and its visitor's."""
    visit = _visit(read_body(SessionReference).sessionId)
    score = score_visit(visit, now=utc_now())
    commit()
    return _told("session_score.stored", visit, score)


@blueprint.get("/api/lead-score/session/<session_id>")
@role("analyst")
def session_analytics(session_id):
    """What the session's score is made of."""
    visit = _visit(_uuid(session_id))
    score = calculate_visit(visit)
    analytics = {
        "duration_seconds": visit.duration_seconds,
        "page_views_count": visit.page_views,
        "regular_clicks": visit.regular_clicks,
        "important_clicks": visit.important_clicks,
    }
    return {
        "success": True,
        "session_id": str(visit.id),
        "analytics": analytics,
        "score_breakdown": score.breakdown(),
    }


@blueprint.post("/api/lead-score/user")
@role("analyst")
def calculate_user():
    """The mean of the visitor's session scores as it would be now; stores nothing."""
    visitor = _visitor(read_body(VisitorReference).userId)
    points, scored = calculate_visitor(visitor, now=utc_now())
    return _told_of_visitor("visitor_score.calculated", visitor, points, scored)


@blueprint.post("/api/lead-score/user/update")
@role("admin")
def update_user():
    """Calculates and stores the mean of the visitor's session scores."""
    visitor = _visitor(read_body(VisitorReference).userId)
    points, scored = score_visitor_again(visitor, now=utc_now())
    commit()
    return _told_of_visitor("visitor_score.stored", visitor, points, scored)


def _visit(session_id: UUID) -> VisitorSession:
    visit = sessions.visitor_session(session_id)
    if visit is None:
        raise ApiError(404, "There is no session with this id.")
    return visit


def _visitor(visitor_id: UUID) -> Visitor:
    visitor = sessions.visitor(visitor_id)
    if visitor is None:
        raise ApiError(404, "There is no user with this id.")
    return visitor


def _uuid(told: str) -> UUID:
    try:
        return UUID(told)
    except ValueError:
        raise invalid({"session_id": "This is not a UUID."}) from None


def _told(event: str, visit: VisitorSession, score: SessionScore) -> dict:
    breakdown = score.breakdown()
    log.info(event, session_id=str(visit.id), **breakdown)
    return {
        "success": True,
        "session_id": str(visit.id),
        "lead_score": score.total,
        "score_breakdown": breakdown,
    }


def _told_of_visitor(event: str, visitor: Visitor, points: int, count: int) -> dict:
    log.info(event, user_id=str(visitor.id), lead_score=points, sessions_scored=count)
    return {
        "success": True,
        "user_id": str(visitor.id),
        "lead_score": points,
        "sessions_scored": count,
    }
