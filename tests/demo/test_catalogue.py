"""The demo's catalogue: whole when it comes, and nobody's edits lost when it comes again."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from sqlalchemy import select

from app.demo.catalogue import load_catalogue
from app.domain.catalogue.week import outside
from app.extensions import db
from app.models import (
    AuditLog,
    Clinic,
    Closure,
    OpeningHours,
    Practitioner,
    Treatment,
    WorkingHours,
)
from app.tenancy import acting_for
from tests.conftest import NOW


@pytest.fixture
def clinic(cast):
    """The clinic, with the demo loaded, acted for."""
    load_catalogue(cast.clinic.id, NOW)
    db.session.commit()
    with acting_for(cast.clinic):
        yield cast.clinic


def rows(model) -> list:
    return list(db.session.scalars(select(model)))


def test_every_clinic_has_an_address_a_time_zone_and_hours_with_a_break_somewhere(clinic):
    clinics = rows(Clinic)
    assert len(clinics) == 3
    assert all(place.address and place.timezone for place in clinics)
    assert {hours.clinic_id for hours in rows(OpeningHours)} == {place.id for place in clinics}
    days = [(hours.clinic_id, hours.weekday) for hours in rows(OpeningHours)]
    assert len(days) > len(set(days)), "a day of two stretches has a break"


def test_practitioners_offer_treatments_that_are_there_and_each_is_offered(clinic):
    people = rows(Practitioner)
    offered = {slug for person in people for slug in person.treatments}
    assert len(people) in (5, 6)
    assert offered == {treatment.slug for treatment in rows(Treatment)}
    assert all(person.title and person.about for person in people)


def test_everybody_works_while_their_clinic_is_open(clinic):
    opening = rows(OpeningHours)
    working = rows(WorkingHours)
    assert {hours.practitioner_id for hours in working} == {p.id for p in rows(Practitioner)}
    for hours in working:
        day = [
            (each.starts, each.ends)
            for each in opening
            if (each.clinic_id, each.weekday) == (hours.clinic_id, hours.weekday)
        ]
        assert outside([(hours.starts, hours.ends)], day) == ()


def test_nobody_works_at_two_clinics_at_once(clinic):
    seen: dict[tuple, list] = {}
    for hours in rows(WorkingHours):
        seen.setdefault((hours.practitioner_id, hours.weekday), []).append(hours)
    for day in seen.values():
        day.sort(key=lambda hours: hours.starts)
        assert all(a.ends <= b.starts for a, b in pairwise(day))


def test_closures_hold_a_year_of_public_holidays_and_a_leave(clinic):
    closures = rows(Closure)
    everywhere = {c.starts_on: c.reason for c in closures if not (c.clinic_id or c.practitioner_id)}
    assert everywhere[date(2026, 7, 14)] == "National Day"
    assert everywhere[date(2027, 1, 1)] == "New Year's Day"
    assert min(everywhere) >= NOW.date()
    assert max(everywhere) <= NOW.date() + timedelta(days=366)
    assert [c.reason for c in closures if c.practitioner_id] == ["Leave"]


def test_loading_again_brings_back_nothing_and_changes_nothing(clinic):
    clinic.settings = {**clinic.settings, "region": "CH"}
    first, second = rows(Treatment)[:2]
    first.name, first.synonyms = "Renamed", ["only this"]
    gone = second.slug
    db.session.delete(second)
    db.session.delete(rows(Practitioner)[0])
    for closure in rows(Closure):
        db.session.delete(closure)
    paris = db.session.scalar(select(Clinic).where(Clinic.slug == "paris"))
    paris.address = ""
    db.session.commit()

    assert load_catalogue(clinic.id, NOW + timedelta(days=9)) == {}
    db.session.commit()
    assert {t.slug: t.name for t in rows(Treatment)}[first.slug] == "Renamed"
    assert first.synonyms == ["only this"]
    assert gone not in {t.slug for t in rows(Treatment)}
    assert len(rows(Practitioner)) == 5
    assert rows(Closure) == []
    assert paris.address == ""
    assert clinic.settings["region"] == "CH"


def test_a_demo_of_before_there_was_staff_is_completed(clinic):
    """As an older version left it: treatments and clinics, and a line that says so."""
    for model in (WorkingHours, OpeningHours, Closure, Practitioner):
        for row in rows(model):
            db.session.delete(row)
    for place in rows(Clinic):
        place.address = "1 rue Own" if place.slug == "nice" else ""
        place.timezone = ""
    line = db.session.scalar(select(AuditLog).where(AuditLog.action == "catalogue.loaded"))
    line.detail = {"treatments": 8, "clinics": 3}
    db.session.commit()

    added = load_catalogue(clinic.id, NOW)
    db.session.commit()
    assert added.keys() == {"hours", "practitioners", "closures"}
    assert rows(OpeningHours)
    assert rows(WorkingHours)
    assert len(rows(Practitioner)) == 6
    assert {place.slug: place.address for place in rows(Clinic)}["nice"] == "1 rue Own"
    assert all(place.address and place.timezone for place in rows(Clinic))
