"""How the organization scores its leads and lets them move, and what was published of it."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy import func, select

from app.domain.scoring.lead_scoring import LeadScoring
from app.extensions import db
from app.models import AuditLog, Lead, Organization, User
from app.queries.tracking.engagement_types import custom_points
from app.tenancy import acting_organization_id

PUBLISHED = "lead_scoring.published"
PAGE = 10


def in_force() -> LeadScoring:
    """As it was published last; the defaults while nothing was. Own kinds of engagement, whose
    points stand with them, are not in it."""
    organization = db.session.get(Organization, acting_organization_id())
    return LeadScoring.from_json(organization.settings or {})


def with_own_types(scoring: LeadScoring) -> LeadScoring:
    """The same with the points of the organization's own kinds of engagement."""
    points = {**scoring.rules.engagement_points, **custom_points()}
    return replace(scoring, rules=replace(scoring.rules, engagement_points=points))


def published(limit: int = PAGE) -> list[tuple[AuditLog, str | None]]:
    """The last publications, newest first, each with the name of who did it."""
    wanted = (
        select(AuditLog, User.name)
        .outerjoin(User, User.id == AuditLog.user_id)
        .where(AuditLog.action == PUBLISHED)
        .order_by(AuditLog.at.desc(), AuditLog.id.desc())
        .limit(limit)
    )
    return [tuple(row) for row in db.session.execute(wanted)]


def publication(line_id: int) -> AuditLog | None:
    """One publication."""
    wanted = select(AuditLog).where(AuditLog.id == line_id, AuditLog.action == PUBLISHED)
    return db.session.scalar(wanted)


def silent_by_stage(since: datetime) -> dict[str, int]:
    """How many leads in each stage have shown no sign of life since a moment."""
    last = func.coalesce(Lead.last_engaged_at, Lead.created_at)
    counted = (
        select(Lead.stage, func.count())
        .where(
            Lead.organization_id == acting_organization_id(),
            Lead.erased_at.is_(None),
            last <= since,
        )
        .group_by(Lead.stage)
    )
    return dict(db.session.execute(counted).tuples().all())
