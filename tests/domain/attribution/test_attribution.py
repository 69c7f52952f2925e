from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.attribution.attribution import (
    HEURISTIC,
    MODELS,
    SHORTEST_HALF_LIFE,
    AttributionError,
    AttributionRules,
    Touch,
    attribute,
    credit,
    summary,
    touches_before,
)
from app.domain.validation import Invalid

START = datetime(2025, 1, 1, tzinfo=UTC)


def day(number):
    return START + timedelta(days=number)


def touches(*days):
    return [Touch(day(number)) for number in days]


def weights(model, *days, opportunity=None, **kw):
    when = None if opportunity is None else day(opportunity)
    shares = attribute(touches(*days), model, day(max(days)), opportunity_at=when, **kw)
    return [str(weight) for weight in shares]


@pytest.mark.parametrize(
    ("model", "count", "expected"),
    [
        ("first_touch", 3, ["1.000000", "0.000000", "0.000000"]),
        ("last_touch", 3, ["0.000000", "0.000000", "1.000000"]),
        ("linear", 4, ["0.250000"] * 4),
        ("linear", 3, ["0.333334", "0.333333", "0.333333"]),
        ("u_shaped", 2, ["0.500000", "0.500000"]),
        ("u_shaped", 3, ["0.400000", "0.200000", "0.400000"]),
        ("u_shaped", 4, ["0.400000", "0.100000", "0.100000", "0.400000"]),
        ("u_shaped", 5, ["0.400000", "0.066667", "0.066667", "0.066666", "0.400000"]),
    ],
)
def test_the_models_share_credit_by_place(model, count, expected):
    assert weights(model, *range(count)) == expected


@pytest.mark.parametrize("model", MODELS)
def test_a_single_touch_gets_everything(model):
    assert weights(model, 3, opportunity=3) == ["1.000000"]


def test_time_decay_halves_credit_with_every_half_life():
    assert weights("time_decay", 0, 7) == ["0.333333", "0.666667"]
    daily = AttributionRules(half_life_days=Decimal(1))
    assert weights("time_decay", 0, 1, rules=daily) == ["0.333333", "0.666667"]
    assert weights("time_decay", 0, 7, 14) == ["0.142857", "0.285714", "0.571429"]


def test_time_decay_does_not_depend_on_how_long_the_conversion_waited():
    early = attribute(touches(0, 7), "time_decay", day(7))
    assert attribute(touches(0, 7), "time_decay", day(100_000)) == early


@pytest.mark.parametrize(
    ("days", "opportunity", "expected"),
    [
        ((0, 1, 2), 1, ["0.333334", "0.333333", "0.333333"]),
        ((0, 1, 2, 3), 1.5, ["0.300000", "0.300000", "0.100000", "0.300000"]),
        ((0, 1, 2, 3, 4), 2, ["0.300000", "0.050000", "0.300000", "0.050000", "0.300000"]),
        ((0, 1, 2, 3), None, ["0.400000", "0.100000", "0.100000", "0.400000"]),
        ((0, 1, 2, 3), -1, ["0.400000", "0.100000", "0.100000", "0.400000"]),
        ((0, 1, 2, 3), 0.5, ["0.400000", "0.100000", "0.100000", "0.400000"]),
        ((0, 1, 2, 3), 9, ["0.400000", "0.100000", "0.100000", "0.400000"]),
        ((0, 1), 0, ["0.500000", "0.500000"]),
    ],
)
def test_w_shaped_favours_the_last_touch_before_the_opportunity(days, opportunity, expected):
    assert weights("w_shaped", *days, opportunity=opportunity) == expected


@st.composite
def any_rules(draw):
    u_first, w_first = draw(st.integers(1, 99)), draw(st.integers(1, 98))
    w_opportunity = draw(st.integers(1, 99 - w_first))
    return AttributionRules(
        half_life_days=draw(st.decimals(SHORTEST_HALF_LIFE, 3650, places=1)),
        u_first=u_first,
        u_last=draw(st.integers(1, 100 - u_first)),
        w_first=w_first,
        w_opportunity=w_opportunity,
        w_last=draw(st.integers(1, 100 - w_first - w_opportunity)),
    )


@given(
    st.sampled_from(list(MODELS)),
    st.lists(st.floats(0, 5000), min_size=1, max_size=60),
    st.none() | st.floats(-10, 5010),
    any_rules(),
)
def test_weights_are_never_negative_and_sum_to_exactly_one(model, days, opportunity, rules):
    path = touches(*sorted(days))
    when = None if opportunity is None else day(opportunity)
    shared = attribute(path, model, day(5000), rules, when)
    assert len(shared) == len(path)
    assert sum(shared) == 1
    assert min(shared) >= 0


@given(any_rules(), any_rules())
def test_rules_survive_json_and_tell_which_models_they_change(rules, other):
    assert AttributionRules.from_json(rules.to_json()) == rules
    path, when = touches(0, 1, 2.5, 4, 9), day(3)
    for model in set(HEURISTIC) - set(rules.changed_models(other)):
        assert attribute(path, model, day(9), rules, when) == attribute(
            path, model, day(9), other, when
        )


def test_the_peaks_of_the_u_and_the_w_shaped_are_the_rules():
    rules = AttributionRules(u_first=50, u_last=30, w_first=20, w_opportunity=60, w_last=10)
    assert weights("u_shaped", 0, 1, 2, rules=rules) == ["0.500000", "0.200000", "0.300000"]
    assert weights("u_shaped", 0, 1, rules=rules) == ["0.625000", "0.375000"]
    shared = weights("w_shaped", 0, 1, 2, 3, opportunity=1.5, rules=rules)
    assert shared == ["0.200000", "0.600000", "0.100000", "0.100000"]


def test_the_models_describe_the_rules_they_share_by():
    usual, own = AttributionRules(), AttributionRules(Decimal("2.5"), u_first=50, u_last=20)
    assert MODELS["time_decay"].described(usual) == "Credit halves with every 7 days back"
    assert MODELS["time_decay"].described(own) == "Credit halves with every 2.5 days back"
    assert MODELS["u_shaped"].described(own) == "50% first, 20% last, 30% the others"
    assert "30% opportunity" in MODELS["w_shaped"].described(own)


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({"half_life_days": 0}, "half_life_days"),
        ({"half_life_days": -7}, "half_life_days"),
        ({"half_life_days": "seven"}, "half_life_days"),
        ({"u_first": 0}, "u_first"),
        ({"u_first": 40.5}, "u_first"),
        ({"u_first": 61}, "u_last"),
        ({"w_opportunity": 41}, "w_last"),
        ({"w_middle": 1}, "w_middle"),
    ],
)
def test_rules_that_leave_nothing_to_share_by_are_refused(data, field):
    with pytest.raises(Invalid) as refused:
        AttributionRules.from_json(data)
    assert list(refused.value.fields) == [field]


def test_without_touches_there_is_nothing_to_attribute():
    with pytest.raises(AttributionError, match="no touches"):
        attribute([], "linear", START)


def test_an_unknown_model_is_told_the_known_ones():
    with pytest.raises(AttributionError) as refused:
        attribute(touches(0), "magic", START)
    assert all(name in str(refused.value) for name in MODELS)
    assert len(MODELS) == 8


@pytest.mark.parametrize("days", [(1, 0), (0, 9)])
def test_touches_out_of_order_or_after_the_conversion_are_refused(days):
    with pytest.raises(AttributionError, match="ordered"):
        attribute(touches(*days), "linear", day(5))


def test_touches_after_the_conversion_are_left_out_and_the_rest_ordered():
    kept = touches_before(touches(4, 2, 1, 3.5, 3), day(3))
    assert [touch.at for touch in kept] == [day(1), day(2), day(3)]


@given(
    st.decimals(0, 10**9, places=2),
    st.lists(st.floats(0, 1000), min_size=1, max_size=20).map(sorted),
)
def test_credit_shares_the_value_to_the_cent(value, days):
    shared = credit(value, attribute(touches(*days), "time_decay", day(1000)))
    assert sum(shared) == value
    assert all(part >= 0 for part in shared)


def test_credit_follows_the_weights():
    assert credit(Decimal(5000), [Decimal("0.4"), Decimal("0.2"), Decimal("0.4")]) == [
        Decimal(2000),
        Decimal(1000),
        Decimal(2000),
    ]


def test_the_models_that_learn_share_by_what_channels_are_worth():
    channels = ("email", "ads", "email", "direct")
    path = [Touch(day(n), channel=channel) for n, channel in enumerate(channels)]
    worth = {"email": 0.6, "ads": 0.2, "phone": 0.9}
    for model in ("markov", "shapley"):
        given = attribute(path, model, day(9), worth=worth)
        assert [str(w) for w in given] == ["0.375000", "0.250000", "0.375000", "0.000000"]
        assert attribute(path, model, day(9)) == [Decimal("0.250000")] * 4
    assert tuple(MODELS)[:6] == HEURISTIC


def test_a_summary_names_the_span_and_the_touches_with_the_most_credit():
    path = touches(0, 3, 9)
    told = summary(path, attribute(path, "u_shaped", day(9)))
    assert told == {
        "total_touchpoints": 3,
        "journey_duration_days": 9.0,
        "avg_hours_between_touches": 108.0,
        "primary": 0,
        "secondary": 2,
    }
    alone = summary(touches(4), [Decimal(1)])
    assert (alone["avg_hours_between_touches"], alone["secondary"]) == (None, None)
