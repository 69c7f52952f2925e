"""Leads for programs: create or complete, list, read, change, erase (api.md)."""

from uuid import UUID

import msgspec
from flask import g, request, url_for
from flask_login import current_user

from app.access import may, role
from app.blueprints.api import blueprint
from app.blueprints.api.body import commit, iso, read_body, read_json, shaped
from app.clock import utc_now
from app.domain.lifecycle import STAGES, StageError
from app.domain.validation import Invalid
from app.errors import ApiError, invalid
from app.extensions import db
from app.identity import Identity
from app.models import Lead, Site
from app.operations.create_lead_from_form import create_lead_from_form
from app.operations.erase_lead import erase_lead
from app.operations.read_contact import read_contact
from app.operations.update_lead import update_lead
from app.queries import lead_list, sessions, sites
from app.queries.contact import lead_with_email, lead_with_phone

NOBODY = 0  # the user of a program's token: no lead is assigned to it
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
    reason: str | None = None


PROFILE = Profile.__struct_fields__
PLAIN = ("id", *PROFILE, "source", "stage", "lead_score", "grade", "temperature")
PLAIN += ("engagement_level", "assignee_id", "first_touch", "last_touch")
MOMENTS = ("created_at", "updated_at", "last_engaged_at")


@blueprint.post("/api/leads")
@role("agent")
def create_lead():
    """Creates the lead, or completes the one with the same e-mail or phone."""
    body, now = read_body(LeadBody), utc_now()
    given = {name: getattr(body, name) for name in PROFILE}
    _refuse_another_agents(given)
    consent = msgspec.structs.asdict(body.consent) if body.consent else {}
    lead, created = _or_422(
        create_lead_from_form,
        given,
        site=_site_visited(body.visitor, now),
        interaction=None,
        identity=Identity(body.visitor) if body.visitor else None,
        source=_source(body.source),
        utm=body.utm,
        consents={kind: granted for kind, granted in consent.items() if granted is not None},
        now=now,
        user_id=_user_id(),
    )
    if created and g.role == "agent" and _user_id():
        lead.assignee_id = _user_id()
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
    return {"success": True, "lead": told(_lead(lead_id))}


@blueprint.patch("/api/leads/<int:lead_id>")
@role("agent")
def change_lead(lead_id):
    """Changes what is given; a field left out stays."""
    given = read_json()
    body, lead = shaped(given, LeadChanges), _lead(lead_id)
    changes = {name: getattr(body, name) for name in given}
    if "assignee_id" in changes and not may("analyst"):
        raise ApiError(403, "An agent cannot give a lead to somebody else.")
    try:
        _or_422(update_lead, lead, changes, user_id=_user_id(), now=utc_now())
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
    erase_lead(_lead(lead_id), user_id=_user_id(), now=utc_now())
    commit()
    return {"success": True, "id": lead_id}


def told(lead: Lead) -> dict:
    """A lead as programs get it."""
    plain = {name: getattr(lead, name) for name in PLAIN}
    return {**plain, **{name: iso(getattr(lead, name)) for name in MOMENTS}}


def _lead(lead_id: int) -> Lead:
    found = lead_list.find(lead_id, _owner_id())
    if found is None:
        raise ApiError(404, "There is no lead with this id.")
    return found


def _user_id() -> int | None:
    """Who signed in; none for a program's token."""
    return None if g.get("token_id") else current_user.id


def _owner_id() -> int | None:
    """An agent sees the leads assigned to them only; everybody else all."""
    return None if may("analyst") else _user_id() or NOBODY


def _or_422(operation, *args, **kwargs):
    try:
        return operation(*args, **kwargs)
    except Invalid as problem:
        db.session.rollback()
        raise invalid(problem.fields) from None


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
    if may("analyst"):
        return
    clean = _or_422(read_contact, given)
    found = lead_with_email(clean["email"]) if clean.get("email") else None
    if found is None and clean.get("phone"):
        found = lead_with_phone(clean["phone"])
    if found and found.assignee_id != _owner_id():
        raise ApiError(403, "Somebody else looks after this person.")


def _wanted() -> tuple[lead_list.Wanted, int]:
    """The filters of the address. Raises ApiError 422 naming each that cannot be used."""
    asked, problems = request.args, {}
    stage = asked.get("stage") or None
    if stage and stage not in STAGES:
        problems["stage"] = f"The stages are {', '.join(STAGES)}."
    numbers = {
        name: _whole(asked.get(name), low, high, name, problems)
        for name, low, high in (
            ("score_min", 0, 100),
            ("score_max", 0, 100),
            ("limit", 1, MOST),
            ("assignee", 1, 2**31),
        )
        if asked.get(name) and asked.get(name) != lead_list.NOBODY
    }
    if problems:
        raise invalid(problems)
    wanted = lead_list.Wanted(
        stage=stage,
        temperature=asked.get("temperature") or None,
        # A plus sign that was not escaped arrives as a space.
        grade=(asked.get("grade") or "").replace(" ", "+") or None,
        low=numbers.get("score_min"),
        high=numbers.get("score_max"),
        source=asked.get("source") or None,
        assignee=asked.get("assignee") or None,
        q=(asked.get("q") or "").replace("\0", "") or None,
        owner_id=_owner_id(),
    )
    return wanted, numbers.get("limit", lead_list.PAGE)


def _whole(told: str, low: int, high: int, name: str, problems: dict) -> int | None:
    if told.isascii() and told.isdigit() and low <= int(told[:12]) <= high:
        return int(told)
    problems[name] = f"Give a whole number from {low} to {high}."
    return None
