from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.tools.cost import CostError, Price
from app.domain.tools.financing import effective_percent, instalments, plan, plans

amounts = st.integers(0, 10**9)
months = st.integers(1, 120)
rates = st.decimals(0, 100, places=3)


def test_without_interest_the_price_is_spread_and_the_last_one_settles_the_cents():
    told = instalments(10_000, 12)
    assert (told.monthly, told.last) == (833, 837)
    assert (told.total, told.interest) == (10_000, 0)


@pytest.mark.parametrize(
    ("amount", "over", "rate", "monthly"),
    [
        # 1,000.00 over 12 months at 6 %: 1000 * 0.005 / (1 - 1.005^-12) = 86.0664...
        (100_000, 12, 6, 8_607),
        # 20,000.00 over 60 months at 5 %: 377.42 (a figure that loan tables print)
        (2_000_000, 60, 5, 37_742),
        # 100,000.00 over 120 months at 4.5 %: 1,036.38
        (10_000_000, 120, Decimal("4.5"), 103_638),
        (100_000, 1, 12, 101_000),
    ],
)
def test_with_interest_it_is_an_annuity(amount, over, rate, monthly):
    assert instalments(amount, over, Decimal(rate)).monthly == monthly


@given(amounts, months, rates)
def test_the_instalments_add_up_and_credit_never_pays_the_borrower(amount, over, rate):
    told = instalments(amount, over, rate)
    assert told.monthly * (over - 1) + told.last == told.total
    assert told.total - amount == told.interest
    assert told.interest >= 0
    assert told.monthly >= 0
    assert told.last >= 0
    if rate == 0:
        assert told.interest == 0


@given(st.integers(10_000, 10**9), st.integers(1, 60), st.decimals(0, 30, places=2))
def test_paying_each_instalment_with_interest_on_what_is_left_ends_at_nothing(amount, over, rate):
    told = instalments(amount, over, rate)
    left = Decimal(amount)
    for month in range(over):
        left = left * (1 + rate / 1200) - (told.monthly if month < over - 1 else told.last)
    assert abs(left) <= 1


@given(amounts, amounts, months, rates)
def test_a_dearer_price_has_no_lower_instalment(one, other, over, rate):
    low, high = sorted((one, other))
    told = plan(Price(low, high), over, rate)
    assert told.low.monthly <= told.high.monthly
    assert told.low.total <= told.high.total


@given(st.integers(1_000, 10**8), st.integers(2, 119), rates)
def test_longer_costs_more_in_all_and_less_a_month(amount, over, rate):
    shorter, longer = instalments(amount, over, rate), instalments(amount, over + 1, rate)
    assert longer.monthly <= shorter.monthly
    assert longer.interest >= shorter.interest - over  # the cents of rounding


@pytest.mark.parametrize(("nominal", "effective"), [("0", "0.00"), ("6", "6.17"), ("12", "12.68")])
def test_the_effective_rate_counts_the_interest_of_the_months_before(nominal, effective):
    assert effective_percent(Decimal(nominal)) == Decimal(effective)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ((-1, 1), "amount"),
        ((1, 0), "months"),
        ((1, 121), "months"),
        ((1, 1, Decimal(-1)), "yearly_percent"),
        ((1, 1, Decimal(101)), "yearly_percent"),
    ],
)
def test_what_makes_no_loan_is_refused_by_field(given, field):
    with pytest.raises(CostError) as refused:
        instalments(*given)
    assert list(refused.value.fields) == [field]


def test_plans_are_plain_json():
    (data,) = [each.to_json() for each in plans(Price(10_000, 20_000), (12,), Decimal("4.9"))]
    assert data["yearly_percent"] == 4.9
    assert data["effective_percent"] == 5.01
    assert data["low"].keys() == {"monthly", "last", "total", "interest"}
