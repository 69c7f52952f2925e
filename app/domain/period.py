"""A stretch of whole UTC days, as the dashboards count in."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from app.domain.validation import Invalid

RANGES = (1, 7, 30, 90, 365)
USUAL = 30
LONGEST = 1100


@dataclass(frozen=True, slots=True)
class Period:
    """From the first day to the last, both included."""

    first: date
    last: date

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    @property
    def starts_at(self) -> datetime:
        return datetime.combine(self.first, time(), UTC)

    @property
    def ends_at(self) -> datetime:
        """The moment after it."""
        return datetime.combine(self.last + timedelta(days=1), time(), UTC)

    @property
    def before(self) -> "Period":
        """The period of the same length just before it."""
        return Period(self.first - timedelta(days=self.days), self.first - timedelta(days=1))

    def each_day(self) -> Iterator[datetime]:
        """The beginning of every day."""
        return (self.starts_at + timedelta(days=i) for i in range(self.days))

    def each_hour(self) -> Iterator[datetime]:
        """The beginning of every hour."""
        return (self.starts_at + timedelta(hours=i) for i in range(24 * self.days))


def last_days(days: int, today: date) -> Period:
    """The period of that many days that ends today."""
    return Period(today - timedelta(days=days - 1), today)


def this_month(today: date) -> Period:
    """The month from its first day until today."""
    return Period(today.replace(day=1), today)


def last_month(today: date) -> Period:
    """The whole month before this one."""
    last = today.replace(day=1) - timedelta(days=1)
    return Period(last.replace(day=1), last)


def read_period(given: Mapping[str, str], today: date) -> Period:
    """The period asked for: `from` and `to`, or `days`; the last 30 days when neither is given.

    Raises Invalid, naming each field that cannot be used.
    """
    if given.get("from") or given.get("to"):
        return _custom(given, today)
    days = given.get("days") or str(USUAL)
    if days not in map(str, RANGES):
        raise Invalid({"days": f"must be one of {', '.join(map(str, RANGES))}"})
    return last_days(int(days), today)


def _custom(given: Mapping[str, str], today: date) -> Period:
    problems: dict[str, str] = {}
    last = read_day(given.get("to") or today.isoformat(), "to", problems)
    first = read_day(given.get("from") or "", "from", problems)
    if not problems and first > last:
        problems["from"] = "must not be after the last day"
    if not problems and (last - first).days >= LONGEST:
        problems["from"] = f"must be within {LONGEST} days of the last day"
    if problems:
        raise Invalid(problems)
    return Period(first, last)


def read_days(
    given: Mapping[str, str], problems: dict[str, str]
) -> tuple[date | None, date | None]:
    """The days `from` and `to`, both included, each none where it is not given; what is wrong with
    one noted under its name."""
    first = read_day(given["from"], "from", problems) if given.get("from") else None
    last = read_day(given["to"], "to", problems) if given.get("to") else None
    if first and last and first > last:
        problems["from"] = "must not be after the last day"
    return first, last


def edges(
    first: date | None, last: date | None, zone: tzinfo = UTC
) -> tuple[datetime | None, datetime | None]:
    """When the first of such days begins, and the moment after the last; none where it is none."""
    begins = first and datetime.combine(first, time(), zone)
    ends = last and datetime.combine(last + timedelta(days=1), time(), zone)
    return begins, ends


def read_day(text: str, name: str, problems: dict[str, str]) -> date | None:
    """The day a text such as 2026-03-02 means; a problem noted under `name` otherwise."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        problems[name] = "must be a day such as 2026-03-02"
        return None
    if not 2000 <= day.year <= 2100:
        problems[name] = "must be between the years 2000 and 2100"
        return None
    return day
