"""The interaction score: how much intent one act shows, 0..100.

Source: lead-capture, "Lead Scoring Algorithm".
"""

from __future__ import annotations

from app.domain.rules import DEFAULT_RULE_SET, Facts, Rule, RuleSet
from app.domain.score import Contribution, Score, capped

LEVELS = ("low", "medium", "high")


def score_interaction(facts: Facts, rule_set: RuleSet = DEFAULT_RULE_SET) -> Score:
    """The rules that fire, in their order, each with the reason; the sum held within 0..cap."""
    fired = (_contribution(rule, facts) for rule in rule_set.ordered if rule.fires(facts))
    return capped((part for part in fired if part.points), high=rule_set.cap)


def engagement_level(points: int, rule_set: RuleSet = DEFAULT_RULE_SET) -> str:
    """low, medium or high."""
    return LEVELS[sum(points >= level for level in rule_set.levels)]


def _contribution(rule: Rule, facts: Facts) -> Contribution:
    return Contribution(rule.name, rule.points * rule.units(facts), rule.detail(facts))
