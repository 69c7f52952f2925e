"""Change the catalogue: treatments, clinics, practitioners, hours and closures, by whatever form
or file, audited so that it can be undone."""

from collections.abc import Collection, Sequence
from datetime import date, datetime

from sqlalchemy import delete, select

from app.domain.catalogue.catalogue import Key, Record
from app.domain.catalogue.catalogue_changes import Change
from app.domain.catalogue.week import DAYS
from app.extensions import db
from app.models import AuditLog, Clinic, Closure, OpeningHours, Practitioner, WorkingHours
from app.operations.audit import audit
from app.queries.catalogue.catalogue_records import NAMED, named_rows, records


class CatalogueConflict(Exception):
    """Somebody changed an entry meanwhile, or uses it; `keys` names which, as (kind, key)."""

    def __init__(self, keys: Sequence[tuple[str, Key]]):
        super().__init__(keys)
        self.keys = list(keys)


def change_catalogue(
    changes: Sequence[Change],
    action: str,
    subject: str,
    *,
    user_id: int | None,
    now: datetime,
    **more,
) -> AuditLog | None:
    """Does the changes, all or none, in their order; the line that the audit log keeps of them.

    `more` is kept with that line. Raises CatalogueConflict when an entry is not any more what its
    change takes it to be.
    """
    if not changes:
        return None
    for kind, some in _runs(changes):
        keys = [change.key for change in some]
        _lock(kind, keys)
        current = records(kind, keys)
        stale = [(kind, c.key) for c in some if current.get(c.key) != c.before]
        if stale:
            raise CatalogueConflict(stale)
        WRITERS[kind](kind, some)
        db.session.flush()
    detail = {**more, "changes": [change.to_json() for change in changes]}
    if len(changes) == 1 and changes[0].fields:
        detail["changed"] = {name: list(pair) for name, pair in changes[0].fields.items()}
    line = audit(action, subject, detail, user_id=user_id, now=now)
    db.session.flush()
    return line


def _runs(changes: Sequence[Change]) -> list[tuple[str, list[Change]]]:
    """Changes of one kind that follow each other, together."""
    runs: list[tuple[str, list[Change]]] = []
    for change in changes:
        if not runs or runs[-1][0] != change.kind:
            runs.append((change.kind, []))
        runs[-1][1].append(change)
    return runs


def _lock(kind: str, keys: Collection[Key]):
    """Holds the rows until the transaction ends, where a database can; refreshes them."""
    if kind in NAMED:
        rows = named_rows(kind, keys).with_for_update().execution_options(populate_existing=True)
        db.session.execute(rows)


def _write_named(kind: str, changes: list[Change]):
    rows = db.session.scalars(named_rows(kind, [change.key for change in changes]))
    known = {(row.slug,): row for row in rows}
    for change in changes:
        if change.after is None:
            db.session.delete(known[change.key])
            continue
        row = known.get(change.key) or NAMED[kind]()
        for name, value in change.after.items():
            setattr(row, name, value)
        db.session.add(row)


def _ids(model) -> dict[str, int]:
    return dict(db.session.execute(select(model.slug, model.id)).all())


def _write_opening_hours(kind: str, changes: list[Change]):
    clinics = _ids(Clinic)
    for change in changes:
        clinic_id = clinics[change.key[0]]
        db.session.execute(delete(OpeningHours).where(OpeningHours.clinic_id == clinic_id))
        for hours in _stretches(change.after):
            db.session.add(OpeningHours(clinic_id=clinic_id, **hours))


def _write_working_hours(kind: str, changes: list[Change]):
    people, clinics = _ids(Practitioner), _ids(Clinic)
    for change in changes:
        ids = {"practitioner_id": people[change.key[0]], "clinic_id": clinics[change.key[1]]}
        mine = (
            WorkingHours.practitioner_id == ids["practitioner_id"],
            WorkingHours.clinic_id == ids["clinic_id"],
        )
        db.session.execute(delete(WorkingHours).where(*mine))
        for hours in _stretches(change.after):
            db.session.add(WorkingHours(**ids, **hours))


def _stretches(week: Record | None) -> list[dict[str, int]]:
    return [
        {"weekday": weekday, "starts": starts, "ends": ends}
        for weekday, day in enumerate(DAYS)
        for starts, ends in (week or {}).get(day, ())
    ]


def _write_closures(kind: str, changes: list[Change]):
    people, clinics = _ids(Practitioner), _ids(Clinic)
    for change in changes:
        clinic, practitioner, first, last = change.key
        told = {
            "clinic_id": clinics[clinic] if clinic else None,
            "practitioner_id": people[practitioner] if practitioner else None,
            "starts_on": date.fromisoformat(first),
            "ends_on": date.fromisoformat(last),
        }
        if change.before is not None:
            same = (getattr(Closure, name).is_not_distinct_from(told[name]) for name in told)
            db.session.execute(delete(Closure).where(*same))
        if change.after is not None:
            db.session.add(Closure(**told, reason=change.after["reason"]))


WRITERS = {
    "treatments": _write_named,
    "clinics": _write_named,
    "practitioners": _write_named,
    "opening_hours": _write_opening_hours,
    "working_hours": _write_working_hours,
    "closures": _write_closures,
}
