"""Booking an appointment, as a visitor without JavaScript meets it."""

import re
from base64 import b64decode
from datetime import timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from icalendar import Calendar
from itsdangerous import URLSafeSerializer
from sqlalchemy import select

from app import asking, booking
from app.appointment_links import token_of
from app.clock import utc_now
from app.extensions import db
from app.models import (
    Appointment,
    AppointmentSlot,
    BookingAttempt,
    Closure,
    Consent,
    Interaction,
    Lead,
    Organization,
    OutboxMessage,
)
from app.tenancy import acting_for
from tests.on_duty import CHOICE, day_after, moment, on_duty
from tests.passerby import Passerby

BOOK = "/appointments/book"
IPL = "IPL for pigmentation and redness"


@pytest.fixture
def clinic(clinic):
    """With two practitioners in Lyon, from nine to five on every day of the week."""
    on_duty(clinic)
    return clinic


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


# Choosing


def test_a_treatment_one_came_from_is_chosen_already(visitor, clinic):
    visitor.get("/appointments/?treatment=ipl")
    assert visitor.form("/appointments/times").fields["treatment"] == ["ipl"]


def test_nothing_is_chosen_by_itself_and_only_what_somebody_offers_is_shown(visitor, clinic):
    visitor.get("/appointments/")
    form = visitor.form("/appointments/times")
    assert "treatment" not in form.fields
    assert "First consultation" in visitor.page.text
    assert "Hydrafacial" not in visitor.page.text


def test_without_a_treatment_the_page_says_what_to_do(visitor, clinic):
    page = visitor.get("/appointments/times?clinic=lyon")
    assert page.status_code == 422
    assert "Choose what you would like to come for." in page.text
    page = visitor.get("/appointments/times?clinic=atlantis&treatment=gone")
    assert page.status_code == 422
    assert "Choose one of our places." in page.text
    assert "no longer offer this" in page.text


def test_the_times_of_a_day_are_links_that_hold_the_whole_choice(visitor, clinic):
    page = visitor.get("/appointments/times", {**CHOICE, "day": day_after().isoformat()})
    assert page.status_code == 200
    link = next(one for one in re.findall(r'href="([^"]+)"', page.text) if "details?" in one)
    told = link.replace("&amp;", "&")
    assert "treatment=ipl" in told
    assert "clinic=lyon" in told
    assert "at=" in told
    page = visitor.get(told)
    assert page.status_code == 200
    assert "Who is coming?" in page.text


def test_times_are_shown_by_the_visitors_clock_too(visitor, clinic):
    choice = {**CHOICE, "day": day_after().isoformat(), "tz": "America/New_York"}
    page = visitor.get("/appointments/times", choice)
    there = moment(9).astimezone(ZoneInfo("America/New_York"))
    assert f'09:00<span class="quiet">{there:%H:%M}</span>' in page.text
    page = details(visitor, tz="America/New_York")
    assert "in New York" in page.text
    page = visitor.get("/appointments/times", {**choice, "tz": "Europe/Berlin"})
    assert 'class="quiet">09:00' not in page.text


@pytest.mark.parametrize(
    "odd",
    [
        {"day": "0001-01-01"},
        {"day": "9999-12-31"},
        {"day": "<script>"},
        {"tz": "../../etc/passwd"},
        {"tz": "America"},
        {"at": "9999-12-31T23:59Z"},
        {"at": "now"},
        {"practitioner": "💉" * 200},
    ],
)
def test_an_odd_address_still_shows_times(visitor, clinic, odd):
    page = visitor.get("/appointments/times", {**CHOICE, **odd})
    assert page.status_code == 200
    assert 'class="slot"' in page.text
    page = visitor.get("/appointments/details", {**CHOICE, **odd})
    assert page.status_code in (200, 409)


def test_when_a_fortnight_is_full_the_next_free_day_is_offered(visitor, clinic):
    with acting_for(clinic.clinic):
        today = day_after(0)
        db.session.add(Closure(starts_on=today, ends_on=today + timedelta(days=40)))
        db.session.commit()
    page = visitor.get("/appointments/times", {**CHOICE, "day": day_after(1).isoformat()})
    assert "Nothing is free in these two weeks" in page.text
    assert f"Next free day: {day_after(41):%A} {day_after(41).day}" in page.text
    assert "Call " in page.text
    page = visitor.get("/appointments/times", CHOICE)
    assert 'class="slot"' in page.text, "without a day it begins where something is free"


def test_where_nobody_does_it_the_page_says_so(visitor, clinic):
    page = visitor.get(
        "/appointments/times", {"treatment": ["ipl", "lip-filler"], "clinic": "lyon"}
    )
    assert "Nobody at Aurelia Lyon does all of this in one visit" in page.text


# Booking


def test_booking_makes_the_appointment_the_lead_and_the_mails(visitor, clinic):
    page = book(visitor, last_name="Björk 💉", notes="Allergic to nuts", consent_email="1")
    assert page.request.path.startswith("/appointments/result/")
    assert "A confirmation is on its way to ida@example.com" in page.text
    one = the_appointment(clinic)
    assert (one.starts_at, one.state, one.title) == (moment(), "booked", IPL)
    assert one.practitioner_name == "Ada Moreau"
    assert one.contact["last_name"] == "Björk 💉"
    assert one.note == "Allergic to nuts"
    (lead,) = rows(clinic, Lead)
    assert (lead.email, lead.first_name, lead.stage) == ("ida@example.com", "Ida", "engaged")
    assert one.lead_id == lead.id
    assert [each.kind for each in rows(clinic, Consent)] == ["email"]
    waiting = mails(clinic)
    assert waiting.keys() == {"confirmed", "reminder"}
    assert waiting["reminder"].due_at == moment() - timedelta(hours=24)
    assert waiting["reminder"].done_at is None
    assert token_of(one.event_id) in waiting["confirmed"].payload["link"]


def test_an_appointment_alone_scores_ninety(visitor, clinic):
    book(visitor)
    (use,) = rows(clinic, Interaction, Interaction.type == "appointment_booked")
    assert use.score == 90
    assert [(part["name"], part["points"]) for part in use.contributions] == [
        ("Appointment booked", 90)
    ]
    assert use.data["procedures"] == ["ipl"]
    assert use.data["clinic"] == "lyon"
    assert use.data["starts_at"] == moment().isoformat()
    assert "urgency" not in use.data
    assert use.visitor_session_id is not None


def test_the_contact_form_then_asks_only_what_is_not_known(visitor, clinic):
    book(visitor)
    assert visitor.forms("/step/3"), "budget and urgency are left to ask"
    assert "What do you have in mind?" in visitor.page.text
    visitor.answer(budget="high", urgency="immediate")
    (lead,) = rows(clinic, Lead)
    assert (lead.budget, lead.urgency) == ("high", "immediate")


def test_a_phone_number_is_enough_and_no_mail_is_sent(visitor, clinic):
    page = book(visitor, email="", phone="06 12 34 56 78")
    assert "Keep this link" in page.text
    assert the_appointment(clinic).contact["phone"] == "+33612345678"
    assert mails(clinic) == {}


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"email": "", "phone": ""}, "Give an e-mail address or a phone number."),
        ({"email": "nobody"}, "Write the whole address"),
        ({"phone": "12"}, "Write the whole number"),
        ({"first_name": " "}, "Tell us your first name"),
        ({"first_name": "x" * 101}, "Shorten this to 100 characters."),
    ],
)
def test_what_is_wrong_is_said_and_what_was_entered_is_kept(visitor, clinic, wrong, said):
    page = book(visitor, notes="<script>alert('💉')</script>", last_name="Kept", **wrong)
    assert page.status_code == 422
    assert said in page.text
    assert 'role="alert"' in page.text
    form = visitor.form(BOOK)
    assert form.fields["last_name"] == ["Kept"]
    assert form.fields["at"] == [booking.write_moment(moment())]
    assert "<script>alert" not in page.text
    assert rows(clinic, Appointment) == []
    again = {"first_name": "Ida", "email": "ida@example.com", "phone": ""}
    assert visitor.send(BOOK, **again).request.path.startswith("/appointments/result/")


def test_no_box_is_ticked_beforehand(visitor, clinic):
    details(visitor)
    form = visitor.form(BOOK)
    assert {"consent_email", "consent_sms", "consent_privacy"} <= form.names
    assert form.ticked == set()


def test_programs_that_fill_in_everything_or_hurry_book_nothing(visitor, clinic):
    details(visitor)
    fields = {"first_name": "Bot", "email": "bot@example.com"}
    assert visitor.send(BOOK, **fields).status_code == 422, "sent at once"
    assert send(visitor, **fields, **{asking.HONEYPOT: "x"}).status_code == 422
    assert rows(clinic, Appointment) == []


def test_a_form_sent_twice_is_one_appointment(visitor, clinic):
    details(visitor)
    page = visitor.page
    for _ in range(2):
        visitor.page = page
        answer = send(visitor, first_name="Ida", email="ida@example.com")
        assert answer.request.path.startswith("/appointments/result/")
    assert len(rows(clinic, Appointment)) == 1
    assert len(rows(clinic, Interaction, Interaction.type == "appointment_booked")) == 1
    assert len(rows(clinic, OutboxMessage, OutboxMessage.kind == "mail.appointment_confirmed")) == 1


def test_somebody_elses_form_is_not_taken(visitor, app, clinic):
    details(visitor)
    use = visitor.form(BOOK).fields["use"][0]
    other = Passerby(app.test_client())
    details(other)
    page = other.send(BOOK, use=use, first_name="Eve", email="eve@example.com")
    assert page.status_code == 422
    assert rows(clinic, Appointment) == []


def test_anybody_is_who_has_least_to_do_and_then_there_is_nobody(visitor, app, clinic):
    book(visitor)
    second = Passerby(app.test_client())
    book(second, email="jo@example.com")
    names = {one.practitioner_name for one in rows(clinic, Appointment)}
    assert names == {"Ada Moreau", "Bruno Petit"}
    third = Passerby(app.test_client())
    page = details(third)
    assert page.status_code == 409


def test_who_comes_too_late_is_told_kindly_keeps_what_was_entered_and_takes_another(
    visitor, app, clinic
):
    late = Passerby(app.test_client())
    details(late, practitioner="ada")
    book(visitor, practitioner="ada")
    page = send(late, first_name="Jo", email="jo@example.com", notes="Please call first")
    assert page.status_code == 409
    assert "Somebody else took" in page.text
    assert "What you entered is still here" in page.text
    form = late.form(BOOK)
    assert form.fields["email"] == ["jo@example.com"]
    assert form.fields["notes"] == ["Please call first"]
    assert "at" in form.names
    assert "at" not in form.fields
    assert late.send(BOOK).status_code == 422, "none was chosen"
    near = booking.write_moment(moment(10, 30))
    assert f'value="{near}"' in late.page.text
    assert late.send(BOOK, at=near).request.path.startswith("/appointments/result/")
    assert [one.starts_at for one in rows(clinic, Appointment)] == [moment(), moment(10, 30)]


def test_a_time_that_overlaps_one_taken_is_not_had(visitor, app, clinic):
    late = Passerby(app.test_client())
    details(late, practitioner="ada", at=booking.write_moment(moment(10, 15)))
    book(visitor, practitioner="ada")
    assert send(late, first_name="Jo", email="jo@example.com").status_code == 409


@pytest.mark.parametrize("at", ["2020-01-06T09:00Z", "2026-01-01T03:07Z", "2099-01-01T09:00Z"])
def test_a_time_that_was_never_offered_cannot_be_booked(visitor, clinic, at):
    details(visitor)
    assert send(visitor, at=at, first_name="Ida", email="i@example.com").status_code == 409
    assert rows(clinic, Appointment) == []


def test_a_confirmation_is_seen_by_the_browser_that_booked_only(visitor, app, clinic):
    book(visitor)
    path = visitor.page.request.path
    assert visitor.get(path).status_code == 200
    assert Passerby(app.test_client()).get(path).status_code == 404


def test_who_is_known_here_need_not_say_it_again(visitor, clinic):
    book(visitor, phone="+33612345678")
    page = details(visitor, at=booking.write_moment(moment(14)))
    assert "We know how to reach you" in page.text
    assert "ida@example.com" not in page.text
    send(visitor)
    one, two = rows(clinic, Appointment)
    assert two.contact == one.contact
    assert len(rows(clinic, Lead)) == 1


def test_somebody_else_at_the_same_browser_is_somebody_else(visitor, clinic):
    book(visitor, phone="+33612345678")
    details(visitor, at=booking.write_moment(moment(14)))
    send(visitor, first_name="Jo", email="jo@example.com")
    _, two = rows(clinic, Appointment)
    assert two.contact == {"first_name": "Jo", "email": "jo@example.com"}
    assert len(rows(clinic, Lead)) == 2


def test_who_refuses_tracking_can_book_and_leaves_no_visitor(client, clinic):
    quiet = Passerby(client, DNT="1")
    quiet.get("/appointments/times", CHOICE)
    book(quiet)
    one = the_appointment(clinic)
    assert (one.visitor_id, one.source) == (None, {})
    assert rows(clinic, BookingAttempt) == []
    assert len(rows(clinic, Lead)) == 1


# Where they came from

CAMPAIGN = "utm_source=meta&utm_medium=paid&utm_campaign=spring&utm_term=a&utm_content=b&fbclid=x1"


def test_the_source_stays_with_the_booking(visitor, clinic):
    visitor.get(f"/appointments/times?treatment=ipl&clinic=lyon&{CAMPAIGN}")
    book(visitor)
    source = the_appointment(clinic).source
    told = {name: source[name] for name in ("source", "medium", "campaign", "term", "content")}
    assert told == {
        "source": "meta",
        "medium": "paid",
        "campaign": "spring",
        "term": "a",
        "content": "b",
    }
    assert source["click_id"]
    assert "utm_campaign=spring" in source["landing_page"]
    (begun,) = rows(clinic, BookingAttempt)
    assert begun.appointment_id == the_appointment(clinic).id
    assert begun.step == "details"


def test_a_booking_that_is_not_finished_is_kept_with_its_source(visitor, clinic):
    visitor.get(f"/appointments/times?treatment=ipl&clinic=lyon&{CAMPAIGN}")
    visitor.get("/appointments/times", CHOICE)
    (begun,) = rows(clinic, BookingAttempt)
    assert (begun.step, begun.appointment_id) == ("times", None)
    assert begun.source["campaign"] == "spring"
    details(visitor)
    (begun,) = rows(clinic, BookingAttempt)
    assert (begun.step, begun.starts_at) == ("details", moment())
    assert begun.clinic_name == "Aurelia Lyon"
    steps = rows(clinic, Interaction, Interaction.type == "booking_step")
    assert [step.data["step"] for step in steps] == ["times", "details"]
    assert steps[1].data["starts_at"] == moment().isoformat()


def test_before_consent_the_address_one_came_by_is_kept_with_the_booking(visitor, clinic):
    with acting_for(clinic.clinic):
        clinic.site.identity_mode = "consent"
        db.session.commit()
    visitor.get(f"/appointments/times?treatment=ipl&clinic=lyon&{CAMPAIGN}")
    assert rows(clinic, BookingAttempt) == []
    book(visitor)
    assert the_appointment(clinic).source["campaign"] == "spring"
    assert the_appointment(clinic).visitor_id is None


# By the signed link


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


def put(cast, appointment, at):
    """As if it had been booked for this moment."""
    with acting_for(cast.clinic):
        one = db.session.get(Appointment, appointment.id)
        one.starts_at, one.ends_at = at, at + timedelta(minutes=30)
        one.held_until = one.ends_at
        db.session.commit()


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


def test_settings_decide(visitor, clinic):
    with acting_for(clinic.clinic):
        organization = db.session.get(Organization, clinic.clinic.id)
        organization.settings = {
            **organization.settings,
            "appointments": {"step": 60, "reminder_hours": 0, "consultation_minutes": 0},
        }
        db.session.commit()
    page = visitor.get("/appointments/times", {**CHOICE, "day": day_after().isoformat()})
    assert "10:00" in page.text
    assert "10:15" not in page.text
    book(visitor)
    assert mails(clinic).keys() == {"confirmed"}
    assert "First consultation" not in visitor.get("/appointments/").text


def test_without_the_token_nothing_is_taken(visitor, clinic):
    details(visitor)
    assert (
        send(visitor, csrf_token="forged", first_name="I", email="i@example.com").status_code == 400
    )
    assert rows(clinic, Appointment) == []
