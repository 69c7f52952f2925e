from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.score import Contribution, Score, capped, round_half_up, total_of
from app.domain.validation import Invalid

points = st.one_of(
    st.integers(-500, 500),
    st.decimals(-500, 500, places=4),
    st.floats(-500, 500, allow_nan=False),
)
contributions = st.lists(st.builds(Contribution, st.text(max_size=8), points), max_size=12)


@pytest.mark.parametrize(
    ("value", "places", "rounded"),
    [
        (0.5, 0, 1),
        (1.5, 0, 2),
        (2.5, 0, 3),
        (-0.5, 0, -1),
        (77.45, 0, 77),
        (2.675, 2, Decimal("2.68")),
        (Decimal("10.005"), 2, Decimal("10.01")),
        (10**30, 0, 10**30),
    ],
)
def test_halves_are_rounded_up_whatever_the_parity(value, places, rounded):
    assert round_half_up(value, places) == rounded


def test_a_score_above_the_cap_says_what_the_cap_took():
    score = capped([Contribution("Face", 80), Contribution("Urgent", 25)])
    assert score.points == 100
    assert score.contributions[-1] == Contribution("Cap at 100", -5)


def test_a_score_below_the_floor_says_what_the_floor_gave():
    score = capped([Contribution("Penalty", -30)])
    assert (score.points, score.contributions[-1]) == (0, Contribution("Floor at 0", 30))


def test_a_score_within_the_limits_is_left_alone():
    parts = (Contribution("A", 60), Contribution("B", 40))
    assert capped(parts) == Score(100, parts)


@given(contributions)
def test_contributions_sum_to_the_points_which_stay_within_0_and_100(parts):
    score = capped(parts)
    assert total_of(score.contributions) == score.points
    assert 0 <= score.points <= 100


@given(st.lists(st.builds(Contribution, st.text(), st.decimals(-500, 500, places=6))))
def test_a_score_survives_json(parts):
    score = capped(parts)
    assert Score.from_json(score.to_json()) == score


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), "5", None, True])
def test_points_must_be_finite_numbers(bad):
    with pytest.raises(ValueError, match="points"):
        Contribution("x", bad)


def test_json_whose_contributions_do_not_sum_to_the_points_is_refused():
    with pytest.raises(Invalid, match="sum"):
        Score.from_json({"points": 9, "contributions": [{"name": "a", "points": 8}]})
