"""Leads for programs: create or complete, list, read, change, erase (api.md)."""

from uuid import UUID

import msgspec
from flask import g, request, url_for

from app.access import may, role
from app.addresses import MOST as LARGEST_ID
from app.blueprints.api import blueprint
from app.blueprints.api.body import (
    Line,
    asked_moment,
    commit,
    iso,
    read_body,
    read_json,
    shaped,
    whole_number,
)
from app.blueprints.api.own_lead import held_or_404, lead_or_404, or_422
from app.caller import caller_id, changes_leads, is_anothers, own_leads_of
from app.clock import utc_now
from app.domain.leads.lead_view import GRADES, TEMPERATURES
from app.domain.leads.lifecycle import STAGES, StageError
from app.errors import ApiError, invalid
from app.extensions import db
from app.identity import Identity
from app.models import Lead, Site
from app.operations.contact.create_lead_from_form import create_lead_from_form
from app.operations.contact.read_contact import clean_text, read_contact
from app.operations.leads.erase_lead import erase_lead
from app.operations.leads.update_lead import update_lead
from app.queries.leads import lead_list
from app.queries.tracking import sessions, sites

MOST = 500


class ConsentBody(msgspec.Struct, forbid_unknown_fields=True):
    """What somebody agreed to."""

    email: bool | None = None
    sms: bool | None = None


class Profile(msgspec.Struct):
    """Who somebody is and what they want."""

    email: str | None = None
    phone: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    location: str | None = None
    customer_type: str | None = None
    category: str | None = None
    interests: list[str] | None = None
    budget: str | None = None
    urgency: str | None = None
    preferred_time: str | None = None
    notes: str | None = None


class LeadBody(Profile):
    """A lead as a program gives it."""

    source: str | None = None
    consent: ConsentBody | None = None
    utm: dict[str, str] | None = None
    visitor: UUID | None = None


class LeadChanges(Profile):
    """What to change; a field left out stays, null empties it."""

    source: str = ""
    assignee_id: int | None = None
    stage: str = ""
    reason: Line | None = None


PROFILE = Profile.__struct_fields__
PLAIN = ("id", *PROFILE, "source", "stage", "lead_score", "grade", "temperature")
PLAIN += ("engagement_level", "assignee_id", "first_touch", "last_touch")
MOMENTS = ("created_at", "updated_at", "last_engaged_at")


@blueprint.post("/api/leads")
@role("agent")
@changes_leads
def create_lead():
    """Creates the lead, or completes the one with the same e-mail or phone."""
    body, now = read_body(LeadBody), utc_now()
    given = {name: getattr(body, name) for name in PROFILE}
    _refuse_another_agents(given)
    consent = msgspec.structs.asdict(body.consent) if body.consent else {}
    lead, created = or_422(
        create_lead_from_form,
        given,
        site=_site_visited(body.visitor, now),
        interaction=None,
        identity=Identity(body.visitor) if body.visitor else None,
        source=_source(body.source),
        utm=body.utm,
        consents={kind: granted for kind, granted in consent.items() if granted is not None},
        now=now,
        user_id=caller_id(),
    )
    if created and g.role == "agent" and caller_id():
        lead.assignee_id = caller_id()
    commit()
    headers = {"Location": url_for("api.lead", lead_id=lead.id)}
    return {"success": True, "lead": told(lead)}, 201 if created else 200, headers


@blueprint.get("/api/leads")
@role("agent")
def list_leads():
    """A page of leads, the newest first."""
    wanted, limit = _wanted()
    try:
        rows, cursor = lead_list.page(wanted, "newest", request.args.get("cursor"), limit)
    except lead_list.BadCursor as problem:
        raise invalid({"cursor": str(problem)}) from None
    return {"success": True, "leads": [told(row.lead) for row in rows], "next_cursor": cursor}


@blueprint.get("/api/leads/<int:lead_id>")
@role("agent")
def lead(lead_id):
    """One lead."""
    return {"success": True, "lead": told(lead_or_404(lead_id))}


@blueprint.patch("/api/leads/<int:lead_id>")
@role("agent")
@changes_leads
def change_lead(lead_id):
    """Changes what is given; a field left out stays."""
    given = read_json()
    body, lead = shaped(given, LeadChanges), held_or_404(lead_id)
    changes = {name: getattr(body, name) for name in given}
    changes["reason"] = clean_text(body.reason)
    if "assignee_id" in changes and not may("admin"):
        raise ApiError(403, "An agent cannot give a lead to somebody else; admins can.")
    try:
        or_422(update_lead, lead, changes, user_id=caller_id(), now=utc_now())
    except StageError as refused:
        db.session.rollback()
        if refused.code == "same_stage":
            raise ApiError(409, f"{refused}.", "same_stage") from None
        field = "reason" if refused.code == "reason_needed" else "stage"
        raise invalid({field: f"{refused}."}) from None
    commit()
    return {"success": True, "lead": told(lead)}


@blueprint.delete("/api/leads/<int:lead_id>")
@role("admin")
def remove_lead(lead_id):
    """Erases the person; what was counted stays counted."""
    erase_lead(held_or_404(lead_id), user_id=caller_id(), now=utc_now())
    commit()
    return {"success": True, "id": lead_id}


def told(lead: Lead) -> dict:
    """A lead as programs get it."""
    plain = {name: getattr(lead, name) for name in PLAIN}
    return {**plain, **{name: iso(getattr(lead, name)) for name in MOMENTS}}


def _source(told: str | None) -> str:
    source = " ".join((told or "").replace("\0", "").split()) or "api"
    if len(source) > 60:
        raise invalid({"source": "Shorten this to 60 characters."})
    return source


def _site_visited(visitor_id: UUID | None, now) -> Site | None:
    """The site the visitor is on right now: the lead then belongs to that visit."""
    visitor = sessions.visitor(visitor_id) if visitor_id else None
    site = sites.site(visitor.site_id) if visitor else None
    if site and (now - visitor.last_seen_at).total_seconds() < site.resume_minutes * 60:
        return site
    return None


def _refuse_another_agents(given: dict):
    """An agent may complete their own lead only, and learns nothing of others'."""
    if is_anothers(or_422(read_contact, given)):
        raise ApiError(403, "Somebody else looks after this person.")


FILTERS = {
    "stage": STAGES,
    "temperature": TEMPERATURES,
    "grade": GRADES,
}
NUMBERS = {
    "score_min": (0, 100),
    "score_max": (0, 100),
    "limit": (1, MOST),
    "assignee": (1, LARGEST_ID),
}
CAME = ("created_after", "created_before")
KNOWN = {*FILTERS, *NUMBERS, *CAME, "source", "q", "cursor"}


def _wanted() -> tuple[lead_list.Wanted, int]:
    """The filters of the address. Raises ApiError 422 naming each that cannot be used."""
    asked = {name: value for name, value in request.args.items() if value}
    if "grade" in asked:  # a plus sign that was not escaped arrives as a space
        asked["grade"] = asked["grade"].replace(" ", "+")
    problems = {name: "This filter is not known." for name in request.args if name not in KNOWN}
    for name, choices in FILTERS.items():
        if name in asked and asked[name] not in choices:
            problems[name] = f"Choose one of {', '.join(choices)}."
    numbers = {
        name: _whole(asked[name], *limits, name, problems)
        for name, limits in NUMBERS.items()
        if name in asked and (name, asked[name]) != ("assignee", lead_list.NOBODY)
    }
    low, high = numbers.get("score_min"), numbers.get("score_max")
    if low is not None and high is not None and low > high:
        problems["score_min"] = "This must not be above score_max."
    came = [asked_moment(name, problems, lambda day: day.starts_at) for name in CAME]
    if all(came) and came[0] > came[1]:
        problems["created_after"] = "This must not be later than created_before."
    if problems:
        raise invalid(problems)
    wanted = lead_list.Wanted(
        **{name: asked.get(name) for name in (*FILTERS, "source", "assignee", "q")},
        low=low,
        high=high,
        came_from=came[0],
        came_before=came[1],
        owner_id=own_leads_of(),
    )
    return wanted, numbers.get("limit", lead_list.PAGE)


def _whole(told: str, low: int, high: int, name: str, problems: dict) -> int | None:
    number = whole_number(told, low, high)
    if number is None:
        problems[name] = f"Give a whole number from {low} to {high}."
    return number
