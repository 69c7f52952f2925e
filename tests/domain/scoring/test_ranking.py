"""How well scores rank: against scikit-learn, against pairs counted one by one, and by hand."""

import random
from collections import Counter
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from app.domain.scoring.ranking import auc, auc_estimate, compare, difference, lift

scores = st.lists(st.integers(0, 100), min_size=1, max_size=60)


def area(positives, negatives) -> float:
    return auc(Counter(positives), Counter(negatives))


@given(positives=scores, negatives=scores)
def test_the_area_is_that_of_scikit_learn(positives, negatives):
    truth = [1] * len(positives) + [0] * len(negatives)
    assert area(positives, negatives) == pytest.approx(
        roc_auc_score(truth, positives + negatives), abs=1e-12
    )


@given(positives=scores, negatives=scores)
def test_the_area_is_the_share_of_pairs_that_are_ranked_right(positives, negatives):
    won = sum((a > b) + (a == b) / 2 for a, b in product(positives, negatives))
    assert area(positives, negatives) == pytest.approx(won / len(positives) / len(negatives))


@pytest.mark.parametrize(
    ("positives", "negatives", "wanted"),
    [
        ([3, 4], [1, 2], 1.0),
        ([1, 2], [3, 4], 0.0),
        ([5, 5], [5, 5], 0.5),
        ([60, 80], [60, 40], 0.875),  # three won, one tied
        ([100], [100, 0, 0, 0], 0.875),
        ([70, 85, 85], [70, 85, 40], (0.5 + 1 + 2 * (1 + 0.5 + 1)) / 9),
    ],
)
def test_ties_count_half(positives, negatives, wanted):
    assert area(positives, negatives) == pytest.approx(wanted)


def test_without_either_sort_there_is_no_area():
    assert auc(Counter(), Counter([1])) is None
    assert auc(Counter([1]), Counter()) is None
    assert lift(Counter(), Counter([1])) is None


@given(positives=scores, negatives=scores)
def test_only_the_order_of_scores_counts(positives, negatives):
    def stretched(values):
        return Counter(value * value * 3 + 7 for value in values)

    assert auc(stretched(positives), stretched(negatives)) == area(positives, negatives)
    assert lift(stretched(positives), stretched(negatives)) == pytest.approx(
        lift(Counter(positives), Counter(negatives))
    )


@given(positives=scores, negatives=scores)
def test_turning_the_scores_round_turns_the_area_round(positives, negatives):
    turned = area([100 - v for v in positives], [100 - v for v in negatives])
    assert turned == pytest.approx(1 - area(positives, negatives))


def test_lift_shares_those_who_tie_at_the_edge_as_chance_would():
    """The mean over many ways to break the ties."""
    chance = random.Random(5)
    people = [(chance.choice((20, 50, 80, 80, 100)), chance.random() < 0.3) for _ in range(200)]
    told = lift(
        Counter(score for score, became in people if became),
        Counter(score for score, became in people if not became),
    )
    lifts = []
    for _ in range(4000):
        ranked = sorted(people, key=lambda one: (-one[0], chance.random()))
        hits = sum(became for _, became in ranked[:20])
        lifts.append(hits / 20 / (sum(became for _, became in people) / 200))
    assert told == pytest.approx(sum(lifts) / len(lifts), abs=0.02)


@pytest.mark.parametrize(
    ("positives", "negatives", "wanted"),
    [
        ({90: 10}, {10: 90}, 10.0),  # all ten in the top ten of a hundred
        ({50: 10}, {50: 90}, 1.0),  # everybody ties: no better than chance
        ({90: 5, 10: 5}, {10: 90}, 5 + (5 * 5 / 95) / 10 * 10),
        ({10: 10}, {90: 90}, 0.0),
    ],
)
def test_lift_by_hand(positives, negatives, wanted):
    assert lift(positives, negatives) == pytest.approx(wanted)


def test_too_few_are_not_told_of():
    few = compare({(80, 80): 29}, {(10, 10): 900})
    assert (few.positives, few.auc, few.difference, few.lift) == (29, None, None, None)
    assert compare({(80, 80): 30}, {(10, 10): 900}).auc is not None


def test_the_same_score_twice_differs_by_exactly_nothing():
    same = compare({(80, 80): 40, (20, 20): 9}, {(10, 10): 90, (80, 80): 10})
    assert same.auc[0] == same.auc[1]
    assert same.difference.to_json() == [0, 0, 0]


def test_all_above_all_is_not_told_as_certain():
    perfect = auc_estimate({90: 30}, {10: 300})
    assert (perfect.value, perfect.high) == (1.0, 1.0)
    assert perfect.low == pytest.approx(0.9)


def people(chance, count, shift):
    """Pairs of scores of the same people: a latent worth, and two noisy views of it."""
    pairs = Counter()
    for _ in range(count):
        worth = chance.gauss(50 + shift, 18)
        pair = tuple(min(max(round(worth + chance.gauss(0, n)), 0), 100) for n in (12, 9))
        pairs[pair] += 1
    return pairs


def test_the_intervals_hold_the_truth_about_as_often_as_they_say():
    """Drawn again and again; the truth is that of a very large draw."""
    chance = random.Random(11)
    large = [people(chance, 60_000, shift) for shift in (12, 0)]
    truth = compare(*large)
    held = gained = 0
    rounds = 300
    for _ in range(rounds):
        drawn = compare(people(chance, 60, 12), people(chance, 180, 0))
        held += drawn.auc[1].low <= truth.auc[1].value <= drawn.auc[1].high
        gained += drawn.difference.low <= truth.difference.value <= drawn.difference.high
    assert 0.91 < held / rounds < 0.985
    assert 0.91 < gained / rounds < 0.985


def test_the_variance_is_delongs():
    """Computed from the placements of each person, as the paper has it."""
    positives, negatives = [3, 5, 5, 9, 7, 2], [1, 3, 5, 2, 2, 8, 4]

    def wins(one, others):
        return sum((one > b) + (one == b) / 2 for b in others) / len(others)

    def variance(values):
        mean = sum(values) / len(values)
        return sum((v - mean) ** 2 for v in values) / (len(values) - 1) / len(values)

    ahead = [wins(one, negatives) for one in positives]
    behind = [1 - wins(one, positives) for one in negatives]
    wanted = (variance(ahead) + variance(behind)) ** 0.5
    zero_first = [Counter((0, v) for v in values) for values in (positives, negatives)]
    told = difference(*zero_first)  # against a score that is the same for everybody
    assert told.value == pytest.approx(area(positives, negatives) - 0.5)
    assert (told.high - told.low) / 2 == pytest.approx(1.959964 * wanted)
