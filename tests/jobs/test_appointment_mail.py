"""What a visitor who booked finds in their mailbox."""

from datetime import timedelta
from email import message_from_bytes
from email.policy import default
from urllib.parse import urlsplit

import pytest
from icalendar import Calendar
from sqlalchemy import select

from app import booking
from app.clock import utc_now
from app.demo.catalogue import load_catalogue
from app.extensions import db
from app.jobs import deliver
from app.models import OutboxMessage
from app.tenancy import acting_for
from tests.on_duty import moment, on_duty
from tests.passerby import Passerby
from tests.visitor_books import book, the_appointment


@pytest.fixture
def visitor(client, cast):
    load_catalogue(cast.clinic.id, utc_now())
    on_duty(cast)
    return Passerby(client)


@pytest.fixture
def mailbox(app):
    """mailbox() -> the mails that were sent by now, the newest last."""

    def sent():
        db.session.remove()
        deliver.run()
        db.session.remove()
        files = sorted(
            (app.config["DATA"] / "mail").rglob("*.eml"), key=lambda f: f.stat().st_mtime
        )
        return [message_from_bytes(file.read_bytes(), policy=default) for file in files]

    return sent


def by_subject(mails, words):
    (found,) = (mail for mail in mails if words in mail["Subject"])
    return found


def link_in(text):
    """The path of the appointment's page."""
    return urlsplit(next(word for word in text.split() if "/appointments/a/" in word)).path


def text_of(mail):
    return mail.get_body(("plain",)).get_content()


def test_the_confirmation_says_when_and_where_and_brings_a_calendar_file(visitor, mailbox, cast):
    book(visitor, tz="America/New_York")
    (mail,) = mailbox()
    one = the_appointment(cast)
    assert mail["To"] == "ida@example.com"
    assert mail["Subject"].startswith("Your appointment: ")
    text = text_of(mail)
    for words in ("Dear Ida,", "10:00 (Paris time)", "New York time", "With Ada Moreau"):
        assert words in text
    assert "27 place Bellecour, 69002 Lyon" in text
    assert visitor.get(link_in(text)).status_code == 200
    (file,) = mail.iter_attachments()
    assert file.get_content_type() == "text/calendar"
    calendar = Calendar.from_ical(file.get_content())
    (event,) = calendar.walk("VEVENT")
    assert (calendar["METHOD"], event.decoded("dtstart")) == ("REQUEST", one.starts_at)
    assert event["ATTENDEE"] == "mailto:ida@example.com"
    assert event["ORGANIZER"].startswith("mailto:")
    assert "\n\n\n" not in text


def test_moving_cancelling_and_reminding_write_mails_of_their_own(visitor, mailbox, cast):
    book(visitor)
    text = text_of(mailbox()[0])
    link = link_in(text)
    visitor.get(f"{link}/move", {"at": booking.write_moment(moment(15))})
    visitor.send("/move")
    moved = text_of(by_subject(mailbox(), "Moved: "))
    assert "Before: " in moved
    assert "10:00" in moved
    assert "15:00" in moved
    due(cast, "mail.appointment_reminder")
    reminder = text_of(by_subject(mailbox(), "Reminder: "))
    assert "15:00" in reminder
    assert link in reminder
    visitor.get(f"{link}/cancel")
    visitor.send("/cancel")
    cancelled = by_subject(mailbox(), "Cancelled: ")
    (file,) = cancelled.iter_attachments()
    assert Calendar.from_ical(file.get_content())["METHOD"] == "CANCEL"
    assert [mail["Subject"].split(":")[0].strip() for mail in mailbox()] == [
        "Your appointment",
        "Moved",
        "Reminder",
        "Cancelled",
    ]


def due(cast, kind):
    """As if the time of what waits had come."""
    with acting_for(cast.clinic):
        for message in db.session.scalars(select(OutboxMessage).where(OutboxMessage.kind == kind)):
            message.due_at = utc_now() - timedelta(minutes=1)
        db.session.commit()


def test_no_reminder_comes_after_cancelling(visitor, mailbox, cast):
    book(visitor)
    visitor.get(link_in(text_of(mailbox()[0])) + "/cancel")
    visitor.send("/cancel")
    due(cast, "mail.appointment_reminder")
    assert not [mail for mail in mailbox() if mail["Subject"].startswith("Reminder")]


def test_a_name_adds_no_header_and_no_line(visitor, mailbox, cast):
    book(visitor, first_name="Ida\r\nBcc: eve@example.com\r\n")
    (mail,) = mailbox()
    assert mail["Bcc"] is None
    assert "Dear Ida Bcc: eve@example.com," in text_of(mail)
