"""What measures mean: levels, how sure they are, and which treatments answer them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.tools.skin import (
    BY_KEY,
    CONCERNS,
    LEVELS,
    MEASURES,
    Offer,
    fits,
    in_short,
    level_of,
    offered,
    read,
)

IPL = Offer("ipl", ("Pigmentation", "Redness", "rosacea"))
PEEL = Offer("peel", ("acne", "acne scars", "oily skin"))
NEEDLES = Offer("needles", ("acne scars", "large pores"))
OFFERS = [IPL, PEEL, NEEDLES]


def concern(key):
    return next(each for each in CONCERNS if each.key == key)


@pytest.mark.parametrize(
    ("value", "level", "perhaps"),
    [
        (-3, "low", None),
        (0.4, "low", None),
        (0.5, "low", "medium"),
        (1.9, "low", "medium"),
        (2.0, "medium", "low"),
        (4.0, "medium", None),
        (4.5, "medium", "high"),
        (6.0, "high", "medium"),
        (9.0, "high", None),
    ],
)
def test_a_level_says_which_other_lies_within_the_noise(value, level, perhaps):
    (reading,) = read({"redness": value})
    assert (reading.level, reading.perhaps) == (level, perhaps)


@given(st.sampled_from(MEASURES), st.floats(-100, 200), st.floats(0, 50))
def test_more_is_never_a_lower_level(measure, value, more):
    levels = [LEVELS.index(level_of(measure, each)) for each in (value, value + more)]
    assert levels[0] <= levels[1]


@given(st.dictionaries(st.sampled_from([*BY_KEY, "beauty"]), st.floats(-20, 120)))
def test_readings_come_in_one_order_each_with_its_words(values):
    readings = read(values)
    assert [r.measure for r in readings] == [m for m in MEASURES if m.key in values]
    assert all(reading.says for reading in readings)


def test_the_levels_fit_a_line():
    told = in_short({"redness": 3, "shine": 0})
    assert told == "Redness of the cheeks medium, shine low"


def test_concerns_are_offered_that_a_treatment_is_for():
    keys = {each.key for each in offered(CONCERNS, OFFERS)}
    assert {"redness", "scars", "shine", "large pores", "blemishes", "pigment spots"} == keys
    assert offered(CONCERNS, []) == []


def test_what_stands_first_in_a_treatment_fits_best():
    found = fits([], [concern("scars")], OFFERS)
    assert [fit.slug for fit in found] == ["needles", "peel"]
    assert found[0].reasons == ("you named scars",)


def test_a_measured_level_counts_and_a_low_one_does_not():
    assert fits(read({"redness": 0, "shine": 0}), [], OFFERS) == []
    (fit,) = fits(read({"redness": 8, "shine": 0}), [], OFFERS)
    assert (fit.slug, fit.reasons) == ("ipl", ("redness of the cheeks: high",))


def test_high_weighs_more_than_medium_and_named_more_than_measured():
    def points(readings, named=()):
        return fits(readings, named, [IPL])[0].points

    medium, high = points(read({"redness": 4})), points(read({"redness": 8}))
    assert medium < high < points([], [concern("redness")])


@given(
    st.lists(st.sampled_from(CONCERNS), unique=True),
    st.dictionaries(st.sampled_from(list(BY_KEY)), st.floats(-20, 120)),
    st.lists(st.sampled_from(OFFERS), unique=True),
)
def test_at_most_three_fit_each_once_and_with_a_reason(named, values, offers):
    found = fits(read(values), named, offers)
    assert len(found) <= 3
    assert len({fit.slug for fit in found}) == len(found)
    assert all(fit.reasons and fit.points > 0 for fit in found)
    assert [fit.points for fit in found] == sorted((fit.points for fit in found), reverse=True)
