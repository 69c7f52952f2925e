"""What happened with a lead away from the website, logged on their page."""

from uuid import UUID

from flask import abort, flash, redirect, request, url_for

from app.access import role
from app.blueprints.leads import blueprint
from app.blueprints.leads.drafts import sent
from app.blueprints.leads.page import lead_to_change, may_take_back, read_moment, show_page
from app.caller import caller_id
from app.clock import utc_now
from app.domain.catalogue.catalogue_fields import FieldError, read_money
from app.domain.validation import Invalid
from app.extensions import db
from app.operations.tracking.log_engagement import called, log_engagement
from app.operations.tracking.take_back_engagement import take_back_engagement
from app.queries.contact.contact import interaction

GONE = "This was taken back already."


@blueprint.post("/admin/leads/<int:lead_id>/engagements")
@role("agent")
def log(lead_id):
    lead = lead_to_change(lead_id)
    form = request.form
    try:
        act = log_engagement(
            lead,
            form.get("type", ""),
            note=form.get("note", ""),
            revenue=_revenue(form.get("revenue", "")),
            occurred_at=read_moment(form.get("occurred_at", ""), "occurred_at"),
            event_id=_event_id(form.get("event_id", "")),
            user_id=caller_id(),
            now=utc_now(),
        )
    except Invalid as problem:
        db.session.rollback()
        return show_page(lead_id, "log", problem.fields), 422
    db.session.commit()
    sent(lead_id, "log")
    undo = url_for("leads.take_back", lead_id=lead_id, event_id=act.event_id)
    flash({"text": f"{called(act.type)} logged.", "undo": undo}, "success")
    return redirect(url_for("leads.show", lead_id=lead_id), 303)


@blueprint.post("/admin/leads/<int:lead_id>/engagements/<uuid:event_id>/take-back")
@role("agent")
def take_back(lead_id, event_id):
    lead = lead_to_change(lead_id)
    act = interaction(event_id)
    if act is None or act.lead_id != lead.id:
        abort(404, GONE)
    if not may_take_back(act):
        abort(403, "Whoever logged this takes it back within a day, or an admin.")
    words = called(act.type)
    if not take_back_engagement(lead, act, user_id=caller_id(), now=utc_now()):
        abort(404, GONE)
    db.session.commit()
    flash(f"{words} taken back.", "success")
    return redirect(url_for("leads.show", lead_id=lead_id), 303)


def _revenue(text: str) -> int | None:
    """An amount in major units, as minor units."""
    try:
        return read_money(text) if text.strip() else None
    except FieldError as problem:
        raise Invalid({"revenue": str(problem)}) from None


def _event_id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
