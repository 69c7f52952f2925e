"""Try a draft of rules on history: what it would have made of what really happened."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from app.domain.contact.contact_form import should_show
from app.domain.scoring.interaction_score import LEVELS, engagement_level
from app.domain.scoring.preview import OUTCOMES, Levels, Preview
from app.domain.scoring.rules import RuleSet
from app.domain.scoring.session_score import (
    SessionFacts,
    SessionRules,
    is_important,
    score_session,
    score_visitor,
)
from app.domain.tracking.visit import SCORE_BANDS, score_band
from app.jobs.report import JobError, Report
from app.operations.work_on_job import Work
from app.queries.scoring import scored_acts, scored_visits
from app.queries.scoring.judge import Judge
from app.queries.scoring.outcomes import Outcome
from app.queries.scoring.rules_history import interaction_version, session_rules_version
from app.queries.scoring.scored_acts import Actor, ScoredAct
from app.queries.scoring.scored_visits import ScoredVisit, Visiting
from app.queries.tracking.sites import facts_of, site

PEOPLE_AT_ONCE = 150
LOOKING = "Looking at what happened"
GONE = "The rules in force when this began are not there any more. Begin the preview again."


def preview_interaction_rules(work: Work, report: Report) -> dict:
    """Each scored act of the range by the rules in force and by the draft."""
    before = interaction_version(work.arguments["in_force"])
    if before is None:
        raise JobError(GONE)
    return _Acts(before, RuleSet.from_json(work.arguments["draft"])).run(work, report)


def preview_session_rules(work: Work, report: Report) -> dict:
    """Each ended visit of the site by the rules in force and by the draft."""
    site_id = work.arguments["site_id"]
    before = session_rules_version(site_id, work.arguments["in_force"])
    if before is None or site(site_id) is None:
        raise JobError(GONE)
    draft = SessionRules.from_json(work.arguments["draft"])
    return _Visits(site_id, before, draft).run(work, report)


def since(work: Work, the_last: Callable[[int], datetime | None]) -> datetime | None:
    """Where the range of a preview begins: "90 days", "last 10000" or "all" (None)."""
    words = work.arguments["range"].split()
    if words[-1] == "days":
        return work.created_at - timedelta(days=int(words[0]))
    return the_last(int(words[1])) if words[0] == "last" else None


class _Acts:
    def __init__(self, before: RuleSet, after: RuleSet):
        self.sides = (Judge(before), Judge(after))
        levels = [
            lambda p, r=judge.rule_set: LEVELS.index(engagement_level(p, r)) for judge in self.sides
        ]
        self.preview = Preview(Levels(LEVELS, *levels))
        self.told_anew = self.otherwise = 0

    def run(self, work: Work, report: Report) -> dict:
        until_id = scored_acts.newest_id()
        begins = since(work, lambda n: scored_acts.since_the_last(n, until_id))
        everything = scored_acts.count(begins, until_id)
        report(0, everything, LOOKING)
        for actors in self._actors(begins, until_id):
            for actor in actors:
                self._take(actor)
            report(self.preview.scores.total(), everything)
        return {
            **self.preview.to_json(),
            "since": begins and begins.isoformat(),
            "told_anew": self.told_anew,
            "scored_otherwise": self.otherwise,
        }

    def _actors(self, begins, until_id: int) -> Iterator[list[Actor]]:
        after, more = None, True
        while more:
            actors, after = scored_acts.actors(after, begins, until_id, PEOPLE_AT_ONCE)
            more = after is not None
            yield actors
        last = 0
        while actors := scored_acts.acts_without_visitor(last, begins, until_id, PEOPLE_AT_ONCE):
            last = actors[-1].acts[-1].id
            yield actors

    def _take(self, actor: Actor):
        scored = [(act.at, *self._scores(act)) for act in actor.acts]
        best = _best(scored, None)
        who = (actor.visitor_id and str(actor.visitor_id), actor.outcome.lead_id)
        self.preview.take_person(*best, who)
        for name, at in _moments(actor.outcome):
            if until_then := _best(scored, at):
                self.preview.take_outcome(name, *until_then, at is not None)

    def _scores(self, act: ScoredAct) -> tuple[int, int]:
        points, asks = [], []
        earlier = act.facts.get("visitor", {}).get("earlier_high_intent", 0)
        for side, judge in enumerate(self.sides):
            by_rule = judge.by_rule(act)
            points.append(judge.points(act, by_rule))
            for rule_id, amount in by_rule.items():
                if amount:
                    self.preview.take_part(rule_id, side, amount)
            decision = should_show(
                points[side], act.type, earlier + 1, False, False, judge.rule_set
            )
            asks.append(decision.show)
        self.told_anew += act.told_anew
        self.otherwise += points[0] != act.points
        self.preview.take_act(*points)
        self.preview.take_ask(act.type, *asks)
        return tuple(points)


class _Visits:
    def __init__(self, site_id: int, before: SessionRules, after: SessionRules):
        self.site_id, self.sides = site_id, (before, after)
        names = tuple(name for _, name in SCORE_BANDS)
        self.preview = Preview(Levels(names, *(2 * [lambda p: names.index(score_band(p))])))
        self.rules_at = facts_of(site(site_id)).rules_at
        self.otherwise = 0
        labels = {rules.folded_labels for rules in self.sides}
        labels |= {rules.folded_labels for _, rules in facts_of(site(site_id)).rules}
        self.with_clicks = len(labels) > 1

    def run(self, work: Work, report: Report) -> dict:
        until = work.created_at
        begins = since(work, lambda n: scored_visits.since_the_last(self.site_id, n, until))
        everything = scored_visits.count(self.site_id, begins, until)
        report(0, everything, LOOKING)
        after, more = None, True
        while more:
            found, after = scored_visits.visitings(
                self.site_id, after, begins, until, PEOPLE_AT_ONCE, self.with_clicks
            )
            for visiting in found:
                self._take(visiting)
            report(self.preview.scores.total(), everything)
            more = after is not None
        return {
            **self.preview.to_json(),
            "since": begins and begins.isoformat(),
            "told_anew": 0,
            "scored_otherwise": self.otherwise,
        }

    def _take(self, visiting: Visiting):
        scored = [(v.started_at, v.ended_at, *self._scores(v)) for v in visiting.visits]
        who = (str(visiting.visitor_id), visiting.outcome.lead_id)
        self.preview.take_person(*self._mean(scored, None), who)
        for name, at in _moments(visiting.outcome):
            if until_then := self._mean(scored, at):
                self.preview.take_outcome(name, *until_then, at is not None)

    def _scores(self, visit: ScoredVisit) -> tuple[int, int]:
        points = []
        for side, rules in enumerate(self.sides):
            score = score_session(self._facts(visit, rules), rules)
            points.append(score.total)
            for name in ("duration", "pages", "clicks"):
                self.preview.take_part(name, side, getattr(score, name))
        self.otherwise += points[0] != visit.points
        self.preview.take_act(*points)
        return tuple(points)

    def _facts(self, visit: ScoredVisit, rules: SessionRules) -> SessionFacts:
        """The visit's facts, its clicks judged by these rules' important labels."""
        if not self.with_clicks:
            return visit.facts
        then = self.rules_at(_millis(visit.started_at))
        important = sum(
            is_important(click.label, rules)
            # What was important without its label saying so was marked so on the page.
            or (click.important and not is_important(click.label, then))
            for click in visit.clicks
        )
        facts = visit.facts
        regular = len(visit.clicks) - important
        return SessionFacts(facts.duration_seconds, facts.page_views, regular, important)

    def _mean(self, scored: list[tuple], at: datetime | None) -> tuple[int, int] | None:
        counted = [each for each in scored if at is None or each[0] < at]
        if not counted:
            return None
        last = max(each[1] for each in counted)
        return tuple(
            score_visitor([(each[2 + side], each[1]) for each in counted], rules, last)
            for side, rules in enumerate(self.sides)
        )


def _moments(outcome: Outcome) -> Iterator[tuple[str, datetime | None]]:
    return zip(OUTCOMES, (outcome.lead_at, outcome.customer_at), strict=True)


def _level_by(rule_set: RuleSet) -> Callable[[int], int]:
    return lambda points: LEVELS.index(engagement_level(points, rule_set))


def _best(scored: list[tuple], at: datetime | None) -> tuple[int, int] | None:
    """The best score of the acts, each side for itself; of those before the moment, if there is
    one."""
    counted = [each for each in scored if at is None or each[0] <= at]
    return tuple(max(each[1 + side] for each in counted) for side in (0, 1)) if counted else None


def _millis(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)
