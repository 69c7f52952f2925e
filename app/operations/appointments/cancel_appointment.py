"""Cancel an appointment, and take the cancelling back while the time is still free."""

from datetime import datetime, timedelta
from uuid import uuid5

from app.domain.appointments.slots import BookingRules
from app.extensions import db
from app.identity import Identity
from app.models import Appointment, Site
from app.operations.appointments.close_appointment import NotOpen, note_change
from app.operations.appointments.hold_time import let_go, lock_bookings, take_back
from app.operations.appointments.tell_of_appointment import (
    drop_reminder,
    renew_reminder,
    tell_of_appointment,
)
from app.operations.audit import audit
from app.operations.contact.read_contact import clean_text

UNDO = timedelta(minutes=1)
LONGEST_REASON = 500


def cancel_appointment(
    appointment: Appointment,
    *,
    reason: str = "",
    link: str,
    now: datetime,
    site: Site | None = None,
    identity: Identity | None = None,
    user_id: int | None = None,
) -> bool:
    """Whether it is cancelled by this: what was cancelled stays so, and nobody is told twice.

    Raises NotOpen for one that has begun.
    """
    lock_bookings()
    db.session.refresh(appointment)
    if appointment.state == "cancelled":
        return False
    if appointment.state != "booked" or appointment.starts_at <= now:
        raise NotOpen
    appointment.state = "cancelled"
    appointment.cancelled_at = appointment.updated_at = now
    appointment.cancelled_by = "them" if site else "us"
    appointment.cancel_reason = clean_text(reason, keep_lines=True)[:LONGEST_REASON]
    appointment.sequence += 1
    let_go(appointment)
    drop_reminder(appointment, now=now)
    _note(appointment, "appointment_cancelled", site, identity, user_id, now)
    tell_of_appointment(appointment, "appointment_cancelled", link=link, now=now)
    db.session.flush()
    return True


def can_undo(appointment: Appointment, now: datetime) -> bool:
    """Whether whoever cancelled it may still say that they did not mean it."""
    return (
        appointment.state == "cancelled"
        and now < appointment.cancelled_at + UNDO
        and now < appointment.starts_at
    )


def restore_appointment(
    appointment: Appointment,
    rules: BookingRules,
    *,
    link: str,
    now: datetime,
    site: Site | None = None,
    identity: Identity | None = None,
    user_id: int | None = None,
) -> bool:
    """Whether it is booked again by this. Raises Taken; NotOpen when it is too late."""
    lock_bookings()
    db.session.refresh(appointment)
    if appointment.state == "booked":
        return False
    if not can_undo(appointment, now):
        raise NotOpen
    take_back(appointment)
    appointment.state, appointment.cancelled_at = "booked", None
    appointment.cancelled_by = appointment.cancel_reason = ""
    appointment.updated_at = now
    appointment.sequence += 1
    _note(appointment, "appointment_restored", site, identity, user_id, now)
    tell_of_appointment(appointment, "appointment_confirmed", link=link, now=now)
    renew_reminder(appointment, rules, link=link, now=now)
    db.session.flush()
    return True


def _note(appointment: Appointment, type: str, site, identity, user_id, now: datetime):
    event_id = uuid5(appointment.event_id, f"{type} {appointment.sequence}")
    data = {"treatment": appointment.title, "starts_at": appointment.starts_at.isoformat()}
    note_change(
        appointment,
        type,
        data,
        event_id,
        site=site,
        identity=identity,
        user_id=user_id,
        now=now,
    )
    if site is None:  # staff did it
        action = type.replace("_", ".", 1)
        audit(action, f"appointment {appointment.id}", data, user_id=user_id, now=now)
