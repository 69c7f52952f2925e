"""Score a visit or a visitor when asked, outside the rhythm of visits ending."""

from datetime import datetime

from sqlalchemy import select

from app.domain.scoring.session_score import (
    SessionFacts,
    SessionScore,
    score_session,
    score_visitor,
)
from app.extensions import db
from app.models import Visitor, VisitorSession
from app.models.types import to_millis
from app.operations.tracking.track import lock_log
from app.operations.tracking.visit_book import VisitBook
from app.queries.tracking import sites
from app.queries.tracking.sites import SiteFacts, facts_of


def calculate_visit(visit: VisitorSession) -> SessionScore:
    """The score of a visit as it stands, by the rules in force when it began; stores nothing."""
    facts = SessionFacts(
        visit.duration_seconds, visit.page_views, visit.regular_clicks, visit.important_clicks
    )
    return score_session(facts, _facts(visit.site_id).rules_at(to_millis(visit.started_at)))


def score_visit(visit: VisitorSession, *, now: datetime) -> SessionScore:
    """Calculates and stores: the visit's score, its visitor's, and the roll-ups. Not committed.

    A visit still open stays open and is scored again when it ends.
    """
    score = calculate_visit(visit)
    connection = db.session.connection()
    lock_log(connection, visit.organization_id)
    book = VisitBook(visit.organization_id)
    book.begin(to_millis(now))
    book.load_visits(connection, [visit.id.bytes])
    stored = book.visits[visit.id.bytes]
    book.touch(stored, _facts(visit.site_id))
    stored.lead_score = score.total
    book.save(connection)
    db.session.expire_all()  # the book wrote beneath the session
    return score


def calculate_visitor(visitor: Visitor, *, now: datetime) -> tuple[int, int]:
    """The visitor's score, the mean of their scored visits, and how many those are."""
    rows = db.session.execute(
        select(VisitorSession.lead_score, VisitorSession.last_activity_at).where(
            VisitorSession.organization_id == visitor.organization_id,
            VisitorSession.visitor_id == visitor.id,
            VisitorSession.lead_score.is_not(None),
        )
    ).all()
    rules = _facts(visitor.site_id).rules[0][1]
    return score_visitor([tuple(row) for row in rows], rules, now), len(rows)


def score_visitor_again(visitor: Visitor, *, now: datetime) -> tuple[int, int]:
    """Calculates and stores the visitor's score; the same answer. Not committed."""
    points, scored = calculate_visitor(visitor, now=now)
    visitor.lead_score = points if scored else None
    return points, scored


def _facts(site_id: int) -> SiteFacts:
    return facts_of(sites.site(site_id))
