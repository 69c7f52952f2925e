"""A lead's journey: how alive it is, where it leads, what it is worth.

Sources: lead-journey-tracker, "Journey Tracking Service" (engagement score, bottlenecks);
lead-tracking-analytics, "Lead Journey Visualization" (trend, churn risk, milestones, revenue);
scoring.md 7 for the figures they leave open.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

from app.domain.journeys.journey_rules import DEFAULT_JOURNEY_RULES, JourneyRules
from app.domain.leads.lifecycle import EXITS, PATH
from app.domain.proportion import surely
from app.domain.score import Contribution, Score, round_half_up, total_of

PLACES = 4
TREND_RISK = {"declining": Decimal(1), "stable": Decimal("0.5"), "increasing": Decimal(0)}
FEWEST_DECIDED, SURE_PART = 10, Fraction(2, 3)
USUAL_DAYS, LEAST_DAYS = 21, 3


def engagement_score(
    days_since_last: float | None,
    interactions: int,
    channels: int,
    rules: JourneyRules = DEFAULT_JOURNEY_RULES,
) -> Score:
    """How engaged a lead is, 0 to 1 to four decimals: recency, frequency and diversity at their
    weights (0.4, 0.4, 0.2), each a contribution.

    `days_since_last`: days since the last interaction, None without one; `interactions` and
    `channels`: how many there were in all.
    """
    recency = 0.0 if days_since_last is None else max(0.0, 1 - days_since_last / rules.recent_days)
    heard = days_since_last is not None
    days = f"last heard from {days_in_words(days_since_last)} ago" if heard else "never heard from"
    return _weighted(
        ("Recency", rules.recency, min(recency, 1.0), days),
        (
            "Frequency",
            rules.frequency,
            min(interactions / rules.enough_interactions, 1),
            _counted(interactions, "engagement"),
        ),
        (
            "Diversity",
            rules.diversity,
            min(channels / rules.enough_channels, 1),
            _counted(channels, "channel"),
        ),
    )


def trend(recent: int, before: int, rules: JourneyRules = DEFAULT_JOURNEY_RULES) -> str:
    """increasing, declining or stable: touches of the last days (30) against those of as many
    before. Fewer than three in both together are too few to tell, and stable."""
    if recent + before < rules.trend_least:
        return "stable"
    if recent * 100 > rules.rising * before:
        return "increasing"
    return "declining" if recent * 100 < rules.falling * before else "stable"


def churn_risk(
    days_since_last: float | None,
    trend: str,
    engagement: Score,
    rules: JourneyRules = DEFAULT_JOURNEY_RULES,
) -> Score:
    """The risk of losing a lead, 0 to 1 to four decimals: silence (full after 90 days, or where
    nothing ever happened), the trend, and what engagement lacks, at their weights (0.6, 0.25,
    0.15)."""
    silent = 1.0
    if days_since_last is not None:
        silent = min(max(days_since_last, 0) / rules.silent_days, 1.0)
    days = (
        "never heard from"
        if days_since_last is None
        else f"silent for {days_in_words(days_since_last)}"
    )
    lack = Decimal(1) - Decimal(engagement.points)
    return _weighted(
        ("Silence", rules.silence, silent, days),
        ("Trend", rules.trend, TREND_RISK[trend], f"touches {trend}"),
        (
            "Little engagement",
            rules.little_engagement,
            lack,
            f"engagement {_percent(engagement.points)}",
        ),
    )


def _percent(share: Decimal | float) -> str:
    return f"{round_half_up(Decimal(str(share)) * 100)}%"


def days_in_words(days: float) -> str:
    """Whole days, as "1 day" or "less than a day"."""
    return "less than a day" if days < 1 else _counted(int(days), "day")


def _counted(count: int, thing: str) -> str:
    return f"{count} {thing}{'s' * (count != 1)}"


def is_high_risk(risk: Decimal, rules: JourneyRules = DEFAULT_JOURNEY_RULES) -> bool:
    """Whether a churn risk, 0 to 1, is high: above 0.7."""
    return risk * 100 > rules.high_risk


def _weighted(*parts: tuple[str, int, float | Decimal, str]) -> Score:
    """Of (name, percent, value 0 to 1, detail)."""
    made = tuple(
        Contribution(
            name, round_half_up(Decimal(percent) / 100 * Decimal(str(value)), PLACES), detail
        )
        for name, percent, value, detail in parts
    )
    return Score(total_of(made), made)


@dataclass(frozen=True, slots=True)
class Stay:
    """A lead's stay in a stage; `left_at` None: still there."""

    stage: str
    entered_at: datetime
    left_at: datetime | None = None


def milestones(
    stays: Iterable[Stay], first_contact_at: datetime | None = None
) -> dict[str, datetime | None]:
    """When a lead first reached each milestone. First contact is the first outbound contact
    (`first_contact_at`), or the stage contacted, whichever came first; a stage that was skipped has
    no date."""
    entered: dict[str, datetime] = {}
    for stay in stays:
        entered[stay.stage] = min(stay.entered_at, entered.get(stay.stage, stay.entered_at))
    contacts = [at for at in (first_contact_at, entered.get("contacted")) if at]
    return {"first_contact": min(contacts, default=None)} | {
        stage: entered.get(stage) for stage in ("qualified", "opportunity", "customer")
    }


@dataclass(frozen=True, slots=True)
class Deviation:
    """How a path differs from the usual one: stages passed over, and moves back (from, to)."""

    skipped: tuple[str, ...]
    back: tuple[tuple[str, str], ...]

    @property
    def count(self) -> int:
        return len(self.skipped) + len(self.back)


def usual_path(paths: Iterable[Sequence[str]]) -> tuple[str, ...]:
    """The path most leads that became customers took (the longer one of equals, then by name); the
    lifecycle's own where nobody has yet. A path is the stages entered, in order."""
    won = Counter(tuple(path) for path in paths if path and path[-1] == "customer")
    if not won:
        return PATH
    return max(won, key=lambda path: (won[path], len(path), path))


def deviation(path: Sequence[str], usual: Sequence[str] = PATH) -> Deviation:
    """What a path passed over of the usual one, up to the furthest stage it reached, and where it
    went back. Leaving (churned, lost) is neither."""
    on_path = [stage for stage in path if stage not in EXITS]
    furthest = max((PATH.index(stage) for stage in on_path), default=-1)
    skipped = tuple(
        stage
        for stage in dict.fromkeys(usual)
        if stage in PATH and PATH.index(stage) < furthest and stage not in on_path
    )
    steps = pairwise(on_path)
    back = tuple((a, b) for a, b in steps if PATH.index(b) < PATH.index(a))
    return Deviation(skipped, back)


@dataclass(frozen=True, slots=True)
class Prediction:
    """What a lead may bring in minor units, and how that was come by; `value` None says why not."""

    value: int | None
    because: str


def predicted_value(
    likelihood: float | None,
    won: int,
    won_value: int,
    stage: str = "new",
    rules: JourneyRules = DEFAULT_JOURNEY_RULES,
) -> Prediction:
    """Likelihood, 0 to 1, times the mean value of the `won` leads of the same segment, who brought
    `won_value` minor units together. Fewer than 30 won leads predict nothing, and nothing is
    predicted of a customer: the likelihood is that of becoming one."""
    if stage == "customer":
        return Prediction(None, "they are a customer; a further purchase is not predicted")
    if won < rules.fewest_won:
        few = (
            f"{_counted(won, 'won lead')} of the same segment {'is' if won == 1 else 'are'} too few"
        )
        told = f"{few} to predict from"
        return Prediction(None, f"{told}; {rules.fewest_won} needed")
    if likelihood is None:
        return Prediction(None, "no lead has been in this stage for long enough to tell the chance")
    value = round_half_up(Decimal(str(likelihood)) * won_value / won)
    return Prediction(
        value, f"{_percent(likelihood)} of the mean of {won} won leads of the same segment"
    )


@dataclass(frozen=True, slots=True)
class StageFlow:
    """How a stage of the path flows on. `reached`: leads that ever came to it or beyond; `went_on`:
    those that came further; `waiting`: those that went no further and have not left; `early`: those
    of them that are younger in their stage than leads usually stay, so that nothing is decided."""

    stage: str
    reached: int
    went_on: int
    waiting: int = 0
    early: int = 0

    @property
    def decided(self) -> int:
        """Those that went on, left, or had the time to go on."""
        return self.reached - self.early

    @property
    def lost(self) -> int:
        """Those of the decided that went no further."""
        return self.decided - self.went_on

    @property
    def drop_off(self) -> Fraction:
        """The part, 0 to 1, of the decided that went no further."""
        return Fraction(self.lost, self.decided) if self.decided else Fraction(0)

    def is_enough(self, drop_off: int = DEFAULT_JOURNEY_RULES.drop_off) -> bool:
        """Whether so many are decided that a drop-off is no chance: at least ten, and surely (95 %)
        above two thirds of the `drop_off`, in percent, that makes a bottleneck: 0.20 of 0.30. From
        57 decided on that holds for every drop-off above 0.30."""
        least = SURE_PART * drop_off / 100
        return self.decided >= FEWEST_DECIDED and surely(self.lost, self.decided) > least


def usual_days(stage: str, stays: Mapping[str, float]) -> float:
    """The days after which a lead that is still in a stage has had the time to go on: what those
    who did usually needed (`stays`, app.domain.journeys.history.usual_stays), else three weeks;
    never less than three days, which outlast a weekend."""
    return max(stays.get(stage, USUAL_DAYS), LEAST_DAYS)


ADVICE = {
    "new": "Answer new leads sooner: assign each and make the first call within a day.",
    "contacted": "Ask what they need in the first talk; follow up twice before letting go.",
    "qualified": "Send something to react to: a quote, two times for an appointment.",
    "engaged": "Offer a concrete next step and a date while they answer.",
    "opportunity": "Look at the offers that were not taken: the price, the timing, the doubts.",
}


@dataclass(frozen=True, slots=True)
class Bottleneck:
    """A stage that too many go no further than: `lost` of the `decided`, of whom `waiting` are
    still in it; `early` more are too young in it to be counted. `enough` says whether that is more
    than chance. `value_at_stake` is minor units, None where nothing was won."""

    stage: str
    drop_off: Fraction
    decided: int
    lost: int
    waiting: int
    early: int
    enough: bool
    recommendation: str
    value_at_stake: int | None


def bottlenecks(
    flows: Iterable[StageFlow],
    mean_won_value: int | None = None,
    rules: JourneyRules = DEFAULT_JOURNEY_RULES,
) -> list[Bottleneck]:
    """The stages with a drop-off above 0.30, those of enough leads first, then the worst. What is
    at stake is the leads that went no further times the chance of those who did to become
    customers, times the mean value of a won lead."""
    flows = list(flows)
    customers = next((flow.reached for flow in flows if flow.stage == "customer"), 0)
    found = [
        Bottleneck(
            stage=flow.stage,
            drop_off=flow.drop_off,
            decided=flow.decided,
            lost=flow.lost,
            waiting=flow.waiting - flow.early,
            early=flow.early,
            enough=flow.is_enough(rules.drop_off),
            recommendation=ADVICE[flow.stage],
            value_at_stake=_at_stake(flow, customers, mean_won_value),
        )
        for flow in flows
        if flow.stage in ADVICE and flow.drop_off * 100 > rules.drop_off
    ]
    return sorted(found, key=lambda each: (not each.enough, -each.drop_off))


def _at_stake(flow: StageFlow, customers: int, mean_won_value: int | None) -> int | None:
    if mean_won_value is None:
        return None
    chance = Fraction(customers, flow.went_on) if flow.went_on else Fraction(0)
    at_stake = flow.lost * min(chance, Fraction(1)) * mean_won_value
    return int(at_stake + Fraction(1, 2))


@dataclass(frozen=True, slots=True)
class Place:
    """Where a lead is: the furthest stage of the path it came to, whether it has left (churned,
    lost or erased), and for how many days it has been in its present stage; or where so many
    `leads` are of whom that is the same."""

    furthest: str
    has_left: bool
    days: float
    leads: int = 1


def flows(places: Iterable[Place], stays: Mapping[str, float] | None = None) -> list[StageFlow]:
    """The flow of every stage of the path, from where leads are and how long those who went on
    usually stayed."""
    ended, waiting, early = Counter(), Counter(), Counter()
    for place in places:
        ended[place.furthest] += place.leads
        if not place.has_left:
            waiting[place.furthest] += place.leads
            if place.days < usual_days(place.furthest, stays or {}):
                early[place.furthest] += place.leads
    found, beyond = [], 0
    for stage in reversed(PATH):
        reached = beyond + ended[stage]
        if stage == "customer":
            found.append(StageFlow(stage, reached, reached))
        else:
            found.append(StageFlow(stage, reached, beyond, waiting[stage], early[stage]))
        beyond = reached
    return found[::-1]
