"""The main dashboard's panels: a table of (title, what it says, figures, partial)."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

from flask import url_for

from app.domain.score import round_half_up
from app.domain.tracking.event import TOOLS
from app.domain.tracking.visit import SCORE_BANDS, STEPS
from app.domain.wording import QUIET_TYPES, reason_in_words, type_in_words
from app.domain.wording import STEPS as STEP_WORDS
from app.queries.tracking.dashboard import Figures

MOST_LINES = 6
MOST_SOURCES = 12


class Row(NamedTuple):
    """Cells of a panel's table; `href` opens the records behind the first, where there are any."""

    cells: tuple
    href: str | None = None


@dataclass
class Shown:
    """What a panel shows: a table, its chart, and what to do while it is empty.

    `columns` are (label, kind), kind one of text, number, percent, score, change.
    """

    columns: tuple[tuple[str, str], ...]
    rows: list[Row]
    chart: dict | None = None
    empty: str = ""
    more: dict = field(default_factory=dict)


class Panel(NamedTuple):
    title: str
    says: str
    show: Callable[[Figures], Shown]
    partial: str = "_table"
    width: str = "col-lg-6"


def share(part: float, whole: float) -> float | None:
    """part of whole in percent with one decimal; none without a whole."""
    return float(round_half_up(100 * part / whole, 1)) if whole else None


def log_address(figures: Figures, *types: str, **more) -> str:
    """The interaction log of the same days and site."""
    return url_for(
        "admin.interactions",
        **{"from": figures.period.first.isoformat(), "to": figures.period.last.isoformat()},
        site=figures.site_id,
        type=types or None,
        **more,
    )


def cards(figures: Figures) -> Shown:
    now, before = figures.counts, figures.counts_before
    pairs = [
        ("Visitors", now.of("visitors"), before.of("visitors"), "number", None),
        (
            "Interactions",
            now.of("interactions"),
            before.of("interactions"),
            "number",
            log_address(figures),
        ),
        (
            "Leads",
            now.of("leads"),
            before.of("leads"),
            "number",
            log_address(figures, "lead_created"),
        ),
        (
            "Conversion rate",
            share(now.of("reached", "lead"), now.of("visitors")),
            share(before.of("reached", "lead"), before.of("visitors")),
            "percent",
            None,
        ),
        ("Mean session score", _mean_score(now), _mean_score(before), "score", None),
    ]
    rows = [
        Row((label, value, earlier, _change(value, earlier, kind), kind), href)
        for label, value, earlier, kind, href in pairs
    ]
    columns = (
        ("Figure", "text"),
        ("This period", "number"),
        ("Period before", "number"),
        ("Change", "change"),
        ("Unit", "text"),
    )
    return Shown(columns, rows)


def _mean_score(counts) -> float | None:
    scored = counts.of("sessions_scored")
    return round(counts.of("session_score_sum") / scored, 1) if scored else None


def _change(now, before, kind: str) -> float | None:
    """Counts change by so many percent; rates and scores by so many points."""
    if now is None or not before:
        return None
    return round(100 * (now - before) / before, 1) if kind == "number" else round(now - before, 1)


def over_time(figures: Figures) -> Shown:
    series = figures.series
    totals = {key: sum(values.values()) for key, values in series.items()}
    ranked = sorted(totals, key=lambda key: (key in QUIET_TYPES, -totals[key], key))
    top = [key for key in ranked[:MOST_LINES] if key not in QUIET_TYPES]
    rest = ranked[len(top) :]
    hourly = figures.period.days == 1
    moments = list(figures.period.each_hour() if hourly else figures.period.each_day())
    shape = "%H:00" if hourly else "%-d %b" if figures.period.days <= 365 else "%-d %b %Y"
    lines = [(type_in_words(key), [series[key].get(at, 0) for at in moments]) for key in top]
    if rest:
        lines.append(
            ("Other", [sum(series[key].get(at, 0) for key in rest) for at in moments]),
        )
    columns = (
        ("Hour (UTC)" if hourly else "Day (UTC)", "text"),
        *((label, "number") for label, _ in lines),
    )
    rows = [
        Row(
            (at.strftime(shape), *(values[i] for _, values in lines)),
            None if hourly else _log_of_day(figures, at),
        )
        for i, at in enumerate(moments)
    ]
    chart = {
        "type": "bar",
        "stacked": True,
        "labels": [at.strftime(shape) for at in moments],
        "series": [{"name": label, "values": values} for label, values in lines],
        "links": [row.href for row in rows] if not hourly else [],
    }
    return Shown(columns, rows if series else [], chart, NO_EVENTS)


def _log_of_day(figures: Figures, at) -> str:
    day = at.date().isoformat()
    return url_for("admin.interactions", **{"from": day, "to": day}, site=figures.site_id)


def tools(figures: Figures) -> Shown:
    used, made = figures.counts.keys("tool"), figures.counts.keys("tool_leads")
    names = [*TOOLS, *sorted((used.keys() | made.keys()) - set(TOOLS))]
    rows = [
        Row(
            (
                type_in_words(name),
                used.get(name, 0),
                made.get(name, 0),
                share(made.get(name, 0), used.get(name, 0)),
            ),
            log_address(figures, name),
        )
        for name in names
        if used.get(name) or made.get(name)
    ]
    chart = {
        "type": "bar",
        "horizontal": True,
        "labels": [row.cells[0] for row in rows],
        "series": [
            {"name": "Uses", "values": [row.cells[1] for row in rows]},
            {"name": "Leads", "values": [row.cells[2] for row in rows]},
        ],
    }
    columns = (
        ("Tool", "text"),
        ("Uses", "number"),
        ("Leads", "number"),
        ("Leads per use", "percent"),
    )
    return Shown(
        columns, rows, chart, "Nobody used a tool in this period. Link to one from your pages."
    )


def scores(figures: Figures) -> Shown:
    found = figures.counts.keys("score_band")
    whole = sum(found.values())
    bands = [name for _, name in SCORE_BANDS]
    rows = [Row((name, found.get(name, 0), share(found.get(name, 0), whole))) for name in bands]
    chart = {
        "type": "bar",
        "labels": bands,
        "series": [{"name": "Visits", "values": [found.get(name, 0) for name in bands]}],
    }
    columns = (("Session score", "text"), ("Visits", "number"), ("Share", "percent"))
    empty = "No visit has ended in this period. A visit is scored when it ends."
    return Shown(columns, rows if whole else [], chart, empty)


def sources(figures: Figures) -> Shown:
    visits, leads = figures.counts.keys("source"), figures.counts.keys("source_leads")
    names = [*visits, *sorted(leads.keys() - visits.keys())]
    told = [(name, visits.get(name, 0), leads.get(name, 0)) for name in names[:MOST_SOURCES]]
    if rest := names[MOST_SOURCES:]:
        told.append(
            (
                f"{len(rest)} others",
                sum(visits.get(name, 0) for name in rest),
                sum(leads.get(name, 0) for name in rest),
            )
        )
    rows = [Row((name, seen, made, share(made, seen))) for name, seen, made in told]
    columns = (
        ("Source", "text"),
        ("Visits", "number"),
        ("With a lead", "number"),
        ("Conversion", "percent"),
    )
    return Shown(columns, rows, None, NO_EVENTS)


def funnel(figures: Figures) -> Shown:
    counts = figures.counts
    reached = [
        counts.of("visitors") if step == "visited" else counts.of("reached", step) for step in STEPS
    ]
    rows = []
    for place, (step, amount) in enumerate(zip(STEPS, reached, strict=True)):
        of_step = share(amount, reached[place - 1]) if place else None
        href = log_address(figures, *LOG_OF_STEP[step]) if step in LOG_OF_STEP else None
        rows.append(Row((STEP_WORDS[step], amount, of_step, share(amount, reached[0])), href))
    columns = (
        ("Step", "text"),
        ("Visitors", "number"),
        ("Of the step before", "percent"),
        ("Of all visitors", "percent"),
    )
    return Shown(columns, rows if reached[0] else [], None, NO_EVENTS)


LOG_OF_STEP = {
    "high_intent": TOOLS,
    "form_shown": ("form_shown",),
    "form_started": ("form_started",),
    "lead": ("lead_created",),
    "customer": ("stage_changed",),
}


def pages(figures: Figures) -> Shown:
    rows = [Row((path, views)) for path, views in figures.pages]
    return Shown((("Page", "text"), ("Views", "number")), rows, None, NO_EVENTS)


def dropped(figures: Figures) -> Shown:
    rows = [
        Row((reason_in_words(reason), amount))
        for reason, amount in figures.counts.keys("dropped").items()
    ]
    empty = "Nothing was dropped: every event that arrived was stored."
    return Shown((("Reason", "text"), ("Events", "number")), rows, None, empty)


NO_EVENTS = "No events in this period."

PANELS = {
    "cards": Panel("Key figures", "against the period before", cards, "_cards", "col-12"),
    "interactions": Panel(
        "Interactions over time",
        "by type; reading and scrolling are among the others",
        over_time,
        "_chart",
        "col-12",
    ),
    "funnel": Panel(
        "From visitor to customer",
        "how many visitors reached each step; each counts once a day",
        funnel,
        "_funnel",
    ),
    "tools": Panel("Tools", "uses, and the leads that came of them", tools, "_chart"),
    "scores": Panel("Session scores", "visits by how engaged they were", scores, "_chart"),
    "sources": Panel("Sources", "where visits came from and how many became leads", sources),
    "pages": Panel("Top pages", "the ten most viewed", pages),
    "dropped": Panel("Not counted", "events that were dropped, and why", dropped),
}
