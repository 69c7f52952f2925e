"""What leads became, and when: what attribution explains."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from sqlalchemy import select

from app.domain.attribution.attribution import MODELS
from app.domain.attribution.conversion import CUSTOMER, conversions
from app.domain.leads.lifecycle import Entered
from app.extensions import db
from app.models import Lead, LeadAttribution, LeadLifecycle
from app.queries.leads.lead_acts import acts
from app.tenancy import acting_organization_id

PURCHASE = "purchase_made"
EVER = datetime.min.replace(tzinfo=UTC)
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

    What they are app.domain.attribution.conversion says. What was calculated already keeps its
    value, and where nothing is known to have happened at its moment, its models.
    """
    stored = _stored(lead_ids)
    known = defaultdict(set)
    for lead_id, kind, at in stored:
        known[lead_id, kind].add(at)
    values = {
        place: {m: v for m, v in of.items() if m in again and m in models}
        for place, of in stored.items()
    }
    for lead_id, kind, at, value, once in _happened(lead_ids):
        place, before = (lead_id, kind, at), stored.get((lead_id, kind, at), {})
        if once and known[lead_id, kind] - {at}:
            continue  # it was calculated for another moment
        missing = [model for model in models if model not in before]
        worth = next(iter(before.values()), value)
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


def _happened(lead_ids: Sequence[int]) -> Iterator[tuple[int, str, datetime, int, bool]]:
    """(lead, type, when, value, whether it is of a kind that happens once)."""
    organization_id = acting_organization_id()
    came = select(Lead.id, Lead.created_at).where(
        Lead.organization_id == organization_id, Lead.id.in_(lead_ids)
    )
    entered = select(LeadLifecycle.lead_id, LeadLifecycle.entered_at, LeadLifecycle.stage).where(
        LeadLifecycle.organization_id == organization_id, LeadLifecycle.lead_id.in_(lead_ids)
    )
    every = acts(lead_ids)
    bought = select(every.c.lead_id, every.c.occurred_at, every.c.revenue).where(
        every.c.type == PURCHASE
    )
    stays, purchases = defaultdict(list), defaultdict(list)
    for lead_id, *stay in db.session.execute(entered):
        stays[lead_id].append(Entered(*stay))
    for lead_id, at, revenue in db.session.execute(bought):
        purchases[lead_id].append((at, revenue or 0))
    for lead_id, created_at in db.session.execute(came):
        happened = conversions(created_at, stays[lead_id], purchases[lead_id])
        for (kind, at), value in happened.items():
            yield lead_id, kind, at, value, kind != CUSTOMER or not purchases[lead_id]


def logged(lead_id: int) -> dict[tuple[str, datetime], int]:
    """The conversions of a lead that follow from the log, (type, when), with the value that it
    says; a value of 0 is one that it does not know."""
    return {(kind, at): value for _, kind, at, value, _ in _happened([lead_id])}


def stored_since(lead_id: int, since: datetime = EVER) -> list[Conversion]:
    """The conversions of a lead at or after a moment that were calculated, by the same models."""
    stored = sorted(_stored([lead_id]).items())
    return [Conversion(*place, values) for place, values in stored if place[2] >= since]
