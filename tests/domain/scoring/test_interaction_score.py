from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.score import total_of
from app.domain.scoring.interaction_score import engagement_level, score_interaction
from app.domain.scoring.rules import DEFAULT_RULE_SET, Rule, RuleSet
from tests.domain.scoring.test_rules import anything, rule_sets


def facts(kind, earlier=0, engaged=0, sessions=1, **interaction):
    return {
        "interaction": {"type": kind, **interaction},
        "session": {"engaged_seconds": engaged},
        "visitor": {"earlier_high_intent": earlier, "sessions": sessions},
    }


@pytest.mark.parametrize(
    ("given_facts", "points"),
    [
        (facts("ai_recommendation"), 60),
        (facts("face_analysis"), 80),
        (facts("cost_calculator"), 70),
        (facts("appointment_booked"), 90),
        (facts("search"), 0),
        (facts("ai_recommendation", budget="high", earlier=1), 85),
        (facts("cost_calculator", procedures=["botox", "laser"]), 85),
        (facts("cost_calculator", procedures=["botox"]), 70),
        (facts("face_analysis", urgency="immediate", budget="high"), 100),
        (facts("ai_recommendation", engaged=299), 60),
        (facts("ai_recommendation", engaged=300), 75),
        (facts("ai_recommendation", sessions=2), 70),
        (facts("ai_recommendation", earlier=3), 75),
        (facts("ai_recommendation", budget="medium", urgency="this_month"), 60),
        (facts("cost_calculator", budget=10**400, procedures=10**400), 85),
    ],
)
def test_the_default_rules_score_interactions(given_facts, points):
    assert score_interaction(given_facts).points == points


def test_the_score_names_the_rules_that_fired_and_why():
    score = score_interaction(facts("cost_calculator", earlier=2, procedures=["a", "b"]))
    told = [(part.name, part.points, part.detail) for part in score.contributions]
    assert told == [
        ("Cost calculator used", 70, "cost_calculator"),
        ("More than one procedure", 15, "2 procedures"),
        ("Each earlier high-intent interaction", 10, "2 × 5"),
    ]


def test_the_cap_is_a_contribution():
    score = score_interaction(facts("face_analysis", urgency="immediate", budget="high"))
    assert [part.points for part in score.contributions] == [80, 20, 25, -25]


def test_units_are_counted_up_to_their_cap():
    rule = Rule("a", "A", "bonus", 5, per_unit="visitor.earlier_high_intent", unit_cap=2)
    assert score_interaction(facts("x", earlier=9), RuleSet(rules=(rule,))).points == 10


def test_rules_that_are_switched_off_do_not_fire():
    off = tuple(replace(rule, active=False) for rule in DEFAULT_RULE_SET.rules)
    assert score_interaction(facts("face_analysis"), RuleSet(rules=off)).contributions == ()


def test_rules_are_told_in_the_order_of_their_positions():
    late, early = (
        Rule("l", "Late", "base", 1, position=9),
        Rule("e", "Early", "base", 2, position=1),
    )
    score = score_interaction(facts("x"), RuleSet(rules=(late, early)))
    assert [part.name for part in score.contributions] == ["Early", "Late"]


@pytest.mark.parametrize(
    ("points", "level"),
    [(0, "low"), (39, "low"), (40, "medium"), (69, "medium"), (70, "high"), (100, "high")],
)
def test_engagement_levels_begin_at_40_and_70(points, level):
    assert engagement_level(points) == level


@given(
    rule_sets(), st.dictionaries(st.sampled_from(["interaction", "session", "visitor"]), anything)
)
def test_any_facts_score_within_the_cap_and_sum_up(rule_set, given_facts):
    score = score_interaction(given_facts, rule_set)
    assert 0 <= score.points <= rule_set.cap
    assert total_of(score.contributions) == score.points
