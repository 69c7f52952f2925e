"""The quotes that were issued: what became of each, and its PDF."""

from collections.abc import Iterator
from zoneinfo import ZoneInfo

from flask import abort, g, make_response, render_template, request

from app.access import role
from app.addresses import row_number
from app.blueprints.admin import blueprint
from app.caller import own_leads_of
from app.clients.pdf import pdf
from app.clock import utc_now
from app.csv_files import csv_answer, csv_lines
from app.domain.period import edges, read_days
from app.domain.tools.quote import STATES, state_of
from app.operations.tools.print_quote import quote_document
from app.queries.cursor import Cursor
from app.queries.tools import quotes as queries
from app.queries.tools.quotes import Row, Wanted

FILTERS = ("q", "state", "viewed", "from", "to", "lead")
VIEWED = {"yes": True, "no": False}
COLUMNS = (
    "number",
    "issued_at",
    "state",
    "valid_until",
    "replaced_by",
    "lead",
    "treatments",
    "currency",
    "total_low",
    "total_high",
    "sent_at",
    "views",
    "last_viewed_at",
    "downloads",
)


@blueprint.get("/admin/quotes")
@role("agent")
def quotes():
    """The list with the filters in the address; `format=csv` is all of it."""
    wanted, problems = _wanted()
    if request.args.get("format") == "csv" and not problems:
        return csv_answer(f"quotes-{utc_now():%Y-%m-%d}", "".join(_export(wanted)))
    after = Cursor.read(request.args.get("after", ""))
    rows, following = ([], None) if problems else queries.page(wanted, after)
    page = render_template(
        "admin/quotes/index.html",
        rows=[(row, _state(row)) for row in rows],
        following=following,
        after=after,
        counts=queries.state_counts(wanted),
        states=STATES,
        wanted=wanted,
        given={name: request.args.get(name, "") for name in FILTERS},
        filtered=any(request.args.get(name) for name in FILTERS),
        problems=problems,
    )
    return page, 422 if problems else 200


@blueprint.get("/admin/quotes/<int:quote_id>/pdf")
@role("agent")
def quote_pdf(quote_id: int):
    """The PDF as it was issued; a look from here is not counted."""
    found = queries.find(quote_id, own_leads_of()) or abort(404, "There is no such quote.")
    answer = make_response(pdf("quote", quote_document(found)))
    answer.mimetype = "application/pdf"
    answer.headers["Content-Disposition"] = f'inline; filename="{found.number}.pdf"'
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


@blueprint.app_template_global()
def quotes_of_lead(lead_id: int) -> list[tuple[Row, str]]:
    """A lead's quotes with their states, newest first, for their page."""
    rows, _ = queries.page(Wanted(_today(), lead_id=lead_id), limit=10)
    return [(row, _state(row)) for row in rows]


def _wanted() -> tuple[Wanted, dict[str, str]]:
    """The filters of the address, and what is wrong with them."""
    given, problems = request.args, {}
    starts_at, ends_at = edges(*read_days(given, problems), _zone())
    state = given.get("state", "")
    if state and state not in STATES:
        problems["state"] = "must be one of " + ", ".join(STATES)
    wanted = Wanted(
        today=_today(),
        state=state if state in STATES else None,
        viewed=VIEWED.get(given.get("viewed", "")),
        starts_at=starts_at,
        ends_at=ends_at,
        lead_id=given.get("lead", type=row_number),
        q=given.get("q", "").strip()[:100],
        owner_id=own_leads_of(),
    )
    return wanted, problems


def _zone() -> ZoneInfo:
    return ZoneInfo(g.organization.timezone)


def _today():
    return utc_now().astimezone(_zone()).date()


def _state(row: Row) -> str:
    return state_of(row.quote.valid_until, row.replaced_by is not None, _today())


def _export(wanted: Wanted) -> Iterator[str]:
    yield csv_lines([COLUMNS])
    for row in queries.every(wanted):
        yield csv_lines([_cells(row)])


def _cells(row: Row) -> tuple:
    quote = row.quote
    return (
        quote.number,
        quote.issued_at.isoformat(timespec="seconds"),
        _state(row),
        quote.valid_until.isoformat(),
        row.replaced_by,
        quote.lead.name if quote.lead else None,
        ", ".join(line["name"] for line in quote.content["estimate"]["lines"]),
        quote.currency,
        f"{quote.total_low / 100:.2f}",
        f"{quote.total_high / 100:.2f}",
        quote.sent_at and quote.sent_at.isoformat(timespec="seconds"),
        quote.views,
        quote.last_viewed_at and quote.last_viewed_at.isoformat(timespec="seconds"),
        quote.downloads,
    )
