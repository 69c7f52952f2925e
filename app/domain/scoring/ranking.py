"""How well a score ranks those who came to something above those who did not.

Scores are counted (`Counts`: score -> how many people), so that a million people cost no more than
a hundred. Sources: the area under the ROC curve as Mann and Whitney's statistic, ties counted half;
its variance, also of the difference of two scores of the same people, after DeLong, DeLong and
Clarke-Pearson (1988); the interval on the scale of the logit, which keeps it within 0..1.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from math import exp, log, sqrt
from typing import Any

Counts = Mapping[int, int]
Pairs = Mapping[tuple[int, int], int]
LEAST = 30  # with fewer of either sort nothing is told
Z = 1.959964  # 95 % of a normal distribution lie within so many deviations
TOP = 0.1


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure and the interval that holds it in 95 of 100 such cases."""

    value: float
    low: float
    high: float

    def to_json(self) -> list[float]:
        return [round(number, 6) for number in (self.value, self.low, self.high)]


@dataclass(frozen=True, slots=True)
class Comparison:
    """How two scores rank the same people; a figure is None where there are too few to tell.

    `auc` and `lift` are (before, after); `difference` is after less before.
    """

    positives: int
    negatives: int
    auc: tuple[Estimate, Estimate] | None
    difference: Estimate | None
    lift: tuple[float, float] | None

    def to_json(self) -> dict[str, Any]:
        return {
            "positives": self.positives,
            "negatives": self.negatives,
            "auc": self.auc and [each.to_json() for each in self.auc],
            "difference": self.difference and self.difference.to_json(),
            "lift": self.lift and [round(each, 6) for each in self.lift],
        }


def compare(positives: Pairs, negatives: Pairs) -> Comparison:
    """Two scores of the same people: (score before, score after) -> how many people."""
    plus, minus = sum(positives.values()), sum(negatives.values())
    if min(plus, minus) < LEAST:
        return Comparison(plus, minus, None, None, None)
    both = [(one_of(positives, side), one_of(negatives, side)) for side in (0, 1)]
    return Comparison(
        plus,
        minus,
        tuple(auc_estimate(*each) for each in both),
        difference(positives, negatives),
        tuple(lift(*each) for each in both),
    )


def one_of(pairs: Pairs, side: int) -> Counter:
    """The counts of one of the two scores."""
    counts: Counter = Counter()
    for pair, count in pairs.items():
        counts[pair[side]] += count
    return counts


def auc(positives: Counts, negatives: Counts) -> float | None:
    """The chance that one of the positives scores above one of the negatives, ties counted half;
    None without either."""
    plus, minus = sum(positives.values()), sum(negatives.values())
    if not plus or not minus:
        return None
    doubled = 0  # whole numbers to the end: exact
    for score, (below, equal) in _standing(positives.keys(), negatives).items():
        doubled += positives[score] * (2 * below + equal)
    return doubled / (2 * plus * minus)


def auc_estimate(positives: Counts, negatives: Counts) -> Estimate:
    """The area with its interval. Needs two of either sort at least."""
    area = auc(positives, negatives)
    pairs = [
        Counter({(score, score): count for score, count in counts.items()})
        for counts in (positives, negatives)
    ]
    wins = _placements(one_of(pairs[0], 1), one_of(pairs[1], 1))
    variance = _variance(pairs, (lambda pair: wins[0][pair[1]], lambda pair: wins[1][pair[1]]))
    if variance == 0 or area in (0, 1):
        # All of one sort above all of the other, as far as anybody saw: the rule of three.
        least = min(sum(counts.values()) for counts in (positives, negatives))
        slack = min(3 / least, 1)
        return Estimate(area, max(area - slack, 0.0), min(area + slack, 1.0))
    reach = Z * sqrt(variance) / (area * (1 - area))
    middle = log(area / (1 - area))
    return Estimate(area, _expit(middle - reach), _expit(middle + reach))


def difference(positives: Pairs, negatives: Pairs) -> Estimate:
    """How much better the second score ranks than the first, with its interval."""
    sides = [_placements(one_of(positives, side), one_of(negatives, side)) for side in (0, 1)]
    areas = [auc(one_of(positives, side), one_of(negatives, side)) for side in (0, 1)]

    def gained(sort: int) -> Callable[[tuple[int, int]], float]:
        return lambda pair: sides[1][sort][pair[1]] - sides[0][sort][pair[0]]

    reach = Z * sqrt(_variance((positives, negatives), (gained(0), gained(1))))
    value = areas[1] - areas[0]
    return Estimate(value, max(value - reach, -1.0), min(value + reach, 1.0))


def lift(positives: Counts, negatives: Counts, share: float = TOP) -> float | None:
    """How many times likelier than on average a positive is among the `share` with the highest
    scores. Of those who tie at its edge a fair part counts: what chance would give. None without
    positives."""
    plus, people = sum(positives.values()), sum(positives.values()) + sum(negatives.values())
    if not plus:
        return None
    room = size = share * people
    found = 0.0
    for score in sorted(positives.keys() | negatives.keys(), reverse=True):
        hits = positives.get(score, 0)
        tied = hits + negatives.get(score, 0)
        if tied >= room:
            found += hits * room / tied
            break
        found += hits
        room -= tied
    return (found / size) / (plus / people)


def _standing(scores: Iterable[int], counts: Counts) -> dict[int, tuple[int, int]]:
    """For each score how many of `counts` are below it, and how many equal it."""
    found, below = {}, 0
    left = iter(sorted(counts))
    at = next(left, None)
    for score in sorted(scores):
        while at is not None and at < score:
            below += counts[at]
            at = next(left, None)
        found[score] = (below, counts.get(score, 0))
    return found


def _placements(positives: Counts, negatives: Counts) -> tuple[dict, dict]:
    """For a score of a positive the share of negatives that it beats; for one of a negative the
    share of positives that beat it. Ties half."""
    plus, minus = sum(positives.values()), sum(negatives.values())
    ahead = {
        score: (below + equal / 2) / minus
        for score, (below, equal) in _standing(positives.keys(), negatives).items()
    }
    behind = {
        score: 1 - (below + equal / 2) / plus
        for score, (below, equal) in _standing(negatives.keys(), positives).items()
    }
    return ahead, behind


def _variance(sorts, worth) -> float:
    """The variance of a mean over both sorts of people, of what each pair of scores is worth."""
    return sum(_variance_of_mean(pairs, how) for pairs, how in zip(sorts, worth, strict=True))


def _variance_of_mean(pairs: Pairs, worth: Callable[[tuple[int, int]], float]) -> float:
    count = sum(pairs.values())
    mean = sum(worth(pair) * many for pair, many in pairs.items()) / count
    spread = sum((worth(pair) - mean) ** 2 * many for pair, many in pairs.items())
    return spread / max(count - 1, 1) / count


def _expit(value: float) -> float:
    return 1 / (1 + exp(-value)) if value > -700 else 0.0
