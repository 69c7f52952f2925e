from decimal import Decimal
from functools import reduce

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.tools.cost import (
    DEFAULT_DISCOUNTS,
    Area,
    Clinic,
    CostError,
    Discounts,
    Option,
    Price,
    Selection,
    Step,
    Treatment,
    estimate,
)

LASER = Treatment(
    "laser",
    "Laser",
    20_000,
    30_000,
    areas=(Area("face", "Face"), Area("legs", "Legs", Decimal("1.5"))),
    options=(Option("numbing", "Numbing", 1_000, 2_000, True), Option("kit", "Kit", 500, 500)),
)
PEEL = Treatment("peel", "Peel", 10_000, 15_000)
FILLER = Treatment("filler", "Filler", 40_000, 60_000)
HOME = Clinic("Main", "Zurich")

money = st.integers(0, 10**7)
factors = st.decimals("0.1", 5, places=3)
spans = st.tuples(money, money).map(sorted)
steps = st.lists(
    st.tuples(st.integers(2, 9), st.decimals(0, 100, places=1)),
    max_size=3,
    unique_by=lambda s: s[0],
).map(lambda pairs: tuple(Step(*pair) for pair in sorted(pairs)))
discount_tables = st.builds(Discounts, steps, steps)
clinics = st.builds(Clinic, st.just("C"), st.just("City"), factors)


@st.composite
def selections(draw):
    low, high = draw(spans)
    cheap, dear = draw(spans)
    treatment = Treatment(
        draw(st.sampled_from("abcd")),
        "T",
        low,
        high,
        areas=(Area("area", "Area", draw(factors)),),
        options=(Option("extra", "Extra", cheap, dear, draw(st.booleans())),),
    )
    return Selection(
        treatment,
        draw(st.sampled_from([None, "area"])),
        draw(st.none() | st.integers(1, 12)),
        draw(st.sampled_from([(), ("extra",)])),
    )


carts = st.lists(selections(), max_size=5)


def add(prices):
    return reduce(Price.__add__, prices, Price())


def test_one_treatment_costs_its_range():
    offer = estimate([Selection(LASER)], HOME)
    assert offer.total == offer.subtotal == Price(20_000, 30_000)
    assert offer.discounts == ()


def test_a_line_explains_what_drives_it():
    clinic = Clinic("Lake", "Geneva", Decimal("1.1"))
    line = estimate([Selection(LASER, "legs", 2, ("numbing", "kit"))], clinic).lines[0]
    assert [(part.name, part.price) for part in line.parts] == [
        ("Treatment", Price(20_000, 30_000)),
        ("Area: Legs", Price(10_000, 15_000)),
        ("2 sessions", Price(30_000, 45_000)),
        ("Numbing", Price(2_000, 4_000)),
        ("Kit", Price(500, 500)),
        ("Clinic: Lake", Price(6_250, 9_450)),
    ]
    assert line.price == Price(68_750, 103_950)


@pytest.mark.parametrize(
    ("treatments", "percent"),
    [((LASER,), 0), ((LASER, PEEL), 5), ((LASER, PEEL, FILLER), 10), ((LASER, LASER), 0)],
)
def test_several_procedures_are_cheaper_together(treatments, percent):
    offer = estimate([Selection(treatment) for treatment in treatments], HOME)
    assert sum(discount.percent for discount in offer.discounts) == percent
    assert offer.total.low == offer.subtotal.low * (100 - percent) // 100


@pytest.mark.parametrize(
    ("sessions", "percent"), [(1, 0), (2, 0), (3, 5), (5, 5), (6, 10), (12, 10)]
)
def test_several_sessions_are_a_package(sessions, percent):
    offer = estimate([Selection(PEEL, sessions=sessions)], HOME)
    assert offer.total.low == 10_000 * sessions * (100 - percent) // 100


def test_the_discount_for_several_procedures_comes_after_the_packages():
    offer = estimate([Selection(PEEL, sessions=3), Selection(FILLER)], HOME)
    assert [(d.name, d.price.low) for d in offer.discounts] == [
        ("3 sessions of Peel", -1_500),
        ("2 procedures together", -3_425),
    ]
    assert offer.total.low == 70_000 - 1_500 - 3_425


def test_money_is_rounded_half_up_to_the_cent():
    odd = Treatment("odd", "Odd", 1, 3, areas=(Area("half", "Half", Decimal("0.5")),))
    assert estimate([Selection(odd, "half")], HOME).total == Price(1, 2)


def test_nothing_chosen_costs_nothing():
    assert estimate([], HOME).total == Price(0, 0)


@given(carts, clinics, discount_tables)
def test_parts_lines_and_discounts_add_up_and_low_is_never_above_high(cart, clinic, discounts):
    offer = estimate(cart, clinic, discounts)
    for line in offer.lines:
        assert add(part.price for part in line.parts) == line.price
        assert 0 <= line.price.low <= line.price.high
    assert add(line.price for line in offer.lines) == offer.subtotal
    assert offer.subtotal + add(discount.price for discount in offer.discounts) == offer.total
    assert 0 <= offer.total.low <= offer.total.high


@given(carts, selections(), clinics)
def test_adding_an_item_never_lowers_the_undiscounted_subtotal(cart, item, clinic):
    before = estimate(cart, clinic).subtotal
    after = estimate([*cart, item], clinic).subtotal
    assert before.low <= after.low
    assert before.high <= after.high


@pytest.mark.parametrize(
    ("selection", "field"),
    [
        (Selection(LASER, "nose"), "selections.0.area"),
        (Selection(LASER, options=("gold",)), "selections.0.options"),
        (Selection(LASER, sessions=0), "selections.0.sessions"),
        (Selection(LASER, sessions=13), "selections.0.sessions"),
    ],
)
def test_what_is_not_offered_is_refused_by_field(selection, field):
    with pytest.raises(CostError) as refused:
        estimate([selection], HOME)
    assert list(refused.value.fields) == [field]


@pytest.mark.parametrize(
    ("entry", "field"),
    [
        ({"price_low": 2, "price_high": 1}, "price"),
        ({"price_low": -1, "price_high": 1}, "price"),
        ({"price_low": 1, "price_high": 1, "sessions": 13}, "sessions"),
        ({"price_low": 1, "price_high": 1, "areas": (Area("a", "A", Decimal(0)),)}, "areas.a"),
        ({"price_low": 1, "price_high": 1, "options": (Option("o", "O", 2, 1),)}, "options.o"),
    ],
)
def test_a_catalogue_entry_that_cannot_be_priced_is_refused(entry, field):
    with pytest.raises(CostError) as refused:
        Treatment("t", "T", **entry)
    assert list(refused.value.fields) == [field]


def test_treatments_and_discounts_survive_json():
    assert Treatment.from_json(LASER.to_json()) == LASER
    assert Discounts.from_json(DEFAULT_DISCOUNTS.to_json()) == DEFAULT_DISCOUNTS
    assert Discounts.from_json({"procedures": [], "sessions": []}) == Discounts((), ())


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({"sessions": [{"at_least": 1, "percent": 5}]}, "sessions.0.at_least"),
        ({"sessions": [{"at_least": 2, "percent": 101}]}, "sessions.0.percent"),
        ({"procedures": [{"at_least": 2, "percent": 5}] * 2}, "procedures"),
    ],
)
def test_bad_discounts_are_refused_by_path(data, field):
    with pytest.raises(CostError) as refused:
        Discounts.from_json(data)
    assert list(refused.value.fields) == [field]


def test_an_estimate_is_plain_json():
    data = estimate([Selection(PEEL, sessions=3)], HOME).to_json()
    assert data["total"] == {"low": 28_500, "high": 42_750}
    assert data["discounts"][0]["percent"] == 5
    assert data["lines"][0]["parts"][1]["price"] == {"low": 20_000, "high": 30_000}
