"""What was spent on a channel, read from what people type and spreadsheets hold."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from app.domain.catalogue.catalogue_fields import (
    FieldError,
    line,
    read_date,
    read_money,
    write_money,
)
from app.domain.sheet import Problem, Sheet
from app.domain.tracking import channel
from app.domain.tracking.event import CHANNELS as ENGAGED_ON
from app.domain.validation import Invalid

# Where a visit came from, and on what a lead was spoken to.
CHANNELS = tuple(dict.fromkeys((*channel.CHANNELS, *ENGAGED_ON)))
COLUMNS = ("channel", "source", "from", "to", "amount", "note")
LONGEST_SOURCE, LONGEST_NOTE = 200, 300
LONGEST_DAYS = 1100


@dataclass(frozen=True, slots=True)
class Entry:
    """Minor units spent from the first day to the last, both included; no source: on the channel
    as a whole."""

    channel: str
    source: str
    starts_on: date
    ends_on: date
    amount: int
    note: str = ""

    def to_json(self) -> dict[str, Any]:
        return {
            "channel": self.channel,
            "source": self.source,
            "starts_on": self.starts_on.isoformat(),
            "ends_on": self.ends_on.isoformat(),
            "amount": self.amount,
            "note": self.note,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Entry:
        days = {name: date.fromisoformat(data[name]) for name in ("starts_on", "ends_on")}
        return cls(**{**data, **days})

    def texts(self) -> dict[str, str]:
        """As it is typed, by COLUMNS."""
        days = (self.starts_on.isoformat(), self.ends_on.isoformat())
        told = (self.channel, self.source, *days, write_money(self.amount), self.note)
        return dict(zip(COLUMNS, told, strict=True))


def read_entry(texts: Mapping[str, str]) -> Entry:
    """The entry that was typed, by COLUMNS; without a last day it is of one day. Raises Invalid
    naming each column."""
    problems: dict[str, str] = {}
    values = {name: _read(name, texts.get(name, ""), problems) for name in COLUMNS}
    first, last = values["from"], values["to"] or values["from"]
    if not problems and first > last:
        problems["to"] = "The last day is before the first."
    if not problems and (date.fromisoformat(last) - date.fromisoformat(first)).days > LONGEST_DAYS:
        problems["to"] = f"An entry may span {LONGEST_DAYS} days. Divide it by year, say."
    if problems:
        raise Invalid(problems)
    days = (date.fromisoformat(first), date.fromisoformat(last))
    return Entry(values["channel"], values["source"], *days, values["amount"], values["note"])


def _read(name: str, text: str, problems: dict[str, str]) -> Any:
    try:
        return READERS[name](text)
    except FieldError as problem:
        problems[name] = str(problem)
        return None


def _channel(text: str) -> str:
    name = " ".join(text.split()).casefold()
    if name not in CHANNELS:
        raise FieldError(f"Choose one of {', '.join(CHANNELS)}.")
    return name


def _day(text: str) -> str:
    if not text.strip():
        raise FieldError("From which day?")
    return read_date(text)


def _amount(text: str) -> int:
    amount = read_money(text)
    if not amount:
        raise FieldError("Enter an amount above 0.")
    return amount


READERS = {
    "channel": _channel,
    "source": line(LONGEST_SOURCE),
    "from": _day,
    "to": lambda text: _day(text) if text.strip() else "",
    "amount": _amount,
    "note": line(LONGEST_NOTE),
}


@dataclass(frozen=True, slots=True)
class Plan:
    """What a file would do: the entries it adds, how many are there already (in it twice, too),
    and which of those added may be counted twice."""

    added: list[Entry] = field(default_factory=list)
    known: int = 0
    problems: list[Problem] = field(default_factory=list)
    overlapping: list[Entry] = field(default_factory=list)


def plan(sheet: Sheet, there: Iterable[Entry]) -> Plan:
    """What the sheet adds to what is there. With a problem in it, nothing should be added."""
    there, made = list(there), Plan(problems=list(sheet.problems))
    seen, known = set(there), 0
    for row in sheet.rows:
        try:
            entry = read_entry(row.texts)
        except Invalid as invalid:
            made.problems.extend(
                Problem(row.number, name, told) for name, told in invalid.fields.items()
            )
            continue
        if entry in seen:
            known += 1
        else:
            seen.add(entry)
            made.added.append(entry)
    crossing = overlapping((*there, *made.added))
    return Plan(made.added, known, made.problems, [e for e in made.added if e in crossing])


def overlapping(entries: Iterable[Entry]) -> set[Entry]:
    """Those that may be counted twice: another is on the same channel and, where both name one,
    source, with a day in common."""
    by_channel: dict[str, dict[str, list[Entry]]] = {}
    for entry in entries:
        by_channel.setdefault(entry.channel, {}).setdefault(entry.source, []).append(entry)
    found: set[Entry] = set()
    for by_source in by_channel.values():
        whole = by_source.pop("", [])
        for some in by_source.values() or ([],):
            found.update(_crossing([*some, *whole]))
    return found


def _crossing(entries: list[Entry]) -> Iterator[Entry]:
    """Those whose days cross another's, of entries that may be the same money."""
    furthest: Entry | None = None
    for entry in sorted(entries, key=lambda each: each.starts_on):
        if furthest and entry.starts_on <= furthest.ends_on:
            yield furthest
            yield entry
        if furthest is None or entry.ends_on > furthest.ends_on:
            furthest = entry
