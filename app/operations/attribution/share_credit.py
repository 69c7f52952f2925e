"""Share the credit of conversions among the touches before them, and keep it: the same few queries
and the same arithmetic for one conversion or for thousands."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

import msgspec
from sqlalchemy import delete, func, select

from app.domain.attribution.attribution import (
    MODELS,
    AttributionRules,
    Touch,
    attribute,
    credit,
    summary,
    touches_before,
)
from app.extensions import db
from app.models import AttributionCredit, LeadAttribution, LeadLifecycle, bulk
from app.models.types import to_millis
from app.operations.leads.lock_lead import lock_leads
from app.queries.attribution.attribution import channel_worth
from app.queries.attribution.conversions import Conversion
from app.queries.attribution.touches import touches_of
from app.queries.journeys.journey_rules import attribution_rules
from app.tenancy import acting_organization_id

MILLION = 1_000_000
LONGEST_SOURCE = 200
AT_ONCE = 5000  # ids in one DELETE
CALCULATED = (
    "organization_id",
    "lead_id",
    "conversion_type",
    "conversion_at",
    "model",
    "conversion_value",
    "touchpoints",
    "summary",
    "calculated_at",
)
CREDITED = (
    "organization_id",
    "lead_id",
    "conversion_type",
    "conversion_at",
    "model",
    "channel",
    "source",
    "weight",
    "value",
)
encode = msgspec.json.Encoder().encode


class Share(NamedTuple):
    """How one model shares one conversion: a row of CALCULATED, but for the moment of calculating,
    and its rows of CREDITED."""

    calculation: tuple
    credits: list[tuple]


def share_credit(conversions: Sequence[Conversion], *, now: datetime) -> list[Conversion]:
    """Calculates each conversion by each of its models, replacing what was stored of the same.

    Returns those without a touch: for them nothing is stored, and nothing taken away. Raises
    AttributionError, with nothing done, where a model is not known.
    """
    shares, without = shares_of(conversions)
    keep_shares(shares, now=now)
    return without


def shares_of(conversions: Sequence[Conversion]) -> tuple[list[Share], list[Conversion]]:
    """What `share_credit` keeps, and the conversions without a touch: nothing is written, but the
    leads are this transaction's until it ends."""
    lead_ids = sorted({conversion.lead_id for conversion in conversions})
    lock_leads()
    touches, opportunities = touches_of(lead_ids), _opportunities(lead_ids)
    worth, rules = _worth(conversions), attribution_rules()
    shares, without = [], []
    for conversion in conversions:
        before = touches_before(touches[conversion.lead_id], conversion.at)
        if not before:
            without.append(conversion)
            continue
        opportunity_at = opportunities.get(conversion.lead_id)
        learned = worth.get(conversion.type, {})
        shares += _share(conversion, before, opportunity_at, learned, rules)
    return shares, without


def keep_shares(shares: Sequence[Share], *, now: datetime) -> None:
    """Keeps what was calculated, in place of what was stored of the same."""
    calculated = [(*share.calculation, to_millis(now)) for share in shares]
    credits = [row for share in shares for row in share.credits]
    _forget(sorted({row[1] for row in calculated}), {row[1:5] for row in calculated})
    connection = db.session.connection()
    bulk.insert(connection, LeadAttribution.__table__, calculated, CALCULATED)
    bulk.insert(connection, AttributionCredit.__table__, credits, CREDITED)


def _share(
    conversion: Conversion,
    touches: Sequence[Touch],
    opportunity_at: datetime | None,
    worth: Mapping[str, Mapping[str, float]],
    rules: AttributionRules,
) -> Iterator[Share]:
    """The conversion shared by each of its models."""
    place = (acting_organization_id(), conversion.lead_id, conversion.type)
    place = (*place, to_millis(conversion.at))
    told = [_told(touch) for touch in touches]
    for model, value in conversion.values.items():
        weights = attribute(
            touches,
            model,
            conversion.at,
            rules,
            opportunity_at=opportunity_at,
            worth=worth.get(model),
        )
        values = [int(part) for part in credit(Decimal(value), weights, places=0)]
        short = summary(touches, weights)
        if _learns(model):
            short["learned"] = model in worth
        touchpoints = [
            {**touch, "weight": str(weight), "value": part}
            for touch, weight, part in zip(told, weights, values, strict=True)
        ]
        yield Share(
            (*place, model, value, _json(touchpoints), _json(short)),
            [(*place, model, *each) for each in added_up(touches, weights, values)],
        )


def _opportunities(lead_ids: Sequence[int]) -> dict[int, datetime]:
    """When leads first entered stage opportunity."""
    rows = db.session.execute(
        select(LeadLifecycle.lead_id, func.min(LeadLifecycle.entered_at))
        .where(
            LeadLifecycle.organization_id == acting_organization_id(),
            LeadLifecycle.lead_id.in_(lead_ids),
            LeadLifecycle.stage == "opportunity",
        )
        .group_by(LeadLifecycle.lead_id)
    )
    return dict(rows.tuples().all())


def _worth(conversions: Sequence[Conversion]) -> dict[str, dict[str, dict[str, float]]]:
    """What channels are worth, by conversion type and model, where a model asks."""
    types = {c.type for c in conversions if any(_learns(model) for model in c.values)}
    return {kind: channel_worth(kind) for kind in types}


def _learns(model: str) -> bool:
    return model in MODELS and MODELS[model].learns


def _told(touch: Touch) -> dict:
    return {
        "interaction_id": int(touch.id) if touch.id else None,
        "type": touch.engagement_type,
        "source_type": touch.source_type,
        "channel": touch.channel,
        "source": touch.source,
        "name": touch.name,
        "occurred_at": touch.at.isoformat(),
    }


def added_up(
    touches: Sequence[Touch], weights: Sequence[Decimal], values: Sequence[int]
) -> Iterator[tuple[str, str, int, int]]:
    """(channel, source, millionths, value) of a calculation."""
    by_weight: Counter[tuple[str, str]] = Counter()
    by_value: Counter[tuple[str, str]] = Counter()
    for touch, weight, value in zip(touches, weights, values, strict=True):
        if weight:
            key = (touch.channel, touch.source[:LONGEST_SOURCE])
            by_weight[key] += int(weight * MILLION)
            by_value[key] += value
    for key, weight in by_weight.items():
        yield *key, weight, by_value[key]


def _forget(lead_ids: Sequence[int], places: Collection[tuple]):
    """Takes away what is stored for these (lead, type, millisecond, model)."""
    for kept in (LeadAttribution, AttributionCredit):
        rows = db.session.execute(
            select(
                kept.id, kept.lead_id, kept.conversion_type, kept.conversion_at, kept.model
            ).where(kept.organization_id == acting_organization_id(), kept.lead_id.in_(lead_ids))
        )
        gone = [
            row_id
            for row_id, lead_id, kind, at, model in rows
            if (lead_id, kind, to_millis(at), model) in places
        ]
        for start in range(0, len(gone), AT_ONCE):
            db.session.execute(delete(kept).where(kept.id.in_(gone[start : start + AT_ONCE])))


def _json(value) -> str:
    return encode(value).decode()
