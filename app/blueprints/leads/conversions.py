"""What a lead became, conversion by conversion, and taking back what was told of wrongly."""

from datetime import datetime

from flask import abort, flash, redirect, render_template, request, url_for

from app.access import role
from app.blueprints.leads import blueprint
from app.blueprints.leads.page import find_lead, lead_to_change
from app.caller import caller_id, may_change_leads
from app.clock import utc_now
from app.domain.attribution.attribution import CONVERSION_TYPES
from app.extensions import db
from app.operations.attribution.remove_conversion import (
    REMOVED,
    FollowsFromLogError,
    put_back,
    remove_conversion,
    why,
)
from app.queries.attribution.conversions import conversions_of, logged, stored_since
from app.queries.users import audit_line

NAMES = {
    "lead_created": "Became a lead",
    "qualified": "Qualified",
    "opportunity": "Became an opportunity",
    "customer": "Bought",
}


@blueprint.get("/admin/leads/<int:lead_id>/conversions")
@role("agent")
def conversions(lead_id):
    """Every conversion with what is known of it; those that nothing logged says can be removed."""
    lead = find_lead(lead_id)
    known = logged(lead_id)
    shared = {(each.type, each.at) for each in stored_since(lead_id)}
    found = sorted(conversions_of([lead_id]), key=lambda each: each.at, reverse=True)
    rows = [
        {
            "type": each.type,
            "name": NAMES[each.type],
            "at": each.at,
            "value": max(each.values.values()),
            "shared": (each.type, each.at) in shared,
            "stays": why(each.type, known[each.type, each.at])
            if (each.type, each.at) in known
            else "",
        }
        for each in found
    ]
    changeable = may_change_leads()
    return render_template("leads/conversions.html", lead=lead, rows=rows, changeable=changeable)


@blueprint.post("/admin/leads/<int:lead_id>/conversions/remove")
@role("agent")
def take_back_conversion(lead_id):
    lead = lead_to_change(lead_id)
    kind, at = request.form.get("type", ""), _moment(request.form.get("at", ""))
    if kind not in CONVERSION_TYPES or at is None:
        abort(400, "Choose a conversion of the list.")
    try:
        line = remove_conversion(lead, kind, at, user_id=caller_id(), now=utc_now())
    except FollowsFromLogError as problem:
        db.session.rollback()
        return _told(lead_id, str(problem), "error")
    if line is None:
        db.session.rollback()
        return _told(lead_id, "This conversion is gone already.", "info")
    undo = url_for("leads.put_back_conversion", lead_id=lead_id, line_id=line.id)
    db.session.commit()
    said = "Conversion removed. It counts nowhere in attribution any more."
    return _told(lead_id, {"text": said, "undo": undo}, "success")


@blueprint.post("/admin/leads/<int:lead_id>/conversions/<int:line_id>/back")
@role("agent")
def put_back_conversion(lead_id, line_id):
    """Puts back what a line of the audit log says was removed."""
    lead = lead_to_change(lead_id)
    line = audit_line(line_id)
    if line is None or (line.action, line.subject) != (REMOVED, f"lead {lead_id}"):
        abort(404, "There is nothing to undo here.")
    is_back = put_back(lead, line, user_id=caller_id(), now=utc_now())
    db.session.commit()
    if is_back:
        return _told(lead_id, "The conversion is back.", "success")
    return _told(lead_id, "It is there again already.", "info")


def _moment(told: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(told)
    except ValueError:
        return None
    return moment if moment.tzinfo and moment.year >= 1970 else None


def _told(lead_id: int, said: str | dict, kind: str):
    flash(said, kind)
    return redirect(url_for("leads.conversions", lead_id=lead_id), 303)
