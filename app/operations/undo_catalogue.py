from datetime import datetime

from app.domain.catalogue_changes import Change, reversed_change
from app.models import AuditLog
from app.operations.change_catalogue import CatalogueConflict, change_catalogue
from app.queries.catalogue_records import records

UNDONE = "catalogue.undone"


def undo_catalogue(line: AuditLog, *, user_id: int | None, now: datetime) -> AuditLog | None:
    """Takes back all that a line of the audit log says was changed in the catalogue.

    Raises CatalogueConflict naming what was changed again since; nothing is done then.
    """
    kept = list(reversed((line.detail or {}).get("changes", ())))
    current = {
        kind: records(kind, [tuple(each["key"]) for each in kept if each["kind"] == kind])
        for kind in dict.fromkeys(each["kind"] for each in kept)
    }
    changes: list[Change] = []
    stale = []
    for each in kept:
        key = tuple(each["key"])
        change = reversed_change(each, current[each["kind"]].get(key))
        if change is None:
            stale.append((each["kind"], key))
        else:
            changes.append(change)
    if stale:
        raise CatalogueConflict(stale)
    return change_catalogue(changes, UNDONE, line.subject, user_id=user_id, now=now, undoes=line.id)
