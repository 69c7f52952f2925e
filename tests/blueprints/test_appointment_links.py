"""An appointment by its signed link: seen, moved, cancelled."""

from datetime import timedelta

import pytest
from icalendar import Calendar
from sqlalchemy import select

from app import booking
from app.appointment_links import token_of
from app.clock import utc_now
from app.extensions import db
from app.models import (
    Appointment,
    AppointmentSlot,
    Interaction,
    OutboxMessage,
)
from app.tenancy import acting_for
from tests.on_duty import day_after, moment, on_duty
from tests.passerby import Passerby
from tests.visitor_books import book, details, ics, mails, put, rows, send, the_appointment

IPL = "IPL for pigmentation and redness"


@pytest.fixture
def clinic(clinic):
    """With two practitioners in Lyon, from nine to five on every day of the week."""
    on_duty(clinic)
    return clinic


@pytest.fixture
def booked(visitor, clinic):
    book(visitor)
    return the_appointment(clinic)


@pytest.fixture
def holder(app, booked):
    """Whoever holds the link, at another browser."""
    holder = Passerby(app.test_client())
    holder.link = f"/appointments/a/{token_of(booked.event_id)}"
    return holder


def test_the_link_shows_the_appointment_and_tells_nobody_its_address(holder, booked):
    page = holder.get(holder.link)
    assert page.status_code == 200
    assert "IPL" in page.text
    assert "/track" not in page.text
    assert "pixel.gif" not in page.text
    assert page.headers["Referrer-Policy"] == "strict-origin"
    assert page.headers["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize("forged", ["x", "AAAA.BBBB", "💉", "a" * 500])
def test_a_forged_link_opens_nothing(holder, forged):
    assert holder.get(f"/appointments/a/{forged}").status_code == 404


def test_the_calendar_file_says_when_and_where(holder, booked):
    answer = holder.get(f"{holder.link}/appointment.ics")
    assert answer.mimetype == "text/calendar"
    calendar = Calendar.from_ical(answer.data)
    (event,) = calendar.walk("VEVENT")
    assert calendar["METHOD"] == "PUBLISH"
    assert event.decoded("dtstart") == booked.starts_at
    assert event.decoded("dtend") == booked.ends_at
    assert event["LOCATION"].startswith("Aurelia Lyon")


def test_it_is_moved_once_and_told_once(holder, booked, clinic):
    day = day_after().isoformat()
    page = holder.get(f"{holder.link}/move", {"day": day})
    assert 'class="slot"' in page.text
    holder.get(f"{holder.link}/move", {"at": booking.write_moment(moment(15)), "clinic": "lyon"})
    form = holder.page
    for _ in range(2):
        holder.page = form
        page = holder.send("/move")
        assert "Your appointment" in page.text
    one = the_appointment(clinic)
    assert (one.starts_at, one.sequence, one.state) == (moment(15), 1, "booked")
    told = rows(clinic, OutboxMessage, OutboxMessage.kind.startswith("mail.appointment_"))
    assert [each.kind.rpartition("_")[2] for each in told] == [
        "confirmed",
        "reminder",
        "moved",
        "reminder",
    ]
    assert told[1].done_at is not None
    assert (told[3].done_at, told[3].due_at) == (None, moment(15) - timedelta(hours=24))
    (event,) = ics(told[2]).walk("VEVENT")
    (first,) = ics(told[0]).walk("VEVENT")
    assert (event["SEQUENCE"], first["SEQUENCE"]) == (1, 0)
    assert event["UID"] == first["UID"]
    (moved,) = rows(clinic, Interaction, Interaction.type == "appointment_moved")
    assert moved.data["from"] == moment().isoformat()
    assert moved.lead_id == one.lead_id
    held = {cell.starts_at for cell in slots(clinic)}
    assert min(held) == moment(15)


def slots(cast):
    db.session.expire_all()
    with acting_for(cast.clinic):
        return list(db.session.scalars(select(AppointmentSlot)))


def test_a_quarter_of_an_hour_later_is_possible_though_it_overlaps_itself(holder, booked, clinic):
    at = booking.write_moment(moment(10, 15))
    holder.get(f"{holder.link}/move", {"at": at, "practitioner": "ada"})
    holder.send("/move")
    assert the_appointment(clinic).starts_at == moment(10, 15)
    assert the_appointment(clinic).practitioner_name == "Ada Moreau"


def test_it_is_not_moved_onto_another(holder, visitor, booked, clinic, app):
    other = Passerby(app.test_client())
    for practitioner in ("ada", "bruno"):
        details(other, at=booking.write_moment(moment(15)), practitioner=practitioner)
        send(other, first_name="Jo", email="jo@example.com")
    page = holder.get(f"{holder.link}/move", {"at": booking.write_moment(moment(15))})
    assert page.status_code == 409
    assert "Your appointment stays" in page.text
    assert holder.send("/move").status_code == 422
    (mine,) = rows(clinic, Appointment, Appointment.id == booked.id)
    assert mine.starts_at == moment()


def test_it_is_cancelled_once_told_once_and_its_time_is_free_again(holder, booked, clinic, app):
    holder.get(f"{holder.link}/cancel")
    form = holder.page
    for _ in range(2):
        holder.page = form
        page = holder.send("/cancel", reason="<script>ill</script>")
        assert "This appointment is cancelled" in page.text
    one = the_appointment(clinic)
    assert (one.state, one.cancelled_by, one.sequence) == ("cancelled", "them", 1)
    assert one.cancel_reason == "<script>ill</script>"
    waiting = mails(clinic)
    assert waiting["reminder"].done_at is not None
    calendar = ics(waiting["cancelled"])
    (event,) = calendar.walk("VEVENT")
    assert (calendar["METHOD"], event["STATUS"], event["SEQUENCE"]) == ("CANCEL", "CANCELLED", 1)
    assert slots(clinic) == []
    assert len(rows(clinic, Interaction, Interaction.type == "appointment_cancelled")) == 1
    other = Passerby(app.test_client())
    page = book(other, email="jo@example.com", practitioner="ada")
    assert page.request.path.startswith("/appointments/result/")


def test_cancelling_can_be_taken_back_for_a_minute(holder, booked, clinic):
    holder.get(f"{holder.link}/cancel")
    holder.send("/cancel")
    page = holder.send("/undo")
    assert "Move to another time" in page.text
    one = the_appointment(clinic)
    assert (one.state, one.sequence) == ("booked", 2)
    assert len(slots(clinic)) == 6
    (reminder,) = rows(
        clinic,
        OutboxMessage,
        OutboxMessage.kind == "mail.appointment_reminder",
        OutboxMessage.done_at.is_(None),
    )
    assert one.reminder_id == reminder.id


def test_it_is_not_taken_back_when_it_is_late_or_somebody_else_has_the_time(
    holder, booked, clinic, app
):
    holder.get(f"{holder.link}/cancel")
    holder.send("/cancel")
    form = holder.page
    book(Passerby(app.test_client()), email="jo@example.com", practitioner="ada")
    assert "This appointment is cancelled" in holder.send("/undo").text
    with acting_for(clinic.clinic):
        one = db.session.get(Appointment, booked.id)
        one.cancelled_at -= timedelta(minutes=2)
        db.session.commit()
    holder.page = form
    page = holder.send("/undo")
    assert "Undo" not in page.text
    (mine,) = rows(clinic, Appointment, Appointment.id == booked.id)
    assert mine.state == "cancelled"


def test_less_than_a_day_before_it_is_a_matter_for_the_phone(holder, booked, clinic):
    holder.get(f"{holder.link}/cancel")
    form = holder.page
    at = utc_now() + timedelta(hours=23)
    put(clinic, booked, at)
    assert "Please call us" in holder.get(holder.link).text
    for path in ("move", "cancel"):
        assert "Please call us" in holder.get(f"{holder.link}/{path}").text
    holder.page = form
    holder.send("/cancel")
    assert the_appointment(clinic).state == "booked"


def test_what_is_over_is_over(holder, booked, clinic):
    at = utc_now() - timedelta(days=1)
    put(clinic, booked, at)
    page = holder.get(holder.link)
    assert "This appointment is over" in page.text
    assert "Book again" in page.text
