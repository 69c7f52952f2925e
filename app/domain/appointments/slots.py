"""When somebody can be treated: the free times of a practitioner at a clinic.

A pure function of facts and `now`. Hours are local minutes after midnight at the clinic, days are
local dates, free times are UTC. A local time that the clock skips is never offered; one that comes
twice is offered once, at its first coming. Source: tools.md 2, "Appointments".
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from app.domain.validation import Draft

CONSULTATION = "consultation"
CELL = timedelta(minutes=5)
STEPS = (5, 10, 15, 20, 30, 60)
MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class BookingRules:
    """How an organization takes appointments.

    `step`: minutes between the times offered. `buffer`: minutes kept free after each treatment.
    `lead_hours`: the earliest from now. `horizon_days`: the last day that is offered, from today.
    `cancel_hours`: until when before it somebody may move or cancel by their link.
    `reminder_hours`: when before it they are reminded; 0 is never. `consultation_minutes`: how long
    a first consultation takes; 0 offers none.
    """

    step: int = 15
    buffer: int = 0
    lead_hours: int = 4
    horizon_days: int = 60
    cancel_hours: int = 24
    reminder_hours: int = 24
    consultation_minutes: int = 30

    def to_json(self) -> dict[str, int]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: Any) -> BookingRules:
        """Rules from their JSON; absent fields keep their defaults. Raises Invalid by field."""
        draft = Draft(data)
        given = {
            each.name: draft.integer(each.name, each.default, *LIMITS[each.name])
            for each in fields(cls)
        }
        if given["step"] not in STEPS:
            draft.problem("step", "must be one of " + ", ".join(map(str, STEPS)))
        draft.check()
        return cls(**given)


LIMITS = {
    "step": (5, 60),
    "buffer": (0, 120),
    "lead_hours": (0, 720),
    "horizon_days": (1, 365),
    "cancel_hours": (0, 720),
    "reminder_hours": (0, 336),
    "consultation_minutes": (0, 240),
}
DEFAULT_BOOKING_RULES = BookingRules()


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants to come for: slugs, their names as one, and how long it takes."""

    treatments: tuple[str, ...]
    title: str
    minutes: int

    @property
    def length(self) -> timedelta:
        return timedelta(minutes=self.minutes)

    @property
    def procedures(self) -> list[str]:
        """The treatments; a first consultation is none."""
        return [slug for slug in self.treatments if slug != CONSULTATION]


class Stretch(NamedTuple):
    """A part of a day, in minutes after midnight; `ends` may be 1440."""

    starts: int
    ends: int


class Span(NamedTuple):
    """A part of time, from `starts_at` up to `ends_at`."""

    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Diary:
    """What decides when a practitioner can be booked at a clinic.

    `opening` and `working` hold the stretches of each weekday (0 is Monday), `closed` the days
    (first, last) on which either is away, `busy` what is taken already, at any clinic.
    """

    zone: ZoneInfo
    opening: Mapping[int, Sequence[Stretch]]
    working: Mapping[int, Sequence[Stretch]]
    closed: Sequence[tuple[date, date]] = ()
    busy: Sequence[Span] = ()

    def is_closed(self, day: date) -> bool:
        return any(first <= day <= last for first, last in self.closed)


def free_times(
    diary: Diary, days: Iterable[date], minutes: int, rules: BookingRules, now: datetime
) -> Iterator[tuple[date, list[datetime]]]:
    """Each day with the UTC moments, in order, at which a treatment of `minutes` can begin.

    It ends within a stretch of both hours; what is kept free after it may lie outside them.
    """
    taken = _Taken(diary.busy)
    earliest = now + timedelta(hours=rules.lead_hours)
    last = last_day(diary.zone, rules, now)
    length, held = timedelta(minutes=minutes), held_for(minutes, rules)
    for day in days:
        found = []
        if day <= last and not diary.is_closed(day):
            for stretch in hours_on(diary, day):
                for at in _grid(diary.zone, day, stretch, length, rules.step):
                    if at >= earliest and taken.leaves(at, at + held):
                        found.append(at)
        yield day, found


def last_day(zone: ZoneInfo, rules: BookingRules, now: datetime) -> date:
    """The last local day that is offered."""
    return now.astimezone(zone).date() + timedelta(days=rules.horizon_days)


def held_for(minutes: int, rules: BookingRules) -> timedelta:
    """How long a treatment holds its practitioner: with the buffer, in whole cells."""
    cells = -(-timedelta(minutes=minutes + rules.buffer) // CELL)
    return cells * CELL


def cells(starts_at: datetime, held: timedelta) -> list[datetime]:
    """The cells of a time that is held: two that overlap share one. `starts_at` begins a cell."""
    return [starts_at + n * CELL for n in range(held // CELL)]


def is_cell(moment: datetime) -> bool:
    return not (moment - EPOCH) % CELL


def hours_on(diary: Diary, day: date) -> list[Stretch]:
    """When the clinic is open and the practitioner there, closures aside; in order."""
    weekday = day.weekday()
    met = (
        Stretch(max(open_.starts, work.starts), min(open_.ends, work.ends))
        for open_ in merged(diary.opening.get(weekday, ()))
        for work in merged(diary.working.get(weekday, ()))
    )
    return sorted(stretch for stretch in met if stretch.starts < stretch.ends)


def merged(stretches: Iterable[Stretch]) -> list[Stretch]:
    """Stretches in order, those that touch or overlap as one."""
    whole: list[Stretch] = []
    for stretch in sorted(stretches):
        if whole and stretch.starts <= whole[-1].ends:
            whole[-1] = Stretch(whole[-1].starts, max(whole[-1].ends, stretch.ends))
        else:
            whole.append(stretch)
    return whole


def _grid(
    zone: ZoneInfo, day: date, stretch: Stretch, length: timedelta, step: int
) -> Iterator[datetime]:
    ends_at = instant(zone, day, stretch.ends)
    starts_at = instant(zone, day, stretch.starts)
    for minute in range(-(-stretch.starts // step) * step, stretch.ends, step):
        at = wall_time(zone, day, minute)
        if at and is_cell(at) and starts_at <= at and at + length <= ends_at:
            yield at


def wall_time(zone: ZoneInfo, day: date, minute: int) -> datetime | None:
    """The UTC moment at which clocks first show this minute of the day; None if they skip it."""
    local = datetime.combine(day, time(), zone) + minute * MINUTE  # wall arithmetic
    at = local.astimezone(UTC)
    return at if at.astimezone(zone).replace(tzinfo=None) == local.replace(tzinfo=None) else None


def instant(zone: ZoneInfo, day: date, minute: int) -> datetime:
    """`wall_time`; for a minute that the clock skips, the moment at which it does."""
    if at := wall_time(zone, day, minute):
        return at
    local = datetime.combine(day, time(), zone) + minute * MINUTE
    before = local.replace(fold=1).astimezone(UTC)
    after = local.replace(fold=0).astimezone(UTC)
    while after - before > MINUTE:
        middle = before + (after - before) // MINUTE // 2 * MINUTE
        if middle.astimezone(zone).replace(tzinfo=None) < local.replace(tzinfo=None):
            before = middle
        else:
            after = middle
    return after


class _Taken:
    """Spans that are taken, asked whether they leave another one free."""

    def __init__(self, spans: Iterable[Span]):
        self.spans = sorted(spans)
        self.starts = [span.starts_at for span in self.spans]
        latest: datetime | None = None
        self.latest = []  # the latest end of all spans up to each
        for span in self.spans:
            latest = max(latest or span.ends_at, span.ends_at)
            self.latest.append(latest)

    def leaves(self, starts_at: datetime, ends_at: datetime) -> bool:
        place = bisect_left(self.starts, ends_at)
        return place == 0 or self.latest[place - 1] <= starts_at


def in_turn(free: Iterable[int], load: Mapping[int, int], position: Mapping[int, int]) -> list[int]:
    """Whom "anybody" means, in the order asked: who has the least that day, then by position."""
    return sorted(free, key=lambda who: (load.get(who, 0), position.get(who, 0), who))


def nearest(times: Iterable[datetime], wanted: datetime, count: int = 6) -> list[datetime]:
    """The times closest to the one that was wanted, in order of time."""
    return sorted(sorted(times, key=lambda at: (abs(at - wanted), at))[:count])
