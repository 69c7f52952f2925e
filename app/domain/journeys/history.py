"""What leads' ways along the path teach: chances, usual stays, what followed an act.

A way is a lead's stays in order of time, each (the moment when it began, its stage); moments and
spans are whole milliseconds.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple

from app.domain.leads.lifecycle import PATH

Way = Sequence[tuple[int, str]]
DAY_MILLIS = 86_400_000
MOST = (9, 10)
FEWEST_STAYS = 10
PLACES = {stage: place for place, stage in enumerate(PATH)}


class Case(NamedTuple):
    """An act and what followed: the stage that the lead stood in when it came, and whether the lead
    moved on within the time given."""

    stage: str
    moved_on: bool


def case(way: Way, at: int, within: int) -> Case | None:
    """What followed an act at a moment; None for a lead that was not on the path before customer.

    A move at the act's own moment is the act itself, as a first call moves a new lead to contacted:
    the act counts to the stage that it ended, and only a stage further than where it led is moving
    on. What happened before the first stay counts to that.
    """
    at = max(at, way[0][0])
    stood = max(sum(began < at for began, _ in way) - 1, 0)
    stage = way[stood][1]
    if stage not in PATH[:-1]:
        return None
    then = max([PLACES.get(s, -1) for began, s in way[stood:] if began <= at] + [PLACES[stage]])
    further = (PLACES.get(s, -1) > then for began, s in way if at < began <= at + within)
    return Case(stage, any(further))


def came(way: Way) -> dict[str, int]:
    """When a lead first came to each stage of the path, or beyond."""
    found: dict[str, int] = {}
    for began, stage in way:
        for passed in PATH[len(found) : PLACES.get(stage, -1) + 1]:
            found[passed] = began
    return found


def chances(ways: Iterable[Way], now: int) -> dict[str, tuple[int, int]]:
    """By stage: the leads that came to it or beyond long ago enough to have become customers, and
    how many of them did. Long enough is what nine in ten of those needed who did: leads that just
    came have lost nothing yet."""
    moments = [came(way) for way in ways]
    found = {}
    for stage in PATH[:-1]:
        there = [(each[stage], each.get("customer")) for each in moments if stage in each]
        needed = sorted(won - at for at, won in there if won is not None and won > at)
        enough = _most(needed) if needed else 0
        had_time = [won for at, won in there if at <= now - enough]
        if had_time:
            found[stage] = len(had_time), sum(won is not None for won in had_time)
    return found


def usual_stays(ways: Iterable[Way]) -> dict[str, float]:
    """By stage: the days within which nine in ten of those who went on had gone on; of stages that
    at least ten have gone on from."""
    stays: dict[str, list[int]] = defaultdict(list)
    for way in ways:
        for (began, stage), (ended, following) in pairwise(way):
            if stage in PLACES and PLACES.get(following, -1) > PLACES[stage] and ended > began:
                stays[stage].append(ended - began)
    return {
        stage: _most(sorted(lasted)) / DAY_MILLIS
        for stage, lasted in stays.items()
        if len(lasted) >= FEWEST_STAYS
    }


def _most(ordered: Sequence[int]) -> int:
    part, whole = MOST
    return ordered[-(-len(ordered) * part // whole) - 1]
