"""The session score: how engaged one visit was, 0..100; and the visitor's mean of them.

Source: session-scoring, "Scoring Formula": duration (40) + pages (30) + clicks (30).
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise
from typing import Any

from app.domain.score import Contribution, Score, capped, round_half_up
from app.domain.validation import Draft

DAY_SECONDS = 86_400
LONGEST_BAND = 30 * DAY_SECONDS


def _folded(label: str) -> str:
    return " ".join(label.split()).casefold()


@dataclass(frozen=True, slots=True)
class DurationBand:
    """The points of a visit of `from_seconds` or longer, up to the next band."""

    from_seconds: int
    points: int

    @classmethod
    def read(cls, draft: Draft) -> DurationBand:
        return cls(draft.integer("from_seconds", high=LONGEST_BAND), draft.integer("points"))


DEFAULT_BANDS = tuple(
    DurationBand(*pair) for pair in ((0, 5), (60, 15), (180, 25), (300, 35), (600, 40))
)


@dataclass(frozen=True, slots=True)
class SessionRules:
    """How one website scores visits. `half_life_days` makes older sessions count less in the
    visitor's mean; None counts all alike. Labels are compared with white space collapsed and case
    folded."""

    duration_bands: tuple[DurationBand, ...] = DEFAULT_BANDS
    page_points: int = 5
    page_cap: int = 30
    regular_click_points: int = 2
    important_click_points: int = 5
    click_cap: int = 30
    total_cap: int = 100
    important_labels: tuple[str, ...] = ("Be an Early Bird", "Get a Demo")
    half_life_days: float | None = None
    # Worked out once, because every event of the collector asks.
    duration_cap: int = field(init=False, repr=False, compare=False)
    band_starts: tuple[int, ...] = field(init=False, repr=False, compare=False)
    band_points: tuple[int, ...] = field(init=False, repr=False, compare=False)
    folded_labels: frozenset[str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        derived = {
            "band_starts": tuple(band.from_seconds for band in self.duration_bands),
            "band_points": tuple(band.points for band in self.duration_bands),
            "duration_cap": max(band.points for band in self.duration_bands),
            "folded_labels": frozenset(map(_folded, self.important_labels)),
        }
        for name, value in derived.items():
            object.__setattr__(self, name, value)

    def to_json(self) -> dict[str, Any]:
        bands = [{"from_seconds": b.from_seconds, "points": b.points} for b in self.duration_bands]
        return {
            "duration_bands": bands,
            **{name: getattr(self, name) for name in _POINTS},
            "important_labels": list(self.important_labels),
            "half_life_days": self.half_life_days,
        }

    @classmethod
    def from_json(cls, data: Any) -> SessionRules:
        """Rules from `to_json` or a form; absent fields keep their defaults. Raises Invalid."""
        draft = Draft(data)
        values = {name: draft.integer(name, default) for name, default in _POINTS.items()}
        values["duration_bands"] = draft.each("duration_bands", DEFAULT_BANDS, DurationBand.read)
        values["important_labels"] = draft.texts("important_labels", cls().important_labels)
        half_life = draft.optional("half_life_days", draft.decimal, high=3650)
        draft.check()
        if half_life == 0:
            draft.problem("half_life_days", "must be above 0")
        if message := _band_problem([b.from_seconds for b in values["duration_bands"]]):
            draft.problem("duration_bands", message)
        draft.check()
        return cls(**values, half_life_days=None if half_life is None else float(half_life))


_POINTS = {
    "page_points": 5,
    "page_cap": 30,
    "regular_click_points": 2,
    "important_click_points": 5,
    "click_cap": 30,
    "total_cap": 100,
}
DEFAULT_SESSION_RULES = SessionRules()


@dataclass(frozen=True, slots=True)
class SessionFacts:
    """What is known of a visit. Duration is the last activity minus the start, in seconds."""

    duration_seconds: float
    page_views: int = 0
    regular_clicks: int = 0
    important_clicks: int = 0


@dataclass(frozen=True, slots=True)
class SessionScore:
    """The three parts of a session score and their total."""

    duration: int
    pages: int
    clicks: int
    total: int
    facts: SessionFacts
    rules: SessionRules

    @property
    def maxima(self) -> tuple[int, int, int]:
        """The most that duration, pages and clicks can give."""
        return self.rules.duration_cap, self.rules.page_cap, self.rules.click_cap

    def score(self) -> Score:
        parts = (
            Contribution("Duration", self.duration, f"{_seconds(self.facts)} s"),
            Contribution("Pages", self.pages, _pages_detail(self.facts, self.rules)),
            Contribution("Clicks", self.clicks, _clicks_detail(self.facts, self.rules)),
        )
        return capped(parts, high=self.rules.total_cap)

    def breakdown(self) -> dict[str, str]:
        """Each part against its maximum, as the API answers: "35/40"."""
        duration_max, page_max, click_max = self.maxima
        return {
            "duration_score": f"{self.duration}/{duration_max}",
            "page_score": f"{self.pages}/{page_max}",
            "click_score": f"{self.clicks}/{click_max}",
            "total_score": f"{self.total}/{self.rules.total_cap}",
        }


def score_session(facts: SessionFacts, rules: SessionRules = DEFAULT_SESSION_RULES) -> SessionScore:
    """The score of one visit; negative facts count as zero."""
    band = bisect_right(rules.band_starts, max(facts.duration_seconds, 0)) - 1
    duration = rules.band_points[band]
    pages = min(rules.page_points * max(facts.page_views, 0), rules.page_cap)
    regular = rules.regular_click_points * max(facts.regular_clicks, 0)
    important = rules.important_click_points * max(facts.important_clicks, 0)
    clicks = min(regular + important, rules.click_cap)
    total = min(duration + pages + clicks, rules.total_cap)
    return SessionScore(duration, pages, clicks, total, facts, rules)


def is_important(label: str | None, rules: SessionRules = DEFAULT_SESSION_RULES) -> bool:
    """Whether a click on an element with this visible label is an important one."""
    return bool(label) and _folded(label) in rules.folded_labels


def score_visitor(
    sessions: Iterable[tuple[int, datetime]],
    rules: SessionRules,
    now: datetime,
) -> int:
    """The visitor score: the mean of (points, ended_at), rounded half up; 0 without sessions.

    With `rules.half_life_days` a session weighs 2^(-age / half-life); one that ends after `now`
    counts as just ended.
    """
    scored = list(sessions)
    if not scored:
        return 0
    if rules.half_life_days is None:
        total, count = sum(points for points, _ in scored), len(scored)
        return (2 * total + count) // (2 * count)
    return _decayed_mean(scored, rules.half_life_days, now)


def _decayed_mean(scored: list[tuple[int, datetime]], half_life: float, now: datetime) -> int:
    ages = [max((now - ended_at).total_seconds(), 0) / DAY_SECONDS for _, ended_at in scored]
    # Ages count from the newest: the mean is the same, and weights of old visits cannot all be 0.
    newest = min(ages)
    weights = [0.5 ** ((age - newest) / half_life) for age in ages]
    weighted = sum(weight * points for weight, (points, _) in zip(weights, scored, strict=True))
    # Nine places are beyond any meaning and swallow the float's own noise around a half.
    return round_half_up(round(weighted / sum(weights), 9))


def _seconds(facts: SessionFacts) -> int:
    return round_half_up(max(facts.duration_seconds, 0))


def _pages_detail(facts: SessionFacts, rules: SessionRules) -> str:
    return f"{max(facts.page_views, 0)} × {rules.page_points}, at most {rules.page_cap}"


def _clicks_detail(facts: SessionFacts, rules: SessionRules) -> str:
    regular = f"{max(facts.regular_clicks, 0)} × {rules.regular_click_points}"
    important = f"{max(facts.important_clicks, 0)} × {rules.important_click_points}"
    return f"{regular} + {important} important, at most {rules.click_cap}"


def _band_problem(starts: list[int]) -> str:
    if not starts or starts[0] != 0:
        return "must begin with a band from 0 seconds"
    rising = all(a < b for a, b in pairwise(starts))
    return "" if rising else "must rise from band to band"
