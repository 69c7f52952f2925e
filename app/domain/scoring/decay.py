"""Decay: what silence takes from a lead score.

Source: lead-tracking-analytics, "Score Decay": `decay_rate` points a day; and, by choice, a
half-life.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from app.domain.score import round_half_up
from app.domain.validation import Draft


@dataclass(frozen=True, slots=True)
class DecayRules:
    """`mode`: linear (`rate` points a day), exponential (half is left after `half_life_days`), or
    none."""

    mode: str = "linear"
    rate: Decimal = Decimal("0.1")
    half_life_days: Decimal = Decimal(90)

    def to_json(self) -> dict[str, Any]:
        return {
            "mode": self.mode,
            "rate": float(self.rate),
            "half_life_days": float(self.half_life_days),
        }

    @classmethod
    def read(cls, draft: Draft) -> DecayRules:
        rules = cls(
            draft.choice("mode", MODES, "linear"),
            draft.decimal("rate", cls().rate),
            draft.decimal("half_life_days", cls().half_life_days, high=3650),
        )
        if rules.half_life_days == 0:
            draft.problem("half_life_days", "must be above 0")
        return rules


MOST_DAYS = 36_500
DEFAULT_DECAY_RULES = DecayRules()


def decay(points: Decimal, days: float | None, rules: DecayRules) -> Decimal:
    """The points lost after `days` of silence, 0..points, to two decimals.

    Only whole days count, so that a score changes once a day at most; None (never engaged) and
    negative days take nothing.
    """
    lost = MODES[rules.mode](points, whole_days(days), rules)
    return round_half_up(min(lost, points), 2)


def whole_days(days: float | None) -> int:
    """The whole days of a silence, a hundred years at most; 0 for what is no number or below 0."""
    return int(min(days, MOST_DAYS)) if days is not None and days > 0 else 0


def _linear(points: Decimal, days: int, rules: DecayRules) -> Decimal:
    return Decimal(str(rules.rate)) * days


def _exponential(points: Decimal, days: int, rules: DecayRules) -> Decimal:
    return points - points * Decimal("0.5") ** (days / Decimal(str(rules.half_life_days)))


def _none(points: Decimal, days: int, rules: DecayRules) -> Decimal:
    return Decimal(0)


MODES: dict[str, Callable[[Decimal, int, DecayRules], Decimal]] = {
    "linear": _linear,
    "exponential": _exponential,
    "none": _none,
}
