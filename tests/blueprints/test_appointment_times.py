"""Choosing a treatment, a place and a time, as a visitor without JavaScript meets it."""

import re
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from app.extensions import db
from app.models import Closure
from app.tenancy import acting_for
from tests.on_duty import CHOICE, day_after, moment, on_duty
from tests.visitor_books import details


@pytest.fixture
def clinic(clinic):
    """With two practitioners in Lyon, from nine to five on every day of the week."""
    on_duty(clinic)
    return clinic


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
