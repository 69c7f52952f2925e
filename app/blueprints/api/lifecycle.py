"""A lead's lifecycle for programs (api.md, "Lead tracking")."""

from typing import Annotated, Literal

import msgspec
from sqlalchemy.exc import IntegrityError

from app.access import role
from app.blueprints.api import blueprint
from app.blueprints.api.body import Line, commit, iso, read_body
from app.blueprints.api.own_lead import held_or_404, lead_or_404, or_422
from app.caller import caller_id, changes_leads
from app.clock import utc_now
from app.domain.leads.lifecycle import LABELS, STAGES, StageError
from app.errors import ApiError, invalid
from app.extensions import db
from app.models import Lead
from app.operations.contact.read_contact import clean_text
from app.operations.leads.update_lead import update_lead
from app.queries.leads.stays import StayTold, stays_told

PREFIX = "/api/lead-tracking/lifecycle/<int:lead_id>"


class Transition(msgspec.Struct):
    """A move to a stage; skipping and going back need a reason. `previous_stage` is where the lead
    stood when the move was decided."""

    stage: Literal[STAGES]
    reason: Line | None = None
    previous_stage: Annotated[
        Literal[STAGES] | None,
        msgspec.Meta(
            description="The stage that the lead stood in when the move was decided. If it stands "
            "elsewhere by then, it is not moved, and the answer is 409."
        ),
    ] = None


@blueprint.post(f"{PREFIX}/transition")
@role("agent")
@changes_leads
def transition(lead_id):
    """Moves a lead to another stage of its lifecycle; 409 when it is there already, or has left the
    previous_stage that the move was decided on."""
    lead, body, now = held_or_404(lead_id), read_body(Transition), utc_now()
    if body.previous_stage is not None:
        _refuse_elsewhere(lead, body.previous_stage, body.stage)
    changes = {"stage": body.stage, "reason": clean_text(body.reason)}
    try:
        or_422(update_lead, lead, changes, user_id=caller_id(), now=now)
        commit()
    except StageError as refused:
        db.session.rollback()
        if refused.code == "same_stage":
            raise ApiError(409, f"{refused}.", "same_stage") from None
        field = "reason" if refused.code == "reason_needed" else "stage"
        raise invalid({field: f"{refused}."}) from None
    except IntegrityError:  # somebody else moved the lead at the same moment
        db.session.rollback()
        raise ApiError(409, "The lead was moved just now. Look where it is.", "moved") from None
    return {"success": True, "lead_id": lead_id, "lifecycle": _told(stays_told(lead_id, now)[-1])}


def _refuse_elsewhere(lead: Lead, seen: str, wanted: str):
    """Raises ApiError for a lead that has left the stage it was seen in for one not wanted."""
    if lead.stage not in (seen, wanted):
        message = f"The lead has moved on: it is in stage {lead.stage}, no longer in {seen}."
        raise ApiError(409, message, "moved")


@blueprint.get(f"{PREFIX}/history")
@role("agent")
def lifecycle_history(lead_id):
    """Every stay in a stage, the oldest first."""
    lead_or_404(lead_id)
    stays = stays_told(lead_id, utc_now())
    return {"success": True, "lead_id": lead_id, "history": [_told(stay) for stay in stays]}


@blueprint.get(f"{PREFIX}/current")
@role("agent")
def current_stage(lead_id):
    """The stage a lead is in, and since when."""
    lead = lead_or_404(lead_id)
    current = [s for s in stays_told(lead_id, utc_now()) if s.row.is_current_stage]
    return {
        "success": True,
        "lead_id": lead_id,
        "stage": lead.stage,
        "label": LABELS[lead.stage],
        "current": _told(current[0]) if current else None,
    }


def _told(stay: StayTold) -> dict:
    row = stay.row
    return {
        "stage": row.stage,
        "previous_stage": row.previous_stage,
        "entered_at": iso(row.entered_at),
        "exited_at": iso(row.exited_at),
        "duration_days": stay.duration_days,
        "touchpoints_count": stay.touchpoints_count,
        "engagement_score": stay.engagement_score,
        "transition_reason": row.transition_reason,
        "is_current_stage": row.is_current_stage,
    }
