"""What a journey tells, and what to do next: scoring.md 7."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.insight import KINDS, JourneyFacts, Outcome, insights, next_action
from app.domain.lifecycle import STAGES

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
QUIET = JourneyFacts(now=NOW, has_email=True, has_phone=True, may_email=True, may_text=True)


def ago(days: float) -> datetime:
    return NOW - timedelta(days=days)


def told(**facts) -> set[str]:
    return {insight.name for insight in insights(replace(QUIET, **facts))}


FIRING = {
    "hot_not_contacted": {"score": 75},
    "reply_waits": {"last_reply_at": ago(2), "last_contact_at": ago(5)},
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
    "no_consent": {"may_email": False, "has_phone": False},
    "high_engagement": {"engagement": Decimal("0.81")},
    "multi_channel": {"channels": frozenset({"phone", "email", "web"})},
    "price_visits": {"price_acts": 3},
    "revived": {"last_act_at": ago(1), "act_before_last_at": ago(32)},
    "bought_again": {"purchases": 2, "stage": "customer"},
    "reads_quietly": {"emails_opened": 3, "emails_sent": 3},
}
RESTING = {
    "hot_not_contacted": [
        {"score": 74},
        {"score": 99, "last_contact_at": ago(40)},
        {"score": 99, "stage": "customer"},
    ],
    "reply_waits": [
        {"last_reply_at": ago(0.5)},
        {"last_reply_at": ago(2), "last_contact_at": ago(1)},
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
    "no_consent": [{"may_email": False}],
    "high_engagement": [
        {"engagement": Decimal("0.8")},
        {"engagement": Decimal(1), "stage": "customer"},
    ],
    "multi_channel": [{"channels": frozenset({"phone", "web"})}],
    "price_visits": [{"price_acts": 2}],
    "revived": [{"last_act_at": ago(1), "act_before_last_at": ago(30)}, {"last_act_at": ago(1)}],
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
    found = insights(replace(QUIET, score=90, engagement=Decimal("0.9")))
    assert [insight.name for insight in found] == ["hot_not_contacted", "high_engagement"]
    assert found[0].evidence == "score 90 and no call, e-mail or message yet"
    assert found[1].evidence == "engagement 0.9, above 0.8"


def test_a_quiet_lead_tells_nothing():
    assert insights(replace(QUIET, last_contact_at=ago(2))) == []


@pytest.mark.parametrize(
    ("facts", "action"),
    [
        ({}, "write"),
        ({"score": 80}, "call"),
        ({"score": 80, "has_phone": False}, "write"),
        ({"score": 80, "last_reply_at": ago(3), "last_contact_at": ago(9)}, "answer"),
        ({"score": 80, "next_appointment_at": NOW + timedelta(days=2)}, "prepare_appointment"),
        ({"price_acts": 4, "last_contact_at": ago(1)}, "send_offer"),
        ({"stage": "qualified", "last_contact_at": ago(1)}, "book_meeting"),
        ({"may_email": False, "may_text": True}, "text"),
        ({"stage": "customer", "last_contact_at": ago(1)}, "ask_how_it_went"),
        ({"last_contact_at": ago(1)}, "wait"),
        ({"may_email": False, "may_text": False}, "call"),
        ({"may_email": False, "has_phone": False}, "wait"),
        ({"stage": "customer", "score": 80}, "ask_how_it_went"),
        (
            {
                "stage": "qualified",
                "last_contact_at": ago(1),
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
    assert next_action(replace(QUIET, last_contact_at=ago(40.5))).reason.endswith("40 days ago")
    unreachable = replace(QUIET, may_email=False, has_phone=False)
    assert "recent" not in next_action(unreachable).reason
    assert "without consent" in next_action(unreachable).reason


def test_nobody_is_called_without_a_number():
    facts = replace(QUIET, stage="qualified", last_contact_at=ago(1), has_phone=False)
    chosen = next_action(facts)
    assert (chosen.name, chosen.channel) == ("book_meeting", "email")


def test_history_does_not_press_right_after_a_contact():
    history = {"call": Outcome(500, 400)}
    assert next_action(replace(QUIET, last_contact_at=ago(0.1)), history).name == "wait"
    assert next_action(replace(QUIET, last_contact_at=ago(1.1)), history).name == "call"


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


moments = st.none() | st.floats(-40, 400).map(ago)


@given(
    st.builds(
        JourneyFacts,
        now=st.just(NOW),
        stage=st.sampled_from(STAGES),
        stage_since=moments,
        score=st.integers(0, 100),
        last_act_at=moments,
        act_before_last_at=moments,
        last_contact_at=moments,
        last_high_intent_at=moments,
        last_reply_at=moments,
        last_form_abandoned_at=moments,
        last_form_submitted_at=moments,
        next_appointment_at=moments,
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
