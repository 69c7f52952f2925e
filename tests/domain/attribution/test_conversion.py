"""Which purchase is which of the sales that somebody told of."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.attribution.conversion import SAME_SALE, same_sales
from tests.conftest import NOW

DAY = timedelta(days=1)


def day(number):
    return NOW + number * DAY


@pytest.mark.parametrize(
    ("told", "bought", "same"),
    [
        ({0: 50}, {1: 50}, {0: 1}),
        ({0: 50}, {-7: 50}, {0: -7}),
        ({0: 50}, {8: 50}, {}),
        ({0: 50}, {1: 60}, {}),
        ({0: 50}, {1: 0}, {0: 1}),
        ({0: 0}, {1: 50}, {0: 1}),
        ({0: 50, 3: 50}, {4: 50}, {3: 4}),
        ({0: 50, 3: 0}, {4: 50}, {0: 4}),
        ({0: 50}, {1: 50, 2: 50}, {0: 1}),
        ({0: 50, 1: 50}, {2: 50, 3: 50}, {1: 2, 0: 3}),
        ({}, {1: 50}, {}),
    ],
)
def test_it_is_the_nearest_of_that_value_within_a_week(told, bought, same):
    told, bought = ({day(n): value for n, value in each.items()} for each in (told, bought))
    assert same_sales(told, bought) == {day(a): day(b) for a, b in same.items()}


sales = st.dictionaries(st.integers(-20, 20).map(day), st.sampled_from((0, 50, 60)), max_size=6)


@given(sales, sales)
def test_no_sale_and_no_purchase_is_the_same_as_two(told, bought):
    found = same_sales(told, bought)
    assert len(set(found.values())) == len(found)
    assert found.keys() <= told.keys()
    assert set(found.values()) <= bought.keys()
    for when, at in found.items():
        assert abs(when - at) <= SAME_SALE
        assert told[when] == bought[at] or 0 in (told[when], bought[at])
