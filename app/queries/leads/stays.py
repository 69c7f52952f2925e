"""A lead's stays in its stages, with what happened in each."""

from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import ColumnElement, Subquery, and_, case, func, or_, select

from app.domain.scoring.lead_score import LeadRules
from app.domain.tracking.event import NO_ENGAGEMENTS
from app.extensions import db
from app.models import EngagementType, LeadLifecycle, Organization
from app.queries.contact.contact import NO_TOUCH
from app.queries.leads.lead_acts import acts
from app.tenancy import acting_organization_id

DAY = timedelta(days=1)
MOST_POINTS = 100


class StayTold(NamedTuple):
    """A stay with how long it lasted so far (days, two decimals), the touches in it (a visit once),
    and the points of its engagements by the organization's rules, 0 to 100. What happened before
    somebody was a lead is told of the first."""

    row: LeadLifecycle
    duration_days: float
    touchpoints_count: int
    engagement_score: int


def stays_told(lead_id: int, now: datetime) -> list[StayTold]:
    """Every stay of a lead, the oldest first."""
    inside = within(lead_id)
    wanted = (
        select(LeadLifecycle, inside.c.touches, inside.c.points)
        .outerjoin(inside, inside.c.stay_id == LeadLifecycle.id)
        .where(LeadLifecycle.lead_id == lead_id)
        .order_by(LeadLifecycle.entered_at, LeadLifecycle.id)
    )
    return [
        StayTold(
            row,
            round(max(((row.exited_at or now) - row.entered_at) / DAY, 0.0), 2),
            touches or 0,
            min(int(points or 0), MOST_POINTS),
        )
        for row, touches, points in db.session.execute(wanted)
    ]


def within(lead_id: int) -> Subquery:
    """What happened in each stay of a lead in which something did: `stay_id`, `touches` (a visit
    once) and `points` of its engagements, however many."""
    every, stay = acts([lead_id]), LeadLifecycle
    touch, engagement = every.c.type.not_in(NO_TOUCH), every.c.type.not_in(NO_ENGAGEMENTS)
    alone = every.c.visitor_session_id.is_(None)
    visits = func.count(every.c.visitor_session_id.distinct()).filter(touch)
    points = _points(every.c.type)
    return (
        select(
            stay.id.label("stay_id"),
            (visits + func.count().filter(touch, engagement, alone)).label("touches"),
            func.sum(points).filter(engagement).label("points"),
        )
        .join_from(stay, every, _during(every))
        .where(stay.organization_id == acting_organization_id(), stay.lead_id == lead_id)
        .group_by(stay.id)
        .subquery()
    )


def _points(type: ColumnElement[str]) -> ColumnElement[int]:
    """What an act of a type is worth by the organization's rules; of its own kinds first."""
    organization = db.session.get(Organization, acting_organization_id())
    rules = LeadRules.from_json((organization.settings or {}).get("lead_rules", {}))
    own = select(EngagementType.points).where(
        EngagementType.organization_id == acting_organization_id(), EngagementType.name == type
    )
    # Some type is always needed, even where none has points.
    usual = case({"": 0} | rules.engagement_points, value=type, else_=0)
    return func.coalesce(own.scalar_subquery(), usual)


def _during(every: Subquery) -> ColumnElement[bool]:
    """Whether an act fell into a stay."""
    stay = LeadLifecycle
    return and_(
        or_(stay.previous_stage.is_(None), every.c.occurred_at >= stay.entered_at),
        or_(stay.exited_at.is_(None), every.c.occurred_at < stay.exited_at),
    )
