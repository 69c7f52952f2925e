"""The leads: the list and its export."""

import csv
import io
from datetime import datetime

from flask import Response, abort, render_template, request, session

from app.access import may, role
from app.blueprints.leads import blueprint, filters, present, views
from app.blueprints.leads.bulk import CHOSEN
from app.blueprints.leads.journey_shown import opened_by
from app.caller import may_change_leads
from app.clock import utc_now
from app.queries.leads import lead_list as queries

COLUMNS = (
    "id",
    "first_name",
    "last_name",
    "email",
    "phone",
    "stage",
    "lead_score",
    "grade",
    "temperature",
    "source",
    "created_at",
    "last_engaged_at",
)


@blueprint.get("/admin/leads")
@role("agent")
def index():
    asked, problems = filters.asked(), filters.problems()
    wanted, sort = filters.wanted_by(asked), filters.sort_of(asked)
    try:
        rows, following = queries.page(wanted, sort, request.args.get("cursor"))
    except queries.BadCursor as problem:
        abort(400, str(problem))
    choices = filters.choices(asked)
    page = render_template(
        "leads/index.html",
        rows=rows,
        following=following,
        asked=present.Blank(asked),
        wanted=wanted,
        counts=queries.stage_counts(wanted),
        filtered=bool(asked.keys() - {"sort"}),
        choices=choices,
        said=filters.told(asked, choices["people"]),
        left_out=filters.left_out(),
        problems=present.Blank(problems),
        days=filters.typed_days(),
        views=views.tabs("leads.index", asked),
        changeable=may_change_leads(),
        assigning=may("admin"),
        chosen=session.pop(CHOSEN, []),
        tools=present.ACTS,
        opened_by=opened_by,
    )
    return page, 422 if problems else 200


@blueprint.get("/admin/leads.csv")
@role("agent")
def export():
    asked = filters.asked()
    if problems := filters.problems():
        told = "; ".join(f"“{name}” {message}" for name, message in problems.items())
        abort(422, f"These days cannot be used: {told}.")
    wanted, sort = filters.wanted_by(asked), filters.sort_of(asked)
    name = f"leads-{utc_now():%Y-%m-%d}.csv"
    return Response(
        "".join(_lines(wanted, sort)),
        mimetype="text/csv",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _lines(wanted: queries.Wanted, sort: str):
    more = ("interaction_score", "assignee", "next_action", "churn_risk")
    yield _line((*COLUMNS, *more))
    for row in queries.every(wanted, sort):
        values = [getattr(row.lead, name) for name in COLUMNS]
        action = row.action["label"] if row.action else None
        risk = None if row.churn_risk is None else row.churn_risk / 10_000
        yield _line((*values, row.interaction_score, row.assignee, action, risk))


def _line(values) -> str:
    out = io.StringIO()
    csv.writer(out).writerow([_cell(value) for value in values])
    return out.getvalue()


def _cell(value) -> str:
    """A cell that no spreadsheet takes for a formula; a phone number stays a number."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    text = str(value)
    harmless = text[1:].isdecimal()
    return "'" + text if text[:1] in "=+-@\t\r" and text and not harmless else text
