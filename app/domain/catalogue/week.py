"""A week of hours: for each weekday, Monday first, the stretches in which something is open.

Times are whole minutes after midnight; a stretch is (starts, ends), 1440 is the midnight that ends
the day. Breaks are the gaps between stretches.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import pairwise

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MIDNIGHT = 1440
MOST_STRETCHES = 6
CLOCK = re.compile(r"(\d{1,2})(?:[:.hH]?(\d{2}))?[hH]?", re.ASCII)
BETWEEN = re.compile(r"\s*(?:-|–|—|\bto\b)\s*")
SEPARATORS = re.compile(r"[,;/\n]|\band\b")
CLOSED = ("", "closed", "off", "none", "-", "–", "fermé", "geschlossen")
WRITE_HOURS = "Write hours like 09:00-13:00, 14:00-19:00, or leave the day empty."

Stretch = tuple[int, int]
Day = tuple[Stretch, ...]


class HoursError(ValueError):
    """Hours that cannot be used; the text says what to do."""


def read_clock(text: str, *, end: bool = False) -> int:
    """A time of day as minutes: 9, 9:30, 09:30, 9h30, 930. As an end, 0:00 is midnight."""
    found = CLOCK.fullmatch(text.strip())
    if not found:
        raise HoursError(f"“{text.strip()[:20]}” is not a time. {WRITE_HOURS}")
    minutes = int(found[1]) * 60 + int(found[2] or 0)
    if minutes > MIDNIGHT or int(found[2] or 0) > 59:
        raise HoursError(f"“{text.strip()}” is not a time of day.")
    return MIDNIGHT if end and minutes == 0 else minutes


def read_day(text: str) -> Day:
    """The stretches of a day as people write them: 09:00-13:00, 14:00-19:00. Raises HoursError."""
    if text.strip().casefold() in CLOSED:
        return ()
    stretches = []
    for part in SEPARATORS.split(text):
        ends = BETWEEN.split(part.strip())
        if len(ends) != 2:
            raise HoursError(WRITE_HOURS)
        stretches.append((read_clock(ends[0]), read_clock(ends[1], end=True)))
    return checked_day(stretches)


def checked_day(stretches: Iterable[Stretch]) -> Day:
    """The stretches in order. Raises HoursError when one ends before it starts or two overlap."""
    day = tuple(sorted(stretches))
    for starts, ends in day:
        if starts >= ends:
            raise HoursError(f"{clock(starts)} to {clock(ends)} ends before it starts.")
    for before, after in pairwise(day):
        if after[0] < before[1]:
            raise HoursError(f"{span(before)} and {span(after)} overlap.")
    if len(day) > MOST_STRETCHES:
        raise HoursError(f"At most {MOST_STRETCHES} stretches a day.")
    return day


def clock(minutes: int) -> str:
    """540 -> 09:00; the midnight that ends a day is 24:00."""
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def span(stretch: Sequence[int]) -> str:
    return f"{clock(stretch[0])}-{clock(stretch[1])}"


def write_day(day: Iterable[Sequence[int]]) -> str:
    """What `read_day` reads: 09:00-13:00, 14:00-19:00."""
    return ", ".join(span(stretch) for stretch in day)


def outside(working: Iterable[Stretch], opening: Iterable[Stretch]) -> Day:
    """What of the first stretches lies in none of the second."""
    left = []
    for starts, ends in working:
        for opens, closes in sorted(opening):
            if closes <= starts or opens >= ends:
                continue
            if starts < opens:
                left.append((starts, opens))
            starts = max(starts, closes)
        if starts < ends:
            left.append((starts, ends))
    return tuple(left)


def is_within(stretch: Stretch, day: Iterable[Sequence[int]]) -> bool:
    """Whether one of the day's stretches holds all of this one."""
    return any(starts <= stretch[0] and stretch[1] <= ends for starts, ends in day)
