"""Choosing a time, as an address holds it: what for, where, with whom, which day.

It stands at the top of app/ because visitors and staff choose by the same calendar, each at their
own address, and no blueprint imports another.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from itertools import groupby
from urllib.parse import urlencode
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from werkzeug.datastructures import MultiDict

from app.domain.appointments.slots import DAY, BookingRules, Wish, last_day, nearest
from app.models import Appointment, Clinic, Practitioner
from app.queries.appointments import availability
from app.queries.catalogue import catalogue, staff

ANYBODY = "anybody"
DAYS_SHOWN = 14
MOST_TREATMENTS = 6
PARTS = ((12, "Morning"), (17, "Afternoon"), (24, "Evening"))
# A zone for every clock that people have; others come by the browser.
ZONES = """Pacific/Honolulu America/Anchorage America/Los_Angeles America/Denver America/Phoenix
America/Chicago America/New_York America/Halifax America/St_Johns America/Bogota America/Sao_Paulo
America/Argentina/Buenos_Aires Atlantic/Azores Europe/London Europe/Lisbon Africa/Casablanca
Africa/Lagos Europe/Paris Europe/Berlin Europe/Athens Africa/Cairo Africa/Johannesburg
Europe/Istanbul Europe/Moscow Africa/Nairobi Asia/Riyadh Asia/Tehran Asia/Dubai Asia/Karachi
Asia/Kolkata Asia/Kathmandu Asia/Dhaka Asia/Bangkok Asia/Shanghai Asia/Singapore Australia/Perth
Asia/Tokyo Asia/Seoul Australia/Adelaide Australia/Brisbane Australia/Sydney
Pacific/Auckland"""

UNKNOWN_WISH = "Choose what you would like to come for."
UNKNOWN_CLINIC = "Choose one of our places."
GONE = "We no longer offer this online. Please choose again."


@dataclass(frozen=True, slots=True)
class Choice:
    """What an address says, not yet checked; `zone` is the visitor's own, empty when unknown."""

    treatments: tuple[str, ...] = ()
    clinic: str = ""
    practitioner: str = ""
    zone: str = ""
    day: date | None = None
    at: datetime | None = None

    def arguments(self, **changes) -> dict:
        """The parameters of an address that holds the choice with some of it changed."""
        choice = replace(self, **changes)
        told = {
            "treatment": list(choice.treatments),
            "clinic": choice.clinic,
            "practitioner": choice.practitioner,
            "tz": choice.zone,
            "day": choice.day.isoformat() if choice.day else "",
            "at": write_moment(choice.at) if choice.at else "",
        }
        return {name: value for name, value in told.items() if value}


def read_choice(given: MultiDict) -> Choice:
    """The choice that an address or a form holds; what cannot be read is left out."""
    return Choice(
        treatments=tuple(dict.fromkeys(slug[:80] for slug in given.getlist("treatment") if slug))[
            :MOST_TREATMENTS
        ],
        clinic=given.get("clinic", "")[:80],
        practitioner=given.get("practitioner", "")[:80],
        zone=read_zone(given.get("tz", "")),
        day=_day(given.get("day", "")),
        at=read_moment(given.get("at", "")),
    )


def read_zone(text: str) -> str:
    """The name of a time zone; empty when it is none."""
    try:
        return ZoneInfo(text[:64]).key
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ""


def read_moment(text: str) -> datetime | None:
    """A whole minute in UTC of this century, such as 2026-03-05T09:00Z."""
    try:
        moment = datetime.strptime(text[:20], "%Y-%m-%dT%H:%MZ").replace(tzinfo=UTC)
    except ValueError:
        return None
    return moment if 2000 <= moment.year < 2100 else None


def write_moment(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%MZ}"


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if len(text) == 10 else None
    except ValueError:
        return None


def fields_of(choice: Choice, *without: str) -> list[tuple[str, str]]:
    """The choice as hidden fields of a form: (name, value), without some."""
    return [
        (name, value)
        for name, told in choice.arguments().items()
        if name not in without
        for value in (told if isinstance(told, list) else [told])
    ]


@dataclass(frozen=True, slots=True)
class Asked:
    """A choice that can be booked: its rows, and who could do it."""

    choice: Choice
    wish: Wish
    clinic: Clinic
    practitioner: Practitioner | None
    staff: Sequence[Practitioner]
    rules: BookingRules
    moving: Appointment | None = None

    @property
    def who(self) -> Sequence[Practitioner]:
        return [self.practitioner] if self.practitioner else self.staff

    @property
    def zone(self) -> ZoneInfo:
        return availability.zone_of(self.clinic)

    def free_on(self, days: Sequence[date], now: datetime):
        asked = (self.wish, self.clinic, self.who, self.rules, now)
        return availability.free_on(days, *asked, moving=self.moving)

    def first_free_day(self, after: date, now: datetime) -> date | None:
        asked = (self.wish, self.clinic, self.who, self.rules, now)
        return availability.first_free_day(after, *asked, moving=self.moving)

    def is_free(self, at: datetime, now: datetime) -> bool:
        asked = (self.wish, self.clinic, self.who, self.rules, now)
        return bool(availability.free_at(at, *asked, moving=self.moving))

    def nearest(self, at: datetime, now: datetime) -> list[datetime]:
        """The free times closest to one that is not: of that day and those around it."""
        zone, today = self.zone, now.astimezone(self.zone).date()
        last = last_day(zone, self.rules, now)
        middle = min(max(at.astimezone(zone).date(), today), last)
        days = [middle + n * DAY for n in range(-3, 8)]
        days = [day for day in days if today <= day <= last]
        times = [time for _, free in self.free_on(days, now) for time in free]
        if not times and (day := self.first_free_day(today, now)):
            times = [time for _, free in self.free_on([day], now) for time in free]
        return nearest(times, at)


def check(
    choice: Choice, rules: BookingRules, moving: Appointment | None = None
) -> tuple[Asked | None, dict[str, str]]:
    """What can be looked for, or what is wrong with the choice, by field. An appointment that moves
    stays what it is for, whatever is offered now."""
    errors = {}
    wish = wish_of(moving) if moving else availability.wish(choice.treatments, rules)
    if wish is None:
        errors["treatment"] = GONE if choice.treatments else UNKNOWN_WISH
    clinics = catalogue.clinics()
    clinic = next((one for one in clinics if one.slug == choice.clinic), None)
    if clinic is None and not choice.clinic and len(clinics) == 1:
        clinic = clinics[0]
    if clinic is None:
        errors["clinic"] = UNKNOWN_CLINIC
    if errors:
        return None, errors
    there = availability.staff(wish, clinic)
    chosen = next((one for one in there if one.slug == choice.practitioner), None)
    # Whoever was chosen for something else: anybody, as the page then says.
    anybody = ANYBODY if choice.practitioner == ANYBODY else ""
    choice = replace(choice, practitioner=chosen.slug if chosen else anybody)
    return Asked(choice, wish, clinic, chosen, there, rules, moving), {}


def wish_of(appointment: Appointment) -> Wish:
    """What an appointment is for."""
    return Wish(tuple(appointment.treatments), appointment.title, appointment.minutes)


def _slug_of(practitioner_id: int | None) -> str:
    slugs = (one.slug for one in staff.practitioners() if one.id == practitioner_id)
    return next(slugs, "")


def choice_of(appointment: Appointment, given: Choice) -> Choice:
    """The choice of somebody who moves an appointment: as it is, where they say nothing else."""
    clinic = next((one for one in catalogue.clinics() if one.id == appointment.clinic_id), None)
    return replace(
        given,
        treatments=tuple(appointment.treatments),
        clinic=given.clinic or (clinic.slug if clinic else ""),
        practitioner=given.practitioner or _slug_of(appointment.practitioner_id),
        zone=given.zone or appointment.visitor_timezone,
    )


@dataclass(frozen=True, slots=True)
class Time:
    """A free time as it is shown: the clinic's clock, and the visitor's where it shows another."""

    at: datetime
    text: str
    theirs: str

    @property
    def name(self) -> str:
        return write_moment(self.at)


@dataclass(frozen=True, slots=True)
class DayShown:
    """A day of the calendar, with how many times are free."""

    day: date
    free: int
    open: bool  # within the days that are offered


@dataclass(frozen=True, slots=True)
class Calendar:
    """Two weeks with their free times, and the times of one day by the part of the day."""

    days: Sequence[DayShown]
    day: date | None
    times: Sequence[tuple[str, Sequence[Time]]]
    before: date | None
    after: date | None
    next_free: date | None
    zone: str
    theirs: str

    @property
    def count(self) -> int:
        return sum(day.free for day in self.days)


def calendar(asked: Asked, now: datetime) -> Calendar:
    """The calendar around the day chosen, else from the first free day on."""
    zone = asked.zone
    today, last = now.astimezone(zone).date(), last_day(zone, asked.rules, now)
    given = asked.choice.day
    start = min(max(given, today), last) if given else asked.first_free_day(today, now) or today
    monday = max(start - start.weekday() * DAY, today - today.weekday() * DAY)
    days = [monday + n * DAY for n in range(DAYS_SHOWN)]
    free = dict(asked.free_on(days, now))
    chosen = given if given and free.get(given) else _first(free, start)
    anything = any(free.values())
    return Calendar(
        days=[DayShown(day, len(times), today <= day <= last) for day, times in free.items()],
        day=chosen,
        times=_by_part(free.get(chosen, {}), zone, asked.choice.zone),
        before=monday - 7 * DAY if monday > today else None,
        after=monday + 7 * DAY if days[7] <= last else None,
        next_free=None if anything else asked.first_free_day(days[-1] + DAY, now),
        zone=zone.key,
        theirs=asked.choice.zone if differs(asked.choice.zone, zone, now, last) else "",
    )


def _first(free: Mapping[date, Mapping], start: date) -> date | None:
    """The first day with a free time, from `start` on if there is one."""
    days = [day for day, times in free.items() if times]
    return next((day for day in days if day >= start), days[0] if days else None)


def differs(theirs: str, zone: ZoneInfo, now: datetime, last: date) -> bool:
    """Whether the visitor's clock shows another time than the clinic's, now or at the end."""
    if not theirs:
        return False
    ends = datetime(last.year, last.month, last.day, 12, tzinfo=UTC)
    other = ZoneInfo(theirs)
    return any(
        at.astimezone(zone).utcoffset() != at.astimezone(other).utcoffset() for at in (now, ends)
    )


def _by_part(times, zone: ZoneInfo, theirs: str) -> list[tuple[str, list[Time]]]:
    shown = [shown_time(at, zone, theirs) for at in times]
    parts = groupby(shown, key=lambda time: _part(time.at.astimezone(zone).hour))
    return [(name, list(some)) for name, some in parts]


def _part(hour: int) -> str:
    return next(name for below, name in PARTS if hour < below)


def shown_time(at: datetime, zone: ZoneInfo, theirs: str) -> Time:
    """A time as a button shows it."""
    local = at.astimezone(zone)
    return Time(at, f"{local:%H:%M}", their_time(at, zone, theirs))


def their_time(at: datetime, zone: ZoneInfo, theirs: str) -> str:
    """The time by the visitor's clock, with the day where it is another; empty when they agree."""
    if not theirs:
        return ""
    here, there = at.astimezone(zone), at.astimezone(ZoneInfo(theirs))
    if here.utcoffset() == there.utcoffset():
        return ""
    return f"{there:%H:%M}" if here.date() == there.date() else f"{there:%a %H:%M}"


@dataclass(frozen=True, slots=True)
class When:
    """A moment in words, by the clinic's clock and, where it shows another, the visitor's."""

    at: datetime
    day: str
    time: str
    place: str
    theirs: str

    @property
    def name(self) -> str:
        return write_moment(self.at)


def when_at(at: datetime, zone: ZoneInfo, theirs: str) -> When:
    """Thursday 5 March 2026 · 14:30 · Paris · 08:30 in New York."""
    local = at.astimezone(zone)
    other = their_time(at, zone, theirs)
    return When(
        at,
        f"{local:%A} {local.day} {local:%B %Y}",
        f"{local:%H:%M}",
        city(zone.key),
        f"{other} in {city(theirs)}" if other else "",
    )


def when(appointment: Appointment) -> When:
    """When an appointment is."""
    zone = ZoneInfo(appointment.timezone)
    return when_at(appointment.starts_at, zone, appointment.visitor_timezone)


def city(zone: str) -> str:
    return zone.rpartition("/")[2].replace("_", " ")


def google_link(appointment: Appointment, name: str) -> str:
    """Where Google's calendar offers to add it."""
    span = (appointment.starts_at, appointment.ends_at)
    place = ", ".join(filter(None, (appointment.clinic_name, appointment.address)))
    told = {
        "action": "TEMPLATE",
        "text": f"{appointment.title}, {name}",
        "dates": "/".join(f"{at:%Y%m%dT%H%M%SZ}" for at in span),
        "location": place,
        "details": f"With {appointment.practitioner_name}",
    }
    return f"https://calendar.google.com/calendar/render?{urlencode(told)}"


def elsewhere(asked: Asked, now: datetime) -> list[tuple[Clinic, date]]:
    """The other clinics at which there is a free time, each with its first day."""
    found = []
    for clinic in availability.places(asked.wish):
        if clinic.id == asked.clinic.id:
            continue
        other = replace(
            asked, clinic=clinic, practitioner=None, staff=availability.staff(asked.wish, clinic)
        )
        if day := other.first_free_day(now.astimezone(other.zone).date(), now):
            found.append((clinic, day))
    return found


def zones(*also: str) -> list[tuple[str, str]]:
    """Time zones to choose from, by name: (value, what is shown)."""
    names = sorted({*ZONES.split(), *filter(None, also)})
    return [(name, name.replace("_", " ").replace("/", " – ", 1)) for name in names]
