"""The catalogue as records (`app.domain.catalogue.catalogue`): what forms, files and the log speak
of."""

from collections import defaultdict
from collections.abc import Collection, Iterator
from functools import cache
from zoneinfo import available_timezones

from sqlalchemy import Select, select

from app.domain.catalogue.catalogue import KINDS, Facts, Key, Record
from app.domain.catalogue.catalogue_fields import plain_factor
from app.domain.catalogue.week import DAYS
from app.extensions import db
from app.models import (
    Clinic,
    Closure,
    OpeningHours,
    Practitioner,
    Treatment,
    WorkingHours,
)

NAMED = {"treatments": Treatment, "clinics": Clinic, "practitioners": Practitioner}


def records(kind: str, keys: Collection[Key] | None = None) -> dict[Key, Record]:
    """The entries of a kind by their keys, in the organization's order; only these, when given."""
    found = dict(READERS[kind](kind, keys))
    return found if keys is None else {key: found[key] for key in keys if key in found}


def record(kind: str, key: Key) -> Record | None:
    """One entry."""
    return records(kind, [key]).get(key)


def slugs(model) -> frozenset[str]:
    """The slugs of treatments, clinics or practitioners."""
    return frozenset(db.session.scalars(select(model.slug)))


def facts() -> Facts:
    """What entries may refer to."""
    return Facts(slugs(Treatment), slugs(Clinic), slugs(Practitioner), known_timezones())


@cache
def known_timezones() -> frozenset[str]:
    """The names of the time zones of the world, without the ones of old days and of offsets."""
    return frozenset(
        zone
        for zone in available_timezones()
        if zone == "UTC" or ("/" in zone and not zone.startswith(("Etc/", "SystemV/", "posix/")))
    )


def named_rows(kind: str, keys: Collection[Key] | None) -> Select:
    """Selects treatments, clinics or practitioners with these keys, or all."""
    model = NAMED[kind]
    wanted = select(model).order_by(model.position, model.name, model.id)
    few = keys is not None and len(keys) < 500
    return wanted.where(model.slug.in_([key[0] for key in keys])) if few else wanted


def record_of(kind: str, row) -> Record:
    """A treatment, clinic or practitioner as its record."""
    found = {column.name: getattr(row, column.name) for column in KINDS[kind].columns}
    if kind == "treatments":
        found["areas"] = [
            {"key": a["key"], "name": a["name"], "factor": plain_factor(a.get("factor", 1))}
            for a in row.areas
        ]
        found["options"] = [
            {
                **{name: o[name] for name in ("key", "name", "price_low", "price_high")},
                "each_session": bool(o.get("each_session")),
            }
            for o in row.options
        ]
    return found


def _named(kind: str, keys) -> Iterator[tuple[Key, Record]]:
    for row in db.session.scalars(named_rows(kind, keys)):
        yield (row.slug,), record_of(kind, row)


def _opening_hours(kind: str, keys) -> Iterator[tuple[Key, Record]]:
    rows = select(Clinic.slug, OpeningHours).join(Clinic, OpeningHours.clinic_id == Clinic.id)
    rows = rows.order_by(Clinic.position, Clinic.name, Clinic.id, OpeningHours.starts)
    weeks = defaultdict(_empty_week)
    for slug, hours in db.session.execute(rows):
        weeks[slug][DAYS[hours.weekday]].append([hours.starts, hours.ends])
    for slug, week in weeks.items():
        yield (slug,), {"clinic": slug, **week}


def _working_hours(kind: str, keys) -> Iterator[tuple[Key, Record]]:
    rows = (
        select(Practitioner.slug, Clinic.slug, WorkingHours)
        .join(Practitioner, WorkingHours.practitioner_id == Practitioner.id)
        .join(Clinic, WorkingHours.clinic_id == Clinic.id)
        .order_by(
            Practitioner.position,
            Practitioner.name,
            Practitioner.id,
            Clinic.position,
            Clinic.name,
            WorkingHours.starts,
        )
    )
    weeks = defaultdict(_empty_week)
    for practitioner, clinic, hours in db.session.execute(rows):
        week = weeks[practitioner, clinic]
        week[DAYS[hours.weekday]].append([hours.starts, hours.ends])
    for (practitioner, clinic), week in weeks.items():
        yield (practitioner, clinic), {"practitioner": practitioner, "clinic": clinic, **week}


def _empty_week() -> dict[str, list]:
    return {day: [] for day in DAYS}


def _closures(kind: str, keys) -> Iterator[tuple[Key, Record]]:
    rows = (
        select(Closure, Clinic.slug, Practitioner.slug)
        .outerjoin(Clinic, Closure.clinic_id == Clinic.id)
        .outerjoin(Practitioner, Closure.practitioner_id == Practitioner.id)
        .order_by(Closure.starts_on, Closure.ends_on, Closure.id)
    )
    for closure, clinic, practitioner in db.session.execute(rows):
        found = {
            "clinic": clinic or "",
            "practitioner": practitioner or "",
            "from": closure.starts_on.isoformat(),
            "to": closure.ends_on.isoformat(),
            "reason": closure.reason,
        }
        yield KINDS[kind].key_of(found), found


READERS = {
    "treatments": _named,
    "clinics": _named,
    "practitioners": _named,
    "opening_hours": _opening_hours,
    "working_hours": _working_hours,
    "closures": _closures,
}
