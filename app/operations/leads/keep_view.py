"""Keep a view of the leads, change it, let it go, and take any of that back."""

from datetime import datetime

from sqlalchemy import select

from app.domain.leads.lead_view import canonical
from app.domain.validation import Invalid
from app.extensions import db
from app.models import AuditLog, SavedView
from app.operations.audit import audit
from app.operations.contact.read_contact import clean_text
from app.queries.leads.saved_views import count_of, view_named

LONGEST_NAME = 60
MOST_VIEWS = 50
CHANGED, REMOVED = "view.changed", "view.removed"


class ViewConflict(Exception):
    """The view was changed again, removed or replaced since."""


def keep_view(name: str, query: str, *, shared: bool, user_id: int, now: datetime) -> SavedView:
    """Keeps the filters of a query string under a name; what is no filter is left out.

    Raises Invalid: no name, one too long or taken, or too many views already.
    """
    if count_of(user_id) >= MOST_VIEWS:
        raise Invalid({"name": f"You keep {MOST_VIEWS} views already. Remove one first."})
    kept = SavedView(
        user_id=user_id,
        name=_read_name(name, user_id),
        query=canonical(query),
        shared=shared,
        created_at=now,
    )
    db.session.add(kept)
    db.session.flush()
    audit("view.kept", _subject(kept.id), _told(kept), user_id=user_id, now=now)
    return kept


def change_view(
    kept: SavedView, given: dict, *, user_id: int | None, now: datetime
) -> AuditLog | None:
    """Takes name, query and shared as far as given; the line of the log, none when all is as it
    was. Raises Invalid as `keep_view`."""
    before = _told(kept)
    if "name" in given:
        kept.name = _read_name(given["name"], kept.user_id, kept.id)
    if "query" in given:
        kept.query = canonical(given["query"])
    kept.shared = given.get("shared", kept.shared)
    after = _told(kept)
    if before == after:
        return None
    db.session.flush()
    detail = {"view_id": kept.id, "before": before, "after": after}
    return _noted(CHANGED, kept.id, detail, user_id, now)


def remove_view(kept: SavedView, *, user_id: int | None, now: datetime) -> AuditLog:
    """Lets a view go; the line of the log by which it can come back."""
    detail = {"user_id": kept.user_id, "before": _told(kept)}
    line = _noted(REMOVED, kept.id, detail, user_id, now)
    db.session.delete(kept)
    db.session.flush()
    return line


def undo_view(line: AuditLog, *, user_id: int | None, now: datetime) -> SavedView:
    """Takes back what a line of the log says of a view. Raises ViewConflict."""
    before = line.detail["before"]
    if line.action == REMOVED:
        owner_id = line.detail["user_id"]
        if view_named(before["name"], owner_id) or count_of(owner_id) >= MOST_VIEWS:
            raise ViewConflict
        kept = SavedView(user_id=owner_id, created_at=now, **before)
        db.session.add(kept)
    else:
        wanted = select(SavedView).where(SavedView.id == line.detail["view_id"])
        kept = db.session.scalar(wanted)
        if kept is None or _told(kept) != line.detail["after"]:
            raise ViewConflict
        namesake = view_named(before["name"], kept.user_id)
        if namesake and namesake.id != kept.id:
            raise ViewConflict
        kept.name, kept.query, kept.shared = before["name"], before["query"], before["shared"]
    db.session.flush()
    audit("view.restored", _subject(kept.id), before, user_id=user_id, now=now)
    return kept


def _read_name(given: str, user_id: int, view_id: int | None = None) -> str:
    name = clean_text(given)
    if not name:
        raise Invalid({"name": "Give the view a name."})
    if len(name) > LONGEST_NAME:
        raise Invalid({"name": f"Shorten this to {LONGEST_NAME} characters."})
    namesake = view_named(name, user_id)
    if namesake and namesake.id != view_id:
        raise Invalid({"name": "A view of this name is kept already. Choose another name."})
    return name


def _told(kept: SavedView) -> dict:
    return {"name": kept.name, "query": kept.query, "shared": kept.shared}


def _subject(view_id: int) -> str:
    return f"view {view_id}"


def _noted(action: str, view_id: int, detail: dict, user_id: int | None, now: datetime) -> AuditLog:
    line = audit(action, _subject(view_id), detail, user_id=user_id, now=now)
    db.session.flush()
    return line
