"""Give an organization the demo clinic's treatments, places, staff, hours and texts."""

import json
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import select

from app.clients.public_holidays import public_holidays
from app.domain.catalogue.week import DAYS, read_day
from app.extensions import db
from app.models import (
    AuditLog,
    Clinic,
    Closure,
    OpeningHours,
    Organization,
    Practitioner,
    Treatment,
    WorkingHours,
)
from app.operations.audit import audit
from app.tenancy import acting_for

CLINIC = Path(__file__).with_name("clinic.json")
LOADED = "catalogue.loaded"


def load_catalogue(organization_id: int, now: datetime) -> dict[str, int]:
    """Adds each kind of entry that was never loaded here: how many of which kind.

    So a second load changes nothing that somebody edited or deleted, and brings what a newer
    version of the demo has besides. The caller commits.
    """
    demo = json.loads(CLINIC.read_text(encoding="utf-8"))
    with acting_for(organization_id):
        organization = db.session.get(Organization, organization_id)
        organization.settings = {**demo["settings"], **(organization.settings or {})}
        today = now.astimezone(ZoneInfo(organization.timezone)).date()
        earlier = {kind for line in _earlier() for kind in line.detail or {}}
        loads = {
            "treatments": lambda: _put(Treatment, demo["treatments"]),
            "clinics": lambda: _put(Clinic, demo["clinics"], apart=("hours",)),
            "hours": lambda: _open(demo["clinics"]),
            "practitioners": lambda: _staff(demo["practitioners"]),
            "closures": lambda: _close(demo["closures"], today),
        }
        counts = {kind: load() for kind, load in loads.items() if kind not in earlier}
        if counts:
            audit(LOADED, "catalogue", counts, user_id=None, now=now)
        db.session.flush()
        return counts


def _earlier():
    return db.session.scalars(select(AuditLog).where(AuditLog.action == LOADED))


def _by_slug(model) -> dict:
    return {row.slug: row for row in db.session.scalars(select(model))}


def _put(model, entries: list[dict], apart: tuple[str, ...] = ()) -> int:
    """Adds the entries whose slugs are not there yet."""
    known = _by_slug(model)
    new = [
        (place, entry) for place, entry in enumerate(entries, start=1) if entry["slug"] not in known
    ]
    for place, entry in new:
        values = {name: value for name, value in entry.items() if name not in apart}
        db.session.add(model(**{"position": place, **values}))
    db.session.flush()
    return len(new)


def _open(entries: list[dict]) -> int:
    """Gives the demo's clinics their address and opening hours, unless they have some."""
    known, stretches = _by_slug(Clinic), 0
    open_already = set(db.session.scalars(select(OpeningHours.clinic_id)))
    for entry in entries:
        clinic = known.get(entry["slug"])
        if clinic is None or clinic.id in open_already:
            continue
        for name in ("address", "timezone"):
            setattr(clinic, name, getattr(clinic, name) or entry[name])
        for weekday, starts, ends in _stretches(entry["hours"]):
            hours = {"weekday": weekday, "starts": starts, "ends": ends}
            db.session.add(OpeningHours(clinic_id=clinic.id, **hours))
            stretches += 1
    return stretches


def _staff(entries: list[dict]) -> int:
    known = _by_slug(Practitioner)
    count = _put(Practitioner, entries, apart=("hours",))
    clinics, people = _by_slug(Clinic), _by_slug(Practitioner)
    for entry in entries:
        if entry["slug"] in known:
            continue
        for clinic in entry["hours"].keys() & clinics.keys():
            ids = {
                "practitioner_id": people[entry["slug"]].id,
                "clinic_id": clinics[clinic].id,
            }
            for weekday, starts, ends in _stretches(entry["hours"][clinic]):
                hours = {"weekday": weekday, "starts": starts, "ends": ends}
                db.session.add(WorkingHours(**ids, **hours))
    return count


def _stretches(week: dict[str, str]):
    for weekday, day in enumerate(DAYS):
        for starts, ends in read_day(week.get(day, "")):
            yield weekday, starts, ends


def _close(planned: dict, today: date) -> int:
    """A year of public holidays, and leaves some days ahead."""
    asked = planned["public_holidays"]
    last = today + timedelta(days=asked["days"])
    closures = [
        Closure(starts_on=day, ends_on=day, reason=name)
        for day, name in public_holidays(asked["country"], today, last)
    ]
    clinics, people = _by_slug(Clinic), _by_slug(Practitioner)
    for leave in planned["leave"]:
        starts = today + timedelta(days=leave["in_days"])
        clinic, person = clinics.get(leave.get("clinic")), people.get(leave.get("practitioner"))
        if clinic or person:
            closures.append(
                Closure(
                    clinic_id=clinic and clinic.id,
                    practitioner_id=person and person.id,
                    starts_on=starts,
                    ends_on=starts + timedelta(days=leave["days"] - 1),
                    reason=leave["reason"],
                )
            )
    db.session.add_all(closures)
    return len(closures)
