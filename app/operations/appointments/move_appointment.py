"""Move an appointment to another time, place or practitioner."""

from datetime import datetime
from uuid import uuid5

from app.domain.appointments.slots import BookingRules, Wish
from app.extensions import db
from app.identity import Identity
from app.models import Appointment, Clinic, Practitioner, Site
from app.operations.appointments.close_appointment import NotOpen, note_change
from app.operations.appointments.hold_time import hold_time, lock_bookings
from app.operations.appointments.tell_of_appointment import (
    in_words,
    renew_reminder,
    tell_of_appointment,
)
from app.operations.audit import audit


def move_appointment(
    appointment: Appointment,
    wish: Wish,
    clinic: Clinic,
    practitioner: Practitioner | None,
    starts_at: datetime,
    rules: BookingRules,
    *,
    link: str,
    now: datetime,
    site: Site | None = None,
    identity: Identity | None = None,
    user_id: int | None = None,
) -> bool:
    """Whether it moved: to where it stands already changes nothing, and nobody is told twice.

    Raises Taken; NotOpen for one that was cancelled or has begun.
    """
    lock_bookings()
    db.session.refresh(appointment)
    if appointment.state != "booked" or appointment.starts_at <= now:
        raise NotOpen
    here = (appointment.starts_at, appointment.clinic_id)
    same_person = practitioner is None or practitioner.id == appointment.practitioner_id
    if here == (starts_at, clinic.id) and same_person:
        return False
    before = appointment.starts_at
    was = in_words(before, appointment.timezone)
    hold_time(appointment, wish, clinic, practitioner, starts_at, rules, now=now)
    appointment.sequence += 1
    appointment.updated_at = now
    data = {
        "treatment": appointment.title,
        "from": before.isoformat(),
        "starts_at": starts_at.isoformat(),
    }
    event_id = uuid5(appointment.event_id, f"moved {appointment.sequence}")
    note_change(
        appointment,
        "appointment_moved",
        data,
        event_id,
        site=site,
        identity=identity,
        user_id=user_id,
        now=now,
    )
    tell_of_appointment(appointment, "appointment_moved", link=link, now=now, was=was)
    renew_reminder(appointment, rules, link=link, now=now)
    if site is None:  # staff did it
        audit("appointment.moved", f"appointment {appointment.id}", data, user_id=user_id, now=now)
    db.session.flush()
    return True
