"""Note that somebody came, or did not."""

from datetime import datetime
from uuid import UUID, uuid5

from app.extensions import db
from app.identity import Identity
from app.models import Appointment, Lead, Site
from app.operations.appointments.hold_time import lock_bookings
from app.operations.appointments.tell_of_appointment import drop_reminder
from app.operations.audit import audit
from app.operations.tracking.follow_engagement import follow_engagement
from app.operations.tracking.record_interaction import record_interaction
from app.queries.contact import contact

TYPES = {"attended": "appointment_attended", "missed": "appointment_missed"}


class NotOpen(Exception):
    """It was cancelled, or it has begun already: it is not changed any more."""


class NotYet(Exception):
    """It has not begun: nobody came or stayed away yet."""


def close_appointment(
    appointment: Appointment, state: str, *, user_id: int | None, now: datetime
) -> bool:
    """Whether the state (attended or missed) is new. It may be corrected from one to the other.

    Raises NotYet, NotOpen.
    """
    lock_bookings()
    db.session.refresh(appointment)
    if appointment.state == "cancelled":
        raise NotOpen
    if appointment.starts_at > now:
        raise NotYet
    if appointment.state == state:
        return False
    appointment.state, appointment.updated_at = state, now
    appointment.sequence += 1
    drop_reminder(appointment, now=now)
    event_id = uuid5(appointment.event_id, f"{state} {appointment.sequence}")
    data = {"treatment": appointment.title, "starts_at": appointment.starts_at.isoformat()}
    note_change(appointment, TYPES[state], data, event_id, user_id=user_id, now=now)
    audit(f"appointment.{state}", f"appointment {appointment.id}", data, user_id=user_id, now=now)
    db.session.flush()
    return True


def note_change(
    appointment: Appointment,
    type: str,
    data: dict,
    event_id: UUID,
    *,
    site: Site | None = None,
    identity: Identity | None = None,
    user_id: int | None = None,
    now: datetime,
) -> None:
    """What became of an appointment, in the log and in its lead's score."""
    lead: Lead | None = contact.lead(appointment.lead_id)
    interaction = record_interaction(
        type,
        site=site,
        identity=identity,
        lead_id=lead.id if lead else None,
        channel="web" if site else "phone",
        data={**data, "user_id": user_id} if user_id else data,
        event_id=event_id,
        now=now,
    )
    if lead:
        follow_engagement(lead, [interaction], now=now)
