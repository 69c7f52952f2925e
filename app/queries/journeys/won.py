"""What the organization's own history says of winning: paths, values, chances, outcomes."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from sys import intern

from sqlalchemy import BigInteger, and_, select, type_coerce

from app.domain.journeys.history import DAY_MILLIS, Way, case, chances, usual_stays
from app.domain.journeys.journey import usual_path
from app.domain.journeys.next_action import MOVES_ON_DAYS, TEACHES, Outcome
from app.domain.leads.lifecycle import EXITS, PATH
from app.domain.leads.segment import segment
from app.extensions import db
from app.models import Interaction, Lead, LeadJourney, LeadLifecycle, LeadScore, LearnedHistory
from app.models.types import to_millis
from app.tenancy import acting_organization_id

MOVES_ON_WITHIN = timedelta(days=MOVES_ON_DAYS)
AT_ONCE = 2000


@dataclass(slots=True)
class Won:
    """`usual`: the path most customers took. `by_segment`: (customers, what they brought in minor
    units). `reached`: leads that ever came to each stage or beyond. `outcomes`: by stage and
    action. `chances`: by stage, leads that had the time to become customers, and those that did.
    `stays`: how many days those who went on usually needed (app.domain.journeys.history)."""

    usual: tuple[str, ...] = PATH
    by_segment: dict[str, tuple[int, int]] = field(default_factory=dict)
    reached: dict[str, int] = field(default_factory=dict)
    outcomes: dict[str, dict[str, Outcome]] = field(default_factory=dict)
    chances: dict[str, tuple[int, int]] = field(default_factory=dict)
    stays: dict[str, float] = field(default_factory=dict)

    @property
    def customers(self) -> int:
        return self.reached.get("customer", 0)

    @property
    def mean_value(self) -> int | None:
        """What a customer brought on average, in minor units; None without customers."""
        count = sum(n for n, _ in self.by_segment.values())
        return sum(v for _, v in self.by_segment.values()) // count if count else None

    def likelihood(self, stage: str) -> float | None:
        """The share of those who came to a stage, and had the time, that became customers; None
        where nobody had and for customers, 0 for those who left."""
        if stage in EXITS:
            return 0.0
        had_time, customers = self.chances.get(stage, (0, 0))
        return customers / had_time if had_time else None

    def to_json(self) -> dict:
        return {
            "usual": list(self.usual),
            "by_segment": {name: list(pair) for name, pair in self.by_segment.items()},
            "reached": self.reached,
            "outcomes": {
                stage: {action: [o.cases, o.moved_on] for action, o in actions.items()}
                for stage, actions in self.outcomes.items()
            },
            "chances": {stage: list(pair) for stage, pair in self.chances.items()},
            "stays": self.stays,
        }

    @classmethod
    def from_json(cls, data: dict) -> "Won":
        return cls(
            tuple(data["usual"]),
            {name: tuple(pair) for name, pair in data["by_segment"].items()},
            data["reached"],
            {
                stage: {action: Outcome(*counts) for action, counts in actions.items()}
                for stage, actions in data["outcomes"].items()
            },
            # what was learned by an earlier release has neither until the next night
            {stage: tuple(pair) for stage, pair in data.get("chances", {}).items()},
            data.get("stays", {}),
        )


def won() -> Won:
    """What was learned last; of an organization without a past, the lifecycle's own path and no
    figures."""
    row = learned()
    return Won.from_json(row.history) if row else Won()


def learned() -> LearnedHistory | None:
    """The row that says what was learned, and when."""
    return db.session.scalar(select(LearnedHistory))


def count_won(now: datetime) -> Won:
    """What the whole history says now: a few queries over all leads, for the night."""
    ways = _ways()
    paths = [tuple(stage for _, stage in way) for way in ways.values()]
    return Won(
        usual_path(paths),
        _by_segment(),
        _reached(paths),
        _count_outcomes(ways, now),
        chances(ways.values(), to_millis(now)),
        usual_stays(ways.values()),
    )


def _ways() -> dict[int, list[tuple[int, str]]]:
    """The stays of every lead, by lead, in order of time."""
    rows = db.session.execute(
        select(
            LeadLifecycle.lead_id,
            type_coerce(LeadLifecycle.entered_at, BigInteger),
            LeadLifecycle.stage,
        )
        .where(LeadLifecycle.organization_id == acting_organization_id())
        .order_by(LeadLifecycle.lead_id, LeadLifecycle.entered_at, LeadLifecycle.id)
        .execution_options(yield_per=AT_ONCE)
    )
    ways: dict[int, list[tuple[int, str]]] = defaultdict(list)
    for lead_id, entered_at, stage in rows:
        ways[lead_id].append((entered_at, intern(stage)))
    return ways


def _reached(paths: list[tuple[str, ...]]) -> dict[str, int]:
    counts = dict.fromkeys(PATH, 0)
    for path in paths:
        furthest = max((PATH.index(stage) for stage in path if stage in PATH), default=-1)
        for stage in PATH[: furthest + 1]:
            counts[stage] += 1
    return counts


def _by_segment() -> dict[str, tuple[int, int]]:
    organization_id = acting_organization_id()
    rows = db.session.execute(
        select(Lead.lead_score, LeadScore.score_factors, LeadJourney.total_revenue)
        .join_from(
            Lead,
            LeadScore,
            and_(
                LeadScore.organization_id == organization_id,
                LeadScore.lead_id == Lead.id,
                LeadScore.is_current,
            ),
        )
        .outerjoin(
            LeadJourney,
            and_(
                LeadJourney.organization_id == organization_id,
                LeadJourney.lead_id == Lead.id,
            ),
        )
        .where(Lead.organization_id == organization_id, Lead.stage == "customer")
    )
    found: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for score, factors, value in rows:
        counted = found[segment(score, factors.get("engagement", 0))]
        counted[0] += 1
        counted[1] += int(value or 0)
    return {name: (count, value) for name, (count, value) in found.items()}


def _count_outcomes(ways: dict[int, Way], now: datetime) -> dict[str, dict[str, Outcome]]:
    """By stage and action: every contact that has had its two weeks is a case. What came yesterday
    has not failed yet, and would speak against whatever was begun with lately."""
    rows = db.session.execute(
        select(
            Interaction.lead_id,
            Interaction.type,
            type_coerce(Interaction.occurred_at, BigInteger),
        )
        .where(
            Interaction.organization_id == acting_organization_id(),
            Interaction.lead_id.is_not(None),
            Interaction.type.in_(TEACHES),
            Interaction.occurred_at <= now - MOVES_ON_WITHIN,
        )
        .execution_options(yield_per=AT_ONCE)
    )
    within = MOVES_ON_DAYS * DAY_MILLIS
    counts: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
    for lead_id, kind, at in rows:
        if lead_id in ways and (known := case(ways[lead_id], at, within)):
            counted = counts[known.stage, TEACHES[kind]]
            counted[0] += 1
            counted[1] += known.moved_on
    found: dict[str, dict[str, Outcome]] = defaultdict(dict)
    for (stage, action), (cases, moved_on) in sorted(counts.items()):
        found[stage][action] = Outcome(cases, moved_on)
    return dict(found)
