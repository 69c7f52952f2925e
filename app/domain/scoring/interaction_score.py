"""The interaction score: how much intent one act shows, 0..100.

Source: lead-capture, "Lead Scoring Algorithm".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.domain.score import Contribution, Score, capped
from app.domain.scoring.condition import Facts
from app.domain.scoring.rules import DEFAULT_RULE_SET, Rule, RuleSet

LEVELS = ("low", "medium", "high")


def act_facts(kind: str, data: Mapping[str, Any] | None, around: Mapping[str, Any]) -> Facts:
    """The facts of an act: its type and what it told, and `around` it what was known of the
    session and the visitor when it happened."""
    return {**around, "interaction": {**(data or {}), "type": kind}}


def score_interaction(facts: Facts, rule_set: RuleSet = DEFAULT_RULE_SET) -> Score:
    """The rules that fire, in their order, each with the reason; the sum held within 0..cap."""
    fired = (_contribution(rule, facts) for rule in rule_set.ordered if rule.fires(facts))
    return capped((part for part in fired if part.points), high=rule_set.cap)


def points_by_rule(facts: Facts, rule_set: RuleSet) -> dict[str, int]:
    """What each rule that fires gives, before the cap, by the rule's id; without the reasons."""
    return {
        rule.id: rule.points * rule.units(facts) for rule in rule_set.ordered if rule.fires(facts)
    }


def held(points: int, rule_set: RuleSet) -> int:
    """The sum of points held within 0..cap: what `score_interaction` comes to."""
    return min(max(points, 0), rule_set.cap)


def engagement_level(points: int, rule_set: RuleSet = DEFAULT_RULE_SET) -> str:
    """low, medium or high."""
    return LEVELS[sum(points >= level for level in rule_set.levels)]


def _contribution(rule: Rule, facts: Facts) -> Contribution:
    return Contribution(rule.name, rule.points * rule.units(facts), rule.detail(facts))
