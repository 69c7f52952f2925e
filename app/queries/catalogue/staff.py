"""Who treats, where and when; what refers to them; which appointments a change would leave out."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import String, cast, func, select

from app.domain.catalogue.catalogue import Record
from app.domain.catalogue.catalogue_changes import Change
from app.domain.catalogue.week import DAYS, is_within
from app.domain.tracking.event import TOOLS
from app.extensions import db
from app.models import (
    Appointment,
    Clinic,
    Closure,
    Interaction,
    Practitioner,
    WorkingHours,
)

QUOTED = re.compile(r'"([a-z0-9-]+)"')


def practitioners() -> list[Practitioner]:
    """Everybody who treats or did, in the organization's order."""
    wanted = select(Practitioner)
    return list(db.session.scalars(wanted.order_by(Practitioner.position, Practitioner.name)))


def practitioner(slug: str) -> Practitioner | None:
    """The practitioner with this slug."""
    return db.session.scalar(select(Practitioner).where(Practitioner.slug == slug))


def clinic(slug: str) -> Clinic | None:
    """The clinic with this slug."""
    return db.session.scalar(select(Clinic).where(Clinic.slug == slug))


@dataclass(frozen=True, slots=True)
class Shut:
    """A closure with the names of where and whom it is about; both empty: everywhere."""

    closure: Closure
    clinic: str
    practitioner: str
    key: tuple[str, str, str, str]


def closures(since: date | None = None) -> list[Shut]:
    """The closures that end on this day or later, the soonest first."""
    rows = (
        select(Closure, Clinic, Practitioner)
        .outerjoin(Clinic, Closure.clinic_id == Clinic.id)
        .outerjoin(Practitioner, Closure.practitioner_id == Practitioner.id)
        .order_by(Closure.starts_on, Closure.ends_on, Closure.id)
    )
    if since:
        rows = rows.where(Closure.ends_on >= since)
    return [_shut(*row) for row in db.session.execute(rows)]


def _shut(closure: Closure, clinic: Clinic | None, person: Practitioner | None) -> Shut:
    slugs = (clinic.slug if clinic else "", person.slug if person else "")
    key = (*slugs, closure.starts_on.isoformat(), closure.ends_on.isoformat())
    return Shut(closure, clinic.name if clinic else "", person.name if person else "", key)


def past_closures(before: date) -> int:
    """How many closures are over."""
    return db.session.scalar(select(func.count(Closure.id)).where(Closure.ends_on < before))


def places_of_work() -> dict[int, list[str]]:
    """The names of the clinics at which each practitioner works, by the practitioner's id."""
    rows = (
        select(WorkingHours.practitioner_id, Clinic.name)
        .join(Clinic, WorkingHours.clinic_id == Clinic.id)
        .order_by(Clinic.position, Clinic.name)
        .distinct()
        .add_columns(Clinic.position)
    )
    found: dict[int, list[str]] = {}
    for practitioner_id, name, _ in db.session.execute(rows):
        found.setdefault(practitioner_id, []).append(name)
    return found


# What refers to an entry, and so keeps it from being deleted


def uses_of_treatment(slug: str) -> list[str]:
    """Who offers a treatment and what was booked for it, in words."""
    offering = [person.name for person in practitioners() if slug in person.treatments]
    booked = db.session.scalar(
        select(func.count(Appointment.id)).where(_names(Appointment.treatments, slug))
    )
    told = [f"{name} offers it" for name in offering]
    if booked:
        told.append(f"{booked} appointment{'s' if booked != 1 else ''} were booked for it")
    return told


def is_in_log(slug: str) -> bool:
    """Whether visitors ever used a treatment in a tool. Reads the log: not for every page."""
    uses = select(Interaction.id).where(
        Interaction.type.in_(sorted(TOOLS)), _names(Interaction.data, slug)
    )
    return db.session.scalar(uses.limit(1)) is not None


def _names(document, slug: str):
    return cast(document, String).contains(f'"{slug}"', autoescape=True)


def uses_of_clinic(clinic_id: int) -> list[str]:
    """What still speaks of a clinic, in words."""
    count = db.session.scalar(
        select(func.count(Appointment.id)).where(Appointment.clinic_id == clinic_id)
    )
    people = select(Practitioner.name).join(
        WorkingHours, WorkingHours.practitioner_id == Practitioner.id
    )
    people = people.where(WorkingHours.clinic_id == clinic_id).distinct()
    working = [f"{name} works here" for name in db.session.scalars(people)]
    return working + ([_appointments(count)] if count else [])


def uses_of_practitioner(practitioner_id: int) -> list[str]:
    """What still speaks of a practitioner, in words."""
    count = db.session.scalar(
        select(func.count(Appointment.id)).where(Appointment.practitioner_id == practitioner_id)
    )
    return [_appointments(count)] if count else []


def _appointments(count: int) -> str:
    return f"{count} appointment{'s' if count != 1 else ''} were booked"


def used_since(kind: str, slugs: set[str], since: datetime) -> set[str]:
    """Which of these treatments, clinics or practitioners, added at `since`, somebody has booked,
    offers, or used in a tool."""
    appointments = select(Appointment).where(Appointment.created_at >= since)
    if kind == "clinics":
        rows = appointments.join(Clinic, Clinic.id == Appointment.clinic_id)
        return slugs & set(db.session.scalars(rows.with_only_columns(Clinic.slug)))
    if kind == "practitioners":
        rows = appointments.join(Practitioner, Practitioner.id == Appointment.practitioner_id)
        return slugs & set(db.session.scalars(rows.with_only_columns(Practitioner.slug)))
    lists = [*db.session.scalars(select(Practitioner.treatments))]
    lists += db.session.scalars(appointments.with_only_columns(Appointment.treatments))
    used = {slug for each in lists for slug in each}
    uses = select(cast(Interaction.data, String)).where(
        Interaction.type.in_(sorted(TOOLS)), Interaction.received_at >= since
    )
    for told in db.session.scalars(uses):
        used.update(QUOTED.findall(told or ""))
    return slugs & used


# Appointments that a change would leave out


def booked(now: datetime) -> list[Appointment]:
    """The appointments to come, the soonest first."""
    wanted = select(Appointment).where(Appointment.state == "booked", Appointment.ends_at > now)
    return list(db.session.scalars(wanted.order_by(Appointment.starts_at, Appointment.id)))


def left_out(changes: Iterable[Change], now: datetime) -> list[Appointment]:
    """The appointments to come that new closures, removed hours or somebody's leaving would fall
    upon, the soonest first."""
    coming = booked(now)
    if not coming:
        return []
    clinics = dict(db.session.execute(select(Clinic.slug, Clinic.id)).all())
    people = dict(db.session.execute(select(Practitioner.slug, Practitioner.id)).all())
    found = {}
    for change in changes:
        for one in coming:
            if _is_left_out(one, change, clinics, people):
                found[one.id] = one
    return [one for one in coming if one.id in found]


def upon(shut: Shut, coming: list[Appointment]) -> list[Appointment]:
    """Those of the appointments that lie on a closure."""
    closure = shut.closure
    return [
        one
        for one in coming
        if closure.starts_on <= _local_start(one).date() <= closure.ends_on
        if closure.clinic_id in (None, one.clinic_id)
        if closure.practitioner_id in (None, one.practitioner_id)
    ]


def _is_left_out(one: Appointment, change: Change, clinics: dict, people: dict) -> bool:
    before, after = change.before, change.after
    told = after or before or {}
    if told.get("clinic") and clinics.get(told["clinic"]) != one.clinic_id:
        return False
    if told.get("practitioner") and people.get(told["practitioner"]) != one.practitioner_id:
        return False
    if change.kind == "closures":
        day = _local_start(one).date().isoformat()
        return before is None and after["from"] <= day <= after["to"]
    if change.kind == "practitioners":
        leaves = "active" in change.fields and not after["active"]
        return leaves and people.get(change.key[0]) == one.practitioner_id
    if change.kind in ("opening_hours", "working_hours"):
        return _lies(one, before) and not _lies(one, after)
    return False


def _lies(appointment: Appointment, week: Record | None) -> bool:
    """Whether it lies within the hours of a week."""
    starts = _local_start(appointment)
    minute = starts.hour * 60 + starts.minute
    day = (week or {}).get(DAYS[starts.weekday()], [])
    return is_within((minute, minute + appointment.minutes), day)


def _local_start(appointment: Appointment) -> datetime:
    return appointment.starts_at.astimezone(ZoneInfo(appointment.timezone))
