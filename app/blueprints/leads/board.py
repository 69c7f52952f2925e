"""The leads by stage, and moving them from one to the next."""

import json

from flask import abort, flash, g, jsonify, redirect, render_template, request, url_for
from sqlalchemy.exc import IntegrityError

from app.access import role
from app.blueprints.leads import blueprint, filters, present, views
from app.blueprints.leads.page import find_lead, lead_to_change, may_take_back, undo_of_move
from app.caller import caller_id, may_change_leads
from app.clock import utc_now
from app.domain.leads.lead_view import filters_of
from app.domain.leads.lifecycle import EXITS, LABELS, MOVES, NEEDS_REASON, STAGES, StageError
from app.domain.money import money
from app.errors import CODES, wants_json
from app.extensions import db
from app.models import Lead
from app.operations.leads import take_back_move as moves
from app.operations.leads.lock_lead import lock_lead
from app.operations.leads.update_lead import update_lead
from app.queries.contact.contact import interaction
from app.queries.leads import lead_board
from app.way_back import way_back

LONGEST_REASON = 300
GONE = "This move was taken back already."
# stage -> the stages to which a move needs a reason
ASKS_WHY = {
    stage: [to for to in STAGES if MOVES.get((stage, to)) in NEEDS_REASON] for stage in STAGES
}
NEEDS = "Say why: this move skips a stage, goes back or comes back."


@blueprint.get("/admin/leads/board")
@role("agent")
def board():
    asked, problems = filters.asked(), filters.problems()
    wanted = filters.wanted_by(asked)
    stage, choices = wanted.stage, filters.choices(asked)
    page = render_template(
        "leads/board.html",
        columns=lead_board.columns(wanted, filters.sort_of(asked)),
        folded={s for s in STAGES if s != stage and (stage or s in EXITS)},
        asked=present.Blank(asked),
        wanted=wanted,
        choices=choices,
        said=filters.told(asked, choices["people"]),
        left_out=filters.left_out(),
        problems=present.Blank(problems),
        days=filters.typed_days(),
        filtered=bool(asked.keys() - {"sort"}),
        views=views.tabs("leads.board", asked),
        changeable=may_change_leads(),
        asks_why=json.dumps(ASKS_WHY),
        most=lead_board.CARDS,
        back=request.full_path.rstrip("?"),
    )
    return page, 422 if problems else 200


@blueprint.get("/admin/leads/<int:lead_id>/move")
@role("agent")
def moving(lead_id):
    """The form of a card's "Move", for those without scripts."""
    return _form(find_lead(lead_id))


@blueprint.post("/admin/leads/<int:lead_id>/move")
@role("agent")
def move_card(lead_id):
    """Moves a lead `from` the stage in which it was seen to another; 409 where it is elsewhere."""
    lead, told = lead_to_change(lead_id), request.form
    stage, seen = told.get("stage", ""), told.get("from", "")
    reason = told.get("reason", "").strip()[:LONGEST_REASON]
    lock_lead(lead)
    if seen not in ("", lead.stage):
        return _elsewhere(lead)
    given = {"stage": stage, "reason": reason}
    came_from = lead.stage
    try:
        update_lead(lead, given, user_id=caller_id(), now=utc_now())
        db.session.commit()
    except StageError as refused:
        db.session.rollback()
        return _refused(find_lead(lead_id), refused.code)
    except IntegrityError:  # somebody else moved the lead at the very same moment
        db.session.rollback()
        return _elsewhere(find_lead(lead_id))
    said, back = f"{lead.name} moved to {LABELS[lead.stage]}.", way_back(url_for("leads.board"))
    undo = undo_of_move(lead, back)
    if wants_json():
        return _told(lead, came_from, said, undo)
    flash({"text": said, "undo": undo}, "success")
    return redirect(back, 303)


@blueprint.post("/admin/leads/<int:lead_id>/moves/<uuid:event_id>/take-back")
@role("agent")
def take_back_move(lead_id, event_id):
    """Takes a move back, with all that followed from it; the lead is where it would be without."""
    lead = lead_to_change(lead_id)
    made, came_from = interaction(event_id), lead.stage
    if made is None or made.lead_id != lead.id or made.type != "stage_changed":
        abort(404, GONE)
    if not may_take_back(made):
        abort(403, "Whoever moved them takes it back within a day, or an admin.")
    if not moves.take_back_move(lead, made, user_id=caller_id(), now=utc_now()):
        abort(404, GONE)
    db.session.commit()
    said = f"Taken back: {lead.name} is in {LABELS[lead.stage]}."
    if wants_json():
        return _told(lead, came_from, said)
    flash(said, "success")
    return redirect(way_back(url_for("leads.show", lead_id=lead_id)), 303)


def _told(lead: Lead, came_from: str, said: str, undo: str | None = None):
    """What the board's script puts in place: the card as it is now, the heads of the columns."""
    sums = lead_board.totals(filters.wanted_by(filters_of(request.form.get("filters", ""))))
    return jsonify(
        success=True,
        message=said,
        undo=undo,
        stage=lead.stage,
        **{"from": came_from},
        card=render_template(
            "leads/_card.html",
            card=lead_board.card(lead.id),
            changeable=True,
            back=way_back(url_for("leads.board")),
        ),
        columns={
            stage: {
                "count": f"{count:,}",
                "value": money(value, g.organization.currency) if value else "",
            }
            for stage, (count, value) in sums.items()
        },
    )


def _elsewhere(lead: Lead):
    said = f"Somebody moved {lead.name} to {LABELS[lead.stage]} in the meantime."
    if wants_json():
        return _problem(409, said, lead), 409
    flash(f"{said} It was not moved again.", "warning")
    return redirect(way_back(url_for("leads.board")), 303)


def _refused(lead: Lead, code: str):
    if code == "same_stage":
        return _elsewhere(lead) if wants_json() else _form(lead, "stage", "They are there already.")
    field, said = ("reason", NEEDS) if code == "reason_needed" else ("stage", "Choose a stage.")
    if wants_json():
        return _problem(422, said, lead, {field: said}), 422
    return _form(lead, field, said)


def _problem(status: int, said: str, lead: Lead, fields: dict | None = None):
    error = {"code": CODES[status], "message": said} | ({"fields": fields} if fields else {})
    return jsonify(success=False, error=error, stage=lead.stage)


def _form(lead: Lead, field: str = "", problem: str = ""):
    page = render_template(
        "leads/move.html",
        lead=lead,
        stages={stage: LABELS[stage] for stage in STAGES if stage != lead.stage},
        asks_why=[LABELS[stage] for stage in ASKS_WHY[lead.stage]],
        errors=present.Blank({field: problem} if field else {}),
        typed=present.Blank(request.form.to_dict()),
        changeable=may_change_leads(),
        following=next((s for s in STAGES if MOVES.get((lead.stage, s)) == "next"), ""),
        back=way_back(url_for("leads.board")),
    )
    return page, 422 if field else 200
