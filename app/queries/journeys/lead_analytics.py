"""The figures of all leads: funnel, cohorts, quality, the health of journeys.

Leads that were erased stay counted in all of them, as in attribution: erasing takes the person, not
what happened. Nobody waits for them, though, and they are at no risk any more.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import BigInteger, Select, and_, bindparam, case, func, select, type_coerce

from app.domain.journeys.cohort import Came
from app.domain.journeys.journey import Place, usual_days
from app.domain.leads.lifecycle import EXITS, PATH, STAGES
from app.domain.period import Period
from app.extensions import db
from app.models import Lead, LeadJourney, LeadLifecycle
from app.models.types import Instant, from_millis
from app.queries.journeys.journey_rules import journey_rules
from app.queries.journeys.won import won
from app.tenancy import acting_organization_id

DAY_MILLIS = 86_400_000
DAY = timedelta(days=1)

# Tables, not models: said twice, the organization would mislead SQLite's choice of an index.
LEADS, STAYS, JOURNEYS = (model.__table__.c for model in (Lead, LeadLifecycle, LeadJourney))


@dataclass(frozen=True, slots=True)
class Standing:
    """Leads that stand alike: in the same stage, with the same furthest stage of the path (None:
    they came to none) and exits behind them. `newest_at`: when the last of them entered the stage
    (None: no stay of theirs is open). `points` is the sum of their scores."""

    stage: str
    furthest: str | None
    left: frozenset[str]
    erased: bool
    newest_at: datetime | None
    leads: int
    points: int


@dataclass(frozen=True, slots=True)
class StageFigures:
    """One stage: leads standing in it, leads that ever came to it or beyond, and how many days
    those who left it had stayed on average (None: nobody has left)."""

    stage: str
    count: int
    reached: int
    mean_days: float | None
    mean_score: float | None


def _came(period: Period | None) -> Select:
    """The ids of the leads that came in a period. SQLite goes through them in their order, in which
    the rows of other tables mostly lie too: far faster than in the order in which they came."""
    came = select(LEADS.id).where(LEADS.organization_id == acting_organization_id())
    if period is None:
        return came
    return came.where(LEADS.created_at >= period.starts_at, LEADS.created_at < period.ends_at)


def standings(period: Period, now: datetime) -> list[Standing]:
    """Where the leads that came in a period stand, and how far they got: those alike together, but
    for those that have had the time to go on by `now` and those that have not."""
    path = {stage: place for place, stage in enumerate(PATH)}
    since = type_coerce(STAYS.entered_at, BigInteger)
    each = (
        select(
            LEADS.id,
            LEADS.stage,
            LEADS.lead_score,
            LEADS.erased_at.is_not(None).label("erased"),
            func.max(case(path, value=STAYS.stage)).label("furthest"),
            *(func.max(case((STAYS.stage == stage, 1), else_=0)).label(stage) for stage in EXITS),
            func.max(case((STAYS.is_current_stage, since))).label("since"),
        )
        .outerjoin_from(
            Lead.__table__,
            LeadLifecycle.__table__,
            and_(STAYS.organization_id == acting_organization_id(), STAYS.lead_id == LEADS.id),
        )
        .where(LEADS.id.in_(_came(period)))
        .group_by(LEADS.id)
        .subquery()
    )
    stays = won().stays
    too_late = {
        place: bindparam(None, now - usual_days(stage, stays) * DAY, Instant)
        for place, stage in enumerate(PATH)
    }
    early = (each.c.since > case(too_late, value=each.c.furthest)).label("early")
    told = select(each, early).subquery()
    alike = [told.c[name] for name in ("stage", "furthest", "erased", "early", *EXITS)]
    rows = db.session.execute(
        select(*alike, func.max(told.c.since), func.count(), func.sum(told.c.lead_score)).group_by(
            *alike
        )
    )
    return [
        Standing(
            stage=stage,
            furthest=None if furthest is None else PATH[furthest],
            left=frozenset(name for name, ever in zip(EXITS, left, strict=True) if ever),
            erased=bool(erased),
            newest_at=None if newest is None else from_millis(newest),
            leads=count,
            points=int(points),
        )
        for stage, furthest, erased, _, *left, newest, count, points in rows
    ]


def funnel(period: Period, standing: Sequence[Standing]) -> list[StageFigures]:
    """The stages of the leads that came in a period, in their order; `standing` is where these
    leads stand."""
    counts, points, reached = (dict.fromkeys(STAGES, 0) for _ in range(3))
    for each in standing:
        counts[each.stage] += each.leads
        points[each.stage] += each.points
        passed = PATH[: PATH.index(each.furthest) + 1] if each.furthest else ()
        for stage in (*passed, *each.left):
            reached[stage] += each.leads
    lasted = _lasted(period)
    return [
        StageFigures(
            stage,
            counts[stage],
            reached[stage],
            lasted.get(stage),
            points[stage] / counts[stage] if counts[stage] else None,
        )
        for stage in STAGES
    ]


def places(standing: Sequence[Standing], now: datetime) -> list[Place]:
    """How far leads got, and for how long they have stood where they are."""
    return [
        Place(
            each.furthest,
            each.stage in EXITS or each.erased,
            (now - each.newest_at) / DAY,
            each.leads,
        )
        for each in standing
        if each.furthest and each.newest_at
    ]


def _lasted(period: Period) -> dict[str, float]:
    rows = db.session.execute(
        select(STAYS.stage, func.avg(_between(STAYS.entered_at, STAYS.exited_at)))
        .where(
            STAYS.organization_id == acting_organization_id(),
            STAYS.exited_at.is_not(None),
            STAYS.lead_id.in_(_came(period)),
        )
        .group_by(STAYS.stage)
    )
    return {stage: float(millis) / DAY_MILLIS for stage, millis in rows}


def _between(first, second):
    """The milliseconds between two moments, which are a number and no moment."""
    return type_coerce(second, BigInteger) - type_coerce(first, BigInteger)


def leads_that_came(period: Period | None = None) -> list[Came]:
    """The leads with when they came and won, what they brought, and from where: each customer, and
    together the others that came on one day (UTC) from one source."""
    organization_id = acting_organization_id()
    customers = (
        select(STAYS.lead_id, func.min(STAYS.entered_at).label("at"))
        .where(
            STAYS.organization_id == organization_id,
            STAYS.stage == "customer",
            STAYS.lead_id.in_(_came(period)),
        )
        .group_by(STAYS.lead_id)
        .subquery()
    )
    each = (
        select(
            LEADS.created_at,
            LEADS.source,
            customers.c.lead_id,
            customers.c.at,
            type_coerce(LEADS.created_at, BigInteger).op("/")(DAY_MILLIS).label("day"),
            JOURNEYS.total_revenue,
        )
        .outerjoin_from(Lead.__table__, customers, customers.c.lead_id == LEADS.id)
        .outerjoin(
            LeadJourney.__table__,
            # what the lead brought, also where an act names only the visitor who this lead was
            and_(JOURNEYS.organization_id == organization_id, JOURNEYS.lead_id == LEADS.id),
        )
        .where(LEADS.id.in_(_came(period)))
        .subquery()
    )
    rows = db.session.execute(
        select(
            func.min(each.c.created_at),
            func.min(each.c.at),
            func.sum(each.c.total_revenue),
            each.c.source,
            func.count(),
        ).group_by(each.c.lead_id, each.c.day, each.c.source)
    )
    return [
        Came(at, won_at, int(value or 0), source, count)
        for at, won_at, value, source, count in rows
    ]


def quality(period: Period) -> list[tuple[str, str, int, int]]:
    """(grade, temperature, leads, sum of their scores) of the leads that came in a period."""
    rows = db.session.execute(
        select(LEADS.grade, LEADS.temperature, func.count(), func.sum(LEADS.lead_score))
        .where(LEADS.id.in_(_came(period)))
        .group_by(LEADS.grade, LEADS.temperature)
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
    too_high = JOURNEYS.churn_risk > 100 * journey_rules().high_risk  # ten-thousandths
    ended = func.coalesce(JOURNEYS.last_activity_at, JOURNEYS.started_at)
    rows = db.session.execute(
        select(
            JOURNEYS.trend,
            func.count(),
            func.count().filter(too_high, LEADS.erased_at.is_(None)),
            func.avg(JOURNEYS.churn_risk),
            func.avg(JOURNEYS.engagement),
            func.avg(_between(JOURNEYS.started_at, ended)),
            func.sum(JOURNEYS.total_revenue),
            func.sum(JOURNEYS.total_revenue + func.coalesce(JOURNEYS.predicted_value, 0)),
        )
        .join_from(Lead.__table__, LeadJourney.__table__, JOURNEYS.lead_id == LEADS.id)
        .where(
            JOURNEYS.organization_id == acting_organization_id(),
            LEADS.id.in_(_came(period)),
        )
        .group_by(JOURNEYS.trend)
        .order_by(JOURNEYS.trend)
    )
    return [
        Health(
            trend,
            count,
            risky,
            float(risk) / 10_000,
            float(engagement) / 10_000,
            float(days) / DAY_MILLIS,
            int(revenue),
            int(lifetime_value),
        )
        for trend, count, risky, risk, engagement, days, revenue, lifetime_value in rows
    ]


def journey(lead_id: int) -> LeadJourney | None:
    """Where a lead's journey stands."""
    return db.session.scalar(select(LeadJourney).where(LeadJourney.lead_id == lead_id))
