"""The rule sets in force."""

from sqlalchemy import select

from app.domain.scoring.rules import DEFAULT_RULE_SET, RuleSet
from app.domain.scoring.session_score import DEFAULT_SESSION_RULES, SessionRules
from app.extensions import db
from app.models import LeadScoringRule, RuleSetVersion
from app.models.types import to_millis

HEARD_AFTER = 2000  # ms that a collector may remember a site (blueprints/collect/door.py)


def interaction_rules() -> RuleSet:
    """The newest published rules of the organization acted for; the ten defaults (version 0)
    while it has published none."""
    published = db.session.scalar(
        select(RuleSetVersion)
        .where(RuleSetVersion.kind == "interaction")
        .order_by(RuleSetVersion.version.desc())
        .limit(1)
    )
    return rule_set_of(published) if published else defaults()


def defaults() -> RuleSet:
    """The rule set of an organization that has published none: version 0."""
    return RuleSet(version=0, rules=DEFAULT_RULE_SET.rules)


def rule_set_of(published: RuleSetVersion) -> RuleSet:
    """A published version as the domain's rule set."""
    return RuleSet.from_json(
        {
            **published.body,
            "version": published.version,
            "rules": [rule_json(rule) for rule in published.rules],
        }
    )


def rule_json(rule: LeadScoringRule) -> dict:
    """A stored rule in the shape of `Rule.from_json`."""
    row = {name: getattr(rule, name) for name in ROW_FIELDS}
    return {**row, "id": rule.code}


ROW_FIELDS = (
    "name",
    "kind",
    "points",
    "interaction_type",
    "condition",
    "per_unit",
    "unit_cap",
    "active",
    "position",
)


def session_rules(site_id: int) -> SessionRules:
    """A site's session rules in force now."""
    return session_rules_history(site_id)[0][1]


def session_rules_history(site_id: int) -> list[tuple[int, SessionRules]]:
    """Every version of a site's session rules as (in force since, rules), newest first.

    A visit is scored by the rules in force when it began. A version is in force two seconds after
    it was published: by then every collector has heard of it, and all judge alike. The last entry
    holds since ever.
    """
    versions = db.session.scalars(
        select(RuleSetVersion)
        .where(RuleSetVersion.kind == "session", RuleSetVersion.site_id == site_id)
        .order_by(RuleSetVersion.version.desc())
    )
    history = [
        (to_millis(v.published_at) + HEARD_AFTER, SessionRules.from_json(v.body)) for v in versions
    ]
    return [*history, (0, DEFAULT_SESSION_RULES)]
