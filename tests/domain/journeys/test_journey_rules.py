"""Weights and thresholds of journeys: kept, refused, and what they change."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.journeys.journey import (
    StageFlow,
    bottlenecks,
    churn_risk,
    engagement_score,
    is_high_risk,
    predicted_value,
    trend,
)
from app.domain.journeys.journey_rules import DEFAULT_JOURNEY_RULES, JourneyRules
from app.domain.validation import Invalid


@st.composite
def any_rules(draw):
    def weights():
        cuts = sorted(draw(st.tuples(st.integers(0, 100), st.integers(0, 100))))
        return cuts[0], cuts[1] - cuts[0], 100 - cuts[1]

    recency, frequency, diversity = weights()
    silence, way, little = weights()
    return JourneyRules(
        recency=recency,
        frequency=frequency,
        diversity=diversity,
        silence=silence,
        trend=way,
        little_engagement=little,
        recent_days=draw(st.integers(1, 3650)),
        silent_days=draw(st.integers(1, 3650)),
        trend_days=draw(st.integers(1, 3650)),
        high_risk=draw(st.integers(0, 100)),
        high_engagement=draw(st.integers(0, 100)),
        drop_off=draw(st.integers(0, 100)),
        fewest_won=draw(st.integers(1, 10_000)),
        enough_interactions=draw(st.integers(1, 10_000)),
        enough_channels=draw(st.integers(1, 100)),
        trend_least=draw(st.integers(1, 50)),
        rising=draw(st.integers(100, 1000)),
        falling=draw(st.integers(0, 100)),
    )


@given(any_rules())
def test_rules_survive_json(rules):
    assert JourneyRules.from_json(rules.to_json()) == rules
    assert JourneyRules.from_json({}) == DEFAULT_JOURNEY_RULES


@given(
    any_rules(),
    st.none() | st.floats(0, 5000),
    st.integers(0, 1000),
    st.integers(0, 50),
    st.integers(0, 50),
)
def test_by_any_rules_engagement_and_risk_stay_within_0_and_1(rules, days, acts, channels, before):
    engagement = engagement_score(days, acts, channels, rules)
    risk = churn_risk(days, trend(acts, before, rules), engagement, rules)
    for score in (engagement, risk):
        assert 0 <= score.points <= 1
        assert score.points == sum(part.points for part in score.contributions)


def test_each_number_changes_what_it_names():
    usual = DEFAULT_JOURNEY_RULES

    def engaged(**more):
        return engagement_score(15, 5, 2, replace(usual, **more)).points

    assert engaged() == Decimal("0.48")
    assert engaged(recent_days=60) == Decimal("0.58")
    assert engaged(enough_interactions=5) == Decimal("0.68")
    assert engaged(enough_channels=2) == Decimal("0.6")
    assert engaged(recency=60, frequency=20) == Decimal("0.48")
    assert engaged(recency=0, diversity=60) == Decimal("0.44")

    def way(recent, before, **more):
        return trend(recent, before, replace(usual, **more))

    assert (way(11, 10), way(11, 10, rising=105)) == ("stable", "increasing")
    assert (way(9, 10), way(9, 10, falling=95)) == ("stable", "declining")
    assert (way(2, 0), way(2, 0, trend_least=2)) == ("stable", "increasing")

    lively = engagement_score(0, 10, 5)

    def risk(**more):
        return churn_risk(45, "stable", lively, replace(usual, **more)).points

    assert (risk(), risk(silent_days=45)) == (Decimal("0.425"), Decimal("0.725"))
    assert risk(silence=20, trend=65) == Decimal("0.425")
    assert risk(silence=80, trend=5) == Decimal("0.425")
    assert predicted_value(0.5, 29, 2900).value is None
    assert predicted_value(0.5, 29, 2900, rules=replace(usual, fewest_won=29)).value == 50
    stood = [StageFlow("new", 100, 75), StageFlow("customer", 75, 75)]
    assert bottlenecks(stood) == []
    [found] = bottlenecks(stood, rules=replace(usual, drop_off=24))
    assert (found.stage, found.lost, found.enough) == ("new", 25, True)
    assert not is_high_risk(Decimal("0.5"))
    assert is_high_risk(Decimal("0.5"), replace(usual, high_risk=49))


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({"recency": 41}, "diversity"),
        ({"silence": 0}, "little_engagement"),
        ({"recent_days": 0}, "recent_days"),
        ({"enough_channels": 0}, "enough_channels"),
        ({"trend_days": 4000}, "trend_days"),
        ({"rising": 99}, "rising"),
        ({"falling": 101}, "falling"),
        ({"high_risk": "70"}, "high_risk"),
        ({"frequency": -1}, "frequency"),
        ({"luck": 5}, "luck"),
    ],
)
def test_bad_rules_are_refused_by_field(data, field):
    with pytest.raises(Invalid) as refused:
        JourneyRules.from_json(data)
    assert list(refused.value.fields) == [field]
