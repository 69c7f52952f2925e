"""Appointments as the clinic's people see and change them."""

import csv
import io
from datetime import timedelta

import pytest
from sqlalchemy import select

from app import booking
from app.clock import utc_now
from app.extensions import db
from app.models import (
    Appointment,
    AppointmentSlot,
    AuditLog,
    Interaction,
    Lead,
    Organization,
    OutboxMessage,
)
from app.tenancy import acting_for
from tests.blueprints.test_appointments import CAMPAIGN, clinic  # noqa: F401
from tests.on_duty import CHOICE, day_after, moment
from tests.passerby import Passerby
from tests.visitor_books import book, details, put, rows, the_appointment

LIST = "/admin/appointments"


@pytest.fixture
def booked(visitor, clinic):  # noqa: F811
    visitor.get(f"/appointments/times?treatment=ipl&clinic=lyon&{CAMPAIGN}")
    book(visitor, last_name="Björk", phone="+33612345678", notes="Allergic to nuts")
    return the_appointment(clinic)


@pytest.fixture
def staff(sign_in, cast):
    return Passerby(sign_in(cast.alice))


@pytest.fixture
def agent(sign_in, dora):
    """An agent with no leads yet."""
    agent = Passerby(sign_in(dora))
    agent.user_id = dora.id
    return agent


def test_the_list_shows_who_comes_when_and_how_they_had_come(staff, booked):
    page = staff.get(LIST, {"from": day_after().isoformat(), "span": "day"})
    for words in ("Ida Björk", "10:00", "Ada Moreau", "Aurelia Lyon", "spring", "Booked"):
        assert words in page.text
    page = staff.get(LIST, {"from": day_after(6).isoformat(), "span": "day"})
    assert "No appointments in these days" in page.text
    assert "The next one is" in page.text


@pytest.mark.parametrize(
    ("filter", "shown"),
    [
        ({}, True),
        ({"state": "booked"}, True),
        ({"state": "cancelled"}, False),
        ({"state": "nonsense"}, True),
        ({"practitioner": "999999"}, False),
        ({"clinic": "x"}, True),
        ({"from": "nonsense", "span": "x"}, True),
        ({"from": "9999-12-31"}, True),
    ],
)
def test_filters_stand_in_the_address(staff, booked, filter, shown):
    page = staff.get(LIST, filter)
    assert page.status_code == 200
    assert ("Ida Björk" in page.text) is shown


def test_what_is_not_known_of_how_they_came_is_left_out(staff, visitor, clinic):  # noqa: F811
    book(visitor)
    assert the_appointment(clinic).source.keys() == {"channel", "landing_page"}
    for path in (LIST, f"{LIST}/{the_appointment(clinic).id}", f"{LIST}/begun"):
        assert staff.get(path).status_code == 200
    assert "Direct" in staff.get(LIST).text


def test_the_csv_holds_what_the_list_shows(staff, booked):
    answer = staff.get(LIST, {"format": "csv", "span": "month"})
    (line,) = csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig")))
    assert line["email"] == "ida@example.com"
    assert line["utm_campaign"] == "spring"
    assert line["starts_at_utc"] == moment().isoformat()
    assert line["phone"] == "'+33612345678"


def test_one_appointment_shows_everything_of_it(staff, booked):
    page = staff.get(f"{LIST}/{booked.id}")
    for words in ("Allergic to nuts", "utm_campaign", "spring", "The visitor’s whole path"):
        assert words in page.text


def test_staff_move_it_and_the_visitor_is_told(staff, booked, clinic):  # noqa: F811
    page = staff.get(f"{LIST}/{booked.id}/move", {"day": day_after().isoformat()})
    assert "11:15" in page.text
    at = booking.write_moment(moment(11, 15))
    staff.get(f"{LIST}/{booked.id}/move", {"at": at, "practitioner": "bruno"})
    staff.send("/move")
    assert "Moved." in staff.page.text
    one = the_appointment(clinic)
    assert (one.starts_at, one.practitioner_name) == (moment(11, 15), "Bruno Petit")
    kinds = [m.kind for m in rows(clinic, OutboxMessage, OutboxMessage.kind.like("mail.app%"))]
    assert "mail.appointment_moved" in kinds
    with acting_for(clinic.clinic):
        audited = db.session.scalars(select(AuditLog.action)).all()
    assert "appointment.moved" in audited


def test_staff_cancel_it_also_at_the_last_minute_and_can_take_it_back(staff, booked, clinic):  # noqa: F811
    put(clinic, booked, utc_now() + timedelta(minutes=30))
    staff.get(f"{LIST}/{booked.id}")
    staff.send("/cancel", reason="Doctor is ill")
    one = the_appointment(clinic)
    assert (one.state, one.cancelled_by, one.cancel_reason) == ("cancelled", "us", "Doctor is ill")
    staff.get(f"{LIST}/{booked.id}")
    staff.send("/restore")
    assert the_appointment(clinic).state == "booked"


def test_who_came_and_who_did_not_is_noted_once_and_can_be_corrected(staff, booked, clinic):  # noqa: F811
    staff.get(f"{LIST}/{booked.id}")
    assert staff.forms("/close") == [], "not before it begins"
    put(clinic, booked, utc_now() - timedelta(hours=1))
    for state in ("missed", "missed", "attended"):
        staff.get(f"{LIST}/{booked.id}")
        assert staff.send("/close", state=state).status_code == 200
    assert the_appointment(clinic).state == "attended"
    types = ("appointment_missed", "appointment_attended")
    noted = rows(clinic, Interaction, Interaction.type.in_(types))
    assert [each.type for each in noted] == list(types)
    assert {each.lead_id for each in noted} == {booked.lead_id}


def test_what_has_begun_is_neither_moved_nor_cancelled(staff, booked, clinic):  # noqa: F811
    staff.get(f"{LIST}/{booked.id}")
    page = staff.page
    put(clinic, booked, utc_now() - timedelta(hours=1))
    staff.page = page
    assert staff.send("/cancel").status_code == 409
    assert "Move" not in staff.get(f"{LIST}/{booked.id}").text.split("<h1")[1].split("</h1")[0]
    assert staff.get(f"{LIST}/{booked.id}/move").request.path == f"{LIST}/{booked.id}"


# By phone


def test_staff_book_for_a_lead_they_find(staff, booked, clinic):  # noqa: F811
    at = booking.write_moment(moment(15))
    page = staff.get(f"{LIST}/new", {**CHOICE, "at": at, "q": "björk"})
    assert f"lead={booked.lead_id}" in page.text
    staff.get(f"{LIST}/new", {**CHOICE, "at": at, "lead": booked.lead_id})
    page = staff.page
    for _ in range(2):  # pressed twice
        staff.page = page
        staff.send(f"{LIST}/book", note="Prefers mornings")
    _, two = rows(clinic, Appointment)
    assert (two.lead_id, two.starts_at, two.note) == (
        booked.lead_id,
        moment(15),
        "Prefers mornings",
    )
    assert two.booked_by_id == clinic.alice.id
    assert two.contact["email"] == "ida@example.com"
    told = rows(clinic, Interaction, Interaction.type == "appointment_booked")[-1]
    assert (told.channel, told.lead_id, told.score) == ("phone", booked.lead_id, 90)
    kinds = [m.kind for m in rows(clinic, OutboxMessage, OutboxMessage.kind.like("mail.app%"))]
    assert kinds.count("mail.appointment_confirmed") == 2


def test_staff_book_for_somebody_new(staff, clinic):  # noqa: F811
    staff.get(f"{LIST}/new", {**CHOICE, "at": booking.write_moment(moment(15))})
    page = staff.send(f"{LIST}/book", first_name="Jo")
    assert page.status_code == 422
    assert "give an e-mail address or a phone number" in page.text
    assert rows(clinic, Lead) == []
    staff.send(f"{LIST}/book", first_name="Jo", phone="06 12 34 56 78")
    (lead,) = rows(clinic, Lead)
    assert (lead.phone, lead.source, lead.stage) == ("+33612345678", "phone", "engaged")
    assert the_appointment(clinic).contact == {"first_name": "Jo", "phone": "+33612345678"}


def test_a_time_taken_meanwhile_is_not_booked_twice_by_phone(staff, visitor, clinic):  # noqa: F811
    choice = {**CHOICE, "practitioner": "ada", "at": booking.write_moment(moment())}
    staff.get(f"{LIST}/new", choice)
    book(visitor, practitioner="ada")
    page = staff.send(f"{LIST}/book", first_name="Jo", email="jo@example.com")
    assert page.status_code == 409
    assert "not free any more" in page.text
    assert len(rows(clinic, Appointment)) == 1
    assert len(rows(clinic, Lead)) == 1, "the one who booked online"


def test_an_agent_sees_the_appointments_of_their_own_leads_only(booked, agent, clinic):  # noqa: F811
    assert "Ida" not in agent.get(LIST).text
    assert agent.get(f"{LIST}/{booked.id}").status_code == 404
    assert agent.get(f"{LIST}/{booked.id}/move").status_code == 404
    with acting_for(clinic.clinic):
        db.session.get(Lead, booked.lead_id).assignee_id = agent.user_id
        db.session.commit()
    assert "Ida" in agent.get(LIST).text
    assert agent.get(f"{LIST}/{booked.id}").status_code == 200


def test_whom_an_agent_books_for_is_theirs_and_nobody_elses_becomes_so(booked, agent, clinic):  # noqa: F811
    with acting_for(clinic.clinic):
        db.session.get(Lead, booked.lead_id).assignee_id = clinic.alice.id
        db.session.commit()
    choice = {**CHOICE, "at": booking.write_moment(moment(15))}
    agent.get(f"{LIST}/new", choice)
    page = agent.send(f"{LIST}/book", email="ida@example.com", first_name="Eve")
    assert page.status_code == 422
    assert "a colleague" in page.text
    agent.send(f"{LIST}/book", email="new@example.com")
    assert agent.page.status_code == 200
    lead = rows(clinic, Lead)[-1]
    assert (lead.email, lead.assignee_id) == ("new@example.com", agent.user_id)


def test_an_analyst_reads(bob, booked):
    assert bob.get(f"{LIST}/{booked.id}").status_code == 200
    for path in ("new", f"{booked.id}/move"):
        assert bob.get(f"{LIST}/{path}").status_code == 302
    assert "Cancel the appointment" not in bob.get(f"{LIST}/{booked.id}").text


def test_the_leads_page_shows_their_appointments(staff, booked):
    page = staff.get(f"/admin/leads/{booked.lead_id}")
    assert f"{LIST}/{booked.id}" in page.text
    assert f"{LIST}/new?lead={booked.lead_id}" in page.text
    assert "Booked an appointment" in page.text


# Begun, not booked


def test_a_booking_that_was_left_is_listed_with_its_source(staff, visitor, clinic):  # noqa: F811
    visitor.get(f"/appointments/times?treatment=ipl&clinic=lyon&{CAMPAIGN}")
    details(visitor)
    page = staff.get(f"{LIST}/begun")
    for words in ("IPL", "Aurelia Lyon", "10:00, did not send", "spring", "utm_campaign=spring"):
        assert words in page.text
    assert "100.0% of those begun" in page.text
    book(visitor)
    page = staff.get(f"{LIST}/begun")
    assert "Nobody left a booking unfinished" in page.text


# Settings and erasure


def test_settings_are_checked_saved_and_audited(staff, clinic):  # noqa: F811
    staff.get(f"{LIST}/settings")
    page = staff.send(f"{LIST}/settings", buffer="-1", horizon_days="")
    assert page.status_code == 422
    assert "Enter a whole number from 0 to 120." in page.text
    staff.send(f"{LIST}/settings", buffer="10", step="30", horizon_days="30")
    assert "Saved." in staff.page.text
    db.session.expire_all()
    kept = db.session.get(Organization, clinic.clinic.id).settings["appointments"]
    assert (kept["buffer"], kept["step"], kept["horizon_days"]) == (10, 30, 30)
    with acting_for(clinic.clinic):
        wanted = select(AuditLog).where(AuditLog.action == "appointments.settings")
        line = db.session.scalars(wanted).one()
    assert line.detail["changed"]["buffer"] == [0, 10]


def test_an_erased_person_leaves_no_name_in_their_appointments(staff, booked, clinic, app):  # noqa: F811
    from app.appointment_links import token_of

    staff.get(f"/admin/leads/{booked.lead_id}")
    staff.send("/erase", confirm="erase")
    one = the_appointment(clinic)
    assert (one.contact, one.note, one.state) == ({}, "", "cancelled")
    db.session.expire_all()
    with acting_for(clinic.clinic):
        assert db.session.scalars(select(AppointmentSlot)).all() == []
        wanted = select(OutboxMessage).where(OutboxMessage.kind == "mail.appointment_reminder")
        assert db.session.scalars(wanted).one().done_at is not None
    link = f"/appointments/a/{token_of(booked.event_id)}"
    assert Passerby(app.test_client()).get(link).status_code == 404
    assert "Ida" not in staff.get(f"{LIST}/{booked.id}").text
