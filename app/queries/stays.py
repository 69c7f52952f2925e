"""A lead's stays in its stages, with what happened in each."""

from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import ColumnElement, Subquery, and_, func, or_, select

from app.domain.event import NO_ENGAGEMENTS
from app.extensions import db
from app.models import LeadLifecycle
from app.queries.contact import NO_TOUCH
from app.queries.lead_acts import acts
from app.queries.lead_facts import lead_rules

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
    wanted = select(LeadLifecycle).where(LeadLifecycle.lead_id == lead_id)
    rows = list(db.session.scalars(wanted.order_by(LeadLifecycle.entered_at, LeadLifecycle.id)))
    touches, points = _within(lead_id)
    return [
        StayTold(
            row,
            round(max(((row.exited_at or now) - row.entered_at) / DAY, 0.0), 2),
            touches.get(row.id, 0),
            min(points.get(row.id, 0), MOST_POINTS),
        )
        for row in rows
    ]


def _within(lead_id: int) -> tuple[dict[int, int], dict[int, int]]:
    """Touches and points by the id of the stay they fell into."""
    every, stay = acts([lead_id]), LeadLifecycle
    alone = every.c.visitor_session_id.is_(None)
    touch = every.c.type.not_in(NO_TOUCH)
    rows = db.session.execute(
        select(
            stay.id,
            every.c.type,
            func.count(),
            func.count().filter(touch, alone),
        )
        .join_from(
            stay,
            every,
            _during(every),
        )
        .where(stay.lead_id == lead_id, every.c.type.not_in(NO_ENGAGEMENTS))
        .group_by(stay.id, every.c.type)
    )
    worth = lead_rules().engagement_points
    touches: dict[int, int] = {}
    points: dict[int, int] = {}
    for stay_id, kind, count, single in rows:
        touches[stay_id] = touches.get(stay_id, 0) + single
        points[stay_id] = points.get(stay_id, 0) + count * worth.get(kind, 0)
    visits = db.session.execute(
        select(stay.id, func.count(every.c.visitor_session_id.distinct()))
        .join_from(
            stay,
            every,
            _during(every),
        )
        .where(stay.lead_id == lead_id, touch)
        .group_by(stay.id)
    )
    for stay_id, count in visits:
        touches[stay_id] = touches.get(stay_id, 0) + count
    return touches, points


def _during(every: Subquery) -> ColumnElement[bool]:
    """Whether an act fell into a stay."""
    stay = LeadLifecycle
    return and_(
        or_(stay.previous_stage.is_(None), every.c.occurred_at >= stay.entered_at),
        or_(stay.exited_at.is_(None), every.c.occurred_at < stay.exited_at),
    )
