"""Data-driven attribution: what each channel is worth, learned from an organization's journeys.

Markov: the removal effect in the first-order absorbing chain of the journeys, converted and not
(Anderl, Becker, von Wangenheim, Schumann: Mapping the Customer Journey, 2016), solved exactly.
Shapley: the order-free value of Zhao, Mahboobi, Bagheri (Shapley Value Methods for Attribution
Modeling in Online Advertising, 2018), where a set of channels is worth the conversions of the
journeys that used no other. Its closed form is exact for any number of channels: each journey's
conversions, shared equally among its distinct channels.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from fractions import Fraction
from typing import NamedTuple

START, CONVERSION, NULL = "(start)", "(conv)", "(null)"
ENDS = frozenset({CONVERSION, NULL})

Chain = dict[str, dict[str, float]]


class Journey(NamedTuple):
    """Journeys along the same channels, in order: how many converted, and how many did not."""

    channels: tuple[str, ...]
    conversions: int
    losses: int = 0


def chain(journeys: Iterable[Journey]) -> Chain:
    """The chance of each next step, by state: every row sums to 1. The states are the channels,
    START, CONVERSION and NULL. Journeys without channels say nothing."""
    counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for channels, conversions, losses in journeys:
        if not channels or conversions + losses <= 0:
            continue
        for here, there in zip((START, *channels), channels, strict=False):
            counts[here][there] += conversions + losses
        counts[channels[-1]][CONVERSION] += conversions
        counts[channels[-1]][NULL] += losses
    return {
        state: {to: count / row.total() for to, count in row.items() if count}
        for state, row in counts.items()
    }


def conversion_chance(chain: Mapping[str, Mapping[str, float]], removed: str = "") -> float:
    """The chance, 0 to 1, that a journey converts; with `removed`, when whatever led to that
    channel leads to NULL instead."""
    states = [state for state in chain if state != removed]
    if START not in states:
        return 0.0
    place = {state: n for n, state in enumerate(states)}
    # x = P x + c: x is the chance from each state, c that of converting in the next step.
    rows = []
    for state in states:
        row = [0.0] * (len(states) + 1)
        row[place[state]] = 1.0
        for to, chance in chain[state].items():
            if to == CONVERSION:
                row[-1] += chance
            elif to in place:
                row[place[to]] -= chance
        rows.append(row)
    return _solve(rows)[place[START]]


def removal_effects(chain: Mapping[str, Mapping[str, float]]) -> dict[str, float]:
    """For each channel the part of all conversions, 0 to 1, that would be lost without it."""
    whole = conversion_chance(chain)
    channels = sorted(state for state in chain if state != START)
    if whole <= 0:
        return dict.fromkeys(channels, 0.0)
    return {
        channel: min(1.0, max(0.0, 1 - conversion_chance(chain, channel) / whole))
        for channel in channels
    }


def shapley_values(journeys: Iterable[Journey]) -> dict[str, Fraction]:
    """Each channel's conversions; the sum is that of all journeys with channels."""
    values: defaultdict[str, Fraction] = defaultdict(Fraction)
    for channels, conversions, _ in journeys:
        for channel in (distinct := sorted(set(channels))):
            values[channel] += Fraction(conversions, len(distinct))
    return dict(sorted(values.items()))


def spread(channels: Sequence[str], worth: Mapping[str, float | Fraction]) -> list[Fraction]:
    """The shares of touches along these channels: each distinct channel by its worth, the touches
    of one channel alike. Equal shares where none of the channels is worth anything yet."""
    times = Counter(channels)
    shares = {channel: Fraction(worth.get(channel, 0)) / n for channel, n in times.items()}
    if not any(shares.values()):
        return [Fraction(1)] * len(channels)
    return [shares[channel] for channel in channels]


def totals(worth: Mapping[str, float | Fraction], conversions: float) -> dict[str, float]:
    """All conversions, shared among the channels by their worth."""
    whole = sum(worth.values())
    return {
        name: float(value / whole * conversions) if whole else 0.0 for name, value in worth.items()
    }


def conversions_of(journeys: Collection[Journey]) -> int:
    """How many journeys converted."""
    return sum(journey.conversions for journey in journeys)


def _solve(rows: list[list[float]]) -> list[float]:
    """Gauss-Jordan elimination with pivots of the augmented matrix; a state from which no end can
    be reached has no pivot and the value 0."""
    size = len(rows)
    for column in range(size):
        pivot = max(range(column, size), key=lambda n: abs(rows[n][column]))
        if abs(rows[pivot][column]) < 1e-12:
            rows[column][column] = 1.0
            continue
        rows[column], rows[pivot] = rows[pivot], rows[column]
        scale = rows[column][column]
        rows[column] = [value / scale for value in rows[column]]
        for n in range(size):
            if n != column and (factor := rows[n][column]):
                rows[n] = [a - factor * b for a, b in zip(rows[n], rows[column], strict=True)]
    return [row[-1] for row in rows]
