"""What a file or a form would change: entries added, changed field by field, taken away."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from json import dumps
from typing import Any

from app.domain.catalogue.catalogue import Facts, Key, Kind, Record, read_key, read_record
from app.domain.catalogue.catalogue_fields import slug_of
from app.domain.sheet import Problem, Row, Sheet


@dataclass(frozen=True)
class Change:
    """An entry as it was and as it is to be: None before it is added, None after it is gone."""

    kind: str
    key: Key
    before: Record | None
    after: Record | None

    @property
    def fields(self) -> dict[str, tuple[Any, Any]]:
        """What differs, as (before, after); only of an entry that stays."""
        if self.before is None or self.after is None:
            return {}
        return {
            name: (self.before[name], value)
            for name, value in self.after.items()
            if self.before[name] != value
        }

    def to_json(self) -> dict:
        """The change as the audit log keeps it: of an entry that stays, only what differs."""
        before, after = self.before, self.after
        if changed := self.fields:
            before = {name: pair[0] for name, pair in changed.items()}
            after = {name: pair[1] for name, pair in changed.items()}
        return {"kind": self.kind, "key": list(self.key), "before": before, "after": after}


@dataclass
class Plan:
    """What importing a file would do; nothing of it may be done while there are problems."""

    changes: list[Change] = field(default_factory=list)
    unchanged: int = 0
    problems: list[Problem] = field(default_factory=list)

    @property
    def added(self) -> list[Change]:
        return [change for change in self.changes if change.before is None]

    @property
    def changed(self) -> list[Change]:
        return [change for change in self.changes if change.before is not None]

    @property
    def fingerprint(self) -> str:
        """Tells this plan from any other: what is confirmed is what was shown."""
        return fingerprint([change.to_json() for change in self.changes])


def fingerprint(value: Any) -> str:
    """A short mark of a value that JSON can hold."""
    told = dumps(value, sort_keys=True, ensure_ascii=False, default=str)
    return sha256(told.encode()).hexdigest()[:24]


def plan(kind: Kind, sheet: Sheet, current: Mapping[Key, Record], facts: Facts) -> Plan:
    """What the sheet would make of the current entries. Entries it does not name stay."""
    made = Plan(problems=list(sheet.problems))
    places: dict[Key, int] = {}
    last = max((record.get("position") or 0 for record in current.values()), default=0)
    for row in sheet.rows:
        texts = _with_slug(kind, row.texts)
        before = current.get(read_key(kind, texts))
        record, errors = read_record(kind, texts, before, facts)
        if "position" in record and record["position"] is None:
            last += 0 if before else 1
            record["position"] = before["position"] if before else last
        key = kind.key_of(record)
        if not errors and key in places:
            errors = {kind.key[0]: f"Row {places[key]} is the same {kind.one}. Keep one of them."}
        places.setdefault(key, row.number)
        if errors:
            made.problems += _problems(row, errors)
        elif before == (after := kind.settled(record)):
            made.unchanged += 1
        else:
            made.changes.append(Change(kind.name, key, before, after))
    return made


def _problems(row: Row, errors: dict[str, str]) -> Iterable[Problem]:
    return [Problem(row.number, column, message) for column, message in errors.items()]


def _with_slug(kind: Kind, texts: dict[str, str]) -> dict[str, str]:
    """Without a slug, the name makes one: the same each time the file is sent."""
    if kind.key == ("slug",) and not texts.get("slug", "").strip():
        return texts | {"slug": slug_of(texts.get("name", ""))}
    return texts


def reversed_change(change: Mapping[str, Any], current: Record | None) -> Change | None:
    """The change that undoes one kept in the audit log; None when the entry is not any more as
    that change left it."""
    key, before, after = tuple(change["key"]), change["before"], change["after"]
    if after is None:
        return None if current is not None else Change(change["kind"], key, None, before)
    if current is None or any(current.get(name) != value for name, value in after.items()):
        return None
    restored = None if before is None else current | before
    return Change(change["kind"], key, current, restored)


def moved(kind: str, current: Mapping[Key, Record], slug: str, by: int) -> list[Change]:
    """What puts an entry one place up (by -1) or down (1); nothing at either end. `current` are
    all entries of the kind in their order."""
    order = list(current)
    if (slug,) not in current:
        return []
    here = order.index((slug,))
    there = here + by
    if 0 <= there < len(order):
        order[here], order[there] = order[there], order[here]
    return _numbered(kind, current, order)


def arranged(kind: str, current: Mapping[Key, Record], slugs: Iterable[str]) -> list[Change]:
    """What puts these entries in this order, in the places that they have together."""
    order = list(current)
    wanted = [(slug,) for slug in dict.fromkeys(slugs) if (slug,) in current]
    places = sorted(order.index(key) for key in wanted)
    for place, key in zip(places, wanted, strict=True):
        order[place] = key
    return _numbered(kind, current, order)


def _numbered(kind: str, current: Mapping[Key, Record], order: list[Key]) -> list[Change]:
    return [
        Change(kind, key, current[key], current[key] | {"position": place})
        for place, key in enumerate(order, start=1)
        if current[key]["position"] != place
    ]
