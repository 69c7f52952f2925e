"""By which rules the organization shares credit and judges journeys, and what was set of them."""

from sqlalchemy import select

from app.domain.attribution.attribution import AttributionRules
from app.domain.journeys.journey_rules import JourneyRules
from app.extensions import db
from app.models import AuditLog, Organization, User
from app.tenancy import acting_organization_id

ATTRIBUTION, JOURNEYS = "attribution", "journeys"
# The part of the settings -> its lines in the audit log.
SET = {ATTRIBUTION: "attribution.edited", JOURNEYS: "journeys.edited"}
PAGE = 10


def attribution_rules() -> AttributionRules:
    """How the organization acted for shares credit; the defaults while nothing was set."""
    return AttributionRules.from_json(_kept(ATTRIBUTION))


def journey_rules() -> JourneyRules:
    """How the organization acted for judges journeys; the defaults while nothing was set."""
    return JourneyRules.from_json(_kept(JOURNEYS))


def changes(limit: int = PAGE) -> list[tuple[AuditLog, str | None]]:
    """What was set last, newest first, each with the name of who did it."""
    wanted = (
        select(AuditLog, User.name)
        .outerjoin(User, User.id == AuditLog.user_id)
        .where(AuditLog.action.in_(SET.values()))
        .order_by(AuditLog.at.desc(), AuditLog.id.desc())
        .limit(limit)
    )
    return [tuple(row) for row in db.session.execute(wanted)]


def change(line_id: int) -> AuditLog | None:
    """One line of what was set."""
    wanted = select(AuditLog).where(AuditLog.id == line_id, AuditLog.action.in_(SET.values()))
    return db.session.scalar(wanted)


def _kept(part: str) -> dict:
    organization = db.session.get(Organization, acting_organization_id())
    return (organization.settings or {}).get(part, {})
