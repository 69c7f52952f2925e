"""What happened with a lead away from the website, noted on their page."""

from uuid import UUID

from flask import flash, redirect, request, url_for

from app.access import role
from app.blueprints.leads import blueprint
from app.blueprints.leads.page import find_lead, lead_to_change, page, read_moment
from app.caller import caller_id
from app.clock import utc_now
from app.domain.validation import Invalid
from app.extensions import db
from app.operations.log_engagement import LOGGED, log_engagement


@blueprint.post("/admin/leads/<int:lead_id>/engagements")
@role("agent")
def log(lead_id):
    lead = lead_to_change(lead_id)
    form = request.form
    try:
        log_engagement(
            lead,
            form.get("type", ""),
            note=form.get("note", ""),
            occurred_at=read_moment(form.get("occurred_at", ""), "occurred_at"),
            event_id=_event_id(form.get("event_id", "")),
            user_id=caller_id(),
            now=utc_now(),
        )
    except Invalid as problem:
        db.session.rollback()
        return page(find_lead(lead_id), "log", problem.fields), 422
    db.session.commit()
    flash(f"{LOGGED[form['type']]} noted.", "success")
    return redirect(url_for("leads.show", lead_id=lead_id), 303)


def _event_id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
