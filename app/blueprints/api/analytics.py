"""The figures of all leads for programs (api.md, "Lead tracking")."""

from decimal import Decimal

from app.access import role
from app.blueprints.api import blueprint
from app.blueprints.api.bottlenecks import bottlenecks_told
from app.blueprints.api.own_lead import major
from app.blueprints.api.parameters import Query, among, asked, asked_period, takes, usual_period
from app.clock import utc_now
from app.domain.journeys.cohort import KINDS, Cohort, by_source, cohorts
from app.domain.leads.lifecycle import LABELS, PATH
from app.domain.period import Period
from app.domain.score import round_half_up
from app.queries.journeys import lead_analytics

PREFIX = "/api/lead-tracking/analytics"


@blueprint.get(f"{PREFIX}/funnel")
@role("analyst")
@takes(*usual_period(30))
def funnel():
    """The lifecycle funnel of the leads that came in a period."""
    period, now = asked_period(), utc_now()
    standing = lead_analytics.standings(period, now)
    figures = lead_analytics.funnel(period, standing)
    reached = {each.stage: each.reached for each in figures}
    total = sum(each.count for each in figures)
    customers = reached.get("customer", 0)
    return {
        "success": True,
        **_told(period),
        "total_leads": total,
        "customers": customers,
        "conversion_rate": _rate(customers, total),
        "stages": [
            {
                "stage": each.stage,
                "label": LABELS[each.stage],
                "count": each.count,
                "percentage": _rate(each.count, total, 100),
                "reached": each.reached,
                "conversion_to_next": _onward(each.stage, reached),
                "avg_duration_days": _round(each.mean_days),
                "avg_score": _round(each.mean_score),
            }
            for each in figures
        ],
        "bottlenecks": bottlenecks_told(standing, now),
    }


@blueprint.get(f"{PREFIX}/cohort")
@role("analyst")
@takes(
    Query("cohort_type", "By month or by week.", among(*KINDS), default="monthly"),
    *usual_period(None),
)
def cohort():
    """Leads by the month or week in which they came, and how many became customers, how soon."""
    kind, period = asked("cohort_type"), asked_period()
    leads = lead_analytics.leads_that_came(period)
    whole = Cohort(starts_on=utc_now().date())
    for lead in leads:
        whole.take(lead, 0 if lead.won_at else None)
    return {
        "success": True,
        "cohort_type": kind,
        **(_told(period) if period else {}),
        "totals": _figures(whole),
        "cohorts": [
            {
                "cohort": each.starts_on.isoformat()[: 7 if kind == "monthly" else 10],
                **_figures(each),
                "won_after": {str(n): count for n, count in sorted(each.won_after.items())},
            }
            for each in cohorts(leads, kind)
        ],
        "sources": [{"source": name, **_figures(each)} for name, each in by_source(leads).items()],
    }


@blueprint.get(f"{PREFIX}/lead-quality")
@role("analyst")
@takes(*usual_period(30))
def lead_quality():
    """How good the leads are that came in a period: by grade and by temperature."""
    period = asked_period()
    rows = lead_analytics.quality(period)
    total = sum(count for *_, count, _ in rows)
    points = sum(score for *_, score in rows)
    return {
        "success": True,
        **_told(period),
        "total_leads": total,
        "average_score": float(round_half_up(Decimal(points) / total, 2)) if total else None,
        "by_grade": _spread(rows, 0, ("A+", "A", "B+", "B", "C+", "C", "D"), "grade", total),
        "by_temperature": _spread(rows, 1, ("hot", "warm", "cold"), "temperature", total),
    }


def _spread(rows, column: int, names: tuple, name: str, total: int) -> list[dict]:
    counts = dict.fromkeys(names, 0)
    for row in rows:
        counts[row[column]] = counts.get(row[column], 0) + row[2]
    return [
        {name: each, "count": count, "percentage": _rate(count, total, 100)}
        for each, count in counts.items()
    ]


def _figures(each: Cohort) -> dict:
    return {
        "leads": each.leads,
        "conversions": each.customers,
        "conversion_rate": _round(each.conversion_rate, 6),
        "mean_days_to_close": _round(each.mean_days, 4),
        "median_days_to_close": _round(each.median_days, 4),
        "revenue": major(each.revenue),
    }


def _told(period: Period) -> dict:
    return {"from": period.first.isoformat(), "to": period.last.isoformat()}


def _onward(stage: str, reached: dict[str, int]) -> float | None:
    if stage not in PATH[:-1]:
        return None
    return _rate(reached.get(PATH[PATH.index(stage) + 1], 0), reached.get(stage, 0))


def _rate(part: int, whole: int, scale: int = 1) -> float | None:
    return float(round_half_up(Decimal(scale * part) / whole, 4)) if whole else None


def _round(value: float | None, places: int = 2) -> float | None:
    return None if value is None else float(round_half_up(value, places))
