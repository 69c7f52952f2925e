"""Activity summaries: what a lead did, day by day, week by week, month by month.

Source: lead-tracking-analytics, "Activity Summaries".
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from operator import itemgetter
from typing import Any, NamedTuple

from app.domain.journeys.cohort import month_of, week_of

ACTIVE = 10  # acts, from which on a period is active


class Kind(NamedTuple):
    """A length of period: where the one of a day begins, where the next begins, how many are
    told."""

    begins: Callable[[date], date]
    next: Callable[[date], date]
    told: int

    def first(self, today: date) -> datetime:
        """The beginning of the oldest period that is told."""
        day = self.begins(today)
        for _ in range(self.told - 1):
            day = self.begins(day - timedelta(days=1))
        return datetime.combine(day, time(), UTC)


KINDS = {
    "daily": Kind(lambda day: day, lambda day: day + timedelta(days=1), 30),
    "weekly": Kind(week_of, lambda day: day + timedelta(days=7), 12),
    "monthly": Kind(month_of, lambda day: month_of(day + timedelta(days=31)), 12),
}


@dataclass(slots=True)
class Summary:
    """One period: acts by type, the score and the stage at its beginning and its end (None: not
    known then)."""

    starts_on: date
    ends_on: date
    counts: dict[str, int] = field(default_factory=dict)
    score_start: int | None = None
    score_end: int | None = None
    stage_start: str | None = None
    stage_end: str | None = None

    @property
    def status(self) -> str:
        """active, quiet (seen, but with little) or silent."""
        total = sum(self.counts.values())
        return "silent" if total == 0 else "active" if total >= ACTIVE else "quiet"

    def to_json(self) -> dict[str, Any]:
        known = self.score_start is not None and self.score_end is not None
        return {
            "starts_on": self.starts_on.isoformat(),
            "ends_on": self.ends_on.isoformat(),
            "activities": dict(sorted(self.counts.items())),
            "total_activities": sum(self.counts.values()),
            "score_start": self.score_start,
            "score_end": self.score_end,
            "score_change": self.score_end - self.score_start if known else None,
            "stage_start": self.stage_start,
            "stage_end": self.stage_end,
            "stage_changed": None not in (self.stage_start, self.stage_end)
            and self.stage_start != self.stage_end,
            "status": self.status,
        }


def stretches(kind: str, first: date, last: date) -> list[tuple[date, date]]:
    """The days, weeks or months from one day to another, each by its first and last day; those at
    the ends may be cut."""
    found, day = [], first
    while day <= last:
        following = KINDS[kind].next(KINDS[kind].begins(day))
        found.append((day, min(following - timedelta(days=1), last)))
        day = following
    return found


def summed(days: Mapping[date, int], spans: Iterable[tuple[date, date]]) -> list[int]:
    """Counts by day, added up by stretch."""
    ordered = sorted(days)
    return [
        sum(days[day] for day in ordered[bisect_left(ordered, a) : bisect_right(ordered, b)])
        for a, b in spans
    ]


def summaries(
    acts: Iterable[tuple[str, datetime]],
    scores: Sequence[tuple[datetime, int]],
    stages: Sequence[tuple[datetime, str]],
    kind: str,
    today: date,
) -> list[Summary]:
    """The newest periods of a kind, the oldest first, today's included; days are UTC.

    `scores` and `stages` are what was so from a moment on, the oldest first.
    """
    how = KINDS[kind]
    found: dict[date, Summary] = {}
    day = how.first(today).date()
    while day <= today:
        following = how.next(day)
        found[day] = Summary(
            day,
            following - timedelta(days=1),
            score_start=_at(scores, day),
            score_end=_at(scores, following),
            stage_start=_at(stages, day),
            stage_end=_at(stages, following),
        )
        day = following
    for name, at in acts:
        if summary := found.get(how.begins(at.astimezone(UTC).date())):
            summary.counts[name] = summary.counts.get(name, 0) + 1
    return list(found.values())


def _at(told: Sequence[tuple[datetime, Any]], day: date) -> Any:
    """What was so when the day began."""
    place = bisect_right(told, datetime.combine(day, time(), UTC), key=itemgetter(0))
    return told[place - 1][1] if place else None
