"""Everything an organization settles about its lead score and automatic moves, as one whole that is
previewed and published together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from app.domain.leads.lifecycle import LifecycleRules, automatic_move, triggers
from app.domain.scoring.lead_score import LeadRules, LeadScore
from app.domain.scoring.preview import Levels, Preview

SCORE_REACHED = "score_reached"


@dataclass(frozen=True, slots=True)
class LeadScoring:
    """How leads are scored, and when they move by themselves."""

    rules: LeadRules = field(default_factory=LeadRules)
    lifecycle: LifecycleRules = field(default_factory=LifecycleRules)

    def to_json(self) -> dict[str, Any]:
        """Without the version: two that settle the same are equal."""
        rules = self.rules.to_json()
        del rules["version"]
        return {"lead_rules": rules, "lifecycle": self.lifecycle.to_json()}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> LeadScoring:
        """From its JSON; absent parts keep their defaults. Raises Invalid."""
        rules = LeadRules.from_json(data.get("lead_rules", {}))
        return cls(rules, LifecycleRules.from_json(data.get("lifecycle", {})))

    def numbered(self, version: int) -> LeadScoring:
        """The same as the version of that number."""
        return replace(self, rules=replace(self.rules, version=version))


class ScoringPreview:
    """Counts, lead by lead, what a draft would do beside what is in force."""

    def __init__(self, before: LeadScoring, after: LeadScoring):
        self.sides = (before, after)
        self.temperatures = [tuple(t.name for t in side.rules.temperatures) for side in self.sides]
        names = tuple(grade.name for grade in before.rules.grades)
        self.counted = Preview(Levels(names, *(self._level(side.rules) for side in self.sides)))
        self.warmth: Counter[tuple[str, str]] = Counter()
        self.qualify = [0, 0]

    @staticmethod
    def _level(rules: LeadRules):
        steps = [grade.at_least for grade in rules.grades]
        return lambda shown: next(n for n, at_least in enumerate(steps) if shown >= at_least)

    def take(self, lead_id: int, stage: str, before: LeadScore, after: LeadScore) -> None:
        """One lead's two scores."""
        scores = (before, after)
        self.counted.take_act(before.shown, after.shown)
        self.counted.take_person(before.shown, after.shown, [lead_id])
        self.warmth[before.temperature, after.temperature] += 1
        for side, (scoring, score) in enumerate(zip(self.sides, scores, strict=True)):
            self.qualify[side] += _would_qualify(stage, score.shown, scoring.lifecycle)

    def to_json(self) -> dict[str, Any]:
        told = self.counted.to_json()
        names = self.temperatures[0]
        return {
            "leads": told["people"],
            "changed": told["changed_acts"],
            "means": told["means"],
            "scores": told["scores"],
            "grades": {"names": told["levels"], "moves": told["moves"]},
            "temperatures": {
                "names": list(names),
                "moves": [[self.warmth[a, b] for b in names] for a in names],
            },
            "qualify": self.qualify,
            "named": told["named"],
        }


def _would_qualify(stage: str, shown: int, rules: LifecycleRules) -> bool:
    reached = SCORE_REACHED in triggers(score=shown, rules=rules)
    return reached and automatic_move(stage, SCORE_REACHED, rules) is not None
