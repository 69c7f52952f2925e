"""Markov and Shapley attribution, against independent work and by their own laws.

The reference figures are read from ../shared/data/attribution where it stands beside the project
(its licence forbids copies); definitions are in DEFINITIONS.md there.
"""

import csv
import json
import os
from collections import Counter
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from itertools import combinations
from math import factorial
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.attribution.attribution import Touch, attribute
from app.domain.attribution.data_driven import (
    CONVERSION,
    NULL,
    START,
    Journey,
    chain,
    conversion_chance,
    removal_effects,
    shapley_values,
    spread,
    totals,
)

DATA = Path(__file__).resolve().parents[4] / "shared" / "data" / "attribution"
PATHS = DATA / "channelattribution_pathdata"
PUBLISHED = DATA / "kaggle_published_only" / "published_reference.json"
needs_data = pytest.mark.skipif(
    not DATA.exists() and os.environ.get("CI") != "true",
    reason="the reference data stands beside the project only where it was built",
)

journeys = st.lists(
    st.builds(
        Journey,
        st.lists(st.sampled_from("abcde"), max_size=6).map(tuple),
        st.integers(0, 5),
        st.integers(0, 5),
    ),
    max_size=12,
)


@pytest.fixture(scope="module")
def paths() -> list[Journey]:
    with (PATHS / "Data.csv").open(newline="") as file:
        return [
            Journey(
                tuple(row["path"].split(" > ")),
                int(row["total_conversions"]),
                int(row["total_null"]),
            )
            for row in csv.DictReader(file, delimiter=";")
        ]


@pytest.fixture(scope="module")
def reference() -> dict:
    return json.loads((PATHS / "reference.json").read_text())["plain_python"]


@needs_data
@pytest.mark.parametrize("kind", ["with_null", "conversions_only"])
def test_removal_effects_are_those_of_the_reference(paths, reference, kind):
    if kind == "conversions_only":
        paths = [journey._replace(losses=0) for journey in paths]
    expected = reference[f"markov_order1_exact_{kind}"]
    steps = chain(paths)
    effects = removal_effects(steps)
    assert conversion_chance(steps) == pytest.approx(expected["p_conversion_from_start"], abs=1e-6)
    assert effects == pytest.approx(expected["removal_effect"], abs=1e-6)
    credited = totals(effects, sum(journey.conversions for journey in paths))
    assert credited == pytest.approx(expected["attribution"], abs=1e-5)


@needs_data
def test_the_chain_is_the_one_of_the_reference(paths, reference):
    steps = chain(paths)
    flat = {f"{a} > {b}": chance for a, row in steps.items() for b, chance in row.items()}
    assert flat == pytest.approx(reference["transition_matrix_with_null"], abs=1e-6)


@needs_data
@pytest.mark.parametrize(
    ("model", "named"),
    [
        ("first_touch", "first_touch"),
        ("last_touch", "last_touch"),
        ("linear", "linear"),
        ("u_shaped", "position_40_20_40"),
    ],
)
def test_the_heuristic_models_credit_channels_as_the_reference_does(paths, reference, model, named):
    """Weights have six decimals, so that 20,000 conversions may differ by a few thousandths."""
    credited: Counter[str] = Counter()
    start = datetime(2026, 1, 1, tzinfo=UTC)
    for channels, conversions, _ in paths:
        if conversions:
            path = [Touch(start + timedelta(hours=n), channel=c) for n, c in enumerate(channels)]
            for channel, weight in zip(channels, attribute(path, model, path[-1].at), strict=True):
                credited[channel] += conversions * weight
    expected = reference["conversions"][named]
    assert {c: float(v) for c, v in credited.items()} == pytest.approx(expected, abs=0.01)
    assert sum(credited.values()) == 19_785


@needs_data
def test_published_chances_give_the_published_removal_effects():
    published = json.loads(PUBLISHED.read_text())["mikelvallejo"]
    named = {"Start": START, "Conversion": CONVERSION, "Null": NULL}
    steps: dict[str, dict[str, float]] = {}
    for step, chance in published["transition_probabilities"].items():
        here, there = (named.get(name, name) for name in step.split(">"))
        steps.setdefault(here, {})[there] = chance
    assert conversion_chance(steps) == pytest.approx(published["base_conversion_rate"], abs=1e-12)
    effects = removal_effects(steps)
    assert effects == pytest.approx(published["removal_effects"], abs=1e-12)
    credited = totals(effects, 17_639)
    assert credited == pytest.approx(published["markov_attribution"], abs=1e-8)


def test_a_chain_small_enough_for_paper():
    # Of the six steps from A three lead to B, one to A, two convert: without B, x = x/6 + 2/6.
    both = [Journey(tuple("ABABBA"), 1), Journey(tuple("ABBAA"), 1)]
    assert removal_effects(chain(both)) == pytest.approx({"A": 1.0, "B": 0.6})


@given(journeys)
def test_rows_sum_to_one_and_effects_stay_between_none_and_all(given):
    steps = chain(given)
    assert all(sum(row.values()) == pytest.approx(1) for row in steps.values())
    assert 0 <= conversion_chance(steps) <= 1 + 1e-9
    assert all(0 <= effect <= 1 for effect in removal_effects(steps).values())


@given(journeys)
def test_the_order_of_journeys_changes_nothing(given):
    assert removal_effects(chain(given)) == pytest.approx(removal_effects(chain(given[::-1])))
    assert shapley_values(given) == shapley_values(given[::-1])


@given(journeys)
def test_shapley_is_the_mean_of_what_each_channel_adds_to_every_set(given):
    """The closed form against the definition, all subsets enumerated."""
    names = sorted({name for journey in given for name in journey.channels})

    def worth(group: frozenset) -> int:
        return sum(j.conversions for j in given if j.channels and set(j.channels) <= group)

    expected = {}
    for name in names:
        others, value = [n for n in names if n != name], Fraction(0)
        for size in range(len(others) + 1):
            weight = Fraction(
                factorial(size) * factorial(len(names) - size - 1), factorial(len(names))
            )
            for group in combinations(others, size):
                without = frozenset(group)
                value += weight * (worth(without | {name}) - worth(without))
        expected[name] = value
    assert shapley_values(given) == expected


@given(st.lists(st.sampled_from("abcde"), min_size=1, max_size=8), journeys)
def test_every_touch_gets_a_share_and_channels_keep_their_proportion(channels, given):
    worth = shapley_values(given)
    shares = spread(channels, worth)
    assert len(shares) == len(channels)
    assert sum(shares) > 0
    assert all(share >= 0 for share in shares)
    if any(worth.get(name) for name in channels):
        for name in set(channels):
            held = sum(s for s, c in zip(shares, channels, strict=True) if c == name)
            assert held == worth.get(name, 0)


def test_where_nothing_is_known_every_touch_counts_alike():
    assert spread(["a", "b", "a"], {}) == [1, 1, 1]
    assert removal_effects({}) == {}
    assert removal_effects(chain([Journey(("a",), 0, 3)])) == {"a": 0.0}
    assert totals({"a": 0.0}, 5) == {"a": 0.0}
