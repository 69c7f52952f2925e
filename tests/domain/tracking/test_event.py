"""What may be sent, how long, how old."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.tracking.event import (
    OLDEST,
    Dropped,
    check_data,
    check_engaged,
    place_in_time,
    text,
)

RECEIVED = 1_770_000_000_000


@given(st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(10**300), 10**300))
def test_no_clock_puts_an_event_in_the_future_or_before_the_last_day(at):
    occurred_at, clamped = place_in_time(at, RECEIVED)
    assert RECEIVED - OLDEST <= occurred_at <= RECEIVED
    assert clamped == (not -OLDEST <= int(at) <= 0)


@pytest.mark.parametrize("at", [float("nan"), float("inf"), float("-inf")])
def test_a_time_that_is_no_number_is_no_event(at):
    with pytest.raises(Dropped, match="invalid_event"):
        place_in_time(at, RECEIVED)


@pytest.mark.parametrize(("engaged", "kept"), [(None, None), (0, 0), (41.9, 41), (86_400, 86_400)])
def test_engaged_time_is_whole_seconds_up_to_a_day(engaged, kept):
    assert check_engaged(engaged) == kept


@pytest.mark.parametrize("engaged", [-1, -0.01, 86_401, float("inf"), float("nan")])
def test_engaged_time_out_of_range_is_dropped(engaged):
    with pytest.raises(Dropped) as dropped:
        check_engaged(engaged)
    assert dropped.value.reason == "invalid_engaged"


@given(st.text())
def test_text_is_collapsed_cut_and_free_of_nul(given_text):
    kept = text(given_text, 50)
    assert kept is None or (0 < len(kept) <= 50 and "\0" not in kept and "  " not in kept)


def test_data_may_be_four_deep_and_four_kibibytes():
    deep = {"a": {"b": {"c": [1]}}}
    assert check_data(deep, 20) == deep
    with pytest.raises(Dropped, match="data_too_deep"):
        check_data({"a": {"b": {"c": [[]]}}}, 20)
    with pytest.raises(Dropped, match="data_too_large"):
        check_data({"a": 1}, 4097)
    assert check_data({}, 2) is None


def test_nul_is_taken_out_of_data_wherever_it_hides():
    assert check_data({"a\0": ["b\0", {"c": "\0"}]}, 30) == {"a": ["b", {"c": ""}]}
