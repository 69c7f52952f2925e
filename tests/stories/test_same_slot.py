"""Fifty people want the same time at once, from a real server: one gets it, the others are told.

The forms are opened first, one after the other; then all are sent at the same moment.
"""

import re
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from datetime import timedelta
from http.cookiejar import CookieJar
from itertools import pairwise
from uuid import UUID

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError

from app import booking
from app.clock import utc_now
from app.demo.catalogue import load_catalogue
from app.extensions import db
from app.models import (
    Appointment,
    AppointmentSlot,
    BookingAttempt,
    Interaction,
    Lead,
    OutboxMessage,
    Practitioner,
)
from app.tenancy import acting_for
from tests.on_duty import moment, on_duty
from tests.passerby import AGENT, Forms
from tests.stories.test_kill import server  # noqa: F401

CLIENTS = 50


@pytest.fixture
def staffed(cast):
    """The clinic, with two practitioners in Lyon."""
    load_catalogue(cast.clinic.id, utc_now())
    on_duty(cast)
    return cast


class Browser:
    """Somebody with cookies of their own, at a form that is open."""

    def __init__(self, port: int, number: int):
        self.base, self.number = f"http://127.0.0.1:{port}", number
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
        self.status, self.page, self.address = None, "", ""

    def ask(self, path: str, data: bytes | None = None):
        request = urllib.request.Request(self.base + path, data, {"User-Agent": AGENT})
        try:
            with self.opener.open(request, timeout=60) as answer:
                self.status, self.address = answer.status, answer.url
                self.page = answer.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                self.status, self.page = error.code, error.read().decode()

    def look(self, **choice):
        self.ask("/appointments/details?" + urllib.parse.urlencode(choice))
        assert self.status == 200, self.page

    @property
    def form(self):
        return next(form for form in Forms(self.page).forms if "/book" in form.action)

    def book(self):
        told = {"first_name": "Ida", "email": f"ida{self.number}@example.com", "notes": "Hello"}
        fields = {**self.form.fields, **{name: [value] for name, value in told.items()}}
        self.ask("/appointments/book", urllib.parse.urlencode(fields, doseq=True).encode())


def all_at_once(browsers: list[Browser]):
    start = threading.Barrier(len(browsers))

    def send(browser: Browser):
        start.wait()
        browser.book()

    threads = [threading.Thread(target=send, args=[browser]) for browser in browsers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


@pytest.fixture
def crowd(server, staffed):  # noqa: F811
    """crowd(choices) -> browsers at the open form, one for each choice, after a human pause."""
    _, port = server()

    def opened(choices: list[dict]) -> list[Browser]:
        browsers = [Browser(port, number) for number in range(len(choices))]
        for browser, choice in zip(browsers, choices, strict=True):
            browser.look(treatment="ipl", clinic="lyon", **choice)
        time.sleep(2.1)  # faster than people type, and it would be taken for a program's
        return browsers

    return opened


def in_books(cast) -> list[Appointment]:
    db.session.rollback()
    with acting_for(cast.clinic):
        return list(db.session.scalars(select(Appointment).order_by(Appointment.id)))


def count(cast, model, *conditions) -> int:
    with acting_for(cast.clinic):
        return db.session.scalar(select(func.count()).select_from(model).where(*conditions))


def test_of_fifty_who_want_the_same_time_one_gets_it_and_the_others_are_told(crowd, staffed):
    at = booking.write_moment(moment())
    browsers = crowd([{"at": at, "practitioner": "ada"}] * CLIENTS)
    all_at_once(browsers)
    statuses = sorted(browser.status for browser in browsers)
    assert statuses == [200] + [409] * (CLIENTS - 1)
    (one,) = in_books(staffed)
    winner = next(browser for browser in browsers if browser.status == 200)
    assert one.contact["email"] == f"ida{winner.number}@example.com"
    assert "/appointments/result/" in winner.address
    for browser in browsers:
        if browser is winner:
            continue
        assert "Somebody else took" in browser.page
        assert browser.form.fields["email"] == [f"ida{browser.number}@example.com"]
        assert browser.form.fields["notes"] == ["Hello"]
        offered = re.findall(r'type="radio" name="at" value="([^"]+)"', browser.page)
        assert offered
        assert at not in offered
    # Whoever came too late left nothing behind.
    assert count(staffed, Lead) == 1
    assert count(staffed, Interaction, Interaction.type == "appointment_booked") == 1
    assert count(staffed, OutboxMessage, OutboxMessage.kind == "mail.appointment_confirmed") == 1
    assert count(staffed, AppointmentSlot) == 6
    assert count(staffed, BookingAttempt, BookingAttempt.appointment_id.is_(None)) <= CLIENTS - 1


def test_of_fifty_who_want_anybody_as_many_get_it_as_there_are(crowd, staffed):
    at = booking.write_moment(moment())
    browsers = crowd([{"at": at}] * CLIENTS)
    all_at_once(browsers)
    assert sorted(browser.status for browser in browsers) == [200] * 2 + [409] * (CLIENTS - 2)
    assert {one.practitioner_name for one in in_books(staffed)} == {"Ada Moreau", "Bruno Petit"}


def test_times_that_overlap_without_being_equal_are_never_both_had(crowd, staffed):
    times = [booking.write_moment(moment(10, minute)) for minute in (0, 15, 30, 45)]
    choices = [{"at": times[n % 4], "practitioner": "ada"} for n in range(40)]
    browsers = crowd(choices)
    all_at_once(browsers)
    booked = sorted(in_books(staffed), key=lambda one: one.starts_at)
    assert 1 <= len(booked) <= 2
    assert [b.status for b in browsers].count(200) == len(booked)
    for before, after in pairwise(booked):
        assert before.held_until <= after.starts_at


def test_the_key_alone_keeps_two_from_holding_the_same_minutes(app, staffed):
    """Whatever the code does: two transactions that know nothing of each other."""
    at = moment()
    with acting_for(staffed.clinic):
        ada = db.session.scalar(select(Practitioner.id).where(Practitioner.slug == "ada"))
    db.session.rollback()
    insert = text(
        "INSERT INTO appointment_slots (organization_id, practitioner_id, starts_at, "
        "appointment_id) VALUES (:organization, :who, :at, :appointment)"
    )
    with acting_for(staffed.clinic):
        for n in range(2):
            row = Appointment(
                event_id=UUID(int=n),
                practitioner_id=ada,
                title="x",
                clinic_name="x",
                practitioner_name="x",
                timezone="UTC",
                starts_at=at,
                ends_at=at + timedelta(minutes=30),
                held_until=at + timedelta(minutes=30),
                created_at=at,
                updated_at=at,
            )
            db.session.add(row)
        db.session.commit()
        ids = db.session.scalars(select(Appointment.id).order_by(Appointment.id)).all()
        db.session.rollback()
    values = {"organization": staffed.clinic.id, "who": ada, "at": int(at.timestamp() * 1000)}
    with db.engine.begin() as first:
        first.execute(insert, {**values, "appointment": ids[0]})
    with pytest.raises(IntegrityError), db.engine.begin() as second:
        second.execute(insert, {**values, "appointment": ids[1]})
