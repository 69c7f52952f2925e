"""What the catalogue is made of: kinds of entries, their fields, and what makes an entry sound.

An entry is a record: a dict of its columns' names to values that JSON can hold. Forms, files and
the audit log all speak of records, so that one set of rules judges them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from app.domain.catalogue import catalogue_fields as fields
from app.domain.catalogue.catalogue_fields import FieldError
from app.domain.catalogue.week import DAYS

Record = dict[str, Any]
Key = tuple[str, ...]
REQUIRED: Any = object()
MOST_MINUTES = 24 * 60
MOST_SESSIONS = 12  # as many as the calculator multiplies


class Column(NamedTuple):
    """A field of an entry: `read` a text into its value, `write` it back; a new entry that says
    nothing of it gets `default`."""

    name: str
    label: str
    read: Callable[[str], Any]
    write: Callable[[Any], str] = str
    default: Any = ""
    example: str = ""


@dataclass(frozen=True)
class Kind:
    """Entries of one sort; `key` names the columns by which one is told from another."""

    name: str
    title: str
    one: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    check: Callable[[Record, Facts], dict[str, str]]
    by_name: dict[str, Column] = field(init=False, repr=False)

    def __post_init__(self):
        object.__setattr__(self, "by_name", {column.name: column for column in self.columns})

    def settled(self, record: Record) -> Record | None:
        """The record, or None when it is a week without any hours: that is no entry."""
        if self.columns[-1].name == DAYS[-1] and not any(record[day] for day in DAYS):
            return None
        return record

    def key_of(self, record: Mapping[str, Any]) -> Key:
        return tuple(record[name] for name in self.key)


class Facts(NamedTuple):
    """What entries may refer to: the slugs that are there, and the names of time zones."""

    treatments: frozenset[str] = frozenset()
    clinics: frozenset[str] = frozenset()
    practitioners: frozenset[str] = frozenset()
    timezones: frozenset[str] = frozenset()


def read_record(
    kind: Kind, texts: Mapping[str, str], before: Record | None, facts: Facts
) -> tuple[Record, dict[str, str]]:
    """The record that the texts make of what was there before, and what is wrong, by column.

    A column that the texts do not name keeps its value.
    """
    record: Record = {}
    errors: dict[str, str] = {}
    for column in kind.columns:
        if before and column.name not in texts:
            record[column.name] = before[column.name]
        else:
            record[column.name] = _read(column, texts.get(column.name), errors)
    if not errors:
        errors |= kind.check(record, facts)
    return record, errors


def read_key(kind: Kind, texts: Mapping[str, str]) -> Key | None:
    """The key that texts name; None when they name none."""
    errors: dict[str, str] = {}
    names = [(name, texts.get(name)) for name in kind.key]
    key = tuple(_read(kind.by_name[name], text, errors) for name, text in names)
    return None if errors else key


def _read(column: Column, text: str | None, errors: dict[str, str]) -> Any:
    """`text` is None where nothing was said of the column."""
    if not (text or "").strip() and column.default is not REQUIRED:
        return _default(column)
    if text is None:
        errors[column.name] = "Is needed for a new entry."
        return None
    try:
        return column.read(text)
    except FieldError as problem:
        errors[column.name] = str(problem)
        return None


def _default(column: Column) -> Any:
    return list(column.default) if isinstance(column.default, list) else column.default


def write_record(kind: Kind, record: Record) -> dict[str, str]:
    """The texts of which `read_record` makes this record."""
    texts = {}
    for column in kind.columns:
        value = record[column.name]
        texts[column.name] = "" if value is None else column.write(value)
    return texts


def _treatment(record: Record, facts: Facts) -> dict[str, str]:
    if record["price_low"] > record["price_high"]:
        return {"price_high": "The price goes from the lower to the higher: this one is lower."}
    return {}


def _clinic(record: Record, facts: Facts) -> dict[str, str]:
    if record["timezone"] and record["timezone"] not in facts.timezones:
        return {"timezone": "Choose a time zone of the list, such as Europe/Paris, or none."}
    return {}


def _practitioner(record: Record, facts: Facts) -> dict[str, str]:
    gone = [slug for slug in record["treatments"] if slug not in facts.treatments]
    return {"treatments": f"There is no treatment {gone[0]}."} if gone else {}


def _places(record: Record, facts: Facts) -> dict[str, str]:
    """Whether the clinic and the practitioner that a record names are there."""
    known = {"clinic": facts.clinics, "practitioner": facts.practitioners}
    return {
        name: f"There is no {name} {record[name]}. Use the slug that the list of them shows."
        for name, slugs in known.items()
        if record.get(name) and record[name] not in slugs
    }


def _closure(record: Record, facts: Facts) -> dict[str, str]:
    if record["to"] < record["from"]:
        return {"to": "The last day is before the first."}
    return _places(record, facts)


def _slug_and_name(what: str) -> tuple[Column, ...]:
    return (
        Column("slug", "Short name", fields.read_entry_slug, default=REQUIRED, example=what),
        Column("name", "Name", fields.line(100, needed="Give it a name."), default=REQUIRED),
    )


def _items(name: str, label: str, longest: int, most: int) -> Column:
    return Column(name, label, fields.items(longest, most), fields.write_items, default=[])


POSITION = Column("position", "Position", fields.whole(0, 1_000_000), default=None)
ACTIVE = Column("active", "Active", fields.read_flag, fields.write_flag, default=True)
WEEK = tuple(
    Column(day, day.capitalize(), fields.read_hours, fields.write_hours, default=[]) for day in DAYS
)

TREATMENTS = Kind(
    "treatments",
    "Treatments",
    "treatment",
    ("slug",),
    (
        *_slug_and_name("lip-filler"),
        Column(
            "category",
            "Category",
            fields.line(60, needed="Say which category it belongs to."),
            default=REQUIRED,
        ),
        Column(
            "summary",
            "Summary",
            fields.line(300, needed="Say in a sentence what it does."),
            default=REQUIRED,
        ),
        Column("description", "Description", fields.paragraphs(6000)),
        _items("concerns", "Concerns", 60, 60),
        _items("synonyms", "Synonyms", 60, 100),
        _items("questions", "Questions for a doctor", 200, 20),
        Column("price_low", "Price from", fields.read_money, fields.write_money, REQUIRED, "220"),
        Column("price_high", "Price to", fields.read_money, fields.write_money, REQUIRED, "320"),
        Column("downtime", "Downtime", fields.line(120)),
        Column("minutes", "Minutes", fields.whole(1, MOST_MINUTES), default=REQUIRED),
        Column("sessions", "Usual sessions", fields.whole(1, MOST_SESSIONS), default=1),
        Column("areas", "Areas", fields.read_areas, fields.write_areas, default=[]),
        Column("options", "Extras", fields.read_options, fields.write_options, default=[]),
        ACTIVE,
        POSITION,
    ),
    _treatment,
)
CLINICS = Kind(
    "clinics",
    "Clinics",
    "clinic",
    ("slug",),
    (
        *_slug_and_name("paris"),
        Column("city", "City", fields.line(80, needed="Which city is it in?"), default=REQUIRED),
        Column("address", "Address", fields.line(200)),
        Column("timezone", "Time zone", fields.line(60)),
        Column("price_percent", "Prices in %", fields.whole(10, 1000), default=100),
        POSITION,
    ),
    _clinic,
)
PRACTITIONERS = Kind(
    "practitioners",
    "Practitioners",
    "practitioner",
    ("slug",),
    (
        *_slug_and_name("camille-renaud"),
        Column("title", "Title", fields.line(100)),
        Column("about", "About", fields.paragraphs(2000)),
        _items("treatments", "Treatments", fields.LONGEST_SLUG, 5000),
        ACTIVE,
        POSITION,
    ),
    _practitioner,
)
OPENING_HOURS = Kind(
    "opening_hours",
    "Opening hours",
    "week of a clinic",
    ("clinic",),
    (Column("clinic", "Clinic", fields.read_slug, default=REQUIRED), *WEEK),
    _places,
)
WORKING_HOURS = Kind(
    "working_hours",
    "Working hours",
    "week of a practitioner at a clinic",
    ("practitioner", "clinic"),
    (
        Column("practitioner", "Practitioner", fields.read_slug, default=REQUIRED),
        Column("clinic", "Clinic", fields.read_slug, default=REQUIRED),
        *WEEK,
    ),
    _places,
)
CLOSURES = Kind(
    "closures",
    "Closures",
    "closure",
    ("clinic", "practitioner", "from", "to"),
    (
        Column("clinic", "Clinic", fields.read_optional_slug),
        Column("practitioner", "Practitioner", fields.read_optional_slug),
        Column("from", "First day", fields.read_date, default=REQUIRED),
        Column("to", "Last day", fields.read_date, default=REQUIRED),
        Column("reason", "Reason", fields.line(120)),
    ),
    _closure,
)
KINDS = {
    kind.name: kind
    for kind in (TREATMENTS, CLINICS, PRACTITIONERS, OPENING_HOURS, WORKING_HOURS, CLOSURES)
}
