from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.tools.calculator import Calculator, budgets
from app.domain.tools.cost import BUDGETS, CostError

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=6,
)
STEP = "discounts.sessions.0.at_least"
names = st.sampled_from([*Calculator().to_json(), "other"])


def test_settings_survive_json():
    own = Calculator(months=(3, 24), yearly_percent=Decimal("4.9"), prefix="LUM", terms="")
    assert Calculator.from_json(own.to_json()) == own
    assert Calculator.from_json({}) == Calculator()


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({"months": [12, 6]}, "months"),
        ({"months": [6, 6]}, "months"),
        ({"months": 12}, "months"),
        ({"months": [True, 3]}, "months"),
        ({"yearly_percent": 101}, "yearly_percent"),
        ({"valid_days": 0}, "valid_days"),
        ({"prefix": "ab"}, "prefix"),
        ({"prefix": "A\nB"}, "prefix"),
        ({"colour": "#0F6B70"}, "colour"),
        ({"low_to": 2, "high_from": 1}, "high_from"),
        ({"discounts": {"sessions": [{"at_least": 1, "percent": 5}]}}, STEP),
        ({"discounts": []}, "discounts.data"),
        ({"terms": 7}, "terms"),
        ({"other": 1}, "other"),
    ],
)
def test_what_cannot_be_used_is_refused_by_path(data, field):
    with pytest.raises(CostError) as refused:
        Calculator.from_json(data)
    assert list(refused.value.fields) == [field]


def read(data):
    """The settings, or what is wrong with them."""
    try:
        return Calculator.from_json(data)
    except CostError as error:
        return error.fields


@given(st.dictionaries(names, anything))
def test_whatever_comes_is_settings_or_a_named_problem(data):
    told = read(data)
    assert told == read(told.to_json()) if isinstance(told, Calculator) else told


def test_budgets_keep_their_keys_and_are_labelled_in_the_currency():
    assert budgets(Calculator(), "CHF") == {
        "low": "Up to CHF 500",
        "medium": "CHF 500 to CHF 2,000",
        "high": "CHF 2,000 and more",
    }
    assert budgets(Calculator(), "EUR").keys() == BUDGETS.keys()
