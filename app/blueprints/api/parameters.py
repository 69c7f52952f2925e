"""What may stand after the question mark: declared once, beside the view, for its check and for the
document of the API."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask import current_app, g, request

from app.addresses import MOST as LARGEST_ID
from app.blueprints.api import blueprint
from app.clock import utc_now
from app.domain.period import Period, last_days, read_day
from app.errors import invalid
from app.queries.cursor import Cursor

MOST = 500  # rows of a page
MOST_DAYS = 5000
DAY_FORM = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
# Addresses with a body are asked by it: what others hang on them is no question of ours.
ASKED_BY_ADDRESS = ("GET", "HEAD", "DELETE")


@dataclass(frozen=True, slots=True)
class Kind:
    """What a value may be: as the document says it, and read from a text. `read` raises ValueError
    with what to give instead."""

    schema: dict
    read: Callable[[str], Any]


@dataclass(frozen=True, slots=True)
class Query:
    """A parameter after the question mark."""

    name: str
    means: str
    kind: Kind
    default: Any = None
    required: bool = False
    example: Any = None

    @property
    def schema(self) -> dict:
        """As the document has it."""
        return self.kind.schema | ({} if self.default is None else {"default": self.default})


def takes(*queries: Query) -> Callable:
    """Beside @role, and below it: what a view's address may ask; all else is refused."""

    def mark(view):
        view.queries = queries
        return view

    return mark


def queries_of(view: Callable) -> tuple[Query, ...]:
    """What a view's address may ask."""
    return getattr(view, "queries", ())


@blueprint.before_request
def refuse_unfit_queries():
    """Ends a request that asks for what its address does not know, or in a way that cannot be
    used: 422 naming each."""
    view = current_app.view_functions[request.endpoint]
    if view.access[0] == "public" or request.method not in ASKED_BY_ADDRESS:
        return
    g.asked, problems = {}, {}
    known = {each.name: each for each in queries_of(view)}
    for name, told in request.args.lists():
        if name not in known:
            problems[name] = _not_known(known)
        elif len(told) > 1:
            problems[name] = "Give this once."
        elif told[0]:
            try:
                g.asked[name] = known[name].kind.read(told[0])
            except ValueError as problem:
                problems[name] = str(problem)
    for name, each in known.items():
        if each.required and name not in g.asked:
            problems.setdefault(name, "This is required.")
    if problems:
        raise invalid(problems)


def _not_known(known: dict) -> str:
    if not known:
        return "This is not known: the address takes nothing after the question mark."
    return f"This is not known. There are {', '.join(known)}."


def asked(name: str) -> Any:
    """What the address asks for under this name, else what it means without."""
    if name in g.asked:
        return g.asked[name]
    view = current_app.view_functions[request.endpoint]
    return next(each.default for each in queries_of(view) if each.name == name)


def asked_period() -> Period | None:
    """The period that the address asks for: `days` up to today, or `from` and `to`; its usual one
    without, or none. Raises ApiError 422 naming each that cannot be used."""
    today, given = utc_now().date(), g.asked
    if not given.keys() & {"from", "to"}:
        days = asked("days")
        return days and last_days(days, today)
    problems = {}
    if "days" in given:
        problems["days"] = "Give either this, or from and to."
    if "from" not in given:
        problems["from"] = "Give the first day too, such as 2026-03-02."
    elif given["from"] > given.get("to", today):
        problems["from"] = "This must not be after the last day."
    if problems:
        raise invalid(problems)
    return Period(given["from"], given.get("to", today))


def among(*names: str) -> Kind:
    """One of a few names. A plus sign that was not escaped arrives as a space."""
    plain = {name.replace("+", " "): name for name in names}

    def read(told: str) -> str:
        if told in names:
            return told
        if told in plain:
            return plain[told]
        raise ValueError(f"Choose one of {', '.join(names)}.")

    return Kind({"type": "string", "enum": list(names)}, read)


def whole_number(told: str, low: int, high: int) -> int | None:
    """The number that a text of digits stands for; None where it is none or out of bounds."""
    if told.isascii() and told.isdigit() and len(told) < 12 and low <= int(told) <= high:
        return int(told)
    return None


def whole(low: int, high: int) -> Kind:
    """A whole number, bounds included."""

    def read(told: str) -> int:
        number = whole_number(told, low, high)
        if number is None:
            raise ValueError(f"Give a whole number from {low} to {high}.")
        return number

    return Kind({"type": "integer", "minimum": low, "maximum": high}, read)


def either(one: Kind, other: Kind) -> Kind:
    """What fits one of two; what is wrong with the first is told."""

    def read(told: str) -> Any:
        try:
            return other.read(told)
        except ValueError:
            return one.read(told)

    return Kind({"anyOf": [one.schema, other.schema]}, read)


def up_to(longest: int) -> Kind:
    """A text."""

    def read(told: str) -> str:
        if len(told) > longest:
            raise ValueError(f"Shorten this to {longest} characters.")
        return told

    return Kind({"type": "string", "maxLength": longest}, read)


def _read_day(told: str) -> date:
    problems: dict[str, str] = {}
    day = read_day(told, "day", problems) if DAY_FORM.fullmatch(told) else None
    if problems.get("day", "").startswith("must be between"):
        raise ValueError("Give a day between the years 2000 and 2100.")
    if day is None:
        raise ValueError("Give a day such as 2026-03-02.")
    return day


def _read_moment(told: str) -> datetime:
    try:  # a plus sign that was not escaped arrives as a space
        moment = datetime.fromisoformat(told.replace(" ", "+"))
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None or not 1970 < moment.year < 3000:
        raise ValueError("Give a moment with its time zone, such as 2026-03-02T10:00:00Z.")
    return moment


def _read_day_or_moment(told: str) -> date | datetime:
    if DAY_FORM.fullmatch(told):
        return _read_day(told)
    try:
        return _read_moment(told)
    except ValueError:
        words = "Give a day such as 2026-03-02 or a moment such as 2026-03-02T10:00:00Z."
        raise ValueError(words) from None


def _read_cursor(told: str) -> Cursor:
    cursor = Cursor.read(told)
    if cursor is None:
        raise ValueError("This cursor is not one of ours.")
    return cursor


DAY = Kind({"type": "string", "format": "date"}, _read_day)
MOMENT = Kind({"type": "string", "format": "date-time"}, _read_moment)
DAY_OR_MOMENT = Kind({"anyOf": [DAY.schema, MOMENT.schema]}, _read_day_or_moment)
ROW_ID = whole(1, LARGEST_ID)
WHERE_IT_ENDED = "Where the page before ended: its next_cursor."
CURSOR = Query("cursor", WHERE_IT_ENDED, Kind({"type": "string", "maxLength": 100}, _read_cursor))
LIMIT = Query("limit", "How many at most.", whole(1, MOST), default=50)


def usual_period(usual: int | None) -> tuple[Query, ...]:
    """`days`, or `from` and `to`; without them the usual days up to today, or all there is."""
    without = f"the last {usual} days" if usual else "of all time"
    return (
        Query(
            "days",
            f"So many days up to today (UTC). Without days and from: {without}. Not together with "
            "from or to.",
            whole(1, MOST_DAYS),
            default=usual,
        ),
        Query("from", "The first day (UTC), from the year 2000 on.", DAY, example="2026-01-01"),
        Query(
            "to",
            "The last day, itself included; today where only from is given.",
            DAY,
            example="2026-03-31",
        ),
    )


def begins(told: date | datetime | None) -> datetime | None:
    """The moment told, or when the day told begins."""
    return told if told is None or isinstance(told, datetime) else Period(told, told).starts_at


def ends(told: date | datetime | None) -> datetime | None:
    """The moment told, or the moment after the day told."""
    return told if told is None or isinstance(told, datetime) else Period(told, told).ends_at
