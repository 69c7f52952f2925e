"""Notes about a lead. Who wrote one may change it, and so may an admin."""

from flask import abort, flash, redirect, request, url_for

from app.access import may, role
from app.blueprints.leads import blueprint
from app.blueprints.leads.drafts import sent
from app.blueprints.leads.page import lead_to_change, show_page
from app.caller import caller_id
from app.clock import utc_now
from app.domain.validation import Invalid
from app.extensions import db
from app.models import LeadNote
from app.operations.leads import write_note as operations
from app.queries.leads.lead_desk import note_of
from app.way_back import way_back


@blueprint.post("/admin/leads/<int:lead_id>/notes")
@role("agent")
def write_note(lead_id):
    lead = lead_to_change(lead_id)
    try:
        operations.write_note(lead, _text(), user_id=caller_id(), now=utc_now())
    except Invalid as problem:
        db.session.rollback()
        return show_page(lead_id, "note", problem.fields), 422
    sent(lead_id, "note")
    return _done(lead_id, "Note kept.")


@blueprint.post("/admin/leads/<int:lead_id>/notes/<int:note_id>")
@role("agent")
def edit_note(lead_id, note_id):
    note = _note_to_change(lead_id, note_id)
    if note.removed_at:
        abort(404, "This note was taken away.")
    try:
        changed = operations.rewrite_note(note, _text(), user_id=caller_id(), now=utc_now())
    except Invalid as problem:
        db.session.rollback()
        return show_page(lead_id, f"note-{note_id}", problem.fields), 422
    sent(lead_id, f"note-{note_id}")
    return _done(lead_id, "Note changed." if changed else "Nothing has changed.")


@blueprint.post("/admin/leads/<int:lead_id>/notes/<int:note_id>/remove")
@role("agent")
def remove_note(lead_id, note_id):
    note = _note_to_change(lead_id, note_id)
    operations.remove_note(note, user_id=caller_id(), now=utc_now())
    undo = url_for("leads.restore_note", lead_id=lead_id, note_id=note_id)
    return _done(lead_id, {"text": "Note removed.", "undo": undo})


@blueprint.post("/admin/leads/<int:lead_id>/notes/<int:note_id>/restore")
@role("agent")
def restore_note(lead_id, note_id):
    note = _note_to_change(lead_id, note_id)
    operations.restore_note(note, user_id=caller_id(), now=utc_now())
    return _done(lead_id, "The note is back.")


def _note_to_change(lead_id: int, note_id: int) -> LeadNote:
    lead_to_change(lead_id)
    note = note_of(lead_id, note_id) or abort(404)
    if not (may("admin") or (note.user_id and note.user_id == caller_id())):
        abort(403, "Whoever wrote a note changes it, or an admin.")
    return note


def _text() -> str:
    return request.form.get("text", "")


def _done(lead_id: int, said: str | dict):
    db.session.commit()
    flash(said, "success")
    return redirect(way_back(url_for("leads.show", lead_id=lead_id)), 303)
