"""Leads for programs: create or complete, list, read, change, erase (api.md)."""

from typing import Annotated, Literal
from uuid import UUID

import msgspec
from flask import g, url_for
from msgspec import Meta

from app.access import may, role
from app.blueprints.api import blueprint
from app.blueprints.api.body import Line, RowId, commit, iso, read_body, read_json, shaped
from app.blueprints.api.own_lead import held_or_404, lead_or_404, or_422
from app.blueprints.api.parameters import (
    DAY_OR_MOMENT,
    LIMIT,
    ROW_ID,
    WHERE_IT_ENDED,
    Query,
    among,
    asked,
    begins,
    either,
    takes,
    whole,
)
from app.blueprints.api.parameters import up_to as text_up_to
from app.caller import caller_id, changes_leads, is_anothers, own_leads_of
from app.clock import utc_now
from app.domain.leads.lead_view import GRADES, TEMPERATURES
from app.domain.leads.lifecycle import STAGES, StageError
from app.errors import ApiError, invalid
from app.extensions import db
from app.identity import Identity
from app.models import Lead, Site
from app.operations.contact.create_lead_from_form import create_lead_from_form
from app.operations.contact.read_contact import (
    LONGEST,
    LONGEST_INTEREST,
    MOST_INTERESTS,
    clean_text,
    read_contact,
)
from app.operations.leads.erase_lead import erase_lead
from app.operations.leads.update_lead import LONGEST_SOURCE, update_lead
from app.queries.leads import lead_list
from app.queries.tracking import sessions, sites

Unset = msgspec.UnsetType


class ConsentBody(msgspec.Struct, forbid_unknown_fields=True):
    """What somebody agreed to."""

    email: bool | None = None
    sms: bool | None = None


def up_to(longest: int) -> type[str]:
    """A text of at most so many characters."""
    return Annotated[str, Meta(max_length=longest)]


class Profile(msgspec.Struct):
    """Who somebody is and what they want."""

    email: Annotated[str | None, Meta(description="A whole address, name@example.com.")] = None
    phone: Annotated[
        str | None,
        Meta(description="With its country code, or as dialled in the organization's country."),
    ] = None
    first_name: up_to(LONGEST["first_name"]) | None = None
    last_name: up_to(LONGEST["last_name"]) | None = None
    location: up_to(LONGEST["location"]) | None = None
    customer_type: up_to(LONGEST["customer_type"]) | None = None
    category: up_to(LONGEST["category"]) | None = None
    interests: Annotated[
        list[str] | None,
        Meta(
            description=f"The first {MOST_INTERESTS} are kept, of each {LONGEST_INTEREST} "
            "characters."
        ),
    ] = None
    budget: up_to(LONGEST["budget"]) | None = None
    urgency: up_to(LONGEST["urgency"]) | None = None
    preferred_time: up_to(LONGEST["preferred_time"]) | None = None
    notes: up_to(LONGEST["notes"]) | None = None


class LeadBody(Profile):
    """A lead as a program gives it."""

    source: Annotated[
        up_to(LONGEST_SOURCE) | None, Meta(description="Where they came from; api, if left out.")
    ] = None
    consent: ConsentBody | None = None
    utm: Annotated[
        dict[str, str] | None,
        Meta(description="source, medium, campaign, content, term; also as utm_source and so on."),
    ] = None
    visitor: Annotated[
        UUID | None, Meta(description="Who they are to the tracker: what they did becomes theirs.")
    ] = None


class LeadChanges(Profile):
    """What to change; a field left out stays, null empties it."""

    source: Annotated[str, Meta(min_length=1, max_length=LONGEST_SOURCE, pattern=r"\S")] | Unset = (
        msgspec.UNSET
    )
    assignee_id: Annotated[
        RowId | None, Meta(description="Who looks after them. Needs the role admin or owner.")
    ] = None
    stage: Literal[STAGES] | Unset = msgspec.UNSET
    reason: Annotated[
        Line | None, Meta(description="Why they move; skipping and going back need it.")
    ] = None


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
@takes(
    Query("stage", "The stage they are in.", among(*STAGES)),
    Query("grade", "Their grade.", among(*GRADES)),
    Query("temperature", "Hot, warm or cold.", among(*TEMPERATURES)),
    Query("score_min", "The least score.", whole(0, 100)),
    Query("score_max", "The highest score.", whole(0, 100)),
    Query("source", "Where they came from.", text_up_to(200)),
    Query(
        "created_after",
        "Those who came since the beginning of a day (UTC), or at a moment and later.",
        DAY_OR_MOMENT,
        example="2026-01-01",
    ),
    Query(
        "created_before",
        "Those who came before the beginning of a day (UTC), or before a moment.",
        DAY_OR_MOMENT,
        example="2026-04-01",
    ),
    Query(
        "assignee",
        f"The id of who looks after them, or `{lead_list.NOBODY}`.",
        either(ROW_ID, among(lead_list.NOBODY)),
    ),
    Query("q", "Part of a name, an e-mail or a phone.", text_up_to(200)),
    Query("cursor", WHERE_IT_ENDED, text_up_to(100)),
    LIMIT,
)
def list_leads():
    """A page of leads, the newest first."""
    wanted = _wanted()
    try:
        rows, cursor = lead_list.page(wanted, "newest", asked("cursor"), asked("limit"))
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
    return clean_text(told) or "api"


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


def _wanted() -> lead_list.Wanted:
    """The filters of the address. Raises ApiError 422 naming each that goes with no other."""
    low, high = asked("score_min"), asked("score_max")
    since, before = begins(asked("created_after")), begins(asked("created_before"))
    problems = {}
    if low is not None and high is not None and low > high:
        problems["score_min"] = "This must not be above score_max."
    if since and before and since > before:
        problems["created_after"] = "This must not be later than created_before."
    if problems:
        raise invalid(problems)
    assignee = asked("assignee")
    return lead_list.Wanted(
        **{name: asked(name) for name in ("stage", "temperature", "grade", "source", "q")},
        assignee=None if assignee is None else str(assignee),
        low=low,
        high=high,
        came_from=since,
        came_before=before,
        owner_id=own_leads_of(),
    )
