import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.contact.contact_form import (
    DEFAULT_STEPS,
    FormError,
    next_step,
    should_show,
    steps_from_json,
)
from app.domain.scoring.rules import DEFAULT_RULE_SET, RuleSet

NAMES = sorted({field.name for step in DEFAULT_STEPS for field in step.fields})


@pytest.mark.parametrize(
    ("score", "kind", "count", "show"),
    [
        (60, "ai_recommendation", 1, True),
        (59, "ai_recommendation", 1, False),
        (80, "face_analysis", 1, True),
        (79, "face_analysis", 1, False),
        (70, "cost_calculator", 1, True),
        (69, "cost_calculator", 1, False),
        (90, "appointment_booked", 1, True),
        (89, "appointment_booked", 1, False),
        (0, "ai_recommendation", 2, False),
        (0, "ai_recommendation", 3, True),
        (100, "search", 0, False),
        (0, "search", 3, True),
    ],
)
def test_the_form_shows_at_the_threshold_or_the_third_high_intent_act(score, kind, count, show):
    assert should_show(score, kind, count, False, False).show is show


@pytest.mark.parametrize(
    ("dismissed", "completed", "reasons"),
    [
        (True, False, ("dismissed in this session",)),
        (False, True, ("form completed",)),
        (True, True, ("form completed", "dismissed in this session")),
    ],
)
def test_a_dismissed_or_completed_form_stays_away_and_says_why(dismissed, completed, reasons):
    decision = should_show(100, "face_analysis", 9, dismissed, completed)
    assert (decision.show, decision.reasons) == (False, reasons)


def test_the_decision_says_why():
    assert should_show(85, "cost_calculator", 3, False, False).reasons == (
        "score 85 reaches 70, the threshold of cost_calculator",
        "3 high-intent interactions",
    )
    assert should_show(12, "cost_calculator", 1, False, False).reasons == (
        "score 12 is below 70, the threshold of cost_calculator",
    )


def test_thresholds_and_the_limit_belong_to_the_rule_set():
    lenient = RuleSet(thresholds={"search": 5}, high_intent_limit=1)
    assert should_show(5, "search", 0, False, False, lenient).show
    assert should_show(0, "search", 1, False, False, lenient).show
    assert not should_show(5, "search", 1, False, False, DEFAULT_RULE_SET).show


def asked(known):
    step = next_step(DEFAULT_STEPS, known)
    return [field.name for field in step.asked] if step else None


@pytest.mark.parametrize(
    ("known", "fields"),
    [
        (set(), ["email", "phone"]),
        ({"email"}, ["first_name", "last_name", "phone"]),
        ({"phone"}, ["first_name", "last_name"]),
        ({"email", "first_name", "phone"}, ["last_name"]),
        ({"email", "phone", "first_name", "last_name"}, ["budget", "urgency", "preferred_time"]),
        (set(NAMES) - {"notes"}, ["notes"]),
        (set(NAMES), None),
    ],
)
def test_each_step_asks_only_what_is_still_unknown(known, fields):
    assert asked(known) == fields


def test_the_first_step_requires_a_way_to_reach_the_visitor_and_offers_consents():
    step = next_step(DEFAULT_STEPS, set())
    assert step.require_any == ("email", "phone")
    consents = [field.name for field in step.fields if field.kind == "consent"]
    assert consents == ["consent_email", "consent_sms"]


@given(st.sets(st.sampled_from(NAMES)))
def test_no_step_asks_what_is_known_nor_more_than_three_things(known):
    step = next_step(DEFAULT_STEPS, known)
    if step is None:
        assert known & {"email", "phone"}
    else:
        assert not known & {field.name for field in step.fields}
        assert 1 <= len(step.asked) <= 3


@given(st.sets(st.sampled_from(NAMES)))
def test_answering_step_after_step_comes_to_an_end(known):
    for _ in range(len(DEFAULT_STEPS)):
        if step := next_step(DEFAULT_STEPS, known):
            known = known | {field.name for field in step.fields}
    assert next_step(DEFAULT_STEPS, known) is None


EMAIL = {"name": "email", "label": "E-mail", "kind": "email"}
FIRST = {"name": "a", "title": "A", "fields": [EMAIL], "require_any": ["email"]}
CONSENT = EMAIL | {"name": "c", "kind": "consent"}


@pytest.mark.parametrize(
    ("steps", "field"),
    [
        ([], "steps.0.require_any"),
        ([FIRST | {"require_any": []}], "steps.0.require_any"),
        ([FIRST | {"require_any": ["phone"]}], "steps.0.require_any"),
        ([FIRST | {"title": ""}], "steps.0.title"),
        ([FIRST | {"fields": [EMAIL, EMAIL]}], "steps.0.fields"),
        ([FIRST, FIRST | {"fields": [CONSENT], "require_any": []}], "steps.1.fields"),
        ([FIRST | {"fields": [EMAIL | {"kind": "file"}]}], "steps.0.fields.0.kind"),
        ([FIRST | {"fields": [EMAIL | {"kind": "choice"}]}], "steps.0.fields.0.options"),
        (
            [FIRST | {"fields": [EMAIL, *(EMAIL | {"name": n} for n in "xyz")]}],
            "steps.0.fields",
        ),
        ("steps", "steps"),
    ],
)
def test_bad_steps_are_refused_by_path(steps, field):
    with pytest.raises(FormError) as refused:
        steps_from_json(steps)
    assert field in refused.value.fields
