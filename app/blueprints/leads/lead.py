"""One lead's page, and all that is done there."""

from flask import flash, redirect, request, url_for

from app.access import role
from app.blueprints.leads import blueprint, choices_shown
from app.blueprints.leads.drafts import sent
from app.blueprints.leads.page import (
    known_choices,
    lead_to_change,
    read_id,
    show_page,
    undo_of_move,
)
from app.caller import caller_id
from app.clock import utc_now
from app.domain.leads.lifecycle import LABELS, StageError
from app.domain.validation import Invalid
from app.extensions import db
from app.models import Lead
from app.operations.leads.erase_lead import erase_lead
from app.operations.leads.update_lead import update_lead

TEXTS = (
    "first_name",
    "last_name",
    "email",
    "phone",
    "location",
    "notes",
)


@blueprint.get("/admin/leads/<int:lead_id>")
@role("agent")
def show(lead_id):
    return show_page(lead_id)


@blueprint.post("/admin/leads/<int:lead_id>")
@role("agent")
def edit(lead_id):
    lead = lead_to_change(lead_id)
    given = {name: request.form[name] for name in TEXTS if name in request.form}
    given |= choices_shown.chosen(known_choices(lead))
    if "interests" in request.form:
        given["interests"] = request.form["interests"].split(",")
    return _change(lead, given, "edit", "Saved.")


@blueprint.post("/admin/leads/<int:lead_id>/stage")
@role("agent")
def move(lead_id):
    lead = lead_to_change(lead_id)
    stage, seen = request.form.get("stage", ""), request.form.get("from", "")
    reason = request.form.get("reason", "").strip()[:300]
    if seen and seen != lead.stage:
        message = f"Somebody moved them to {LABELS[lead.stage]} in the meantime. Look again."
        return show_page(lead_id, "stage", {"stage": message}), 409
    if stage == lead.stage:
        return show_page(lead_id, "stage", {"stage": f"They are in {LABELS[stage]} already."}), 409
    given = {"stage": stage, "reason": reason}
    return _change(lead, given, "stage", f"Moved to {LABELS.get(stage, stage)}.")


@blueprint.post("/admin/leads/<int:lead_id>/assignee")
@role("admin")
def assign(lead_id):
    lead = lead_to_change(lead_id)
    chosen = read_id(request.form.get("assignee_id", ""), "Choose somebody of the list.")
    given = {"assignee_id": chosen}
    return _change(lead, given, "assign", "Assigned." if chosen else "Assigned to nobody.")


@blueprint.post("/admin/leads/<int:lead_id>/erase")
@role("admin")
def erase(lead_id):
    lead = lead_to_change(lead_id)
    if request.form.get("confirm") != "erase":
        problem = {"confirm": "Tick the box to say that you mean it."}
        return show_page(lead_id, "erase", problem), 422
    erase_lead(lead, user_id=caller_id(), now=utc_now())
    db.session.commit()
    flash("The person is erased. What was counted stays counted.", "success")
    return redirect(url_for("leads.index"), 303)


def _change(lead: Lead, given: dict, form: str, done: str):
    lead_id, here = lead.id, url_for("leads.show", lead_id=lead.id)
    try:
        changed = update_lead(lead, given, user_id=caller_id(), now=utc_now())
    except (Invalid, StageError) as problem:
        db.session.rollback()
        errors = problem.fields if isinstance(problem, Invalid) else _stage_errors(problem)
        return show_page(lead_id, form, errors), 422
    db.session.commit()
    sent(lead_id, form)
    if "stage" in changed:
        flash({"text": done, "undo": undo_of_move(lead, here)}, "success")
    else:
        flash(done if changed else "Nothing has changed.", "success" if changed else "info")
    return redirect(here, 303)


def _stage_errors(problem: StageError) -> dict[str, str]:
    if problem.code == "reason_needed":
        return {"reason": "Say why: this move skips a stage, goes back or comes back."}
    return {"stage": "Choose a stage of the list."}
