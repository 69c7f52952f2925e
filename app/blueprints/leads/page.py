"""What the forms of a lead's page have in common: whose lead it is, and the page they stand on."""

from datetime import date, datetime, time
from uuid import uuid4
from zoneinfo import ZoneInfo

from flask import abort, g, render_template, request

from app.blueprints.leads import present
from app.caller import may_change_leads, own_leads_of
from app.domain.lifecycle import LABELS, MOVES, NEEDS_REASON, PATH, STAGES
from app.domain.validation import Invalid
from app.models import Lead
from app.operations.log_engagement import LOGGED
from app.queries import lead_page as queries
from app.queries.cursor import Cursor
from app.queries.lead_list import assignable, find
from app.queries.rules_history import version_at


def find_lead(lead_id: int) -> Lead:
    """The lead, if the caller may see it."""
    return find(lead_id, own_leads_of()) or abort(404)


def lead_to_change(lead_id: int) -> Lead:
    """The lead, if the caller may change it."""
    lead = find_lead(lead_id)
    if not may_change_leads():
        abort(403, "Analysts read; agents and admins change leads.")
    return lead


def read_id(text: str, refusal: str) -> int | None:
    """The id that a choice sent; a blank one is none."""
    if text and not (text.isdecimal() and len(text) < 10):
        abort(400, refusal)
    return int(text) if text else None


def zone() -> ZoneInfo:
    """The organization's time zone."""
    return ZoneInfo(g.organization.timezone)


def read_moment(text: str, field: str) -> datetime | None:
    """A form's local date and time, in the organization's time zone."""
    return _read(datetime, text, field, "Write a date and a time.", lambda at: at.tzinfo or zone())


def read_day(text: str, field: str) -> date | None:
    """A form's date."""
    problem = "Write a day, such as 2026-05-31."
    day = _read(date, text, field, problem)
    if day and not 2000 <= day.year < 3000:
        raise Invalid({field: problem})
    return day


def read_time(text: str, field: str) -> time | None:
    """A form's time of day."""
    return _read(time, text, field, "Write a time, such as 14:30.")


def _read(kind, text: str, field: str, problem: str, zone_of=None):
    if not text.strip():
        return None
    try:
        found = kind.fromisoformat(text.strip())
        return found.replace(tzinfo=zone_of(found)) if zone_of else found
    except ValueError:
        raise Invalid({field: problem}) from None


def page(lead: Lead, form: str = "", errors: dict | None = None):
    """One lead's page; `form` is the one whose `errors` it shows, with what was typed kept."""
    before = Cursor.read(request.args.get("before", ""))
    acts = queries.acts(lead.id, before)
    more = acts[queries.TIMELINE - 1] if len(acts) > queries.TIMELINE else None
    acts = acts[: queries.TIMELINE]
    stays, scores = queries.stays(lead.id), queries.scores(lead.id)
    made_by = queries.made_by(lead)
    visit_ids = {act.visitor_session_id for act in acts} - {None}
    return render_template(
        "leads/show.html",
        lead=lead,
        made_by=made_by,
        made_by_version=version_at(made_by.received_at) if made_by else None,
        steps=present.waterfall(made_by.contributions or ()) if made_by else [],
        scores=scores,
        apart=present.taken_apart(scores[0]) if scores else None,
        chart=present.chart(scores),
        chart_size=present.CHART,
        stays=stays,
        credit=present.credit(queries.attributions(lead.id)),
        entries=present.timeline(acts, queries.visits(visit_ids), stays),
        before=before,
        more=str(Cursor(more.occurred_at, more.id)) if more else None,
        consents=queries.consents(lead.id),
        people={user.id: user.name for user in assignable()},
        changeable=may_change_leads(),
        form=form,
        errors=present.Blank(errors or {}),
        typed=present.Blank(request.form.to_dict() if form else {}),
        blank=present.Blank(),
        event_id=request.form.get("event_id") or uuid4(),
        acts_in_words=present.ACTS,
        quiet=present.QUIET,
        logged=LOGGED,
        stages=LABELS,
        next_stage=_next_stage(lead.stage),
        needs_reason=[s for s in STAGES if MOVES.get((lead.stage, s)) in NEEDS_REASON],
    )


def _next_stage(stage: str) -> str | None:
    """The stage that a lead is most often moved to: the one after."""
    later = PATH[PATH.index(stage) + 1 :] if stage in PATH else ()
    return later[0] if later else None
