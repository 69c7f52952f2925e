"""What a journey tells: scoring.md 7."""

import re
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given

from app.domain.journeys.insight import KINDS, Silence, insights, last_silence
from app.domain.journeys.next_action import next_action
from tests.journeys import ANY_LEAD, QUIET, ago, ahead, in_touch


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
    "did_not_come": {"last_missed_at": ago(0.2)},
    "came_lately": {"last_attended_at": ago(3)},
    "emails_unread": {"emails_sent": 3},
    "calls_unanswered": {"unanswered_calls": 3, "last_unanswered_at": ago(2)},
    "no_consent": {"may_email": False, "has_phone": False},
    "high_engagement": {"engagement": Decimal("0.81")},
    "multi_channel": {"channels": frozenset({"phone", "email", "web"})},
    "price_visits": {"price_looks": (ago(9), ago(3), ago(1))},
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
        {"last_reply_at": ago(2), "stage": "lost", "stage_since": ago(1)},
    ],
    "silent_after_intent": [
        {"last_high_intent_at": ago(2), "last_act_at": ago(2)},
        {"last_high_intent_at": ago(9), "last_act_at": ago(1)},
        {
            "last_high_intent_at": ago(9),
            "last_act_at": ago(9),
            "next_appointment_at": ahead(3),
        },
        {"last_high_intent_at": ago(9), "last_act_at": ago(9), "last_missed_at": ago(2)},
        {
            "last_high_intent_at": ago(9),
            "last_act_at": ago(9),
            "last_high_intent": "appointment_booked",
        },
        {"last_high_intent_at": ago(9), "last_act_at": ago(9), "unclosed_appointment_at": ago(2)},
    ],
    "at_risk": [{"churn_risk": Decimal("0.7")}, {"churn_risk": Decimal(1), "stage": "lost"}],
    "stalled": [
        {"stage": "qualified", "stage_since": ago(20)},
        {"stage": "lost", "stage_since": ago(99)},
        {"stage": "qualified", "stage_since": ago(99), "next_appointment_at": ahead(9)},
    ],
    "form_abandoned": [
        {"last_form_abandoned_at": ago(8)},
        {"last_form_abandoned_at": ago(2), "last_form_submitted_at": ago(1)},
        {"last_form_abandoned_at": ago(2), "stage": "lost", "stage_since": ago(1)},
    ],
    "fading": [
        {"trend": "stable"},
        {"trend": "declining", "stage": "customer"},
        {"trend": "declining", "next_appointment_at": ahead(9)},
    ],
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
    "price_visits": [
        {"price_looks": (ago(9), ago(3))},
        {"price_looks": (ago(9), ago(3), ago(1)), "last_purchase_at": ago(5)},
        {"price_looks": (ago(9), ago(3), ago(1)), "stage": "lost", "stage_since": ago(5)},
    ],
    "did_not_come": [
        {"last_missed_at": ago(14.1)},
        {"last_missed_at": ago(3), **in_touch(2)},
        {"last_missed_at": ago(3), "last_booked_at": ago(2)},
        {"last_missed_at": ago(3), "last_attended_at": ago(2)},
        {"last_missed_at": ago(3), "last_purchase_at": ago(2)},
        {"last_missed_at": ago(3), "next_appointment_at": ahead(9)},
        {"last_missed_at": ago(3), "stage": "lost", "stage_since": ago(2)},
    ],
    "came_lately": [
        {"last_attended_at": ago(14.1)},
        {"last_attended_at": ago(3), **in_touch(2)},
        {"last_attended_at": ago(3), "last_purchase_at": ago(2)},
        {"last_attended_at": ago(3), "last_missed_at": ago(2)},
        {"last_attended_at": ago(3), "next_appointment_at": ahead(9)},
    ],
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
        (
            {**FIRING["silent_after_intent"], **in_touch(1)},
            "silent_after_intent",
            "used the cost calculator 4 days ago, and nothing from them since",
        ),
        (
            FIRING["silent_after_intent"],
            "silent_after_intent",
            "used the cost calculator 4 days ago, and nothing from them or us since",
        ),
        (FIRING["did_not_come"], "did_not_come", "missed their appointment less than a day ago"),
        (FIRING["came_lately"], "came_lately", "came to their appointment 3 days ago"),
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


@given(ANY_LEAD)
def test_every_insight_has_evidence(facts):
    assert all(insight.evidence and insight.text for insight in insights(facts))
