"""Enter, change and remove what was spent on channels, audited so that it can be undone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from app.domain.attribution.spend import Entry
from app.extensions import db
from app.models import AuditLog, Spend
from app.operations.audit import audit
from app.queries.attribution.spend import entry_of

UNDONE = "spend.undone"


class SpendConflict(Exception):
    """Somebody changed or removed an entry meanwhile."""


@dataclass(slots=True)
class Change:
    """An entry added (no `before`), changed, or removed (no `after`)."""

    before: Entry | None
    after: Entry | None
    id: int | None = None

    def to_json(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "before": self.before and self.before.to_json(),
            "after": self.after and self.after.to_json(),
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Change:
        entries = [data[name] and Entry.from_json(data[name]) for name in ("before", "after")]
        return cls(*entries, data["id"])


def change_spend(
    changes: Sequence[Change], action: str, subject: str, *, user_id: int | None, now: datetime
) -> AuditLog:
    """Does the changes, all or none; the line that the audit log keeps of them.

    Raises SpendConflict when an entry is not any more what its change takes it to be.
    """
    ids = [change.id for change in changes if change.before]
    found = select(Spend).where(Spend.id.in_(ids)).with_for_update()
    rows = {row.id: row for row in db.session.scalars(found)}
    added = []
    for change in changes:
        row = rows.get(change.id) if change.before else None
        if change.before and (row is None or entry_of(row) != change.before):
            raise SpendConflict
        if change.after is None:
            db.session.delete(row)
        elif row is None:
            row = Spend(**_values(change.after), created_at=now)
            db.session.add(row)
            added.append((change, row))
        else:
            for name, value in _values(change.after).items():
                setattr(row, name, value)
    db.session.flush()
    for change, row in added:
        change.id = row.id
    detail = {"changes": [change.to_json() for change in changes]}
    line = audit(action, subject, detail, user_id=user_id, now=now)
    db.session.flush()
    return line


def undo_spend(line: AuditLog, *, user_id: int | None, now: datetime) -> AuditLog:
    """Takes back what a line of the audit log says. Raises SpendConflict."""
    done = [Change.from_json(each) for each in line.detail["changes"]]
    back = [Change(change.after, change.before, change.id) for change in done]
    return change_spend(back, UNDONE, line.subject, user_id=user_id, now=now)


def _values(entry: Entry) -> dict[str, Any]:
    return {name: getattr(entry, name) for name in entry.__slots__}
