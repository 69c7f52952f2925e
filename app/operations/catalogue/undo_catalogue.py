from collections.abc import Sequence
from datetime import datetime

from app.domain.catalogue.catalogue import KINDS
from app.domain.catalogue.catalogue_changes import Change, reversed_change
from app.models import AuditLog
from app.operations.catalogue.change_catalogue import CatalogueConflict, change_catalogue
from app.queries.catalogue.catalogue_records import NAMED, records
from app.queries.catalogue.staff import used_since

UNDONE = "catalogue.undone"


class StillUsed(CatalogueConflict):
    """What was added is in use by now, so taking it away would take more along."""


def undo_catalogue(line: AuditLog, *, user_id: int | None, now: datetime) -> AuditLog | None:
    """Takes back all that a line of the audit log says was changed in the catalogue.

    Raises CatalogueConflict naming what was changed again since, StillUsed naming what is in use
    by now; nothing is done then.
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
    if used := _used(changes, line.at):
        raise StillUsed(used)
    return change_catalogue(changes, UNDONE, line.subject, user_id=user_id, now=now, undoes=line.id)


def _used(changes: Sequence[Change], since: datetime) -> list[tuple[str, tuple[str, ...]]]:
    """The entries that the changes would delete although something else names them."""
    gone: dict[str, set] = {kind: set() for kind in KINDS}
    for change in changes:
        if change.after is None:
            gone[change.kind].add(change.key)
    named = {kind: {slug for (slug,) in gone[kind]} for kind in NAMED if gone[kind]}
    used = {kind: used_since(kind, slugs, since) for kind, slugs in named.items()}
    for kind, column in (("clinics", "clinic"), ("practitioners", "practitioner")):
        for part in ("opening_hours", "working_hours", "closures") if kind in named else ():
            left = [record for key, record in records(part).items() if key not in gone[part]]
            used[kind] |= named[kind] & {record.get(column) for record in left}
    return [(kind, (slug,)) for kind, slugs in used.items() for slug in sorted(slugs)]
