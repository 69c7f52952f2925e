"""What to do next with a lead: scoring.md 7."""

import re
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.journeys.insight import Silence, insights
from app.domain.journeys.next_action import LEARNED, Outcome, next_action
from tests.journeys import ANY_LEAD, NO_CONSENT, PASTS, QUIET, ago, ahead, in_touch, replied

LOOKS = (ago(4), ago(3), ago(2))
DONE = {"wait", "leave_alone", "prepare_appointment"}


def advice(**facts) -> tuple[str, str]:
    """What is to be done with somebody who is known and agreed to all, but for these facts: the
    action and its channel."""
    chosen = next_action(replace(QUIET, **facts))
    return chosen.name, chosen.channel


@pytest.mark.parametrize(
    ("facts", "action"),
    [
        ({}, "write"),
        ({"score": 80}, "call"),
        ({"score": 80, "has_phone": False}, "write"),
        ({"score": 80, **in_touch(9), **replied(3)}, "answer"),
        ({"score": 80, "next_appointment_at": ahead(2)}, "prepare_appointment"),
        ({"price_looks": LOOKS, **in_touch(9)}, "send_offer"),
        ({"stage": "qualified", **in_touch(8)}, "book_meeting"),
        ({"may_email": False, "may_text": True}, "text"),
        ({"stage": "customer", "last_purchase_at": ago(0.5), **in_touch(1)}, "ask_how_it_went"),
        ({**in_touch(1)}, "wait"),
        ({"may_email": False, "may_text": False}, "call"),
        ({"may_email": False, "has_phone": False}, "wait"),
        ({"stage": "customer", "score": 80, "stage_since": ago(5)}, "ask_how_it_went"),
        (
            {
                "stage": "qualified",
                **in_touch(1),
                "has_phone": False,
                "has_email": False,
            },
            "wait",
        ),
        ({"stage": "lost", "score": 90, **replied(2), "stage_since": ago(1)}, "leave_alone"),
        (in_touch(8), "follow_up"),
    ],
)
def test_the_next_action_by_rules(facts, action):
    chosen = next_action(replace(QUIET, **facts))
    assert (chosen.name, chosen.learned_from) == (action, "rules")
    assert chosen.reason


def test_waiting_says_when_the_last_contact_was_or_why_there_was_none():
    assert next_action(replace(QUIET, **in_touch(4.5))).reason.endswith("4 days ago")
    waiting = replace(QUIET, stage="engaged", next_appointment_at=ahead(40), **in_touch(20))
    assert next_action(waiting).reason == "nothing presses: their appointment is in 40 days"
    assert next_action(replace(QUIET, stage="customer")).reason == "nothing presses"
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
    assert next_action(replace(silent, **in_touch(0.5))).name == "wait"


def test_who_came_to_us_is_nobody_whom_nobody_was_in_touch_with():
    booked = replace(QUIET, score=82, temperature="hot", last_in_touch_at=ago(2))
    assert insights(booked) == []
    chosen = next_action(booked)
    assert (chosen.name, chosen.reason) == (
        "wait",
        "nothing presses: the last contact was 2 days ago",
    )


def test_a_first_reply_is_answered_at_once():
    chosen = next_action(replace(QUIET, score=82, **replied(0.1)))
    assert chosen.name == "answer"
    assert chosen.reason == "they replied less than a day ago, and nobody has answered"


def test_the_score_that_qualifies_is_the_one_that_was_set():
    assert next_action(replace(QUIET, score=50)).name == "write"
    assert next_action(replace(QUIET, score=50, qualified_at=45)).name == "call"


def test_nobody_is_called_without_a_number():
    facts = replace(QUIET, stage="qualified", **in_touch(8), has_phone=False)
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
        (replied(2), "answer"),
        ({"next_appointment_at": ahead(2)}, "prepare_appointment"),
        ({"last_missed_at": ago(3)}, "rebook"),
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


# They came back


BACK = {"stage": "lost", "stage_since": ago(60), "last_seen_at": ago(0.1)}


def test_who_was_given_up_and_comes_back_is_called():
    chosen = next_action(replace(QUIET, **BACK))
    assert (chosen.name, chosen.channel) == ("call", "phone")
    assert chosen.reason == "lost 60 days ago, and back: last seen less than a day ago"
    looked = next_action(replace(QUIET, **BACK, price_looks=LOOKS))
    assert looked.reason == "lost 60 days ago, and back: looked at prices 3 times within 14 days"
    used = {"last_high_intent": "cost_calculator", "last_high_intent_at": ago(2)}
    assert next_action(replace(QUIET, **BACK, **used)).reason.endswith("calculator 2 days ago")
    assert advice(**BACK, has_phone=False) == ("write", "email")
    assert advice(**BACK, has_phone=False, **NO_CONSENT)[0] == "wait"


@pytest.mark.parametrize(
    "facts",
    [
        {"last_seen_at": ago(61)},
        {"last_seen_at": ago(15)},
    ],
)
def test_who_was_given_up_is_left_alone_until_then(facts):
    assert advice(**BACK | facts)[0] == "leave_alone"


def test_who_was_given_up_and_was_answered_is_not_left_alone_at_once():
    answered = next_action(replace(QUIET, **BACK, **in_touch(0.05)), {"call": Outcome(500, 400)})
    assert answered.name == "wait"
    assert answered.reason.endswith("move them out of lost if they are interested")


def test_who_was_given_up_and_writes_is_answered_and_comes_is_prepared_for():
    assert advice(**BACK, **replied(0.1)) == ("answer", "email")
    assert advice(**BACK, next_appointment_at=ahead(1))[0] == "prepare_appointment"


def test_who_is_back_after_a_long_silence_is_called():
    back = {"last_silence": Silence(ago(200), ago(2))}
    for stage in ("contacted", "customer"):
        chosen = next_action(replace(QUIET, stage=stage, **in_touch(210), **back))
        assert (chosen.name, chosen.reason) == (
            "call",
            "back 2 days ago, after 198 days of silence",
        )
        assert advice(stage=stage, **back, **in_touch(1))[0] == "wait"


# What was done is done


def test_an_offer_that_was_sent_is_not_to_be_sent_again():
    assert advice(price_looks=LOOKS, **in_touch(5))[0] == "send_offer"
    assert advice(price_looks=LOOKS, **in_touch(1))[0] == "wait"
    assert advice(price_looks=LOOKS, last_booked_at=ago(1), **in_touch(5))[0] == "wait"
    assert advice(price_looks=(*LOOKS, ago(1)), **in_touch(2.5))[0] == "wait"


def test_high_engagement_asks_for_an_offer_once():
    keen = {"engagement": Decimal("0.9"), "last_seen_at": ago(2)}
    assert advice(**keen, **in_touch(3)) == ("send_offer", "email")
    assert advice(**keen, **in_touch(1.5))[0] == "wait"
    assert advice(**keen, **in_touch(3), next_appointment_at=ahead(9))[0] == "wait"


def test_a_form_that_was_left_is_asked_about_once():
    left = {"last_form_abandoned_at": ago(2)}
    assert advice(**left, **in_touch(3)) == ("write", "email")
    assert advice(**left, **in_touch(1))[0] == "wait"


def test_who_is_slipping_is_not_chased_right_after_a_contact():
    slow = {"stage": "opportunity", "stage_since": ago(60)}
    assert advice(**slow, **in_touch(8))[0] == "write"
    assert advice(**slow, **in_touch(6))[0] == "wait"
    assert advice(trend="declining", **in_touch(6))[0] == "wait"


def test_times_are_offered_when_the_stage_is_new_and_not_again_at_once():
    assert advice(stage="qualified", stage_since=ago(1), **in_touch(2))[0] == "book_meeting"
    assert advice(stage="qualified", stage_since=ago(2), **in_touch(2))[0] == "wait"
    again = next_action(replace(QUIET, stage="qualified", stage_since=ago(9), **in_touch(8)))
    assert (again.name, again.reason) == (
        "book_meeting",
        "in stage qualified, and no appointment yet",
    )
    told_of = {"stage": "engaged", "stage_since": ago(9), "last_booked_at": ago(8)}
    assert advice(**told_of, last_in_touch_at=ago(8))[0] == "wait"
    cancelled = {**told_of, "last_cancelled_at": ago(7.5), **in_touch(7.2)}
    assert next_action(replace(QUIET, **cancelled)).reason.endswith("no new appointment yet")


def test_a_silence_is_ours_where_nobody_answered():
    silent = {
        "last_high_intent": "form_submitted",
        "last_high_intent_at": ago(6),
        "last_act_at": ago(6),
        "last_asked_at": ago(6),
    }
    assert next_action(replace(QUIET, **silent)).reason == (
        "sent a form 6 days ago, and nothing from them or us since"
    )
    assert advice(**silent, **in_touch(5))[0] == "wait"


# Appointments


def test_who_did_not_come_is_offered_a_new_time():
    missed = {"stage": "engaged", "last_booked_at": ago(4), "last_missed_at": ago(0.1)}
    missed |= {"last_in_touch_at": ago(4)}
    chosen = next_action(replace(QUIET, **missed))
    assert (chosen.name, chosen.channel, chosen.label) == ("rebook", "phone", "Offer a new time")
    assert chosen.reason == (
        "missed their appointment less than a day ago, and nobody has been in touch since"
    )
    tried = {"unanswered_calls": 1, "last_unanswered_at": ago(0.05)}
    assert next_action(replace(QUIET, **missed, **tried)).reason.endswith("reached them since")
    assert advice(**missed | in_touch(0.05))[0] == "wait"
    assert advice(**missed, next_appointment_at=ahead(9))[0] == "wait"
    assert advice(**missed, has_phone=False, **NO_CONSENT) == ("rebook", "email")


def test_a_cancelled_appointment_asks_for_a_new_time_too():
    chosen = next_action(replace(QUIET, last_cancelled_at=ago(1), last_in_touch_at=ago(1)))
    assert chosen.name == "rebook"
    assert chosen.reason.startswith("their appointment was cancelled 1 day ago")


def test_who_came_is_asked_for_the_next_step():
    came = {"stage": "engaged", "stage_since": ago(3), "last_booked_at": ago(3)}
    came |= {"last_attended_at": ago(0.1), "last_in_touch_at": ago(3)}
    assert advice(**came) == ("ask_next_step", "phone")
    assert advice(**came | in_touch(0.05))[0] == "wait"
    assert advice(**came | {"stage": "opportunity", "stage_since": ago(30)})[0] == "ask_next_step"
    assert advice(**came | {"stage": "customer"})[0] == "ask_how_it_went"
    assert advice(**came | {"has_phone": False} | NO_CONSENT)[0] == "wait"


def test_only_an_appointment_of_the_next_days_is_prepared():
    left = {"last_form_abandoned_at": ago(1), **in_touch(2)}
    assert advice(next_appointment_at=ahead(2.9), **left)[0] == "prepare_appointment"
    assert advice(next_appointment_at=ahead(3.1), **left)[0] == "write"
    looks = {"price_looks": LOOKS, **in_touch(9)}
    assert advice(next_appointment_at=ahead(40), **looks)[0] == "send_offer"
    for days, words in ((0.1, "1 day"), (1.9, "2 days")):
        soon = next_action(replace(QUIET, next_appointment_at=ahead(days)))
        assert soon.reason == f"they have an appointment within {words}"


def test_nobody_offers_times_to_those_who_have_one():
    history = {"book_meeting": Outcome(300, 290), "call": Outcome(100, 1)}
    facts = {"stage": "engaged", **in_touch(2)}
    assert next_action(replace(QUIET, **facts), history).name == "book_meeting"
    booked = replace(QUIET, **facts, next_appointment_at=ahead(9))
    assert next_action(booked, history).name == "call"


def test_after_an_appointment_somebody_notes_whether_they_came():
    over = {"unclosed_appointment_at": ago(1), "last_booked_at": ago(5), "last_in_touch_at": ago(5)}
    chosen = next_action(replace(QUIET, **over))
    assert (chosen.name, chosen.channel) == ("note_attendance", "")
    assert chosen.reason == "their appointment was 1 day ago, and nobody noted whether they came"
    assert advice(**over | in_touch(0.5))[0] == "wait"
    assert advice(**over | {"unclosed_appointment_at": ago(15)})[0] != "note_attendance"


# Customers


def test_a_customer_is_asked_how_it_went_for_a_month_and_once():
    bought = {"stage": "customer", "stage_since": ago(900), "last_purchase_at": ago(5)}
    chosen = next_action(replace(QUIET, **bought, **in_touch(9)))
    assert (chosen.name, chosen.reason) == ("ask_how_it_went", "bought 5 days ago")
    assert advice(**bought, **in_touch(0.1))[0] == "wait"
    assert advice(**bought | {"last_purchase_at": ago(800)}, **in_touch(900))[0] == "wait"
    by_hand = next_action(replace(QUIET, stage="customer", stage_since=ago(2)))
    assert by_hand.reason == "became a customer 2 days ago"
    assert advice(**bought, has_phone=False, **NO_CONSENT)[0] == "wait"


def test_a_customer_who_looks_at_prices_again_is_made_an_offer():
    bought = {"stage": "customer", "last_purchase_at": ago(200), **in_touch(200)}
    assert advice(**bought, price_looks=LOOKS)[0] == "send_offer"
    assert advice(**bought | {"last_purchase_at": ago(1)}, price_looks=LOOKS)[0] != "send_offer"


# The channel


def test_a_reply_is_answered_where_they_wrote():
    assert advice(**replied(1, "sms")) == ("answer", "sms")
    assert advice(**replied(1, "email")) == ("answer", "email")
    assert advice(**replied(1, "email"), has_email=False) == ("answer", "phone")
    assert advice(**replied(1, "sms"), **NO_CONSENT) == ("answer", "sms")
    assert advice(**replied(1, "sms"), has_phone=False) == ("answer", "email")
    assert advice(**replied(1, "sms"), has_phone=False, **NO_CONSENT)[0] == "wait"


def test_who_takes_consent_back_is_not_written_to_there():
    stop = {"may_text": False, "text_refused_at": ago(0.5)}
    assert advice(**replied(1, "sms"), **stop) == ("answer", "phone")
    asks_anew = {"may_text": False, "text_refused_at": ago(9)}
    assert advice(**replied(1, "sms"), **asks_anew) == ("answer", "sms")


def test_what_somebody_asked_for_is_answered_without_consent():
    alone = {"has_phone": False, **NO_CONSENT}
    assert advice(**alone)[0] == "wait"
    asked = next_action(replace(QUIET, **alone, last_asked_at=ago(6)))
    assert (asked.name, asked.channel) == ("write", "email")
    assert asked.reason == "they left their details 6 days ago, and nobody has been in touch yet"
    assert advice(**alone, price_looks=LOOKS)[0] == "wait"
    assert advice(**alone, price_looks=LOOKS, last_asked_at=ago(6)) == ("send_offer", "email")
    assert advice(**alone, last_asked_at=ago(6), email_refused_at=ago(5))[0] == "wait"
    assert advice(may_email=False, has_phone=True, last_asked_at=ago(6)) == ("text", "sms")


def test_without_consent_an_offer_is_made_by_phone():
    assert advice(price_looks=LOOKS, **NO_CONSENT) == ("call", "phone")  # nobody was in touch
    assert advice(price_looks=LOOKS, **in_touch(9), **NO_CONSENT) == ("send_offer", "phone")


def test_who_does_not_answer_calls_is_reached_another_way():
    tried = {"unanswered_calls": 3, "last_unanswered_at": ago(1)}
    assert advice(last_missed_at=ago(2), **tried) == ("rebook", "email")
    assert advice(last_missed_at=ago(2), **tried, has_email=False, may_text=False)[1] == "phone"


# Whatever is known


ASKED = {
    "answer": "last_reply_at",
    "rebook": ("last_missed_at", "last_cancelled_at"),
    "write": "last_asked_at",
    "send_offer": "last_asked_at",
}
history = st.none() | st.dictionaries(
    st.sampled_from(sorted(LEARNED)), st.just(Outcome(300, 100)), min_size=1
)


@given(ANY_LEAD, history)
def test_there_is_always_one_action_on_a_channel_that_is_known_and_agreed_to(facts, learned):
    chosen = next_action(facts, learned)
    assert chosen.reason
    assert chosen.label
    assert not re.search(r"_|\b0\.\d|None", chosen.reason)
    if chosen.channel == "phone":
        assert facts.has_phone
    elif chosen.channel:
        known, agreed, refused_at = {
            "email": (facts.has_email, facts.may_email, facts.email_refused_at),
            "sms": (facts.has_phone, facts.may_text, facts.text_refused_at),
        }[chosen.channel]
        assert known
        if not agreed:  # then only what they asked for themselves, and did not take back
            names = ASKED[chosen.name]
            asked = [getattr(facts, name) for name in ([names] if type(names) is str else names)]
            newest = max(at for at in asked if at)
            assert refused_at is None or refused_at < newest
            assert chosen.name != "answer" or chosen.channel == facts.last_reply_channel
            assert chosen.name == "answer" or chosen.channel == "email"


@given(ANY_LEAD, history, st.floats(0, 0.9))
def test_right_after_a_contact_nothing_of_before_is_to_be_done(facts, learned, days):
    at = ago(days)
    before = {
        name: min(when, at)
        for name in PASTS
        if (when := getattr(facts, name)) and name not in ("last_contact_at", "last_in_touch_at")
    }
    looks = tuple(min(look, at) for look in facts.price_looks)
    silence = facts.last_silence and Silence(facts.last_silence.begun_at, ago(days + 1))
    done = replace(facts, **before, **in_touch(days), price_looks=looks, last_silence=silence)
    done = replace(done, unanswered_calls=0, last_unanswered_at=None)
    chosen = next_action(done, learned)
    assert chosen.name in DONE, chosen
