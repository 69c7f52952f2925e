"""By which weights and thresholds an organization judges how alive a lead's journey is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from app.domain.validation import Draft

HUNDRED = 100
DAYS = {"low": 1, "high": 3650}
COUNT = {"low": 1, "high": 10_000}
BOUNDS: dict[str, dict[str, int]] = {
    "recent_days": DAYS,
    "enough_interactions": COUNT,
    "enough_channels": COUNT,
    "trend_days": DAYS,
    "trend_least": COUNT,
    "rising": {"low": 100, "high": 1000},
    "silent_days": DAYS,
    "fewest_won": COUNT,
}
# The weights that make up a whole.
ENGAGEMENT = ("recency", "frequency", "diversity")
CHURN = ("silence", "trend", "little_engagement")


@dataclass(frozen=True, slots=True)
class JourneyRules:
    """Weights and thresholds are whole percent.

    Engagement is weighed of recency (gone after `recent_days`), frequency (full from
    `enough_interactions`) and diversity (full from `enough_channels`). Touches of the last
    `trend_days` of more than `rising` of those of as many days before are increasing, of less than
    `falling` declining; fewer than `trend_least` in both tell nothing. The risk of losing somebody
    is weighed of silence (full after `silent_days`), the trend and little engagement. Either is
    high above `high_risk` and `high_engagement`. A stage with a drop-off above `drop_off` is a
    bottleneck; from fewer than `fewest_won` won leads nothing is predicted.
    """

    recency: int = 40
    frequency: int = 40
    diversity: int = 20
    recent_days: int = 30
    enough_interactions: int = 10
    enough_channels: int = 5
    trend_days: int = 30
    trend_least: int = 3
    rising: int = 120
    falling: int = 80
    silence: int = 60
    trend: int = 25
    little_engagement: int = 15
    silent_days: int = 90
    high_risk: int = 70
    high_engagement: int = 80
    drop_off: int = 30
    fewest_won: int = 30

    def to_json(self) -> dict[str, int]:
        return {name: getattr(self, name) for name in self.__slots__}

    @classmethod
    def from_json(cls, data: Any) -> JourneyRules:
        """Rules from their JSON; absent fields keep their defaults. Raises Invalid."""
        draft, usual = Draft(data), cls()
        told = {
            name: draft.integer(name, getattr(usual, name), **BOUNDS.get(name, {}))
            for name in cls.__slots__
        }
        draft.check()
        for weights in (ENGAGEMENT, CHURN):
            whole = sum(told[name] for name in weights)
            if whole != HUNDRED:
                draft.problem(weights[-1], f"must make 100% with the others: that is {whole}%")
        draft.check()
        return cls(**told)


DEFAULT_JOURNEY_RULES = JourneyRules()
