"""What to do next with a lead: scoring.md 7."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.journeys.insight import insights
from app.domain.journeys.next_action import Outcome, next_action
from tests.journeys import NOW, QUIET, ago, in_touch


@pytest.mark.parametrize(
    ("facts", "action"),
    [
        ({}, "write"),
        ({"score": 80}, "call"),
        ({"score": 80, "has_phone": False}, "write"),
        ({"score": 80, "last_reply_at": ago(3), **in_touch(9)}, "answer"),
        ({"score": 80, "next_appointment_at": NOW + timedelta(days=2)}, "prepare_appointment"),
        ({"price_acts": 4, **in_touch(1)}, "send_offer"),
        ({"stage": "qualified", **in_touch(1)}, "book_meeting"),
        ({"may_email": False, "may_text": True}, "text"),
        ({"stage": "customer", **in_touch(1)}, "ask_how_it_went"),
        ({**in_touch(1)}, "wait"),
        ({"may_email": False, "may_text": False}, "call"),
        ({"may_email": False, "has_phone": False}, "wait"),
        ({"stage": "customer", "score": 80}, "ask_how_it_went"),
        (
            {
                "stage": "qualified",
                **in_touch(1),
                "has_phone": False,
                "has_email": False,
            },
            "wait",
        ),
        ({"stage": "lost", "score": 90, "last_reply_at": ago(2)}, "leave_alone"),
    ],
)
def test_the_next_action_by_rules(facts, action):
    chosen = next_action(replace(QUIET, **facts))
    assert (chosen.name, chosen.learned_from) == (action, "rules")
    assert chosen.reason


def test_waiting_says_when_the_last_contact_was_or_why_there_was_none():
    assert next_action(replace(QUIET, **in_touch(40.5))).reason.endswith("40 days ago")
    unreachable = replace(QUIET, may_email=False, has_phone=False)
    assert "recent" not in next_action(unreachable).reason
    assert "without consent" in next_action(unreachable).reason


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        ({"stage": "opportunity", "stage_since": ago(60)}, "in stage opportunity for 60 days"),
        ({"trend": "declining"}, "over 20% fewer touches"),
        ({"last_form_abandoned_at": ago(1)}, "began a form 1 day ago and left it"),
    ],
)
def test_who_may_not_be_written_to_is_called_for_the_reasons_to_write(facts, reason):
    silent = replace(QUIET, may_email=False, may_text=False, **in_touch(60), **facts)
    chosen = next_action(silent)
    assert (chosen.name, chosen.channel) == ("call", "phone")
    assert chosen.reason.startswith(reason)
    assert next_action(replace(silent, may_email=True)).name == "write"
    assert next_action(replace(silent, has_phone=False)).name == "wait"
    assert next_action(replace(silent, **in_touch(3))).name == "wait"


def test_who_came_to_us_is_nobody_whom_nobody_was_in_touch_with():
    booked = replace(QUIET, score=82, temperature="hot", last_in_touch_at=ago(2))
    assert insights(booked) == []
    chosen = next_action(booked)
    assert (chosen.name, chosen.reason) == (
        "wait",
        "nothing presses: the last contact was 2 days ago",
    )


def test_a_first_reply_is_answered_at_once():
    replied = replace(QUIET, score=82, last_reply_at=ago(0.1), last_in_touch_at=ago(0.1))
    chosen = next_action(replied)
    assert chosen.name == "answer"
    assert chosen.reason == "they replied less than a day ago, and nobody has answered"


def test_the_score_that_qualifies_is_the_one_that_was_set():
    assert next_action(replace(QUIET, score=50)).name == "write"
    assert next_action(replace(QUIET, score=50, qualified_at=45)).name == "call"


def test_nobody_is_called_without_a_number():
    facts = replace(QUIET, stage="qualified", **in_touch(1), has_phone=False)
    chosen = next_action(facts)
    assert (chosen.name, chosen.channel) == ("book_meeting", "email")


def test_history_does_not_press_right_after_a_contact():
    history = {"call": Outcome(500, 400)}
    assert next_action(replace(QUIET, **in_touch(0.1)), history).name == "wait"
    assert next_action(replace(QUIET, **in_touch(1.1)), history).name == "call"


def test_two_hundred_comparable_cases_teach_what_rules_do_not_know():
    facts = replace(QUIET, score=80)
    enough = {"call": Outcome(150, 30), "write": Outcome(50, 30)}
    chosen = next_action(facts, enough)
    assert (chosen.name, chosen.learned_from) == ("write", "history")
    assert "30 of 50" in chosen.reason
    too_few = {"call": Outcome(149, 30), "write": Outcome(50, 30)}
    assert next_action(facts, too_few).learned_from == "rules"


def test_luck_in_a_few_cases_teaches_nothing():
    history = {"call": Outcome(500, 200), "write": Outcome(5, 5), "text": Outcome(25, 12)}
    assert next_action(replace(QUIET, score=80), history).name == "call"


def test_what_cannot_be_done_is_not_advised():
    history = {"call": Outcome(300, 290), "write": Outcome(100, 1)}
    assert next_action(replace(QUIET, has_phone=False), history).name == "write"


def unanswered(calls, days_ago, **facts):
    tried = {"unanswered_calls": calls, "last_unanswered_at": ago(days_ago)}
    return next_action(replace(QUIET, **tried, **facts), {"call": Outcome(500, 400)})


def test_who_did_not_answer_is_called_again_another_time():
    chosen = unanswered(1, 0.2, score=80)
    assert (chosen.name, chosen.channel, chosen.learned_from) == ("call_again", "phone", "rules")
    assert chosen.label == "Call again, another day or time"
    assert chosen.reason == "called less than a day ago, and nobody answered"
    assert unanswered(2, 7).reason == "called 2 times without an answer, the last time 7 days ago"
    assert unanswered(2, 7.1).learned_from == "history"


def test_after_three_calls_in_vain_one_writes_to_those_who_agreed():
    chosen = unanswered(3, 2, score=80)
    assert (chosen.name, chosen.channel) == ("write", "email")
    assert chosen.reason == "called 3 times without an answer, the last time 2 days ago"
    assert unanswered(3, 90).name == "write"
    assert unanswered(3, 2, may_email=False).name == "text"
    assert unanswered(3, 2, has_email=False).name == "text"
    neither = unanswered(4, 2, may_email=False, may_text=False)
    assert neither.name == "call_again"
    assert neither.reason.endswith("2 days ago, and they may not be written to")


@pytest.mark.parametrize(
    ("facts", "action"),
    [
        ({"last_reply_at": ago(2)}, "answer"),
        ({"next_appointment_at": NOW + timedelta(days=2)}, "prepare_appointment"),
        ({"stage": "lost"}, "leave_alone"),
        ({"has_phone": False}, "write"),
    ],
)
@pytest.mark.parametrize("calls", [1, 3])
def test_what_presses_goes_before_another_call(facts, action, calls):
    assert unanswered(calls, 1, **facts).name == action


def test_a_reply_waits_on_after_a_call_in_vain():
    assert unanswered(1, 1, last_reply_at=ago(2)).reason.endswith("no call has reached them since")


def test_an_attempt_long_ago_leaves_nobody_reached():
    tried = {"unanswered_calls": 1, "last_unanswered_at": ago(30)}
    assert next_action(replace(QUIET, **tried)).reason == "nobody has reached them yet"


@given(st.integers(0, 5000), st.data())
def test_what_is_sure_never_exceeds_the_rate(cases, data):
    moved_on = data.draw(st.integers(0, cases))
    sure = Outcome(cases, moved_on).surely
    assert 0 <= sure <= (moved_on / cases if cases else 0) + 1e-12
