"""Booking an appointment, as a visitor without JavaScript meets it."""

from datetime import timedelta

import pytest

from app import asking, booking
from app.appointment_links import token_of
from app.extensions import db
from app.models import (
    Appointment,
    BookingAttempt,
    Consent,
    Interaction,
    Lead,
    Organization,
    OutboxMessage,
)
from app.tenancy import acting_for
from tests.on_duty import CHOICE, day_after, moment, on_duty
from tests.passerby import Passerby
from tests.visitor_books import BOOK, book, details, mails, rows, send, the_appointment

IPL = "IPL for pigmentation and redness"


@pytest.fixture
def clinic(clinic):
    """With two practitioners in Lyon, from nine to five on every day of the week."""
    on_duty(clinic)
    return clinic


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
