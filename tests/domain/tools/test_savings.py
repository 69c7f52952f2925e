from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from app.domain.tools.cost import (
    DEFAULT_DISCOUNTS,
    Clinic,
    Discounts,
    Option,
    Price,
    Selection,
    Step,
    Treatment,
    estimate,
)
from app.domain.tools.savings import MOST, savings
from tests.domain.tools.test_cost import carts, clinics, discount_tables

PEEL = Treatment("peel", "Peel", 10_000, 20_000, options=(Option("kit", "Kit", 1_000, 2_000),))
PARIS = Clinic("Aurelia Paris", "Paris", Decimal("1.2"))
LYON = Clinic("Aurelia Lyon", "Lyon")


def told(selections, clinic=PARIS, others=(LYON,), discounts=DEFAULT_DISCOUNTS):
    return {s.kind: s for s in savings(selections, clinic, others, discounts)}


def test_another_place_would_be_cheaper_by_the_difference_of_the_totals():
    found = told([Selection(PEEL)])["place"]
    assert (found.name, found.price) == ("Lyon", Price(2_000, 4_000))


def test_a_dearer_place_is_no_saving():
    assert "place" not in told([Selection(PEEL)], LYON, (PARIS,))


def test_without_an_extra_its_price_goes_with_the_clinics_factor():
    found = told([Selection(PEEL, options=("kit",))])["extra"]
    assert (found.name, found.price) == ("Kit, Peel", Price(1_200, 2_400))


def test_the_next_package_takes_its_percent_off_so_many_sessions():
    found = told([Selection(PEEL)], LYON)["package"]
    assert (found.name, found.percent) == ("3 sessions of Peel", Decimal(5))
    assert found.price == Price(1_500, 3_000)


def test_a_second_treatment_takes_its_percent_off_what_is_chosen():
    found = told([Selection(PEEL)], LYON)["together"]
    assert (found.name, found.price) == ("2", Price(500, 1_000))


def test_at_the_highest_step_there_is_nothing_more_to_gain():
    others = [Selection(Treatment(key, key, 100, 100), sessions=6) for key in "abc"]
    assert told(others, LYON, ()) == {}


def test_a_package_longer_than_the_treatment_can_be_is_not_offered():
    once = Treatment("once", "Once", 100, 100, max_sessions=2)
    assert "package" not in told([Selection(once)], LYON)


def test_nothing_chosen_saves_nothing():
    assert savings([], PARIS, (LYON,), DEFAULT_DISCOUNTS) == ()


@given(carts, clinics, st.lists(clinics, max_size=3), discount_tables)
def test_every_saving_is_one_and_the_most_comes_first(cart, clinic, others, discounts):
    found = savings(cart, clinic, others, discounts)
    assert len(found) <= MOST
    assert [s.price.high for s in found] == sorted((s.price.high for s in found), reverse=True)
    total = estimate(cart, clinic, discounts).total
    for saving in found:
        assert saving.price.low >= 0
        assert saving.price.high > 0
        if saving.kind in ("place", "extra", "together"):
            assert saving.price.low <= total.low
            assert saving.price.high <= total.high


@given(carts, clinics, clinics, discount_tables)
def test_moving_there_does_save_what_was_said(cart, clinic, other, discounts):
    for saving in savings(cart, clinic, [other], discounts):
        if saving.kind == "place":
            there = estimate(cart, other, discounts).total
            assert estimate(cart, clinic, discounts).total - there == saving.price


def test_a_table_without_steps_offers_no_discounts():
    none = Discounts((), (Step(3, Decimal(0)),))
    assert told([Selection(PEEL)], LYON, (), none) == {}
