"""Note how far somebody came in booking: an abandoned booking is seen with how they had come."""

from datetime import datetime
from uuid import UUID, uuid5

from app.domain.appointments.slots import Wish
from app.extensions import db
from app.identity import Identity
from app.models import BookingAttempt, Clinic, Interaction, Practitioner, Site
from app.operations.tracking.record_visit_act import record_visit_act
from app.queries.appointments import appointments, availability

STEPS = ("times", "details")


def note_booking_step(
    attempt_id: UUID,
    step: str,
    wish: Wish,
    clinic: Clinic,
    practitioner: Practitioner | None,
    starts_at: datetime | None,
    *,
    site: Site,
    identity: Identity,
    url: str,
    now: datetime,
) -> BookingAttempt:
    """The booking begun, with this step (one of STEPS) and its choice; each choice is one
    interaction however often its page is loaded."""
    data = {
        "step": step,
        "treatment": wish.title,
        "procedures": wish.procedures,
        "clinic": clinic.slug,
        "practitioner": practitioner.slug if practitioner else "anybody",
        "starts_at": starts_at.isoformat() if starts_at else None,
    }
    interaction = record_visit_act(
        "booking_step",
        site=site,
        identity=identity,
        data={name: value for name, value in data.items() if value},
        label=f"{wish.title}, {clinic.name}",
        url=url,
        event_id=uuid5(attempt_id, repr(sorted(data.items(), key=str))),
        now=now,
    )
    zone = availability.zone_of(clinic).key
    begun = appointments.attempt(attempt_id) or _begin(attempt_id, interaction, now)
    begun.step = max(begun.step or step, step, key=STEPS.index)
    begun.treatments, begun.title = list(wish.treatments), wish.title
    begun.clinic_name, begun.timezone = clinic.name, zone
    begun.practitioner_name = practitioner.name if practitioner else ""
    begun.starts_at = starts_at or begun.starts_at
    begun.updated_at = now
    db.session.add(begun)
    db.session.flush()
    return begun


def _begin(attempt_id: UUID, interaction: Interaction, now: datetime) -> BookingAttempt:
    return BookingAttempt(
        attempt_id=attempt_id,
        visitor_id=interaction.visitor_id,
        visitor_session_id=interaction.visitor_session_id,
        source=appointments.source_of(interaction),
        begun_at=now,
    )
