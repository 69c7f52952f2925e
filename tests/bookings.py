"""Appointments of the demo clinic, booked without its pages."""

import uuid
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select

from app.clock import utc_now
from app.extensions import db
from app.models import Appointment, Clinic, Practitioner
from app.tenancy import acting_for

PARIS = ZoneInfo("Europe/Paris")


def next_day(weekday: int, hour: int) -> datetime:
    """The next such weekday in Paris but for today's, at this hour."""
    today = utc_now().astimezone(PARIS).replace(hour=hour, minute=0, second=0, microsecond=0)
    ahead = (weekday - today.weekday()) % 7 or 7
    return (today + timedelta(days=ahead)).astimezone(UTC)


def book(clinic, starts_at: datetime, place="lyon", person="hugo-marchetti") -> Appointment:
    with acting_for(clinic.clinic):
        where = db.session.scalar(select(Clinic).where(Clinic.slug == place))
        who = db.session.scalar(select(Practitioner).where(Practitioner.slug == person))
        ends_at = starts_at + timedelta(minutes=45)
        booked = Appointment(
            event_id=uuid.uuid4(),
            clinic_id=where.id,
            practitioner_id=who.id,
            treatments=["lip-filler"],
            title="Hyaluronic lip filler",
            clinic_name=where.name,
            practitioner_name=who.name,
            timezone="Europe/Paris",
            starts_at=starts_at,
            ends_at=ends_at,
            held_until=ends_at,
            contact={"first_name": "Zoé", "last_name": "Martin"},
            created_at=starts_at,
            updated_at=starts_at,
        )
        db.session.add(booked)
        db.session.commit()
        return booked
