"""Take a person out of their appointments."""

from datetime import datetime

from app.extensions import db
from app.models import Lead
from app.operations.appointments.hold_time import let_go
from app.operations.appointments.tell_of_appointment import drop_reminder
from app.queries.appointments import appointments


def forget_appointments(lead: Lead, *, now: datetime) -> None:
    """Who came, and what they wrote, goes; that somebody came stays counted. A time to come is
    free again."""
    for appointment in appointments.of_lead(lead.id):
        drop_reminder(appointment, now=now)
        appointment.contact, appointment.note, appointment.cancel_reason = {}, "", ""
        if appointment.state == "booked" and appointment.starts_at > now:
            appointment.state, appointment.cancelled_at = "cancelled", now
            appointment.cancelled_by = "us"
            let_go(appointment)
        appointment.updated_at = now
    db.session.flush()
