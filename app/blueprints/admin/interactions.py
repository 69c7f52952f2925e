"""The interaction log and a visitor's path."""

from collections.abc import Iterator
from urllib.parse import urlsplit
from uuid import UUID

from flask import Flask, abort, current_app, g, render_template, request

from app.access import role
from app.blueprints.admin import blueprint
from app.blueprints.admin.filters import chosen_site, read_log_filter
from app.csv_files import csv_answer, csv_lines
from app.domain.scoring.session_score import SessionFacts, SessionScore, score_session
from app.domain.tracking.event import TOOLS
from app.domain.validation import Invalid
from app.extensions import db
from app.models import Interaction, VisitorSession
from app.models.types import to_millis
from app.queries.cursor import Cursor
from app.queries.tracking import interactions as queries
from app.queries.tracking.interactions import LogFilter
from app.queries.tracking.sites import facts_of, sites
from app.tenancy import acting_for

ADDRESS = "/admin/comprehensive/interactions"
MOST_EXPORTED = 50_000
AT_ONCE = 1000
COLUMNS = (
    "time_utc",
    "type",
    "what",
    "url",
    "score",
    "channel",
    "site",
    "visitor",
    "visit",
    "lead",
)


@blueprint.get(ADDRESS)
@role("analyst")
def interactions():
    """The log with the filters in the address; `format=csv` streams it."""
    site_id, names = chosen_site(), {site.id: site.name for site in sites()}
    problems = {}
    try:
        wanted = read_log_filter(request.args, request.args.getlist("type"), site_id)
    except Invalid as error:
        problems, wanted = error.fields, None
    if wanted and request.args.get("format") == "csv":
        app = current_app._get_current_object()
        return csv_answer("interactions", _export(app, g.organization.id, wanted, names))
    after = Cursor.read(request.args.get("after", ""))
    rows, following = queries.log_page(wanted, after) if wanted else ([], None)
    page = render_template(
        "admin/interactions.html",
        rows=rows,
        leads=queries.leads_of(rows),
        following=following,
        after=after,
        sites=sites(),
        site_names=names,
        types=sorted({*queries.types_seen(), *request.args.getlist("type")}),
        picked=request.args.getlist("type"),
        given={name: request.args.get(name, "") for name in FILTERS},
        filtered=any(request.args.get(name) for name in (*FILTERS, "type")),
        problems=problems,
        groups=GROUPS,
        what=what,
    )
    return page, 422 if problems else 200


FILTERS = ("from", "to", "converted", "score", "site", "visitor")


def _export(app: Flask, organization_id: int, wanted: LogFilter, names: dict) -> Iterator[str]:
    """The log as CSV, a thousand rows at a time.

    Each part is read in a short transaction of its own: a slow reader holds nothing open.
    """
    yield csv_lines([COLUMNS])
    cursor, left = None, MOST_EXPORTED
    while left > 0:
        with app.app_context(), acting_for(organization_id):
            rows, cursor = queries.log_page(wanted, cursor, min(AT_ONCE, left))
            leads = queries.leads_of(rows)
            part = csv_lines(_cells(row, names, leads.get(row.id)) for row in rows)
            db.session.rollback()
        yield part
        left -= AT_ONCE
        if cursor is None:
            return


def _cells(row: Interaction, names: dict[int, str], lead) -> tuple:
    return (
        row.occurred_at.isoformat(timespec="milliseconds"),
        row.type,
        row.label,
        row.url,
        row.score,
        row.channel,
        names.get(row.site_id),
        row.visitor_id,
        row.visitor_session_id,
        lead.id if lead else None,
    )


# Types that are often wanted together, as links above the filters.
GROUPS = (
    ("Everything", ()),
    ("Tools", TOOLS),
    ("Forms", ("form_shown", "form_started", "form_abandoned", "form_submitted")),
    ("Leads", ("lead_created", "stage_changed")),
    ("Searches", ("search",)),
    ("Pages", ("page_viewed",)),
    ("Clicks", ("click", "link_clicked", "content_downloaded")),
)
TOLD = ("query", "q", "name", "text", "procedures", "budget", "urgency", "stage", "to", "source")
LONGEST_TOLD = 160


def what(row: Interaction) -> str:
    """What an interaction was about, in a line: its label, what was said, the page."""
    if row.type == "engaged" and row.engaged_seconds is not None:
        return f"{row.engaged_seconds} s on {path_of(row.url) or 'the page'}"
    data = row.data or {}
    if row.type == "scrolled" and "depth" in data:
        return f"{data['depth']}% of {path_of(row.url) or 'the page'}"
    told = [_plain(data[name]) for name in TOLD if data.get(name)]
    return row.label or " · ".join(told) or path_of(row.url)


def _plain(value) -> str:
    if isinstance(value, list):
        return ", ".join(_plain(one) for one in value)
    if isinstance(value, dict):
        return "…"
    said = str(value).replace("_", " ")
    return said if len(said) <= LONGEST_TOLD else f"{said[: LONGEST_TOLD - 1]}…"


def path_of(url: str | None) -> str:
    """An address without its host and its parameters, which stand in the log's CSV."""
    if not url:
        return ""
    try:
        return urlsplit(url).path or "/"
    except ValueError:
        return url


@blueprint.get("/admin/comprehensive/visitors/<uuid:visitor_id>")
@role("analyst")
def visitor(visitor_id: UUID):
    """A visitor's whole path: their visits, each with what happened and how it scored."""
    found = queries.visitor(visitor_id) or abort(404, "There is no such visitor.")
    visits = queries.visits_of(visitor_id)
    acts = queries.acts_of_visits([visit.id for visit in visits])
    rules = {site.id: facts_of(site) for site in sites()}
    return render_template(
        "admin/visitor.html",
        visitor=found,
        visits=[(v, score_of(v, rules.get(v.site_id)), acts[v.id]) for v in visits],
        leads=queries.leads_of_visitor(visitor_id),
        site_names={site.id: site.name for site in sites()},
        what=what,
    )


def score_of(visit: VisitorSession, site) -> SessionScore:
    """How the rules in force when a visit began score it, part by part."""
    facts = SessionFacts(
        visit.duration_seconds, visit.page_views, visit.regular_clicks, visit.important_clicks
    )
    if site is None:
        return score_session(facts)
    return score_session(facts, site.rules_at(to_millis(visit.started_at)))
