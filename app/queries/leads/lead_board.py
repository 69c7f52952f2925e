"""Leads by stage, as the board shows them."""

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import and_, func, select, union_all

from app.domain.leads.lifecycle import STAGES
from app.extensions import db
from app.models import Lead, LeadJourney, LeadLifecycle, User
from app.queries.leads.lead_list import SORTS, Wanted, filtered, journey_of

CARDS = 50


@dataclass(frozen=True, slots=True)
class Card:
    """A lead with what its card shows: whose it is, what to do next, since when it is in its stage,
    and its predicted value in minor units."""

    lead: Lead
    assignee: str | None
    action: dict | None
    since: datetime | None
    value: int | None


@dataclass(frozen=True, slots=True)
class Column:
    """A stage: how many leads it has, what they may bring together, and the first of them."""

    stage: str
    count: int
    value: int
    cards: list[Card]


def columns(wanted: Wanted, sort: str = "score") -> list[Column]:
    """Every stage with at most CARDS leads, in two queries; the stage asked for is not minded."""
    found: dict[str, list[Card]] = {stage: [] for stage in STAGES}
    for card in _cards(wanted, sort):
        found[card.lead.stage].append(card)
    sums = totals(wanted)
    return [Column(stage, *sums[stage], found[stage]) for stage in STAGES]


def totals(wanted: Wanted) -> dict[str, tuple[int, int]]:
    """How many leads each stage has, and the sum of their predicted values."""
    query = select(
        Lead.stage, func.count(), func.coalesce(func.sum(LeadJourney.predicted_value), 0)
    ).outerjoin(LeadJourney, journey_of())
    rows = db.session.execute(filtered(query, replace(wanted, stage=None)).group_by(Lead.stage))
    sums = {stage: (count, int(value)) for stage, count, value in rows}
    return {stage: sums.get(stage, (0, 0)) for stage in STAGES}


def card(lead_id: int) -> Card | None:
    """The card of one lead."""
    row = db.session.execute(_shown().where(Lead.id == lead_id)).one_or_none()
    return Card(*row) if row else None


def _cards(wanted: Wanted, sort: str) -> list[Card]:
    """The first of each stage by the index of stage and score, so that a stage's size matters not
    where the list is by score."""
    order = SORTS[sort][0].desc(), Lead.id.desc()
    firsts = [
        select(
            filtered(select(Lead.id), replace(wanted, stage=stage))
            .order_by(*order)
            .limit(CARDS)
            .subquery()
        )
        for stage in STAGES
    ]
    rows = _shown().where(Lead.id.in_(union_all(*firsts))).order_by(*order)
    return [Card(*row) for row in db.session.execute(rows)]


def _shown():
    stay = LeadLifecycle
    return (
        select(
            Lead,
            User.name,
            LeadJourney.next_action,
            stay.entered_at,
            LeadJourney.predicted_value,
        )
        .outerjoin(User, User.id == Lead.assignee_id)
        .outerjoin(LeadJourney, journey_of())
        .outerjoin(
            stay,
            and_(
                stay.lead_id == Lead.id,
                stay.organization_id == Lead.organization_id,
                stay.is_current_stage,
            ),
        )
    )
