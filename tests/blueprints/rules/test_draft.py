"""A draft of rules: kept, taken back, discarded, and joined with a colleague's."""

import re

import pytest
from sqlalchemy import select

from app.extensions import db
from app.models import AuditLog
from app.queries.scoring.rules import interaction_rules
from app.tenancy import acting_for
from tests.rules import PAGE, SCRIPT, changed, discard, drafts, send, value_of


def test_a_draft_is_kept_after_the_page_is_left_with_who_and_when(alice, bob, cast):
    assert send(alice, changed(do="save", rules__5__points="25")).status_code == 303
    page = bob.get(PAGE).text
    assert "Alice saved it" in page
    assert "High budget range: points 20 → 25" in page
    assert value_of(alice.get(PAGE), "rules-5-points") == "25"
    with acting_for(cast.clinic):
        assert interaction_rules().version == 0


def test_what_cannot_be_used_yet_is_kept_too_and_told_where(alice):
    answer = send(alice, changed(do="save", rules__5__points="a lot", note=SCRIPT))
    page = alice.get(answer.location).text
    assert 'name="rules-5-points" value="a lot"' in page
    assert 'href="#rules-5-points"' in page
    assert SCRIPT not in page
    assert "Some fields are still to be filled in" in alice.get(PAGE).text


def test_saving_what_is_in_force_makes_no_draft(alice, cast):
    send(alice, changed(do="save"))
    assert drafts(cast) == []
    assert "there is no draft" in alice.get(PAGE).text


def test_a_draft_is_discarded_and_the_audit_log_keeps_it(alice, cast):
    send(alice, changed(do="save", rules__5__points="25"))
    discard(alice)
    assert drafts(cast) == []
    with acting_for(cast.clinic):
        line = db.session.scalar(select(AuditLog).where(AuditLog.action == "rules.draft_discarded"))
    assert line.user_id == cast.alice.id
    assert line.detail["draft"]["rules"][5]["points"] == "25"


def test_the_last_change_is_taken_back(alice):
    send(alice, changed(do="save", rules__5__points="25"))
    send(alice, changed(do="save", rules__5__points="30", revision="1"))
    send(alice, {"do": "undo"})
    assert value_of(alice.get(PAGE), "rules-5-points") == "25"
    send(alice, {"do": "undo"})
    assert "nothing to take back" in alice.get(PAGE).text


def test_rows_are_sent_in_the_order_they_were_dragged_into(alice, cast):
    form = changed(do="save")
    form["order"] = [str(place) for place in (9, 0, 1, 2, 3, 4, 5, 6, 7, 8)]
    send(alice, form)
    ids = re.findall(r'name="rules-\d+-id" value="(\w+)"', alice.get(PAGE).text)
    assert ids[:2] == ["returning_visitor", "ai_recommendation"]
    form = changed(do="save", revision="1") | {"order": ["9", "9", "1"]}
    assert send(alice, form).status_code == 303, "an order that is none is left aside"


def test_each_save_is_in_the_audit_log_in_words(alice, cast):
    send(alice, changed(do="save", rules__5__points="25"))
    with acting_for(cast.clinic):
        line = db.session.scalar(select(AuditLog).where(AuditLog.action == "rules.draft_saved"))
    assert line.detail["changes"] == ["High budget range: points 20 → 25"]


def test_a_condition_that_can_never_hold_is_doubted(alice):
    send(alice, changed(do="save", rules__5__value="hgih", rules__7__operator="contains"))
    page = alice.get(PAGE).text
    assert "Never true: the values of this field are low, medium, high." in page
    assert "Never true: this field is a number" in page


@pytest.mark.parametrize("value", ["[" * 100_000, "🧪" * 20_000, "a" * 290_000])
def test_absurd_values_are_answered_and_kept_or_refused(alice, value):
    answer = send(alice, changed(do="save", rules__5__value=value))
    assert answer.status_code in (303, 413)
    assert alice.get(f"{PAGE}?check=1").status_code == 200


def test_who_is_overtaken_in_the_draft_is_told_and_both_edits_are_joined(alice, carol, cast):
    send(alice, changed(do="save", rules__5__points="25"))
    send(carol, changed(do="save", rules__5__points="25", rules__6__points="30", revision="1"))
    mine = changed(do="save", rules__5__points="25", rules__7__points="10", revision="1")
    answer = send(alice, mine)
    assert answer.status_code == 409
    assert "Bob changed the draft while you were editing" in answer.text
    assert "Immediate urgency: points 25 → 30" in answer.text
    assert value_of(answer, "rules-6-points") == "30"
    assert value_of(answer, "rules-7-points") == "10"
    assert value_of(answer, "revision") == "2"
    [draft] = drafts(cast)
    assert draft.body["rules"][7]["points"] == "15", "nothing is kept before I say so"


def test_who_begins_a_draft_beside_anothers_is_told_too(alice, carol):
    send(carol, changed(do="save", rules__6__points="30", note="Bob's"))
    answer = send(alice, changed(do="up-5"))
    assert answer.status_code == 409
    ids = re.findall(r'name="rules-\d+-id" value="(\w+)"', answer.text)
    assert ids[4] == "high_budget"
    assert 'name="rules-6-points" value="30"' in answer.text


def test_who_edits_a_draft_that_was_discarded_loses_nothing(alice, carol):
    send(alice, changed(do="save", rules__5__points="25"))
    discard(carol)
    mine = changed(do="save", rules__5__points="25", rules__6__points="30", revision="1")
    answer = send(alice, mine)
    assert answer.status_code == 409
    assert "discarded the draft" in answer.text
    assert value_of(answer, "rules-6-points") == "30"
    assert value_of(answer, "revision") == "0"


def test_a_draft_outlives_a_version_published_beside_it(alice, carol, cast):
    send(alice, changed(do="save", rules__5__points="25"))
    back = {"version": "0", "made_from": "0"}
    assert send(carol, back, to=f"{PAGE}/bring-back").status_code == 303
    answer = send(alice, changed(do="save", rules__5__points="25", revision="1"))
    assert answer.status_code == 409
    assert "published version 1 while you were editing" in answer.text
    form = changed(do="save", rules__5__points="25", revision="1") | {"made_from": "1"}
    assert send(alice, form).status_code == 303
    assert drafts(cast)[0].made_from == 1
