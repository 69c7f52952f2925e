"""Attribution: what eight models credit to channels and sources, side by side."""

from typing import NamedTuple

from flask import abort, render_template, request, url_for

from app.access import role
from app.blueprints.admin import blueprint
from app.blueprints.admin.attribution_shown import (
    chart_of,
    compared,
    csv_rows,
    disagreements_of,
)
from app.clock import utc_now
from app.csv_files import csv_answer, csv_lines
from app.domain.attribution.attribution import CONVERSION_TYPES, MODELS
from app.domain.period import RANGES, Period, last_days, read_period
from app.domain.validation import Invalid
from app.queries.attribution import attribution as queries
from app.queries.attribution import conversion_list
from app.queries.attribution.uncredited import uncredited
from app.queries.cursor import Cursor
from app.queries.journeys.journey_rules import attribution_rules
from app.queries.leads import lead_list

AT_ONCE = 50
FEW = 30
BY = {"channel": "Channels", "source": "Sources"}
TYPE_WORDS = {
    "lead_created": ("Became a lead", "new leads"),
    "qualified": ("Qualified", "leads that qualified"),
    "opportunity": ("Opportunity", "leads that became opportunities"),
    "customer": ("Customer", "conversions to customer"),
}


class Asked(NamedTuple):
    """What the address asks for; `problems` by field where its days cannot be used."""

    period: Period
    problems: dict[str, str]
    type: str | None
    by: str


def asked() -> Asked:
    problems: dict[str, str] = {}
    today = utc_now().date()
    try:
        period = read_period(request.args, today)
    except Invalid as error:
        problems, period = error.fields, last_days(30, today)
    kind, by = request.args.get("type"), request.args.get("by")
    return Asked(
        period,
        problems,
        kind if kind in CONVERSION_TYPES else None,
        by if by in BY else "channel",
    )


@blueprint.get("/admin/attribution")
@role("analyst")
def attribution():
    """All models side by side for the conversions of a period; `format=csv` the same in full."""
    want = asked()
    counted = {each.type: each for each in queries.conversions(want.period)}
    kind = want.type or next((t for t in reversed(CONVERSION_TYPES) if t in counted), "customer")
    by_source = want.by == "source"
    rows = queries.comparison(want.period, kind, by_source)
    if request.args.get("format") == "csv":
        name = f"attribution-{kind}-{want.period.first}-{want.period.last}"
        return csv_answer(name, csv_lines(csv_rows(rows, by_source)))
    shown = compared(rows, by_source)
    page = render_template(
        "admin/attribution/index.html",
        period=want.period,
        problems=want.problems,
        ranges=RANGES,
        type=kind,
        type_words=TYPE_WORDS,
        by=want.by,
        bys=BY,
        counted=counted,
        uncredited=next(iter(uncredited(want.period, [kind])), None),
        shown=shown,
        ever=bool(counted or lead_list.sources()),
        chart=chart_of(shown) if shown.has_conversions else None,
        disagreements=disagreements_of(shown),
        few=FEW,
        models=MODELS,
        rules=attribution_rules(),
        learned=queries.learned_from(kind),
        behind=lambda line, model=None: behind(want, kind, line, model),
    )
    return page, 422 if want.problems else 200


def behind(want: Asked, kind: str, line, model: str | None) -> str | None:
    """The page of the conversions behind a number; none of the others added up."""
    if line is not None and line.channel is None:
        return None
    days = {"from": want.period.first.isoformat(), "to": want.period.last.isoformat()}
    whose = {"channel": line.channel} if line else {}
    if line and want.by == "source":
        whose["source"] = line.source or ""
    return url_for("admin.attribution_conversions", type=kind, model=model, **whose, **days)


@blueprint.get("/admin/attribution/conversions")
@role("analyst")
def attribution_conversions():
    """The conversions that a model credits to a channel or source, each with its lead."""
    want = asked()
    kind, model = want.type or "customer", request.args.get("model", "")
    after = request.args.get("after", "")
    cursor = Cursor.read(after)
    if after and cursor is None:
        abort(400, "This page of the list is not known. Begin at its first page.")
    wanted = conversion_list.Wanted(
        period=want.period,
        type=kind,
        model=model if model in MODELS else "linear",
        channel=request.args.get("channel"),
        source=request.args.get("source"),
    )
    rows = conversion_list.page(wanted, cursor, AT_ONCE + 1)
    last = rows[AT_ONCE - 1] if len(rows) > AT_ONCE else None
    return render_template(
        "admin/attribution/conversions.html",
        wanted=wanted,
        rows=rows[:AT_ONCE],
        total=conversion_list.total(wanted),
        following=Cursor(last.at, last.id) if last else None,
        after=after,
        models=MODELS,
        problems=want.problems,
        type_words=TYPE_WORDS,
        period=want.period,
        lead_sources=lead_list.sources() if wanted.channel else (),
    ), 422 if want.problems else 200
