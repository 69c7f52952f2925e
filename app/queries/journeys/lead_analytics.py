"""The figures of all leads: funnel, cohorts, quality, the health of journeys.

Leads that were erased stay counted in all of them, as in attribution: erasing takes the person, not
what happened. Nobody waits for them, though, and they are at no risk any more.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, func, select

from app.domain.journeys.cohort import Came
from app.domain.journeys.journey import Place
from app.domain.leads.lifecycle import EXITS, PATH, STAGES
from app.domain.period import Period
from app.extensions import db
from app.models import Lead, LeadJourney, LeadLifecycle
from app.queries.journeys.journey_rules import journey_rules
from app.tenancy import acting_organization_id

DAY_MILLIS = 86_400_000
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class StageFigures:
    """One stage: leads standing in it, leads that ever came to it or beyond, and how many days
    those who left it had stayed on average (None: nobody has left)."""

    stage: str
    count: int
    reached: int
    mean_days: float | None
    mean_score: float | None


def funnel(period: Period) -> list[StageFigures]:
    """The stages of the leads that came in a period, in their order."""
    standing = _standing(period)
    reached = _reached(period)
    lasted = _lasted(period)
    return [
        StageFigures(
            stage,
            standing.get(stage, (0, None))[0],
            reached.get(stage, 0),
            lasted.get(stage),
            standing.get(stage, (0, None))[1],
        )
        for stage in STAGES
    ]


def _came(period: Period) -> ColumnElement[bool]:
    return and_(
        Lead.organization_id == acting_organization_id(),
        Lead.created_at >= period.starts_at,
        Lead.created_at < period.ends_at,
    )


def _standing(period: Period) -> dict[str, tuple[int, float]]:
    rows = db.session.execute(
        select(Lead.stage, func.count(), func.avg(Lead.lead_score))
        .where(_came(period))
        .group_by(Lead.stage)
    )
    return {stage: (count, float(score)) for stage, count, score in rows}


def _reached(period: Period) -> dict[str, int]:
    """How many leads came to each stage of the path or beyond, and how many ever left."""
    furthest, left = _furthest(period)
    counts = dict.fromkeys(PATH, 0)
    for place in furthest.values():
        for stage in PATH[: place + 1]:
            counts[stage] += 1
    return counts | {stage: len(leads) for stage, leads in left.items()}


def _furthest(period: Period) -> tuple[dict[int, int], dict[str, set[int]]]:
    """The place on the path that each lead came to; the leads that were ever churned or lost."""
    rows = db.session.execute(
        select(LeadLifecycle.lead_id, LeadLifecycle.stage)
        .join(Lead, Lead.id == LeadLifecycle.lead_id)
        .where(LeadLifecycle.organization_id == acting_organization_id(), _came(period))
    )
    furthest: dict[int, int] = {}
    left: dict[str, set[int]] = {}
    for lead_id, stage in rows:
        if stage in PATH:
            furthest[lead_id] = max(furthest.get(lead_id, 0), PATH.index(stage))
        else:
            left.setdefault(stage, set()).add(lead_id)
    return furthest, left


def places(period: Period, now: datetime) -> list[Place]:
    """How far each lead that came in a period got, and for how long it has stood where it is."""
    furthest, _ = _furthest(period)
    rows = db.session.execute(
        select(Lead.id, Lead.stage, Lead.erased_at, LeadLifecycle.entered_at)
        .join(LeadLifecycle, LeadLifecycle.lead_id == Lead.id)
        .where(
            LeadLifecycle.organization_id == acting_organization_id(),
            LeadLifecycle.is_current_stage,
            _came(period),
        )
    )
    return [
        Place(PATH[furthest[lead_id]], stage in EXITS or erased_at is not None, (now - since) / DAY)
        for lead_id, stage, erased_at, since in rows
        if lead_id in furthest
    ]


def _lasted(period: Period) -> dict[str, float]:
    lasted = func.avg(LeadLifecycle.exited_at - LeadLifecycle.entered_at)
    rows = db.session.execute(
        select(LeadLifecycle.stage, lasted)
        .join(Lead, Lead.id == LeadLifecycle.lead_id)
        .where(
            LeadLifecycle.organization_id == acting_organization_id(),
            LeadLifecycle.exited_at.is_not(None),
            _came(period),
        )
        .group_by(LeadLifecycle.stage)
    )
    return {stage: _millis(value) / DAY_MILLIS for stage, value in rows}


def _millis(value) -> float:
    # The difference of two moments is a number; the column type would make it a moment again.
    return value.timestamp() * 1000 if isinstance(value, datetime) else float(value)


def leads_that_came(period: Period | None = None) -> Sequence[Came]:
    """Each lead with when it came and won, what it brought, and from where."""
    organization_id = acting_organization_id()
    won = (
        select(LeadLifecycle.lead_id, func.min(LeadLifecycle.entered_at).label("at"))
        .where(LeadLifecycle.organization_id == organization_id, LeadLifecycle.stage == "customer")
        .group_by(LeadLifecycle.lead_id)
        .subquery()
    )
    wanted = (
        select(Lead.created_at, won.c.at, LeadJourney.total_revenue, Lead.source)
        .outerjoin(won, won.c.lead_id == Lead.id)
        .outerjoin(LeadJourney, _journey_of(organization_id))
        .where(Lead.organization_id == organization_id if period is None else _came(period))
    )
    return [
        Came(at, won_at, int(value or 0), source)
        for at, won_at, value, source in db.session.execute(wanted)
    ]


def _journey_of(organization_id: int) -> ColumnElement[bool]:
    """The journey of the lead beside it: what the lead brought, also where an act names only the
    visitor who this lead was."""
    return and_(LeadJourney.organization_id == organization_id, LeadJourney.lead_id == Lead.id)


def quality(period: Period) -> list[tuple[str, str, int, int]]:
    """(grade, temperature, leads, sum of their scores) of the leads that came in a period."""
    rows = db.session.execute(
        select(Lead.grade, Lead.temperature, func.count(), func.sum(Lead.lead_score))
        .where(_came(period))
        .group_by(Lead.grade, Lead.temperature)
    )
    return [(grade, warmth, count, int(total)) for grade, warmth, count, total in rows]


@dataclass(frozen=True, slots=True)
class Health:
    """The journeys of all leads, by trend; days are from the beginning to the last activity, money
    is minor units."""

    trend: str
    journeys: int
    high_risk: int
    mean_risk: float
    mean_engagement: float
    mean_days: float
    revenue: int
    lifetime_value: int


def health(period: Period) -> list[Health]:
    """The journeys of the leads that came in a period, by trend; `high_risk` are those above what
    the organization calls so."""
    too_high = LeadJourney.churn_risk > 100 * journey_rules().high_risk  # ten-thousandths
    ended = func.coalesce(LeadJourney.last_activity_at, LeadJourney.started_at)
    lasted = ended - LeadJourney.started_at
    rows = db.session.execute(
        select(
            LeadJourney.trend,
            func.count(),
            func.count().filter(too_high, Lead.erased_at.is_(None)),
            func.avg(LeadJourney.churn_risk),
            func.avg(LeadJourney.engagement),
            func.avg(lasted),
            func.sum(LeadJourney.total_revenue),
            func.sum(LeadJourney.total_revenue + func.coalesce(LeadJourney.predicted_value, 0)),
        )
        .join(Lead, Lead.id == LeadJourney.lead_id)
        .where(
            LeadJourney.organization_id == acting_organization_id(),
            _came(period),
        )
        .group_by(LeadJourney.trend)
        .order_by(LeadJourney.trend)
    )
    return [
        Health(
            trend,
            count,
            risky,
            float(risk) / 10_000,
            float(engagement) / 10_000,
            _millis(days) / DAY_MILLIS,
            int(revenue),
            int(lifetime_value),
        )
        for trend, count, risky, risk, engagement, days, revenue, lifetime_value in rows
    ]


def journey(lead_id: int) -> LeadJourney | None:
    """Where a lead's journey stands."""
    return db.session.scalar(select(LeadJourney).where(LeadJourney.lead_id == lead_id))
