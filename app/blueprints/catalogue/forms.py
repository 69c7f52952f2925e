"""Catalogue entries as forms: every value a text as typed, so that nothing is lost."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from werkzeug.datastructures import MultiDict

from app.domain.catalogue import catalogue_fields as fields
from app.domain.catalogue.catalogue import Facts, Kind, Record, read_record, write_record
from app.domain.catalogue.catalogue_changes import fingerprint
from app.domain.catalogue.catalogue_fields import FieldError
from app.domain.catalogue.week import DAYS, MIDNIGHT, HoursError, checked_day, clock, read_clock

LISTS = ("concerns", "synonyms", "questions")
AREA = ("name", "factor", "key")
OPTION = ("name", "low", "high", "each", "key")
MOST_ROWS = 60
Rows = list[dict[str, str]]


@dataclass
class Form:
    """An entry being edited. `seen` marks the entry as it was when the form was made: a form made
    of an older one is noticed. `rows` are lists of small records, such as areas."""

    kind: Kind
    texts: dict[str, str]
    seen: str = ""
    rows: dict[str, Rows] = field(default_factory=dict)
    weeks: dict[str, "Week"] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)

    def text(self, name: str) -> str:
        return self.texts.get(name, "")

    def error(self, name: str) -> str:
        return self.errors.get(name, "")

    def label(self, name: str) -> str:
        """What the page calls the field that an error is of."""
        if name in self.kind.by_name:
            return self.kind.by_name[name].label
        what, _, rest = name.partition("-")
        if what in ("area", "option"):
            return f"{'Area' if what == 'area' else 'Extra'} {int(rest) + 1}"
        return rest.rpartition("-")[2].capitalize()


def form_of(
    kind: Kind, record: Record | None, weeks: Mapping[str, Record | None] | None = None
) -> Form:
    """The form of an entry as it stands, with these weeks; an empty one for a new entry."""
    weeks = weeks or {}
    texts = write_record(kind, record) if record else {}
    form = Form(kind, texts, seen=mark(record, weeks))
    for name in LISTS:
        if record and name in record:
            texts[name] = "\n".join(record[name])
    if kind.name == "treatments":
        form.rows = {
            "area": [_area_row(each) for each in record["areas"]] if record else [],
            "option": [_option_row(each) for each in record["options"]] if record else [],
        }
    form.weeks = {name: week_of(week) for name, week in weeks.items()}
    return form


def mark(record: Record | None, weeks: Mapping[str, Record | None] | None = None) -> str:
    """Tells an entry from what it was before any change of it or of its weeks."""
    return fingerprint([record, sorted((weeks or {}).items())])


def _area_row(area: dict) -> dict[str, str]:
    return {"name": area["name"], "factor": area["factor"], "key": area["key"]}


def _option_row(option: dict) -> dict[str, str]:
    return {
        "name": option["name"],
        "low": fields.write_money(option["price_low"]),
        "high": fields.write_money(option["price_high"]),
        "each": "each" if option["each_session"] else "once",
        "key": option["key"],
    }


def sent_form(kind: Kind, form: MultiDict, weeks: tuple[str, ...] = ()) -> Form:
    """What was sent, as typed."""
    texts = {name: form[name] for name in kind.by_name if name in form}
    if "treatments" in kind.by_name:  # boxes to tick, none of them sent when none is
        texts["treatments"] = "\n".join(form.getlist("treatments"))
    if "active" in kind.by_name:
        texts["active"] = "yes" if form.get("active") else "no"
    rows = {}
    if kind.name == "treatments":
        rows = {"area": _rows(form, "area", AREA), "option": _rows(form, "option", OPTION)}
    read_weeks = {name: sent_week(form, name) for name in weeks}
    return Form(kind, texts, form.get("seen", ""), rows, read_weeks)


def _rows(form: MultiDict, prefix: str, names: tuple[str, ...]) -> Rows:
    """Rows that were sent field by field; those with nothing typed are left out."""
    columns = {name: form.getlist(f"{prefix}-{name}") for name in names}
    length = min(max(map(len, columns.values())), MOST_ROWS)
    found = [
        {name: column[at].strip() if at < len(column) else "" for name, column in columns.items()}
        for at in range(length)
    ]
    return [row for row in found if any(row[name] for name in names if name not in SILENT)]


SILENT = ("key", "each")  # sent also of a row in which nothing was typed


def record_of_form(form: Form, before: Record | None, facts: Facts) -> Record:
    """The entry that was typed; what is wrong is noted in the form."""
    texts = {name: text for name, text in form.texts.items() if name not in ("areas", "options")}
    record, errors = read_record(form.kind, texts, before, facts)
    form.errors |= errors
    if form.rows:
        record["areas"] = _read_rows(form, "area", _read_area, "area")
        record["options"] = _read_rows(form, "option", _read_option, "extra")
    return record


def _read_area(row: dict[str, str]) -> dict:
    return fields.area(row["name"], row["factor"], row["key"])


def _read_option(row: dict[str, str]) -> dict:
    each_session = row["each"] == "each"
    return fields.option(row["name"], row["low"], row["high"], each_session, row["key"])


def _read_rows(form: Form, prefix: str, read, otherwise: str) -> list[dict]:
    found = []
    for place, row in enumerate(form.rows[prefix]):
        try:
            found.append(read(row))
        except FieldError as problem:
            form.errors[f"{prefix}-{place}"] = str(problem)
    try:
        return fields.keyed(found, otherwise)
    except FieldError as problem:
        form.errors[f"{prefix}-0"] = str(problem)
        return []


# A week of hours


@dataclass
class Week:
    """The stretches of each day as typed: (from, to)."""

    days: dict[str, list[tuple[str, str]]]

    @property
    def is_open(self) -> bool:
        return any(self.days.values())


def week_of(record: Record | None) -> Week:
    """The hours of a week as their form; 24:00 is typed 00:00."""
    return Week(
        {
            day: [(clock(a), clock(b % MIDNIGHT)) for a, b in (record or {}).get(day, ())]
            for day in DAYS
        }
    )


def sent_week(form: MultiDict, name: str) -> Week:
    days = {}
    for day in DAYS:
        begins = form.getlist(f"{name}-{day}-from")
        ends = form.getlist(f"{name}-{day}-to")
        pairs = zip(begins, ends, strict=False)
        days[day] = [(a.strip()[:20], b.strip()[:20]) for a, b in pairs if a.strip() or b.strip()]
    return Week(days)


def copy_monday(week: Week) -> None:
    """Tuesday to Friday become as Monday is."""
    for day in DAYS[1:5]:
        week.days[day] = list(week.days[DAYS[0]])


def record_of_week(form: Form, name: str) -> dict[str, list[list[int]]]:
    """The hours that were typed, by day; what is wrong is noted in the form."""
    found = {}
    for day, pairs in form.weeks[name].days.items():
        try:
            read = [(_clock(a, "begins"), _clock(b, "ends")) for a, b in pairs]
            found[day] = [list(stretch) for stretch in checked_day(read)]
        except HoursError as problem:
            form.errors[f"{name}-{day}"] = str(problem)
            found[day] = []
    return found


def _clock(text: str, which: str) -> int:
    if not text:
        raise HoursError(f"Say when the stretch {which}.")
    return read_clock(text, end=which == "ends")
