"""Hold a practitioner's time for an appointment: one of all who want it gets it."""

from datetime import datetime

from sqlalchemy import delete, insert
from sqlalchemy.exc import IntegrityError

from app.domain.appointments.slots import BookingRules, Wish, cells, held_for, in_turn
from app.extensions import db
from app.models import Appointment, AppointmentSlot, Clinic, Practitioner
from app.operations.tracking.track import lock_log
from app.queries.appointments import availability
from app.tenancy import acting_organization_id


class Taken(Exception):
    """The time is not free, or not any more."""


def lock_bookings() -> None:
    """Bookings of an organization one after the other: what is read now is still true when it is
    written. (On SQLite every writer waits already.)"""
    lock_log(db.session.connection(), acting_organization_id())


def hold_time(
    appointment: Appointment,
    wish: Wish,
    clinic: Clinic,
    practitioner: Practitioner | None,
    starts_at: datetime,
    rules: BookingRules,
    *,
    now: datetime,
) -> None:
    """Gives the appointment this time with the practitioner, or with anybody whose turn it is, and
    lets go of the one it had. Raises Taken."""
    who = {one.id: one for one in availability.staff(wish, clinic)}
    if practitioner:
        who = {practitioner.id: practitioner} if practitioner.id in who else {}
    moving = appointment if appointment.id else None
    asked = (starts_at, wish, clinic, list(who.values()), rules, now)
    free = availability.free_at(*asked, moving=moving)
    zone = availability.zone_of(clinic)
    load = availability.load_on(starts_at.astimezone(zone).date(), zone, list(who))
    for one in in_turn(free, load, {key: row.position for key, row in who.items()}):
        if _hold(appointment, wish, clinic, who[one], starts_at, rules):
            return
    raise Taken


def _hold(
    appointment: Appointment,
    wish: Wish,
    clinic: Clinic,
    practitioner: Practitioner,
    starts_at: datetime,
    rules: BookingRules,
) -> bool:
    held, zone = held_for(wish.minutes, rules), availability.zone_of(clinic)
    appointment.clinic_id, appointment.practitioner_id = clinic.id, practitioner.id
    appointment.clinic_name, appointment.practitioner_name = clinic.name, practitioner.name
    appointment.address = clinic.address
    appointment.starts_at = starts_at
    appointment.ends_at = starts_at + wish.length
    appointment.held_until = starts_at + held
    appointment.timezone = zone.key
    try:
        with db.session.begin_nested():
            db.session.add(appointment)
            db.session.flush()
            let_go(appointment)
            db.session.execute(insert(AppointmentSlot), _cells(appointment))
    except IntegrityError:  # somebody who did not wait for the lock was first
        return False
    return True


def let_go(appointment: Appointment) -> None:
    """The time is free again."""
    db.session.execute(
        delete(AppointmentSlot).where(AppointmentSlot.appointment_id == appointment.id)
    )


def _cells(appointment: Appointment) -> list[dict]:
    held = appointment.held_until - appointment.starts_at
    shared = {
        "organization_id": appointment.organization_id,
        "practitioner_id": appointment.practitioner_id,
        "appointment_id": appointment.id,
    }
    return [{**shared, "starts_at": cell} for cell in cells(appointment.starts_at, held)]


def take_back(appointment: Appointment) -> None:
    """Holds again the time it had before it was cancelled. Raises Taken."""
    try:
        with db.session.begin_nested():
            db.session.execute(insert(AppointmentSlot), _cells(appointment))
    except IntegrityError:
        raise Taken from None
