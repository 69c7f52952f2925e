"""A visitor without JavaScript who books an appointment, and what is kept of it."""

from base64 import b64decode
from datetime import timedelta
from uuid import UUID

from icalendar import Calendar
from itsdangerous import URLSafeSerializer
from sqlalchemy import select

from app import asking, booking
from app.clock import utc_now
from app.extensions import db
from app.models import (
    Appointment,
    OutboxMessage,
)
from app.tenancy import acting_for
from tests.on_duty import CHOICE, moment

BOOK = "/appointments/book"


def details(visitor, **choice):
    choice.setdefault("at", booking.write_moment(moment()))
    return visitor.get("/appointments/details", {**CHOICE, **choice})


def send(visitor, **fields):
    """Sends the form at the pace of a person."""
    form = visitor.form(BOOK)
    with visitor.client.session_transaction() as session:
        key = session["form_key"]
    signer = URLSafeSerializer(visitor.client.application.secret_key, salt=f"appointments {key}")
    shown = UUID(signer.loads(form.fields["use"][0]))
    fields.setdefault("stamp", asking.stamp(shown, utc_now() - timedelta(seconds=20)))
    return visitor.send(BOOK, **fields)


def book(visitor, **fields):
    choice = {name: fields.pop(name) for name in ("at", "tz", "practitioner") if name in fields}
    details(visitor, **choice)
    return send(visitor, **{"first_name": "Ida", "email": "ida@example.com", **fields})


def rows(cast, model, *conditions):
    db.session.expire_all()
    with acting_for(cast.clinic):
        return list(db.session.scalars(select(model).where(*conditions).order_by(model.id)))


def the_appointment(cast):
    (one,) = rows(cast, Appointment)
    return one


def mails(cast):
    found = rows(cast, OutboxMessage, OutboxMessage.kind.startswith("mail.appointment_"))
    return {message.kind.removeprefix("mail.appointment_"): message for message in found}


def ics(message):
    (file,) = message.payload["attachments"]
    return Calendar.from_ical(b64decode(file["base64"]))


def put(cast, appointment, at):
    """As if it had been booked for this moment."""
    with acting_for(cast.clinic):
        one = db.session.get(Appointment, appointment.id)
        one.starts_at, one.ends_at = at, at + timedelta(minutes=30)
        one.held_until = one.ends_at
        db.session.commit()
