"""What saving has in common, whatever is saved: one transaction, one line of the log, an undo."""

from collections.abc import Sequence

from flask import flash, url_for

from app.caller import caller_id
from app.clock import utc_now
from app.domain.catalogue.catalogue import KINDS, Key, Record
from app.domain.catalogue.catalogue_changes import Change
from app.domain.catalogue.catalogue_fields import write_money
from app.extensions import db
from app.models import AuditLog
from app.operations.catalogue.change_catalogue import CatalogueConflict, change_catalogue
from app.queries.users import audit_lines

NOTHING = "Nothing was changed, so nothing was saved."
MONEY = ("price_low", "price_high")


def save(changes: Sequence[Change], action: str, subject: str, said: str, **more) -> bool:
    """Does the changes and says so, with a way back; False when somebody was quicker."""
    changes = [change for change in changes if change.before != change.after]
    if not changes:
        flash(NOTHING, "info")
        return True
    try:
        line = change_catalogue(
            changes, action, subject, user_id=caller_id(), now=utc_now(), **more
        )
    except CatalogueConflict:
        db.session.rollback()
        return False
    db.session.commit()
    flash_with_undo(said, line)
    return True


def flash_with_undo(said: str, line: AuditLog) -> None:
    flash({"text": said, "undo": url_for("catalogue.undo", line_id=line.id)}, "success")


def subject_of(kind: str, key: Key) -> str:
    """How the audit log names an entry."""
    return f"{KINDS[kind].one} {' at '.join(key)}"


def last_edit(subject: str) -> tuple[AuditLog, str] | None:
    """Who changed it last, and when."""
    lines = audit_lines(subject=subject, limit=1)
    return lines[0] if lines else None


def in_words(kind: str, name: str, value) -> str:
    """A value as the tables of changes show it."""
    if value is None or value in ("", []):
        return "nothing"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if name in MONEY:
        return write_money(value)
    column = KINDS[kind].by_name.get(name)
    return column.write(value) if column else str(value)


def differences(kind: str, typed: Record, stored: Record) -> list[tuple[str, str]]:
    """The fields in which what was typed differs from what is stored by now: (label, stored)."""
    by_name = KINDS[kind].by_name
    return [
        (by_name[name].label, in_words(kind, name, value))
        for name, value in stored.items()
        if name in by_name and typed.get(name) != value
    ]
