"""Scoring rules as data, and the versioned set that scores interactions.

Source: lead-capture, "Lead Scoring Algorithm".
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from app.domain.scoring.condition import PATH_NEEDED, Condition, Facts, count_of, is_path, look_up
from app.domain.validation import Draft, Invalid

TOOL_TYPES = ("ai_recommendation", "face_analysis", "cost_calculator", "appointment_booked")
KINDS = ("base", "bonus")


class RuleError(Invalid):
    """A rule that cannot be used; `fields` says why, field by field."""


@dataclass(frozen=True, slots=True)
class Rule:
    """Points for an interaction of one type (None: of all) whose condition holds (None: always).

    `points` is -100..100. `per_unit` names a field whose count multiplies them, counting no more
    than `unit_cap` units. Rules are evaluated in the order of `position`.
    """

    id: str
    name: str
    kind: str
    points: int
    interaction_type: str | None = None
    condition: Condition | None = None
    per_unit: str | None = None
    unit_cap: int | None = None
    active: bool = True
    position: int = 0

    def fires(self, facts: Facts) -> bool:
        if not self.active:
            return False
        if self.interaction_type not in (None, look_up(facts, "interaction.type")):
            return False
        return self.condition is None or self.condition.holds(facts)

    def units(self, facts: Facts) -> int:
        """How often the points count: 1, or the count of the `per_unit` field."""
        if self.per_unit is None:
            return 1
        found = count_of(look_up(facts, self.per_unit))
        return found if self.unit_cap is None else min(found, self.unit_cap)

    def detail(self, facts: Facts) -> str:
        if self.per_unit is not None:
            return f"{self.units(facts)} × {self.points}"
        return self.condition.detail(facts) if self.condition else self.interaction_type or ""

    def to_json(self) -> dict[str, Any]:
        condition = self.condition and self.condition.to_json()
        return {name: getattr(self, name) for name in _RULE_FIELDS} | {"condition": condition}

    @classmethod
    def from_json(cls, data: Any) -> Rule:
        """One rule from its JSON. Raises RuleError naming each field."""
        draft = Draft(data, RuleError)
        rule = cls.read(draft)
        draft.check()
        return rule

    @classmethod
    def read(cls, draft: Draft) -> Rule:
        rule = cls(
            id=draft.text("id", longest=64),
            name=draft.text("name", longest=120),
            kind=draft.choice("kind", KINDS),
            points=draft.integer("points", low=-100),
            interaction_type=draft.optional("interaction_type", draft.slug),
            condition=_read_condition(draft),
            per_unit=draft.optional("per_unit", draft.value, None, is_path, PATH_NEEDED),
            unit_cap=draft.optional("unit_cap", draft.integer, low=1),
            active=draft.flag("active", True),
            position=draft.integer("position", 0, high=10_000),
        )
        if rule.unit_cap is not None and draft.data.get("per_unit") is None:
            draft.problem("unit_cap", "needs a per_unit field to cap")
        return rule


_RULE_FIELDS = [
    "id",
    "name",
    "kind",
    "points",
    "interaction_type",
    "condition",
    "per_unit",
    "unit_cap",
    "active",
    "position",
]

_WORTH = ("points", "interaction_type", "condition", "per_unit", "unit_cap")


def _read_condition(draft: Draft) -> Condition | None:
    if draft.optional("condition", lambda name: True) is None:
        return None
    return Condition.read(draft.part("condition"))


def _defaults() -> tuple[Rule, ...]:
    many = Condition("interaction.procedures", "count_at_least", 2)
    high = Condition("interaction.budget", "equals", "high")
    urgent = Condition("interaction.urgency", "equals", "immediate")
    engaged = Condition("session.engaged_seconds", "at_least", 300)
    back = Condition("visitor.sessions", "at_least", 2)
    rules = (
        Rule("ai_recommendation", "AI recommendation used", "base", 60, TOOL_TYPES[0]),
        Rule("face_analysis", "Face analysis used", "base", 80, TOOL_TYPES[1]),
        Rule("cost_calculator", "Cost calculator used", "base", 70, TOOL_TYPES[2]),
        Rule("appointment_booked", "Appointment booked", "base", 90, TOOL_TYPES[3]),
        Rule("several_procedures", "More than one procedure", "bonus", 15, condition=many),
        Rule("high_budget", "High budget range", "bonus", 20, condition=high),
        Rule("immediate_urgency", "Immediate urgency", "bonus", 25, condition=urgent),
        Rule("high_engagement", "High engagement time", "bonus", 15, condition=engaged),
        Rule(
            "earlier_high_intent",
            "Each earlier high-intent interaction",
            "bonus",
            5,
            per_unit="visitor.earlier_high_intent",
        ),
        Rule("returning_visitor", "Returning visitor", "bonus", 10, condition=back),
    )
    return tuple(replace(rule, position=place) for place, rule in enumerate(rules, start=1))


DEFAULT_RULES = _defaults()
DEFAULT_THRESHOLDS = dict(zip(TOOL_TYPES, (60, 80, 70, 90), strict=True))


@dataclass(frozen=True, slots=True)
class RuleSet:
    """A published version of the rules. `thresholds`: the score at which each interaction type asks
    for contact; `high_intent_limit`: as many high-intent interactions ask whatever the score;
    `levels`: where engagement becomes medium, and high; `cap`: the most a score can be."""

    version: int = 1
    rules: tuple[Rule, ...] = DEFAULT_RULES
    thresholds: Mapping[str, int] = field(default_factory=lambda: dict(DEFAULT_THRESHOLDS))
    high_intent_limit: int = 3
    levels: tuple[int, int] = (40, 70)
    cap: int = 100
    ordered: tuple[Rule, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        ordered = tuple(sorted(self.rules, key=lambda rule: rule.position))
        object.__setattr__(self, "ordered", ordered)

    def scores_like(self, other: RuleSet) -> bool:
        """Whether both give every act the same points: names, order and thresholds aside."""
        return self.cap == other.cap and self._worth == other._worth

    @property
    def _worth(self) -> Counter:
        """What scores, as often as it stands there."""
        return Counter(
            str({name: rule.to_json()[name] for name in _WORTH})
            for rule in self.rules
            if rule.active and rule.points
        )

    def to_json(self) -> dict[str, Any]:
        return {
            "version": self.version,
            "rules": [rule.to_json() for rule in self.rules],
            "thresholds": dict(self.thresholds),
            "high_intent_limit": self.high_intent_limit,
            "levels": list(self.levels),
            "cap": self.cap,
        }

    @classmethod
    def from_json(cls, data: Any) -> RuleSet:
        """A rule set from its JSON; absent fields keep their defaults. Raises RuleError, whose
        fields are paths such as `rules.3.points`."""
        draft = Draft(data, RuleError)
        values = {
            "version": draft.integer("version", 1, low=1, high=2**31 - 1),
            "rules": draft.each("rules", DEFAULT_RULES, Rule.read),
            "thresholds": draft.integers("thresholds", DEFAULT_THRESHOLDS),
            "high_intent_limit": draft.integer("high_intent_limit", 3, low=1, high=1000),
            "levels": tuple(draft.value("levels", (40, 70), _are_levels, LEVELS_NEEDED)),
            "cap": draft.integer("cap", 100, low=1),
        }
        _refuse_repeated_ids(draft, values["rules"])
        draft.check()
        return cls(**values)


LEVELS_NEEDED = "must be two rising whole numbers 0..100"


def _are_levels(value: Any) -> bool:
    if not (isinstance(value, list | tuple) and len(value) == 2):
        return False
    whole = all(isinstance(level, int) and not isinstance(level, bool) for level in value)
    return whole and 0 <= value[0] < value[1] <= 100


def _refuse_repeated_ids(draft: Draft, rules: tuple[Rule, ...]) -> None:
    seen: set[str] = set()
    for place, rule in enumerate(rules):
        if rule.id in seen:
            draft.problem(f"rules.{place}.id", "is used twice")
        seen.add(rule.id)


DEFAULT_RULE_SET = RuleSet()
