"""Several leads at once: given to somebody, or moved to a stage."""

from flask import abort, flash, redirect, request, session, url_for
from sqlalchemy.exc import IntegrityError

from app.access import may, role
from app.addresses import row_number
from app.blueprints.leads import blueprint
from app.blueprints.leads.page import read_id
from app.caller import caller_id, may_change_leads, own_leads_of
from app.clock import utc_now
from app.domain.lifecycle import LABELS, StageError
from app.domain.validation import Invalid
from app.extensions import db
from app.operations.update_lead import update_lead
from app.queries.lead_list import PAGE, assignable, find
from app.way_back import way_back

CHOSEN = "chosen_leads"  # in the browser's session: those still to be decided on
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
    if not may_change_leads():
        abort(403, "Analysts read; agents and admins change leads.")
    back = redirect(way_back(url_for("leads.index")), 303)
    ids, given, said = _chosen(), *_asked()
    if not ids or given is None:
        flash(said if ids else "Tick the leads first.", "warning")
        session[CHOSEN] = ids
        return back
    done, refused = 0, []
    for lead_id in ids:
        problem = _change(lead_id, given)
        if problem:
            refused.append((lead_id, *problem))
        else:
            done += 1
    if done:
        flash(f"{done} lead{'s' * (done != 1)} {said}.", "success")
    if refused:
        flash(_refusals(refused), "warning")
        session[CHOSEN] = [lead_id for lead_id, *_ in refused]
    return back


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


def _change(lead_id: int, given: dict) -> tuple[str, str] | None:
    """Changes one lead; else its name and why not."""
    lead = find(lead_id, own_leads_of())
    if lead is None:
        return f"Lead {lead_id}", "not found"
    name = lead.name
    try:
        changed = update_lead(lead, given, user_id=caller_id(), now=utc_now())
        db.session.commit()
    except StageError as refused:
        db.session.rollback()
        return name, WHY.get(refused.code, str(refused))
    except Invalid as refused:
        db.session.rollback()
        return name, "; ".join(refused.fields.values())
    except IntegrityError:  # somebody else moved it at the very same moment
        db.session.rollback()
        return name, "somebody else moved it just now"
    return None if changed else (name, "theirs already")


def _refusals(refused: list[tuple[int, str, str]]) -> str:
    """Why each was refused, those with the same reason together."""
    by_reason: dict[str, list[str]] = {}
    for _, name, why in refused:
        by_reason.setdefault(why, []).append(name)
    said = []
    for why, names in by_reason.items():
        more = len(names) - NAMED
        rest = f" and {more} more" if more > 0 else ""
        said.append(f"{', '.join(names[:NAMED])}{rest}: {why}")
    count = len(refused)
    return f"{count} stayed as {'they were' if count > 1 else 'it was'}. {'; '.join(said)}."
