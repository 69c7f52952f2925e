"""What the organization's own history says of winning: paths, values, chances, outcomes."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import timedelta

from sqlalchemy import and_, func, or_, select

from app.domain.insight import LEARNED, MOVES_ON_DAYS, Outcome
from app.domain.journey import usual_path
from app.domain.lifecycle import EXITS, PATH
from app.domain.segment import segment
from app.extensions import db
from app.models import Interaction, Lead, LeadLifecycle, LeadScore, LearnedHistory
from app.tenancy import acting_organization_id

MOVES_ON_WITHIN = timedelta(days=MOVES_ON_DAYS)


@dataclass(slots=True)
class Won:
    """`usual`: the path most customers took. `by_segment`: (customers, what they brought in minor
    units). `reached`: leads that ever came to each stage or beyond. `outcomes`: by stage and
    action."""

    usual: tuple[str, ...] = PATH
    by_segment: dict[str, tuple[int, int]] = field(default_factory=dict)
    reached: dict[str, int] = field(default_factory=dict)
    outcomes: dict[str, dict[str, Outcome]] = field(default_factory=dict)

    @property
    def customers(self) -> int:
        return self.reached.get("customer", 0)

    @property
    def mean_value(self) -> int | None:
        """What a customer brought on average, in minor units; None without customers."""
        count = sum(n for n, _ in self.by_segment.values())
        return sum(v for _, v in self.by_segment.values()) // count if count else None

    def likelihood(self, stage: str) -> float | None:
        """The share of those who ever came to a stage that became customers; None where nobody
        came and for customers, 0 for those who left."""
        if stage in EXITS:
            return 0.0
        if stage == "customer":
            return None  # they have bought; whether again is another question
        came = self.reached.get(stage, 0)
        return self.customers / came if came else None

    def to_json(self) -> dict:
        return {
            "usual": list(self.usual),
            "by_segment": {name: list(pair) for name, pair in self.by_segment.items()},
            "reached": self.reached,
            "outcomes": {
                stage: {action: [o.cases, o.moved_on] for action, o in actions.items()}
                for stage, actions in self.outcomes.items()
            },
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
        )


def won() -> Won:
    """What was learned last; of an organization without a past, the lifecycle's own path and no
    figures."""
    row = learned()
    return Won.from_json(row.history) if row else Won()


def learned() -> LearnedHistory | None:
    """The row that says what was learned, and when."""
    return db.session.scalar(select(LearnedHistory))


def count_won() -> Won:
    """What the whole history says now: a few queries over all leads, for the night."""
    paths = _paths()
    return Won(usual_path(paths), _by_segment(), _reached(paths), _count_outcomes())


def reached() -> dict[str, int]:
    """How many leads ever came to each stage of the path, or beyond."""
    return _reached(_paths())


def _paths() -> list[tuple[str, ...]]:
    rows = db.session.execute(
        select(LeadLifecycle.lead_id, LeadLifecycle.stage)
        .where(LeadLifecycle.organization_id == acting_organization_id())
        .order_by(LeadLifecycle.lead_id, LeadLifecycle.entered_at, LeadLifecycle.id)
    )
    paths: dict[int, list[str]] = defaultdict(list)
    for lead_id, stage in rows:
        paths[lead_id].append(stage)
    return [tuple(path) for path in paths.values()]


def _reached(paths: list[tuple[str, ...]]) -> dict[str, int]:
    counts = dict.fromkeys(PATH, 0)
    for path in paths:
        furthest = max((PATH.index(stage) for stage in path if stage in PATH), default=-1)
        for stage in PATH[: furthest + 1]:
            counts[stage] += 1
    return counts


def _by_segment() -> dict[str, tuple[int, int]]:
    organization_id = acting_organization_id()
    brought = (
        select(Interaction.lead_id, func.sum(Interaction.revenue).label("value"))
        .where(
            Interaction.organization_id == organization_id,
            Interaction.type == "purchase_made",
            Interaction.lead_id.is_not(None),
        )
        .group_by(Interaction.lead_id)
        .subquery()
    )
    rows = db.session.execute(
        select(Lead.lead_score, LeadScore.score_factors, brought.c.value)
        .join_from(
            Lead,
            LeadScore,
            and_(
                LeadScore.organization_id == organization_id,
                LeadScore.lead_id == Lead.id,
                LeadScore.is_current,
            ),
        )
        .outerjoin(brought, brought.c.lead_id == Lead.id)
        .where(Lead.organization_id == organization_id, Lead.stage == "customer")
    )
    found: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for score, factors, value in rows:
        counted = found[segment(score, factors.get("engagement", 0))]
        counted[0] += 1
        counted[1] += int(value or 0)
    return {name: (count, value) for name, (count, value) in found.items()}


def _count_outcomes() -> dict[str, dict[str, Outcome]]:
    """By stage and action: a contact with a lead in a stage is a
    case; the lead moved on when it left that stage within two weeks for one further on."""
    organization_id = acting_organization_id()
    following = LeadLifecycle.__table__.alias("following")
    stay = LeadLifecycle.__table__
    further = [
        and_(stay.c.stage == stage, following.c.stage.in_(PATH[place + 1 :]))
        for place, stage in enumerate(PATH[:-1])
    ]
    moved = and_(
        stay.c.exited_at <= Interaction.occurred_at + int(MOVES_ON_WITHIN.total_seconds() * 1000),
        following.c.id.is_not(None),
    )
    rows = db.session.execute(
        select(
            stay.c.stage,
            Interaction.type,
            func.count(Interaction.id.distinct()),
            func.count(Interaction.id.distinct()).filter(moved),
        )
        .select_from(Interaction)
        .join(
            stay,
            and_(
                stay.c.organization_id == organization_id,
                stay.c.lead_id == Interaction.lead_id,
                stay.c.entered_at <= Interaction.occurred_at,
                or_(stay.c.exited_at.is_(None), stay.c.exited_at > Interaction.occurred_at),
            ),
        )
        .outerjoin(
            following,
            and_(
                following.c.organization_id == organization_id,
                following.c.lead_id == stay.c.lead_id,
                following.c.entered_at == stay.c.exited_at,
                or_(*further),
            ),
        )
        .where(
            Interaction.organization_id == organization_id,
            Interaction.lead_id.is_not(None),
            Interaction.type.in_(LEARNED.values()),
        )
        .group_by(stay.c.stage, Interaction.type)
    )
    actions = {kind: action for action, kind in LEARNED.items()}
    found: dict[str, dict[str, Outcome]] = defaultdict(dict)
    for stage, kind, cases, moved_on in rows:
        found[stage][actions[kind]] = Outcome(cases, moved_on)
    return dict(found)
