"""The figures of all journeys as tables, charts and sentences."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from flask import url_for

from app.domain.journeys.activity import stretches, summed
from app.domain.journeys.cohort import Came, Cohort, by_source, cohorts
from app.domain.journeys.journey import Bottleneck
from app.domain.leads.lifecycle import LABELS, PATH
from app.domain.period import Period
from app.domain.score import round_half_up
from app.domain.wording import QUIET_TYPES, type_in_words
from app.pages import percent
from app.queries.journeys.lead_analytics import Health, StageFigures

MOST_LINES = 6
TRENDS = {"increasing": "rising", "stable": "steady", "declining": "falling"}


def health_of(groups: Sequence[Health]) -> dict[str, Any] | None:
    """All journeys in a few figures; None without any. Engagement and risk are 0 to 1, money minor
    units."""
    count = sum(each.journeys for each in groups)
    if not count:
        return None

    def mean(name: str) -> float:
        return sum(getattr(each, name) * each.journeys for each in groups) / count

    by_trend = {each.trend: each.journeys for each in groups}
    return {
        "journeys": count,
        "days": round_half_up(mean("mean_days"), 1),
        "engagement": mean("mean_engagement"),
        "risk": mean("mean_risk"),
        "high_risk": sum(each.high_risk for each in groups),
        "trends": [(word, by_trend.get(name, 0)) for name, word in TRENDS.items()],
        "revenue": sum(each.revenue for each in groups),
        "worth": round_half_up(sum(each.lifetime_value for each in groups) / count),
    }


def funnel_of(figures: Sequence[StageFigures]) -> dict[str, Any] | None:
    """The stages as rows and as a chart; None without leads."""
    reached = {each.stage: each.reached for each in figures}
    if not sum(each.count for each in figures):
        return None
    rows = [
        {
            "label": LABELS[each.stage],
            "href": url_for("leads.index", stage=each.stage),
            "now": each.count,
            "reached": each.reached,
            "went_on": _onward(each.stage, reached),
            "days": None if each.mean_days is None else round_half_up(each.mean_days, 1),
            "score": None if each.mean_score is None else round_half_up(each.mean_score),
        }
        for each in figures
    ]
    path = [row for row, each in zip(rows, figures, strict=True) if each.stage in PATH]
    chart = {
        "type": "bar",
        "horizontal": True,
        "labels": [row["label"] for row in path],
        "series": [
            {"name": "Came to it or beyond", "values": [row["reached"] for row in path]},
            {"name": "In it now", "values": [row["now"] for row in path]},
        ],
        "links": [row["href"] for row in path],
    }
    return {"rows": rows, "chart": chart}


def _onward(stage: str, reached: Mapping[str, int]) -> str:
    if stage not in PATH[:-1]:
        return "–"
    return percent(reached.get(PATH[PATH.index(stage) + 1], 0), reached.get(stage, 0))


def stall_in_words(each: Bottleneck, usual_days: float) -> dict[str, Any]:
    """A bottleneck as one says it, with what it rests on."""
    days = round_half_up(usual_days)
    leads, go = "lead" if each.decided == 1 else "leads", "goes" if each.lost == 1 else "go"
    rests = []
    if each.waiting:
        rests.append(f"{_of_them(each)} there for {days} days or longer: time enough to go on.")
    if each.early:
        others = "1 more has" if each.early == 1 else f"{each.early} more have"
        rests.append(f"{others} been there for less than {days} days: too early to count.")
    return {
        "stage": LABELS[each.stage],
        "href": url_for("leads.index", stage=each.stage),
        "drop_off": percent(each.lost, each.decided, 0),
        "text": f"{each.lost} of {each.decided} {leads} {go} no further than {LABELS[each.stage]}.",
        "rests": rests,
        "enough": each.enough,
        "advice": each.recommendation,
        "at_stake": each.value_at_stake,
    }


def _of_them(each: Bottleneck) -> str:
    if each.waiting == each.lost:
        return "It has been" if each.lost == 1 else "All of them have been"
    have = "has" if each.waiting == 1 else "have"
    return f"{each.waiting} of these {each.lost} {have} been"


def cohorts_of(leads: Iterable[Came], by: str) -> list[dict[str, Any]]:
    """What came of leads, by when they came or from where; all of them together last."""
    leads = list(leads)
    if by == "source":
        rows = [
            (name.replace("_", " ") or "not known", each, url_for("leads.index", source=name))
            for name, each in by_source(leads).items()
        ]
        rows.sort(key=lambda row: (-row[1].leads, row[0]))
    else:
        shape = "%B %Y" if by == "monthly" else "Week of %-d %b %Y"
        rows = [(each.starts_on.strftime(shape), each, None) for each in cohorts(leads, by)]
    whole = Cohort(date.min)
    for lead in leads:
        whole.take(lead, 0 if lead.won_at else None)
    return [_cohort(*row) for row in [*rows, ("All", whole, None)]] if rows else []


def _cohort(label: str, each: Cohort, href: str | None) -> dict[str, Any]:
    days = each.median_days
    return {
        "label": label,
        "href": href,
        "leads": each.leads,
        "customers": each.customers,
        "rate": percent(each.customers, each.leads),
        "days": None if days is None else round_half_up(days, 1),
        "revenue": each.revenue,
    }


def activity_of(
    acts: Mapping[str, Mapping[date, int]], leads: Mapping[date, int], length: str, period: Period
) -> dict[str, Any] | None:
    """Engagements by kind and new leads, by stretches of a length; None where there was nothing."""
    if not acts and not leads:
        return None
    spans = stretches(length, period.first, period.last)
    totals = {kind: sum(days.values()) for kind, days in acts.items()}
    ranked = sorted(totals, key=lambda kind: (kind in QUIET_TYPES, -totals[kind], kind))
    lines = [(type_in_words(kind), summed(acts[kind], spans)) for kind in ranked[:MOST_LINES]]
    if rest := ranked[MOST_LINES:]:
        others = [summed(acts[kind], spans) for kind in rest]
        lines.append(("Other", [sum(each) for each in zip(*others, strict=True)]))
    came = summed(leads, spans)
    labels = [_span_in_words(length, first, last) for first, last in spans]
    hrefs = [
        url_for("admin.interactions", **{"from": first.isoformat(), "to": last.isoformat()})
        for first, last in spans
    ]
    bars = [{"name": name, "values": values} for name, values in lines]
    line = {"name": "New leads", "type": "line", "axis": "right", "values": came}
    return {
        "columns": [name for name, _ in lines],
        "rows": [
            {
                "label": label,
                "href": href,
                "total": sum(values[n] for _, values in lines),
                "counts": [values[n] for _, values in lines],
                "leads": came[n],
            }
            for n, (label, href) in enumerate(zip(labels, hrefs, strict=True))
        ],
        "chart": {
            "type": "bar",
            "stacked": True,
            "labels": labels,
            "series": [*bars, line],
            "links": hrefs,
        },
    }


def _span_in_words(length: str, first: date, last: date) -> str:
    if length == "daily":
        return first.strftime("%-d %b")
    if length == "monthly":
        return first.strftime("%b %Y")
    return f"{first.strftime('%-d %b')} – {last.strftime('%-d %b')}"
