"""Clinics, practitioners and closures in the admin, and the appointments a change leaves out."""

import re

import pytest
from sqlalchemy import select

from app.clock import utc_now
from app.domain.catalogue.catalogue import CLOSURES
from app.extensions import db
from app.models import AuditLog, Membership
from app.queries.catalogue.catalogue_records import record, records
from app.tenancy import acting_for
from tests.bookings import PARIS, book, next_day
from tests.desk import Desk

BASE = "/admin/catalogue"
LYON = f"{BASE}/clinics/lyon"
HUGO = f"{BASE}/practitioners/hugo-marchetti"
CLOSED = f"{BASE}/closures"
SPLIT = [[540, 750], [810, 1140]]


@pytest.fixture
def desk(alice, clinic):
    return Desk(alice)


def kept(clinic, kind: str, *key: str):
    db.session.expire_all()
    with acting_for(clinic.clinic):
        return record(kind, key)


def all_kept(clinic, kind: str) -> dict:
    db.session.expire_all()
    with acting_for(clinic.clinic):
        return records(kind)


def last_line(clinic) -> AuditLog:
    with acting_for(clinic.clinic):
        return db.session.scalar(select(AuditLog).order_by(AuditLog.id.desc()).limit(1))


# Clinics


def test_clinics_are_listed_with_their_hours(desk):
    page = desk.open(f"{BASE}/clinics")
    assert "27 place Bellecour" in page
    assert "09:00–12:30" in page
    assert "Prices at 115% of the list" in page


def test_a_clinic_is_added_with_its_hours_and_a_break(desk, clinic):
    desk.open(f"{BASE}/clinics/new")
    desk.send(
        "/new",
        name="Aurelia Lille",
        city="Lille",
        timezone="Europe/Paris",
        hours__monday__from=["9", "13h30", ""],
        hours__monday__to=["12:30", "1900", ""],
        hours__friday__from=["1800"],
        hours__friday__to=["24:00"],
    )
    assert "Aurelia Lille was added." in desk.page
    week = kept(clinic, "opening_hours", "aurelia-lille")
    assert (week["monday"], week["friday"], week["sunday"]) == (SPLIT, [[1080, 1440]], [])
    assert kept(clinic, "clinics", "aurelia-lille")["position"] == 4
    desk.open(f"{BASE}/clinics/aurelia-lille")
    assert desk.fields("aurelia-lille")["hours-friday-to"] == "00:00"
    assert "Nothing was changed" in desk.send("aurelia-lille")


def test_a_day_whose_hours_cannot_be_says_so_and_keeps_what_was_typed(desk, clinic):
    desk.open(LYON)
    page = desk.send(
        "lyon",
        timezone="Mars/Base",
        price_percent="5",
        hours__monday__from=["9:00", "10:00"],
        hours__monday__to=["12:00", "11:00"],
        hours__tuesday__from=["18:00"],
        hours__tuesday__to=["9:00"],
        hours__wednesday__from=["late"],
        hours__wednesday__to=[""],
    )
    assert desk.status == 422
    assert "09:00-12:00 and 10:00-11:00 overlap" in page
    assert "ends before it starts" in page
    assert re.search(r'id="hours-wednesday-error">“late” is not a time', page)
    assert "whole number from 10 to 1000" in page
    assert desk.fields("lyon")["hours-wednesday-from"] == "late"
    assert kept(clinic, "opening_hours", "lyon")["monday"] == SPLIT
    page = desk.send(
        "lyon",
        price_percent="100",
        hours__wednesday__from=[""],
        hours__tuesday__to=["19"],
        hours__monday__from=["9:00", ""],
        hours__monday__to=["12:00", ""],
    )
    assert "Choose a time zone" in page


def test_monday_is_copied_to_the_other_weekdays_without_scripts_and_without_saving(desk, clinic):
    desk.open(LYON)
    desk.send("lyon", hours__monday__from=["7:00"], hours__monday__to=["8:00"], do="copy")
    fields = desk.fields("lyon")
    assert [fields[f"hours-{day}-from"] for day in ("monday", "friday", "saturday")] == [
        "7:00",
        "7:00",
        "",
    ]
    assert kept(clinic, "opening_hours", "lyon")["friday"] == SPLIT
    desk.send("lyon")
    assert kept(clinic, "opening_hours", "lyon")["friday"] == [[420, 480]]


def test_a_clinics_hours_changed_meanwhile_are_noticed(desk, alice, clinic):
    other = Desk(alice)
    other.open(LYON)
    desk.open(LYON)
    desk.send("lyon", hours__saturday__from=["10"], hours__saturday__to=["12"])
    other.send("lyon", address="Elsewhere")
    assert other.status == 409
    assert "Saturday: <strong>10:00-12:00" in other.page
    assert kept(clinic, "clinics", "lyon")["address"] != "Elsewhere"
    other.send("lyon")
    assert kept(clinic, "clinics", "lyon")["address"] == "Elsewhere"
    assert kept(clinic, "opening_hours", "lyon")["saturday"] == []


def test_a_clinic_where_somebody_works_is_not_deleted(desk, clinic):
    desk.open(LYON)
    assert "Marion Keller works here" in desk.page
    desk.post(f"{LYON}/delete")
    assert "cannot be deleted" in desk.page
    assert kept(clinic, "clinics", "lyon")


def test_an_unused_clinic_is_deleted_with_its_hours_and_all_comes_back(desk, clinic):
    desk.open(f"{BASE}/clinics/new")
    desk.send("/new", name="Pop-up", city="Lille", hours__monday__from="9", hours__monday__to="12")
    desk.open(CLOSED)
    desk.send("/closures", clinic="pop-up", **{"from": "2031-05-01"}, reason="Move")
    desk.open(f"{BASE}/clinics/pop-up")
    desk.send("pop-up/delete")
    assert kept(clinic, "clinics", "pop-up") is None
    assert ("pop-up", "", "2031-05-01", "2031-05-01") not in all_kept(clinic, "closures")
    desk.send(f"undo/{last_line(clinic).id}")
    assert kept(clinic, "clinics", "pop-up")["city"] == "Lille"
    assert kept(clinic, "opening_hours", "pop-up")["monday"] == [[540, 720]]
    assert ("pop-up", "", "2031-05-01", "2031-05-01") in all_kept(clinic, "closures")


def test_clinics_and_practitioners_are_put_in_another_order(desk, clinic):
    desk.open(f"{BASE}/clinics")
    desk.post(f"{BASE}/clinics/order", move="up-nice")
    assert [slug for (slug,) in all_kept(clinic, "clinics")] == ["paris", "nice", "lyon"]
    desk.post(f"{BASE}/practitioners/order", move="down-camille-renaud")
    people = [slug for (slug,) in all_kept(clinic, "practitioners")]
    assert people[:2] == ["hugo-marchetti", "camille-renaud"]


# Practitioners


def test_a_practitioner_is_added_with_treatments_and_hours_at_two_clinics(desk, clinic):
    desk.open(f"{BASE}/practitioners/new")
    desk.send(
        "/new",
        name="Dr. Zoé Öberg",
        title="Surgeon",
        treatments=["lip-filler", "ipl"],
        at__paris__monday__from="9",
        at__paris__monday__to="12",
        at__nice__tuesday__from="10",
        at__nice__tuesday__to="12",
    )
    assert "was added" in desk.page
    found = kept(clinic, "practitioners", "dr-zoe-oberg")
    assert found["treatments"] == ["lip-filler", "ipl"]
    assert kept(clinic, "working_hours", "dr-zoe-oberg", "paris")["monday"] == [[540, 720]]
    assert kept(clinic, "working_hours", "dr-zoe-oberg", "nice")["tuesday"] == [[600, 720]]
    assert "Aurelia Paris, Aurelia Nice" in desk.open(f"{BASE}/practitioners")


def test_hours_outside_of_the_clinics_or_at_two_places_at_once_are_warned_of_and_saved(
    desk, clinic
):
    desk.open(HUGO)
    desk.send(
        "hugo-marchetti",
        at__lyon__saturday__from="8",
        at__lyon__saturday__to="11",
    )
    assert "Saved. Saturday 08:00-11:00" in desk.page
    assert "Hours that look odd" in desk.page
    assert "Saturday 08:00-11:00: Aurelia Lyon is closed." in desk.page
    assert "Saturday: at Aurelia Paris and Aurelia Lyon at once." in desk.page
    assert kept(clinic, "working_hours", "hugo-marchetti", "lyon")["saturday"] == [[480, 660]]


def test_a_treatment_that_is_not_there_cannot_be_offered(desk, clinic):
    desk.open(HUGO)
    page = desk.send("hugo-marchetti", treatments=["lip-filler", "snake-oil"])
    assert desk.status == 422
    assert "There is no treatment snake-oil" in page


def test_emptied_hours_mean_that_somebody_no_longer_works_there(desk, clinic):
    desk.open(HUGO)
    days = {
        f"at__lyon__{day}__{end}": "" for day in ("monday", "tuesday") for end in ("from", "to")
    }
    desk.send("hugo-marchetti", **days)
    assert kept(clinic, "working_hours", "hugo-marchetti", "lyon") is None
    assert kept(clinic, "working_hours", "hugo-marchetti", "paris")


def test_somebody_is_deleted_with_hours_and_leave_and_comes_back_whole(desk, clinic):
    before = [all_kept(clinic, kind) for kind in ("practitioners", "working_hours", "closures")]
    desk.open(f"{BASE}/practitioners/ines-barthelemy")
    desk.send("ines-barthelemy/delete")
    assert kept(clinic, "practitioners", "ines-barthelemy") is None
    assert not [k for k in all_kept(clinic, "closures") if k[1] == "ines-barthelemy"]
    desk.send(f"undo/{last_line(clinic).id}")
    after = [all_kept(clinic, kind) for kind in ("practitioners", "working_hours", "closures")]
    assert after == before


def test_somebody_with_appointments_is_not_deleted(desk, clinic):
    book(clinic, next_day(0, 10))
    desk.open(HUGO)
    assert "1 appointment were booked" in desk.page
    desk.post(f"{HUGO}/delete")
    assert kept(clinic, "practitioners", "hugo-marchetti")


# Appointments that are left out


def test_removed_opening_hours_show_who_is_booked_before_anything_is_saved(desk, clinic):
    book(clinic, next_day(0, 10))
    book(clinic, next_day(0, 10), "paris", "camille-renaud")
    desk.open(LYON)
    page = desk.send("lyon", hours__monday__from="13:30", hours__monday__to="19:00")
    assert desk.status == 409
    assert "1 booked appointment lies outside" in page
    assert "Zoé Martin, Hyaluronic lip filler with Dr. Hugo Marchetti" in page
    assert kept(clinic, "opening_hours", "lyon")["monday"] == SPLIT
    desk.send("lyon", do="anyway")
    assert "Saved." in desk.page
    assert kept(clinic, "opening_hours", "lyon")["monday"] == [[810, 1140]]


def test_hours_that_go_on_holding_the_appointments_are_saved_at_once(desk, clinic):
    book(clinic, next_day(0, 10))
    desk.open(LYON)
    desk.send("lyon", hours__monday__from="9:30", hours__monday__to="12:30")
    assert "Saved." in desk.page


def test_removed_working_hours_and_leaving_show_who_is_booked(desk, clinic):
    book(clinic, next_day(0, 10))
    desk.open(HUGO)
    page = desk.send("hugo-marchetti", at__lyon__monday__from="", at__lyon__monday__to="")
    assert desk.status == 409
    assert "Zoé Martin" in page
    desk.open(HUGO)
    assert "Zoé Martin" in desk.send("hugo-marchetti", active=None)
    desk.send("hugo-marchetti", do="anyway")
    assert kept(clinic, "practitioners", "hugo-marchetti")["active"] is False


@pytest.mark.parametrize(
    ("where", "caught"),
    [
        ({}, True),
        ({"clinic": "lyon"}, True),
        ({"practitioner": "hugo-marchetti"}, True),
        ({"clinic": "paris"}, False),
        ({"practitioner": "sofia-nunes"}, False),
    ],
)
def test_a_new_closure_shows_who_is_booked_on_its_days(desk, clinic, where, caught):
    day = next_day(0, 10)
    book(clinic, day)
    told = day.astimezone(PARIS).date().isoformat()
    desk.open(CLOSED)
    desk.send("/closures", **{"from": told, "to": "", "reason": "Works", **where})
    key = (where.get("clinic", ""), where.get("practitioner", ""), told, told)
    assert desk.status == (409 if caught else 200)
    assert (key in all_kept(clinic, "closures")) == (not caught)
    if caught:
        assert "Zoé Martin" in desk.page
        desk.send("/closures", do="anyway")
        assert key in all_kept(clinic, "closures")
        assert "1 still booked" in desk.page


# Closures


def test_a_closure_is_added_and_deleted_and_deleted_is_undone(desk, clinic):
    desk.open(CLOSED)
    days = {"from": "2031-08-01", "to": "2031-08-15"}
    desk.send("/closures", practitioner="sofia-nunes", reason="Leave & rest", **days)
    key = ("", "sofia-nunes", "2031-08-01", "2031-08-15")
    assert all_kept(clinic, "closures")[key]["reason"] == "Leave & rest"
    assert "Leave &amp; rest" in desk.page
    desk.post(f"{CLOSED}/delete", **dict(zip(CLOSURES.key, key, strict=True)))
    assert key not in all_kept(clinic, "closures")
    desk.send(f"undo/{last_line(clinic).id}")
    assert key in all_kept(clinic, "closures")


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"from": ""}, "Write the day like"),
        ({"from": "2031-02-30"}, "There is no day"),
        ({"from": "2031-08-01", "to": "2031-07-01"}, "before the first"),
        ({"from": "2031-08-01", "clinic": "atlantis"}, "There is no clinic atlantis"),
    ],
)
def test_a_closure_that_cannot_be_says_why_and_keeps_what_was_typed(desk, clinic, wrong, says):
    desk.open(CLOSED)
    page = desk.send("/closures", **{"to": "", "reason": "Because", **wrong})
    assert desk.status == 422
    assert says in page
    assert desk.fields("/closures")["reason"] == "Because"


def test_the_same_closure_is_not_added_twice(desk, clinic):
    for _ in range(2):
        desk.open(CLOSED)
        desk.send("/closures", **{"from": "2031-08-01"})
    assert desk.status == 422
    assert "is there already" in desk.page


def test_public_holidays_of_a_year_are_added_once(desk, clinic):
    year = str(utc_now().year + 1)
    desk.open(CLOSED)
    desk.send("/holidays", country="DE", region="by", year=year)
    found = all_kept(clinic, "closures")
    assert found["", "", f"{year}-10-03", f"{year}-10-03"]["reason"] == "German Unity Day"
    assert ("", "", f"{year}-01-06", f"{year}-01-06") in found, "a day of Bavaria"
    count = len(found)
    desk.send("/holidays", country="DE", region="BY", year=year)
    assert "are there" in desk.page
    assert len(all_kept(clinic, "closures")) == count


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"country": "FR", "region": "BY"}, "There is no region BY of France"),
        ({"country": "XX"}, "No public holidays are known"),
        ({"country": "FR", "year": "1789"}, "Choose a year"),
        ({"country": "FR", "year": "x"}, "Choose a year"),
    ],
)
def test_holidays_that_are_not_known_say_so(desk, clinic, asked, says):
    before = all_kept(clinic, "closures")
    desk.open(CLOSED)
    page = desk.send("/holidays", **asked)
    assert desk.status == 422
    assert says in page
    assert all_kept(clinic, "closures") == before


def test_closures_that_are_over_are_shown_on_demand(desk, clinic):
    desk.open(CLOSED)
    desk.send("/closures", **{"from": "2020-05-01"}, reason="Long ago")
    assert "Long ago" not in re.sub(r'value="[^"]*"', "", desk.open(CLOSED))
    assert re.search(r"Show \d+ closures that are over", desk.page)
    assert "Long ago" in desk.open(CLOSED, past="1")


def test_colleagues_read_all_of_it_and_change_none(bob, clinic):
    with acting_for(clinic.clinic):
        mine = select(Membership).where(Membership.user_id == clinic.bob.id)
        db.session.scalar(mine).role = "agent"
        db.session.commit()
    desk = Desk(bob)
    for address in (f"{BASE}/clinics", LYON, f"{BASE}/practitioners", HUGO, CLOSED):
        desk.open(address)
        assert desk.status == 200, address
        assert "btn-primary" not in desk.page, address
    for address in (LYON, HUGO, CLOSED, f"{LYON}/delete", f"{CLOSED}/holidays"):
        desk.open("/settings/account")
        desk.post(address, name="Mallory")
        assert desk.status == 403, address


def test_an_organization_with_nothing_yet_is_told_where_to_begin(sign_in, cast):
    desk = Desk(sign_in(cast.charlie))
    for address, says in (
        (f"{BASE}/", "No treatment yet"),
        (f"{BASE}/clinics", "No clinic yet"),
        (f"{BASE}/practitioners", "Nobody yet"),
        (CLOSED, "No day is closed"),
        (f"{BASE}/files", "Nothing was imported yet"),
        (f"{BASE}/practitioners/new", "There is no treatment yet"),
    ):
        assert says in desk.open(address)
