"""What leads became, and when: what attribution explains."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import func, select

from app.domain.attribution import LEAD_CREATED, MODELS
from app.extensions import db
from app.models import Interaction, Lead, LeadAttribution, LeadLifecycle
from app.tenancy import acting_organization_id

CUSTOMER = "customer"
STAGES = ("qualified", "opportunity", CUSTOMER)
Place = tuple[int, str, datetime]  # which lead, the conversion's type, when


@dataclass(frozen=True, slots=True)
class Conversion:
    """A conversion of a lead and its value in minor units, by each model that is to share it."""

    lead_id: int
    type: str
    at: datetime
    values: dict[str, int] = field(default_factory=dict)


def conversions_of(
    lead_ids: Sequence[int],
    again: Collection[str] = MODELS,
    models: Collection[str] = MODELS,
) -> list[Conversion]:
    """The conversions of these leads, each with those of the models that are to be calculated: the
    ones named in `again`, and whatever has not been calculated yet.

    What happened counts once: becoming a lead, the first entry into each stage, and every purchase
    (the stage customer only without one). What was calculated already keeps its moment and value,
    and when nothing of the kind is known of then, its models.
    """
    stored = _stored(lead_ids)
    known = defaultdict(set)
    for lead_id, kind, at in stored:
        known[lead_id, kind].add(at)
    values = {
        place: {m: v for m, v in of.items() if m in again and m in models}
        for place, of in stored.items()
    }
    for lead_id, kind, at, value in _happened(lead_ids):
        place, before = (lead_id, kind, at), stored.get((lead_id, kind, at), {})
        if value is None and known[lead_id, kind] - {at}:
            continue  # it was calculated for another moment
        missing = [model for model in models if model not in before]
        worth = next(iter(before.values()), value or 0)
        values.setdefault(place, {}).update(dict.fromkeys(missing, worth))
    return [Conversion(*place, of) for place, of in sorted(values.items()) if of]


def _stored(lead_ids: Sequence[int]) -> dict[Place, dict[str, int]]:
    """What was calculated: the value by model."""
    rows = db.session.execute(
        select(
            LeadAttribution.lead_id,
            LeadAttribution.conversion_type,
            LeadAttribution.conversion_at,
            LeadAttribution.model,
            LeadAttribution.conversion_value,
        ).where(
            LeadAttribution.organization_id == acting_organization_id(),
            LeadAttribution.lead_id.in_(lead_ids),
        )
    )
    found: dict[Place, dict[str, int]] = {}
    for *place, model, value in rows:
        found.setdefault(tuple(place), {})[model] = value
    return found


def _happened(lead_ids: Sequence[int]) -> Iterator[tuple[int, str, datetime, int | None]]:
    """(lead, type, when, revenue); without revenue, what happens to a lead once."""
    organization_id = acting_organization_id()
    came = select(Lead.id, Lead.created_at).where(
        Lead.organization_id == organization_id, Lead.id.in_(lead_ids)
    )
    for lead_id, at in db.session.execute(came):
        yield lead_id, LEAD_CREATED, at, None
    bought = select(Interaction.lead_id, Interaction.occurred_at, Interaction.revenue).where(
        Interaction.organization_id == organization_id,
        Interaction.lead_id.in_(lead_ids),
        Interaction.type == "purchase_made",
    )
    buyers = set()
    for lead_id, at, revenue in db.session.execute(bought.order_by(Interaction.id)):
        buyers.add(lead_id)
        yield lead_id, CUSTOMER, at, revenue or 0
    entered = (
        select(LeadLifecycle.lead_id, LeadLifecycle.stage, func.min(LeadLifecycle.entered_at))
        .where(
            LeadLifecycle.organization_id == organization_id,
            LeadLifecycle.lead_id.in_(lead_ids),
            LeadLifecycle.stage.in_(STAGES),
        )
        .group_by(LeadLifecycle.lead_id, LeadLifecycle.stage)
    )
    for lead_id, stage, at in db.session.execute(entered):
        if stage != CUSTOMER or lead_id not in buyers:
            yield lead_id, stage, at, None


def stored_since(lead_id: int, since: datetime) -> list[Conversion]:
    """The conversions of a lead at or after a moment that were calculated, by the same models."""
    stored = sorted(_stored([lead_id]).items())
    return [Conversion(*place, values) for place, values in stored if place[2] >= since]
