"""The leads: the list and its export."""

import csv
import io
from datetime import datetime

from flask import Response, abort, g, render_template, request

from app.access import role
from app.blueprints.leads import blueprint, present
from app.caller import caller_id, own_leads_of
from app.clock import utc_now
from app.domain.lifecycle import LABELS, STAGES
from app.queries import lead_list as queries

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
    wanted, sort = _wanted(), _sort()
    try:
        rows, following = queries.page(wanted, sort, request.args.get("cursor"))
    except queries.BadCursor as problem:
        abort(400, str(problem))
    counts = queries.stage_counts(wanted)
    filtered = any(request.args.get(name) for name in FILTERS)
    return render_template(
        "leads/index.html",
        rows=rows,
        following=following,
        wanted=wanted,
        sort=sort,
        counts=counts,
        filtered=filtered,
        choices={
            "stages": LABELS,
            "temperatures": queries.TEMPERATURES,
            "grades": queries.GRADES,
            "sources": queries.sources(),
            "people": queries.assignable() if g.role != "agent" else [],
            "sorts": {name: label for name, (_, label) in queries.SORTS.items()},
        },
        tools=present.ACTS,
    )


FILTERS = ("stage", "temperature", "grade", "min", "max", "source", "assignee", "q")


def _wanted() -> queries.Wanted:
    """The filters of the address; what is not understood filters nothing."""
    given = {name: request.args.get(name, "").strip() for name in FILTERS}

    def among(name, choices):
        return given[name] if given[name] in choices else None

    assignee = given["assignee"]
    if assignee == "me":
        assignee = str(caller_id() or "")
    known = assignee == queries.NOBODY or (assignee.isdecimal() and len(assignee) < 10)
    return queries.Wanted(
        stage=among("stage", STAGES),
        temperature=among("temperature", queries.TEMPERATURES),
        grade=among("grade", queries.GRADES),
        low=_score(given["min"]),
        high=_score(given["max"]),
        source=given["source"] or None,
        assignee=assignee if known else None,
        q=given["q"][:100] or None,
        owner_id=own_leads_of(),
    )


def _score(text: str) -> int | None:
    return min(int(text), 100) if text.isdecimal() and len(text) < 10 else None


def _sort() -> str:
    sort = request.args.get("sort", "")
    return sort if sort in queries.SORTS else "score"


@blueprint.get("/admin/leads.csv")
@role("agent")
def export():
    wanted, sort = _wanted(), _sort()
    name = f"leads-{utc_now():%Y-%m-%d}.csv"
    return Response(
        "".join(_lines(wanted, sort)),
        mimetype="text/csv",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _lines(wanted: queries.Wanted, sort: str):
    yield _line((*COLUMNS, "interaction_score", "assignee"))
    for row in queries.every(wanted, sort):
        values = [getattr(row.lead, name) for name in COLUMNS]
        yield _line((*values, row.interaction_score, row.assignee))


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
