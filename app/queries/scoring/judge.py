"""The points that rules give to acts that happened already."""

from app.domain.scoring.interaction_score import held, points_by_rule
from app.domain.scoring.rules import RuleSet
from app.queries.scoring.rules_history import interaction_version
from app.queries.scoring.scored_acts import ScoredAct


class Judge:
    """Applies a rule set to stored acts. An act that was scored by a version which gives the same
    points keeps the points it was given then."""

    def __init__(self, rule_set: RuleSet):
        self.rule_set = rule_set
        self._alike: dict[int, bool] = {}

    def points(self, act: ScoredAct, by_rule: dict[str, int] | None = None) -> int:
        """The act's score, 0..cap; `by_rule` when it is known already."""
        if act.version is not None and self._is_alike(act.version):
            return act.points
        return held(
            sum((self.by_rule(act) if by_rule is None else by_rule).values()), self.rule_set
        )

    def by_rule(self, act: ScoredAct) -> dict[str, int]:
        """What each rule that fires gives, by its id."""
        return points_by_rule(act.facts, self.rule_set)

    def _is_alike(self, version: int) -> bool:
        if version not in self._alike:
            then = interaction_version(version)
            self._alike[version] = then is not None and self.rule_set.scores_like(then)
        return self._alike[version]
