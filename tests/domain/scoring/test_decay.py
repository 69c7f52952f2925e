from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.scoring.decay import MODES, DecayRules, decay


@pytest.mark.parametrize(
    ("rules", "days", "lost"),
    [
        (DecayRules(), None, "0"),
        (DecayRules(), 0, "0"),
        (DecayRules(), 0.99, "0"),
        (DecayRules(), 1, "0.10"),
        (DecayRules(), 45.7, "4.50"),
        (DecayRules(), -3, "0"),
        (DecayRules(), 10_000, "80"),
        (DecayRules(rate=Decimal("0.5")), 10, "5"),
        (DecayRules("exponential", half_life_days=Decimal(30)), 30, "40"),
        (DecayRules("exponential", half_life_days=Decimal(30)), 60, "60"),
        (DecayRules("none"), 500, "0"),
    ],
)
def test_silence_takes_points_by_whole_days(rules, days, lost):
    assert decay(Decimal(80), days, rules) == Decimal(lost)


@given(
    st.sampled_from(list(MODES)),
    st.decimals(0, 100, places=2),
    st.none() | st.floats(-10, 1e5),
    st.decimals(0, 100, places=2),
    st.decimals("0.1", 3650, places=1),
)
def test_decay_never_takes_more_than_there_is(mode, points, days, rate, half_life):
    assert 0 <= decay(points, days, DecayRules(mode, rate, half_life)) <= points
