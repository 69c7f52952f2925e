"""Several leads at once: given to somebody, or moved to a stage."""

from collections.abc import Callable
from functools import partial

from flask import abort, flash, redirect, request, session, url_for

from app.access import may, role
from app.addresses import row_number
from app.blueprints.leads import blueprint
from app.blueprints.leads.page import may_take_back, read_id
from app.caller import caller_id, may_change_leads, own_leads_of
from app.clock import utc_now
from app.domain.leads.lifecycle import LABELS, StageError
from app.domain.validation import Invalid
from app.extensions import db
from app.models import Lead
from app.operations.leads.lock_lead import lock_lead
from app.operations.leads.take_back_move import take_back_move
from app.operations.leads.update_lead import update_lead
from app.queries.leads.lead_list import PAGE, assignable, find
from app.queries.leads.stage_facts import newest_move
from app.way_back import way_back

# In the browser's session: leads still to be decided on, and what was done last with how it was.
CHOSEN, DONE = "chosen_leads", "done_with_leads"
NAMED = 4
WHY = {
    "same_stage": "there already",
    "reason_needed": "needs a reason, for it skips a stage or goes back",
}


@blueprint.post("/admin/leads/bulk")
@role("agent")
def bulk():
    """Does the same with every lead chosen, each for itself: one that is refused keeps none of the
    others back, stays chosen and is named."""
    _refuse_readers()
    ids, given, said = _chosen(), *_asked()
    if not ids or given is None:
        flash(said if ids else "Tick the leads first.", "warning")
        session[CHOSEN] = ids
        return _back()
    field = next(iter(given))
    before, refused = {}, {}
    for lead_id in ids:
        _one(lead_id, partial(_changed, given=given), before, refused)
    if before:
        session[DONE] = {"field": field, "after": given[field], "before": list(before.items())}
        undo = url_for("leads.undo_bulk", next=way_back(url_for("leads.index")))
        flash({"text": f"{_leads(before)} {said}.", "undo": undo}, "success")
    session[CHOSEN] = list(refused)
    _tell(refused)
    return _back()


@blueprint.post("/admin/leads/bulk/undo")
@role("agent")
def undo_bulk():
    """Brings the leads changed last back to how they were, but for those changed again since."""
    _refuse_readers()
    done = session.pop(DONE, None)
    if done is None:
        flash("There is nothing to undo any more.", "info")
        return _back()
    field, kept = done["field"], dict(done["before"])
    if field == "assignee_id" and not may("admin"):
        abort(403, "Admins say whose a lead is.")
    undone, refused = {}, {}

    def undo(lead):
        if getattr(lead, field) != done["after"]:
            raise _Refused("changed again since")
        return (_unmoved if field == "stage" else _reassigned)(lead, kept[lead.id])

    for lead_id in kept:
        _one(lead_id, undo, undone, refused)
    if undone:
        flash(f"Undone: {_leads(undone)} as before.", "success")
    _tell(refused)
    return _back()


def _refuse_readers():
    if not may_change_leads():
        abort(403, "Analysts read; agents and admins change leads.")


def _back():
    return redirect(way_back(url_for("leads.index")), 303)


def _leads(found: dict) -> str:
    return f"{len(found)} lead{'s' * (len(found) != 1)}"


def _chosen() -> list[int]:
    try:
        ids = dict.fromkeys(row_number(text) for text in request.form.getlist("lead_id"))
    except ValueError:
        abort(400, "Choose leads of the list.")
    if len(ids) > PAGE:
        abort(400, f"At most {PAGE} leads at once.")
    return list(ids)


def _asked() -> tuple[dict | None, str]:
    """What is to change and how it is said when done; or none, and what is missing."""
    form = request.form
    if form.get("do") == "assign":
        if not may("admin"):
            abort(403, "Admins say whose a lead is.")
        told = form.get("assignee_id", "")
        if told == "":
            return None, "Choose to whom the leads go."
        if told == "none":
            return {"assignee_id": None}, "assigned to nobody"
        chosen = read_id(told, "Choose somebody of the list.")
        named = next((user.name for user in assignable() if user.id == chosen), "them")
        return {"assignee_id": chosen}, f"assigned to {named}"
    stage = form.get("stage", "")
    if stage not in LABELS:
        return None, "Choose the stage to move the leads to."
    reason = form.get("reason", "").strip()[:300]
    return {"stage": stage, "reason": reason}, f"moved to {LABELS[stage]}"


class _Refused(Exception):
    """Why a lead stays as it is."""


def _one(lead_id: int, act: Callable[[Lead], int | None], done: dict, refused: dict) -> None:
    """Acts on one lead and notes what undoes it; or why it was refused, as (name, why)."""
    lead = find(lead_id, own_leads_of())
    if lead is None:
        refused[lead_id] = f"Lead {lead_id}", "not found"
        return
    lock_lead(lead)
    name = lead.name
    try:
        undoes = act(lead)
        db.session.commit()
        done[lead_id] = undoes
    except (_Refused, StageError, Invalid) as problem:
        db.session.rollback()
        refused[lead_id] = name, _why(problem)


def _why(problem: Exception) -> str:
    if isinstance(problem, StageError):
        return WHY.get(problem.code, str(problem))
    return "; ".join(problem.fields.values()) if isinstance(problem, Invalid) else str(problem)


def _changed(lead: Lead, given: dict) -> int | None:
    """Changes a lead; the id of the move that this was, or of whom it was assigned to before."""
    was = lead.assignee_id
    if not update_lead(lead, given, user_id=caller_id(), now=utc_now()):
        raise _Refused("theirs already")
    return newest_move(lead.id).id if "stage" in given else was


def _unmoved(lead: Lead, move_id: int) -> None:
    made = newest_move(lead.id)
    if made is None or made.id != move_id or not may_take_back(made):
        raise _Refused("changed again since")
    take_back_move(lead, made, user_id=caller_id(), now=utc_now())


def _reassigned(lead: Lead, assignee_id: int | None) -> None:
    update_lead(lead, {"assignee_id": assignee_id}, user_id=caller_id(), now=utc_now())


def _tell(refused: dict[int, tuple[str, str]]) -> None:
    """Says why each was refused, those with the same reason together."""
    if not refused:
        return
    by_reason: dict[str, list[str]] = {}
    for name, why in refused.values():
        by_reason.setdefault(why, []).append(name)
    said = []
    for why, names in by_reason.items():
        more = len(names) - NAMED
        rest = f" and {more} more" if more > 0 else ""
        said.append(f"{', '.join(names[:NAMED])}{rest}: {why}")
    one = len(refused) == 1
    told = f"{len(refused)} stayed as {'it was' if one else 'they were'}. {'; '.join(said)}."
    flash(told, "warning")
