"""Changing the catalogue: all or nothing, noticed when somebody was quicker, undone wholly."""

from datetime import timedelta
from types import SimpleNamespace
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from app.demo.catalogue import load_catalogue
from app.domain.catalogue.catalogue import KINDS
from app.domain.catalogue.catalogue_changes import Change
from app.extensions import db
from app.models import AuditLog, Interaction
from app.operations.catalogue.change_catalogue import CatalogueConflict, change_catalogue
from app.operations.catalogue.undo_catalogue import StillUsed, undo_catalogue
from app.queries.catalogue.catalogue_records import records
from app.tenancy import acting_for
from tests.bookings import book
from tests.catalogue_records import a_record
from tests.conftest import NOW

CLINICS, PEOPLE = ("paris", "lyon", "nice"), ("camille-renaud", "sofia-nunes")


@pytest.fixture
def clinic(cast):
    load_catalogue(cast.clinic.id, NOW)
    db.session.commit()
    with acting_for(cast.clinic):
        yield cast.clinic


def change(changes, **more):
    return change_catalogue(changes, "catalogue.tried", "a try", user_id=None, now=NOW, **more)


def everything() -> dict:
    return {kind: records(kind) for kind in KINDS}


def edit(slug: str, **values) -> Change:
    before = records("treatments")[slug,]
    return Change("treatments", (slug,), before, before | values)


def test_several_changes_are_one_line_of_the_log(clinic):
    gone = records("closures")
    key = next(iter(gone))
    line = change([edit("ipl", minutes=31), Change("closures", key, gone[key], None)], file="a.csv")
    assert line.detail["file"] == "a.csv"
    assert [each["kind"] for each in line.detail["changes"]] == ["treatments", "closures"]
    assert line.detail["changes"][0]["before"] == {"minutes": 30}
    assert "changed" not in line.detail
    assert change([edit("ipl", minutes=32)]).detail["changed"] == {"minutes": [31, 32]}


def test_nothing_to_change_is_no_line(clinic):
    assert change([]) is None


def test_who_was_quicker_is_noticed_and_nothing_is_written(clinic):
    mine = [edit("lip-filler", minutes=50), edit("ipl", minutes=31)]
    change([edit("ipl", minutes=40)])
    db.session.commit()
    before, lines = everything(), len(db.session.scalars(select(AuditLog)).all())
    with pytest.raises(CatalogueConflict) as conflict:
        change(mine)
    db.session.rollback()
    assert conflict.value.keys == [("treatments", ("ipl",))]
    assert everything() == before
    assert len(db.session.scalars(select(AuditLog)).all()) == lines


def test_what_is_added_must_not_be_there_and_what_is_deleted_must(clinic):
    there = records("clinics")["paris",]
    with pytest.raises(CatalogueConflict):
        change([Change("clinics", ("paris",), None, there)])
    with pytest.raises(CatalogueConflict):
        change([Change("clinics", ("oslo",), there | {"slug": "oslo"}, None)])


def test_undoing_an_undoing_does_it_again(clinic):
    before = everything()
    line = change([edit("ipl", name="Light"), edit("hydrafacial", active=False)])
    after = everything()
    undone = undo_catalogue(line, user_id=None, now=NOW)
    assert everything() == before
    undo_catalogue(undone, user_id=None, now=NOW)
    assert everything() == after


def added(kind: str, **record) -> AuditLog:
    """Adds an entry like the first of its kind."""
    first = next(iter(records(kind).values()))
    new = first | record
    return change([Change(kind, KINDS[kind].key_of(new), None, new)])


def refused(line: AuditLog):
    with pytest.raises(StillUsed):
        undo_catalogue(line, user_id=None, now=NOW)


def test_what_is_offered_booked_or_used_by_now_is_not_taken_away_by_undoing(clinic):
    treatment = added("treatments", slug="threads")
    other = added("treatments", slug="laser-2")
    person = records("practitioners")["sofia-nunes",]
    offered = person | {"treatments": ["threads"]}
    change([Change("practitioners", ("sofia-nunes",), person, offered)])
    refused(treatment)
    db.session.add(
        Interaction(
            event_id=uuid4(),
            type="cost_calculator",
            channel="web",
            occurred_at=NOW,
            received_at=NOW,
            data={"procedures": ["laser-2"]},
        )
    )
    db.session.flush()
    refused(other)


def test_a_place_or_person_with_hours_closures_or_appointments_of_later_stays(clinic):
    place = added("clinics", slug="lille")
    person = added("practitioners", slug="zoe")
    week = next(iter(records("working_hours").values()))
    hours = week | {"practitioner": "zoe", "clinic": "lille"}
    working = change([Change("working_hours", ("zoe", "lille"), None, hours)])
    refused(place)
    refused(person)
    undo_catalogue(working, user_id=None, now=NOW)
    closed = {"clinic": "lille", "practitioner": "", "from": "2031-01-01", "to": "2031-01-01"}
    key = KINDS["closures"].key_of(closed)
    change([Change("closures", key, None, closed | {"reason": ""})])
    refused(place)
    undo_catalogue(person, user_id=None, now=NOW)
    assert ("zoe",) not in records("practitioners")


def test_somebody_booked_meanwhile_stays(clinic):
    person = added("practitioners", slug="zoe")
    book(SimpleNamespace(clinic=clinic), NOW + timedelta(days=2), "paris", "zoe")
    refused(person)


@pytest.mark.parametrize("kind", KINDS)
@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_whatever_is_written_is_read_as_it_was_and_undone_to_the_letter(clinic, kind, data):
    """Any sound entries, over what the demo has: added, changed and taken away."""
    db.session.rollback()
    before = everything()
    taking = st.sampled_from(sorted(before[kind]))
    some = a_record(kind, ("ipl", "lip-filler"), CLINICS, PEOPLE)
    new = data.draw(st.lists(some, max_size=3, unique_by=KINDS[kind].key_of))
    # Clinics and people are referred to: those are changed, never taken away.
    free = kind in ("treatments", "opening_hours", "working_hours", "closures")
    away = data.draw(st.lists(taking, max_size=2, unique=True)) if free else []
    wanted = {KINDS[kind].key_of(record): record for record in new}
    wanted |= dict.fromkeys(set(away) - wanted.keys())
    changes = [
        Change(kind, key, before[kind].get(key), after)
        for key, after in wanted.items()
        if before[kind].get(key) != after
    ]
    line = change(changes)
    found = everything()[kind]
    assert all(found.get(key) == after for key, after in wanted.items())
    assert {k: v for k, v in found.items() if k not in wanted} == {
        k: v for k, v in before[kind].items() if k not in wanted
    }
    if line:
        undo_catalogue(line, user_id=None, now=NOW)
    assert everything() == before
