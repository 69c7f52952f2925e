"""End the visits that fell silent: a crash, a lost beacon, a tab left open."""

from datetime import datetime
from uuid import UUID

import structlog
from sqlalchemy import select

from app.domain.tracking.visit import end_if_silent
from app.extensions import db
from app.models import Organization, Site, VisitorSession
from app.models.types import to_millis
from app.operations.tracking.track import lock_log
from app.operations.tracking.visit_book import VisitBook
from app.queries.tracking.sites import facts_of
from app.tenancy import acting_for

log = structlog.get_logger()
AT_ONCE = 500


def sweep(*, now: datetime) -> int:
    """Ends and scores up to 500 silent visits an organization; how many. The edge commits and
    calls again until there are none."""
    ended = 0
    for organization in db.session.scalars(select(Organization).order_by(Organization.id)):
        with acting_for(organization):
            ended += _sweep(organization.id, to_millis(now))
    return ended


def _sweep(organization_id: int, now: int) -> int:
    connection = db.session.connection()
    lock_log(connection, organization_id)
    ended = 0
    for site in db.session.scalars(select(Site)).all():
        facts = facts_of(site)
        silent = _silent(site.id, now - facts.window)
        book = VisitBook(organization_id)
        book.begin(now)
        book.load_visits(connection, silent)
        for visit in map(book.visits.get, silent):
            book.touch(visit, facts)
            if end_if_silent(visit, now, facts.window, facts.rules_at(visit.started_at)):
                ended += 1
                log.info("visit.swept", visit=str(UUID(bytes=visit.id)), score=visit.lead_score)
        book.save(connection)
    return ended


def _silent(site_id: int, since: int) -> list[bytes]:
    return [
        visit_id.bytes
        for visit_id in db.session.scalars(
            select(VisitorSession.id)
            .where(
                VisitorSession.site_id == site_id,
                VisitorSession.ended_at.is_(None),
                VisitorSession.last_activity_at <= since,
            )
            .order_by(VisitorSession.last_activity_at)
            .limit(AT_ONCE)
        )
    ]
