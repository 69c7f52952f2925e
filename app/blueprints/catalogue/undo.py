"""Taking back what was saved, imported or deleted."""

from flask import abort, flash, redirect, url_for

from app.access import role
from app.blueprints.catalogue import blueprint
from app.blueprints.catalogue.saving import flash_with_undo, subject_of
from app.caller import caller_id
from app.clock import utc_now
from app.extensions import db
from app.operations.catalogue.change_catalogue import CatalogueConflict
from app.operations.catalogue.undo_catalogue import StillUsed, undo_catalogue
from app.queries.users import audit_line

# Where the entries of a kind are listed.
LISTS = {
    "treatments": "catalogue.treatments",
    "clinics": "catalogue.clinics",
    "practitioners": "catalogue.practitioners",
    "opening_hours": "catalogue.clinics",
    "working_hours": "catalogue.practitioners",
    "closures": "catalogue.closures",
}
NAMED = 3


@blueprint.post("/undo/<int:line_id>")
@role("admin")
def undo(line_id: int):
    """Takes back what a line of the audit log says, unless it was changed again since."""
    line = audit_line(line_id)
    changes = line and (line.detail or {}).get("changes")
    if not changes or not line.action.startswith("catalogue."):
        abort(404, "There is nothing to undo here.")
    back = redirect(url_for(LISTS[changes[0]["kind"]]), 303)
    try:
        undone = undo_catalogue(line, user_id=caller_id(), now=utc_now())
    except CatalogueConflict as conflict:
        db.session.rollback()
        flash(_not_undone(conflict), "error")
        return back
    db.session.commit()
    flash_with_undo("Undone. All is as it was before.", undone)
    return back


def _not_undone(conflict: CatalogueConflict) -> str:
    named = "; ".join(subject_of(kind, key) for kind, key in conflict.keys[:NAMED])
    more = len(conflict.keys) - NAMED
    rest = f" and {more} more" if more > 0 else ""
    if isinstance(conflict, StillUsed):
        return f"This is in use by now, so it cannot be undone: {named}{rest}."
    return f"This was changed again since, so it cannot be undone: {named}{rest}."
