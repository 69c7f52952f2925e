from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.attribution import (
    HEURISTIC,
    MODELS,
    AttributionError,
    Touch,
    attribute,
    credit,
    summary,
    touches_before,
)

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
    assert weights("time_decay", 0, 1, half_life_days=1) == ["0.333333", "0.666667"]
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


@given(
    st.sampled_from(list(MODELS)),
    st.lists(st.floats(0, 5000), min_size=1, max_size=60),
    st.none() | st.floats(-10, 5010),
    st.floats(0.01, 400),
)
def test_weights_are_never_negative_and_sum_to_exactly_one(model, days, opportunity, half_life):
    path = touches(*sorted(days))
    when = None if opportunity is None else day(opportunity)
    shared = attribute(path, model, day(5000), half_life, when)
    assert len(shared) == len(path)
    assert sum(shared) == 1
    assert min(shared) >= 0


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


@pytest.mark.parametrize("half_life", [0, -7])
def test_a_half_life_must_be_above_zero(half_life):
    with pytest.raises(AttributionError, match="half-life"):
        attribute(touches(0), "time_decay", START, half_life)


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
