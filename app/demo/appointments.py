"""Appointments of the demo clinic's leads: some past, some to come."""

from datetime import datetime, timedelta
from uuid import uuid5

from sqlalchemy import select

from app.domain.appointments.slots import CONSULTATION, BookingRules, Wish
from app.extensions import db
from app.models import Appointment, Interaction, Lead
from app.operations.appointments.book_appointment import Request, book_for_lead
from app.operations.appointments.close_appointment import close_appointment
from app.queries.appointments import appointments, availability

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
STAGES = ("engaged", "opportunity", "customer")
WHO = ("first_name", "last_name", "phone")  # no address: the demo writes to nobody
STAY_AWAY = 6  # one of so many


def book_appointments(now: datetime) -> None:
    """Books for leads who came far enough, each some days after they became one; notes who came."""
    rules = availability.booking_rules()
    wanted = select(Lead).where(Lead.stage.in_(STAGES)).order_by(Lead.id)
    for number, lead in enumerate(db.session.scalars(wanted).all()):
        booked = _book(number, lead, rules, now)
        if booked and booked.ends_at + HOUR < now:
            state = "missed" if number % STAY_AWAY == STAY_AWAY - 1 else "attended"
            close_appointment(booked, state, user_id=None, now=booked.ends_at + HOUR)


def _book(number: int, lead: Lead, rules: BookingRules, now: datetime) -> Appointment | None:
    made = db.session.scalar(select(Interaction).where(Interaction.id == lead.interaction_id))
    comes = {name: value for name in WHO if (value := getattr(lead, name))}
    wish = _wish(lead, rules)
    places = availability.places(wish) if wish else []
    if not (made and comes and places):
        return None
    clinic = places[number % len(places)]
    soon, lately = lead.created_at + DAY, now - (1 + number % 3) * DAY
    booked_at = min(soon if number % 2 else max(soon, lately), now - HOUR)
    asked = (wish, clinic, availability.staff(wish, clinic), rules, booked_at)
    day = availability.first_free_day((booked_at + (number % 9) * DAY).date(), *asked)
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
    return book_for_lead(request, rules, lead, user_id=None, link="", now=booked_at).appointment


def _wish(lead: Lead, rules: BookingRules) -> Wish | None:
    """What they asked about first, if it can be booked; else to talk about it."""
    offered = {treatment.slug for treatment in availability.bookable()}
    slugs = [slug for slug in lead.interests or () if slug in offered][:1]
    return availability.wish(slugs or [CONSULTATION], rules)
