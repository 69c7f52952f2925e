"""What can be booked: by whom, where, and when."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy import func, or_, select

from app.domain.appointments.slots import (
    CONSULTATION,
    DAY,
    BookingRules,
    Diary,
    Span,
    Stretch,
    Wish,
    free_times,
    last_day,
)
from app.extensions import db
from app.models import (
    Appointment,
    Clinic,
    Closure,
    OpeningHours,
    Organization,
    Practitioner,
    Treatment,
    WorkingHours,
)
from app.queries.catalogue import catalogue
from app.tenancy import acting_organization_id

CONSULTATION_NAME = "First consultation"
LONGEST_WISH = 8 * 60
# Moments at which a time is free -> the ids of the practitioners who could take it.
Free = dict[datetime, list[int]]


def booking_rules() -> BookingRules:
    """How the organization takes appointments."""
    wanted = select(Organization.settings).where(Organization.id == acting_organization_id())
    return BookingRules.from_json((db.session.scalar(wanted) or {}).get("appointments", {}))


def zone_of(clinic: Clinic) -> ZoneInfo:
    """The clinic's time zone: its own, else the organization's."""
    wanted = select(Organization.timezone).where(Organization.id == acting_organization_id())
    for name in (clinic.timezone, db.session.scalar(wanted)):
        try:
            return ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, TypeError):
            continue
    return ZoneInfo("UTC")


def bookable() -> list[Treatment]:
    """The active treatments that somebody active offers, in the catalogue's order."""
    offered = {slug for one in _practitioners() for slug in one.treatments}
    return [treatment for treatment in catalogue.treatments() if treatment.slug in offered]


def wish(slugs: Sequence[str], rules: BookingRules) -> Wish | None:
    """What these slugs come to; None when one of them is not offered, or there is none."""
    offered = {row.slug: (row.name, row.minutes) for row in catalogue.treatments()}
    if rules.consultation_minutes:
        offered.setdefault(CONSULTATION, (CONSULTATION_NAME, rules.consultation_minutes))
    slugs = tuple(dict.fromkeys(slugs))
    if not slugs or not set(slugs) <= offered.keys():
        return None
    names, minutes = zip(*(offered[slug] for slug in slugs), strict=True)
    return Wish(slugs, " and ".join(names) if len(names) < 3 else ", ".join(names), sum(minutes))


def staff(wish: Wish, clinic: Clinic | None = None) -> list[Practitioner]:
    """Who offers all of it and works at the clinic (at any, without one), in their order."""
    hours = select(WorkingHours.practitioner_id).distinct()
    hours = hours.where(WorkingHours.organization_id == acting_organization_id())
    if clinic:
        hours = hours.where(WorkingHours.clinic_id == clinic.id)
    working = set(db.session.scalars(hours))
    wanted = set(wish.procedures)
    return [one for one in _practitioners() if one.id in working and wanted <= set(one.treatments)]


def _practitioners() -> list[Practitioner]:
    wanted = select(Practitioner).where(Practitioner.active)
    return list(db.session.scalars(wanted.order_by(Practitioner.position, Practitioner.name)))


def places(wish: Wish) -> list[Clinic]:
    """The clinics at which somebody offers all of it, in the organization's order."""
    wanted = select(WorkingHours.clinic_id).where(
        WorkingHours.organization_id == acting_organization_id(),
        WorkingHours.practitioner_id.in_([one.id for one in staff(wish)]),
    )
    there = set(db.session.scalars(wanted))
    return [clinic for clinic in catalogue.clinics() if clinic.id in there]


def staffed() -> set[int]:
    """The ids of the clinics at which somebody active works."""
    wanted = select(WorkingHours.clinic_id).where(
        WorkingHours.organization_id == acting_organization_id(),
        WorkingHours.practitioner_id.in_([one.id for one in _practitioners()]),
    )
    return set(db.session.scalars(wanted))


def free_on(
    days: Sequence[date],
    wish: Wish,
    clinic: Clinic,
    who: Iterable[Practitioner],
    rules: BookingRules,
    now: datetime,
    moving: Appointment | None = None,
) -> Iterator[tuple[date, Free]]:
    """Each day with its free times; `moving` is an appointment that would leave its own."""
    ids = [one.id for one in who]
    if not days or not ids or wish.minutes > LONGEST_WISH:
        for day in days:
            yield day, {}
        return
    diaries = _diaries(clinic, ids, min(days), max(days), moving)
    found = {
        person: free_times(diary, days, wish.minutes, rules, now)
        for person, diary in diaries.items()
    }
    for day in days:
        free: Free = defaultdict(list)
        for person, times in found.items():
            for at in next(times)[1]:
                free[at].append(person)
        yield day, dict(sorted(free.items()))


def first_free_day(
    after: date,
    wish: Wish,
    clinic: Clinic,
    who: Sequence[Practitioner],
    rules: BookingRules,
    now: datetime,
    moving: Appointment | None = None,
) -> date | None:
    """The first day from `after` on with a free time, within the days that are offered."""
    zone = zone_of(clinic)
    first = max(after, now.astimezone(zone).date())
    count = (last_day(zone, rules, now) - first).days + 1
    days = [first + n * DAY for n in range(max(count, 0))]
    for day, free in free_on(days, wish, clinic, who, rules, now, moving):
        if free:
            return day
    return None


def free_at(
    at: datetime,
    wish: Wish,
    clinic: Clinic,
    who: Sequence[Practitioner],
    rules: BookingRules,
    now: datetime,
    moving: Appointment | None = None,
) -> list[int]:
    """Who could take exactly this time."""
    day = at.astimezone(zone_of(clinic)).date()
    _, free = next(free_on([day], wish, clinic, who, rules, now, moving))
    return free.get(at, [])


def load_on(day: date, zone: ZoneInfo, practitioner_ids: Sequence[int]) -> dict[int, int]:
    """How many appointments each of them has on a local day."""
    begins, ends = _bounds(day, day, zone)
    rows = db.session.execute(
        select(Appointment.practitioner_id, func.count())
        .where(
            Appointment.organization_id == acting_organization_id(),
            Appointment.practitioner_id.in_(practitioner_ids),
            Appointment.state != "cancelled",
            Appointment.starts_at >= begins,
            Appointment.starts_at < ends,
        )
        .group_by(Appointment.practitioner_id)
    )
    return dict(rows.tuples().all())


def _bounds(first: date, last: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    begins = datetime.combine(first, time(), zone).astimezone(UTC)
    return begins, datetime.combine(last + DAY, time(), zone).astimezone(UTC)


def _diaries(
    clinic: Clinic, ids: list[int], first: date, last: date, moving: Appointment | None
) -> dict[int, Diary]:
    zone = zone_of(clinic)
    opening = defaultdict(list)
    for row in db.session.scalars(select(OpeningHours).where(OpeningHours.clinic_id == clinic.id)):
        opening[row.weekday].append(Stretch(row.starts, row.ends))
    working = {one: defaultdict(list) for one in ids}
    wanted = select(WorkingHours).where(
        WorkingHours.clinic_id == clinic.id, WorkingHours.practitioner_id.in_(ids)
    )
    for row in db.session.scalars(wanted):
        working[row.practitioner_id][row.weekday].append(Stretch(row.starts, row.ends))
    closed, busy = _closed(clinic, ids, first, last), _busy(ids, first, last, zone, moving)
    return {one: Diary(zone, opening, working[one], closed[one], busy[one]) for one in ids}


def _closed(clinic: Clinic, ids: list[int], first: date, last: date) -> dict[int, list]:
    found = defaultdict(list)
    wanted = select(Closure).where(
        Closure.ends_on >= first,
        Closure.starts_on <= last,
        or_(Closure.clinic_id.is_(None), Closure.clinic_id == clinic.id),
        or_(Closure.practitioner_id.is_(None), Closure.practitioner_id.in_(ids)),
    )
    for row in db.session.scalars(wanted):
        for one in ids if row.practitioner_id is None else [row.practitioner_id]:
            found[one].append((row.starts_on, row.ends_on))
    return found


def _busy(
    ids: list[int], first: date, last: date, zone: ZoneInfo, moving: Appointment | None
) -> dict[int, list[Span]]:
    found = defaultdict(list)
    begins, ends = _bounds(first, last, zone)
    wanted = select(
        Appointment.practitioner_id, Appointment.starts_at, Appointment.held_until
    ).where(
        Appointment.organization_id == acting_organization_id(),
        Appointment.practitioner_id.in_(ids),
        Appointment.state != "cancelled",
        Appointment.starts_at < ends + timedelta(hours=12),
        Appointment.starts_at > begins - timedelta(hours=12),
        Appointment.id != (moving.id if moving else 0),
    )
    for one, starts_at, held_until in db.session.execute(wanted):
        found[one].append(Span(starts_at, held_until))
    return found
