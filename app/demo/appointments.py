"""Appointments of the demo clinic's leads: some past, some to come."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import uuid5

from sqlalchemy import select

from app.demo.people import MEETING
from app.domain.appointments.slots import CONSULTATION, BookingRules, Wish
from app.extensions import db
from app.models import Appointment, Interaction, Lead
from app.operations.appointments.book_appointment import Request, book_for_lead
from app.operations.appointments.close_appointment import close_appointment
from app.queries.appointments import appointments, availability

DAY, HOUR, TALK = timedelta(days=1), timedelta(hours=1), timedelta(minutes=5)
WHO = ("first_name", "last_name", "phone")  # no address: the demo writes to nobody
STAY_AWAY = 6  # one of so many


def wants_to_come(story: Iterable[tuple[float, str]]) -> bool:
    """Whether somebody comes far enough for an appointment."""
    return any(what == MEETING for _, what in story)


def moment_of_booking(number: int, came_at: datetime, now: datetime) -> datetime | None:
    """When a lead books: some a day after they came, others lately. None: not yet."""
    soon, lately = came_at + DAY + TALK, now - (1 + number % 3) * DAY
    booked_at = min(soon if number % 2 else max(soon, lately), now - HOUR)
    return booked_at if booked_at > came_at else None


def book(number: int, lead: Lead, now: datetime) -> Appointment | None:
    """Books some days later; nothing where no time is free or nobody known would come."""
    rules = availability.booking_rules()
    made = db.session.scalar(select(Interaction).where(Interaction.id == lead.interaction_id))
    comes = {name: value for name in WHO if (value := getattr(lead, name))}
    wish = _wish(lead, rules)
    places = availability.places(wish) if wish else []
    if not (made and comes and places):
        return None
    clinic = places[number % len(places)]
    asked = (wish, clinic, availability.staff(wish, clinic), rules, now)
    day = availability.first_free_day((now + (number % 9) * DAY).date(), *asked)
    if day is None:
        return None
    times = list(next(availability.free_on([day], *asked))[1])
    request = Request(
        event_id=uuid5(made.event_id, "appointment"),
        wish=wish,
        clinic=clinic,
        practitioner=None,
        starts_at=times[number * 5 % len(times)],
        comes=comes,
        source=appointments.source_of(made),
    )
    return book_for_lead(request, rules, lead, user_id=None, link="", now=now).appointment


def close(number: int, appointment_id: int, now: datetime) -> None:
    """Notes who came."""
    wanted = select(Appointment).where(Appointment.id == appointment_id)
    state = "missed" if number % STAY_AWAY == STAY_AWAY - 1 else "attended"
    close_appointment(db.session.scalar(wanted), state, user_id=None, now=now)


def _wish(lead: Lead, rules: BookingRules) -> Wish | None:
    """What they asked about first, if it can be booked; else to talk about it."""
    offered = {treatment.slug for treatment in availability.bookable()}
    slugs = [slug for slug in lead.interests or () if slug in offered][:1]
    return availability.wish(slugs or [CONSULTATION], rules)
