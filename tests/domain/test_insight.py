"""What a journey tells, and what to do next: scoring.md 7."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.insight import (
    KINDS,
    JourneyFacts,
    Silence,
    insights,
    last_silence,
)
from app.domain.lifecycle import STAGES
from app.domain.next_action import Outcome, next_action

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
QUIET = JourneyFacts(now=NOW, has_email=True, has_phone=True, may_email=True, may_text=True)


def ago(days: float) -> datetime:
    return NOW - timedelta(days=days)


def in_touch(days: float) -> dict:
    """We got in touch, so both sides were."""
    return {"last_contact_at": ago(days), "last_in_touch_at": ago(days)}


def told(**facts) -> set[str]:
    return {insight.name for insight in insights(replace(QUIET, **facts))}


FIRING = {
    "hot_not_contacted": {"temperature": "hot"},
    "reply_waits": {"last_reply_at": ago(2), **in_touch(5)},
    "silent_after_intent": {
        "last_high_intent_at": ago(4),
        "last_act_at": ago(4),
        "last_high_intent": "cost_calculator",
    },
    "at_risk": {"churn_risk": Decimal("0.71")},
    "stalled": {"stage": "qualified", "stage_since": ago(21)},
    "form_abandoned": {"last_form_abandoned_at": ago(1)},
    "fading": {"trend": "declining"},
    "emails_unread": {"emails_sent": 3},
    "calls_unanswered": {"unanswered_calls": 3, "last_unanswered_at": ago(2)},
    "no_consent": {"may_email": False, "has_phone": False},
    "high_engagement": {"engagement": Decimal("0.81")},
    "multi_channel": {"channels": frozenset({"phone", "email", "web"})},
    "price_visits": {"price_acts": 3},
    "revived": {"last_act_at": ago(1), "last_silence": Silence(ago(37), ago(7))},
    "bought_again": {"purchases": 2, "stage": "customer"},
    "reads_quietly": {"emails_opened": 3, "emails_sent": 3},
}
RESTING = {
    "hot_not_contacted": [
        {"temperature": "warm", "score": 99},
        {"temperature": "hot", **in_touch(40)},
        {"temperature": "hot", "last_in_touch_at": ago(40)},
        {"temperature": "hot", "stage": "customer"},
    ],
    "reply_waits": [
        {"last_reply_at": ago(0.5)},
        {"last_reply_at": ago(2), **in_touch(1)},
    ],
    "silent_after_intent": [
        {"last_high_intent_at": ago(2), "last_act_at": ago(2)},
        {"last_high_intent_at": ago(9), "last_act_at": ago(1)},
        {
            "last_high_intent_at": ago(9),
            "last_act_at": ago(9),
            "next_appointment_at": NOW + timedelta(days=3),
        },
    ],
    "at_risk": [{"churn_risk": Decimal("0.7")}, {"churn_risk": Decimal(1), "stage": "lost"}],
    "stalled": [
        {"stage": "qualified", "stage_since": ago(20)},
        {"stage": "lost", "stage_since": ago(99)},
    ],
    "form_abandoned": [
        {"last_form_abandoned_at": ago(8)},
        {"last_form_abandoned_at": ago(2), "last_form_submitted_at": ago(1)},
    ],
    "fading": [{"trend": "stable"}, {"trend": "declining", "stage": "customer"}],
    "emails_unread": [{"emails_sent": 2}, {"emails_sent": 5, "emails_answered": 1}],
    "calls_unanswered": [
        {"unanswered_calls": 2, "last_unanswered_at": ago(2)},
        {"unanswered_calls": 4, "last_unanswered_at": ago(2), "stage": "lost"},
    ],
    "no_consent": [{"may_email": False}],
    "high_engagement": [
        {"engagement": Decimal("0.8")},
        {"engagement": Decimal(1), "stage": "customer"},
    ],
    "multi_channel": [
        {"channels": frozenset({"phone", "web"})},
        {"channels": frozenset({"phone", "email"}), "stage": "lost"},
    ],
    "price_visits": [{"price_acts": 2}],
    "revived": [
        {"last_act_at": ago(1), "last_silence": Silence(ago(50), ago(7.1))},
        {"last_act_at": ago(1)},
    ],
    "bought_again": [{"purchases": 1}],
    "reads_quietly": [{"emails_opened": 3, "emails_answered": 1}],
}


@pytest.mark.parametrize("name", [kind.name for kind in KINDS])
def test_each_insight_fires_on_its_evidence_and_rests_without(name):
    assert name in told(**FIRING[name])
    assert RESTING[name]
    for facts in RESTING[name]:
        assert name not in told(**facts)


def test_an_insight_says_what_it_rests_on_and_urgent_ones_come_first():
    found = insights(replace(QUIET, score=90, temperature="hot", engagement=Decimal("0.9")))
    assert [insight.name for insight in found] == ["hot_not_contacted", "high_engagement"]
    assert found[0].evidence == "lead score 90, and no call, e-mail, message or meeting yet"
    assert found[1].evidence == "journey engagement 90%, above 80%"


@pytest.mark.parametrize(
    ("facts", "name", "said"),
    [
        ({"engagement": Decimal("0.8800")}, "high_engagement", "journey engagement 88%, above 80%"),
        ({"engagement": Decimal("0.8001")}, "high_engagement", "journey engagement 80.01%, above"),
        ({"churn_risk": Decimal("0.71")}, "at_risk", "the risk of losing them is 71%, above 70%"),
        (FIRING["silent_after_intent"], "silent_after_intent", "used the cost calculator 4 days"),
        (FIRING["price_visits"], "price_visits", "looked at prices 3 times within 14 days"),
        (FIRING["revived"], "revived", "7 days ago, after 30 days of silence"),
        (
            FIRING["calls_unanswered"],
            "calls_unanswered",
            "called 3 times without an answer, the last time 2 days ago",
        ),
        (
            {
                "score": 80,
                "temperature": "hot",
                "unanswered_calls": 1,
                "last_unanswered_at": ago(1),
            },
            "hot_not_contacted",
            "lead score 80, and nobody has reached them: called 1 day ago, and nobody answered",
        ),
    ],
)
def test_evidence_is_told_as_one_colleague_tells_another(facts, name, said):
    evidence = {each.name: each.evidence for each in insights(replace(QUIET, **facts))}
    assert evidence[name].startswith(said)


def test_no_evidence_and_no_reason_shows_what_programs_call_things():
    for facts in FIRING.values():
        told = replace(QUIET, **facts)
        for words in (*(each.evidence for each in insights(told)), next_action(told).reason):
            assert not re.search(r"_|\b0\.\d", words), words


def test_a_silence_is_measured_from_the_act_before_it_to_the_act_after():
    days = [(ago(6), ago(6)), (ago(1), ago(0.5)), (ago(45.5), ago(45)), (ago(200), ago(199))]
    assert last_silence(days) == Silence(ago(45), ago(6))
    assert last_silence(days).days == 39
    assert last_silence([(ago(29), ago(29)), (ago(0), ago(0))]) is None
    assert last_silence([]) is None


def test_a_quiet_lead_tells_nothing():
    assert insights(replace(QUIET, **in_touch(2))) == []


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


moment = st.floats(-40, 400).map(ago)
moments = st.none() | moment


@given(
    st.builds(
        JourneyFacts,
        now=st.just(NOW),
        stage=st.sampled_from(STAGES),
        stage_since=moments,
        score=st.integers(0, 100),
        last_act_at=moments,
        last_silence=st.none() | st.builds(Silence, moment, moment),
        last_contact_at=moments,
        last_in_touch_at=moments,
        last_high_intent_at=moments,
        last_reply_at=moments,
        last_form_abandoned_at=moments,
        last_form_submitted_at=moments,
        next_appointment_at=moments,
        unanswered_calls=st.integers(0, 5),
        last_unanswered_at=moment,
        price_acts=st.integers(0, 9),
        emails_sent=st.integers(0, 9),
        emails_opened=st.integers(0, 9),
        may_email=st.booleans(),
        may_text=st.booleans(),
        has_email=st.booleans(),
        has_phone=st.booleans(),
    )
)
def test_there_is_always_one_action_and_every_insight_has_evidence(facts):
    assert next_action(facts).reason
    assert all(insight.evidence and insight.text for insight in insights(facts))


@given(st.integers(0, 5000), st.data())
def test_what_is_sure_never_exceeds_the_rate(cases, data):
    moved_on = data.draw(st.integers(0, cases))
    sure = Outcome(cases, moved_on).surely
    assert 0 <= sure <= (moved_on / cases if cases else 0) + 1e-12
