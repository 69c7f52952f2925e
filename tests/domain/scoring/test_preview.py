"""Counting two versions of rules against each other."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from app.domain.scoring.interaction_score import held, points_by_rule, score_interaction
from app.domain.scoring.preview import MOST_NAMED, Levels, Preview
from app.domain.scoring.rules import DEFAULT_RULES, RuleSet
from tests.operations.scoring.test_publish_rules import rule_sets

pairs = st.lists(st.tuples(st.integers(0, 100), st.integers(0, 100)), max_size=80)
facts = st.fixed_dictionaries(
    {
        "interaction": st.fixed_dictionaries(
            {
                "type": st.sampled_from(("face_analysis", "cost_calculator", "search")),
                "procedures": st.lists(st.sampled_from(("peel", "botox")), max_size=4),
                "budget": st.sampled_from(("low", "high", None)),
                "urgency": st.sampled_from(("immediate", None)),
            }
        ),
        "session": st.fixed_dictionaries({"engaged_seconds": st.integers(0, 600)}),
        "visitor": st.fixed_dictionaries(
            {"sessions": st.integers(1, 4), "earlier_high_intent": st.integers(0, 9)}
        ),
    }
)


def level(score: int) -> int:
    return (score >= 40) + (score >= 70)


def counted(scores) -> Preview:
    preview = Preview(Levels(("low", "medium", "high"), level, level))
    for place, (before, after) in enumerate(scores):
        preview.take_act(before, after)
        preview.take_person(before, after, (place,))
        preview.take_outcome("lead", before, after, place % 3 == 0)
    return preview


@given(scores=pairs)
def test_everybody_is_counted_once(scores):
    told = counted(scores).to_json()
    assert told["acts"] == told["people"] == len(scores)
    assert sum(sum(row) for row in told["moves"]) == len(scores)
    assert [sum(row[side] for row in told["scores"]) for side in (1, 2)] == 2 * [len(scores)]
    assert told["changed_acts"] == sum(a != b for a, b in scores)
    lead = told["ranking"]["lead"]
    assert lead["positives"] + lead["negatives"] == len(scores)


@given(scores=st.lists(st.integers(0, 100)))
def test_the_same_rules_twice_change_nothing(scores):
    told = counted([(score, score) for score in scores]).to_json()
    assert told["changed_acts"] == 0
    assert told["named"] == []
    assert told["means"][0] == told["means"][1]
    off = [told["moves"][a][b] for a in range(3) for b in range(3) if a != b]
    assert off == [0] * 6


@given(scores=pairs)
def test_the_most_changed_are_named_the_most_first(scores):
    named = counted(scores).to_json()["named"]
    wanted = sorted((abs(a - b) for a, b in scores if a != b), reverse=True)[:MOST_NAMED]
    assert [abs(before - after) for before, after, _ in named] == wanted
    assert all(scores[place] == (before, after) for before, after, place in named)


def test_what_is_remembered_does_not_grow_with_history():
    preview = counted((n % 101, n * 7 % 101) for n in range(20_000))
    assert len(preview.scores) <= 101 * 101
    assert len(preview.named) == MOST_NAMED


@given(rule_set=rule_sets, facts=facts)
def test_the_points_of_the_rules_come_to_the_score(rule_set, facts):
    fired = points_by_rule(facts, rule_set)
    assert held(sum(fired.values()), rule_set) == score_interaction(facts, rule_set).points


@given(order=st.permutations(range(10)), facts=facts)
def test_the_order_of_rules_changes_the_explanation_and_never_the_score(order, facts):
    rules = tuple(DEFAULT_RULES[place] for place in order)
    moved = RuleSet.from_json(
        {"rules": [rule.to_json() | {"position": n} for n, rule in enumerate(rules)]}
    )
    told, usual = score_interaction(facts, moved), score_interaction(facts)
    assert told.points == usual.points
    assert Counter(part.name for part in told.contributions) == Counter(
        part.name for part in usual.contributions
    )


@given(rule_set=rule_sets, other=rule_sets, facts=facts)
def test_rules_that_score_alike_give_the_same_points(rule_set, other, facts):
    assert rule_set.scores_like(rule_set)
    assert rule_set.scores_like(RuleSet.from_json(rule_set.to_json() | {"version": 9}))
    if rule_set.scores_like(other):
        assert score_interaction(facts, rule_set).points == score_interaction(facts, other).points
