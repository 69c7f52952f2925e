"""Share a conversion's credit among the touches before it."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal

from sqlalchemy import delete, select

from app.domain.attribution import (
    CONVERSION_TYPES,
    MODELS,
    AttributionError,
    Touch,
    attribute,
    credit,
    summary,
    touches_before,
)
from app.extensions import db
from app.models import AttributionCredit, Lead, LeadAttribution, LeadLifecycle
from app.queries import contact
from app.queries.attribution import channel_worth

VISIT = "visit"
MILLION = 1_000_000
LONGEST_SOURCE = 200


def attribute_conversion(
    lead: Lead,
    conversion_type: str,
    *,
    now: datetime,
    at: datetime | None = None,
    value: int = 0,
    models: Iterable[str] = tuple(MODELS),
) -> list[LeadAttribution]:
    """One row for each model; a row of the same conversion and model is replaced.

    `value` is in minor units, `at` when it happened (now by default). Raises AttributionError:
    no touches, an unknown model, an unknown conversion type.
    """
    if conversion_type not in CONVERSION_TYPES:
        known = ", ".join(CONVERSION_TYPES)
        raise AttributionError(f"{conversion_type} is not a conversion; those are {known}")
    at, models = at or now, tuple(models)
    touches = touches_of(lead, at)
    opportunity_at = _opportunity_at(lead)
    worth = channel_worth(conversion_type) if any(_learns(model) for model in models) else {}
    shared = [
        (
            model,
            attribute(touches, model, at, opportunity_at=opportunity_at, worth=worth.get(model)),
        )
        for model in models
    ]
    _forget(lead, conversion_type, at, models)
    rows = []
    for model, weights in shared:
        values = [int(part) for part in credit(Decimal(value), weights, places=0)]
        told = summary(touches, weights)
        if _learns(model):
            told["learned"] = model in worth
        row = LeadAttribution(
            lead_id=lead.id,
            conversion_type=conversion_type,
            conversion_value=value,
            conversion_at=at,
            model=model,
            touchpoints=[_stored(*each) for each in zip(touches, weights, values, strict=True)],
            summary=told,
            calculated_at=now,
        )
        rows.append(row)
        db.session.add_all(_credits(row, touches, weights, values))
    db.session.add_all(rows)
    db.session.flush()
    return rows


def attribute_again(lead: Lead, since: datetime, *, now: datetime) -> int:
    """Calculates anew, for the same models, the stored conversions at or after `since`: a touch
    came to light that was before them. How many conversions."""
    stored = db.session.scalars(
        select(LeadAttribution).where(
            LeadAttribution.lead_id == lead.id, LeadAttribution.conversion_at >= since
        )
    )
    models: dict[tuple, list[str]] = {}
    for row in stored:
        key = (row.conversion_type, row.conversion_at, row.conversion_value)
        models.setdefault(key, []).append(row.model)
    for (kind, at, value), names in models.items():
        attribute_conversion(lead, kind, now=now, at=at, value=value, models=names)
    return len(models)


def _learns(model: str) -> bool:
    return model in MODELS and MODELS[model].learns


def _credits(
    row: LeadAttribution, touches: list[Touch], weights: Sequence[Decimal], values: Sequence[int]
) -> Iterable[AttributionCredit]:
    """The row's credit, added up by channel and source."""
    by_weight: Counter[tuple[str, str]] = Counter()
    by_value: Counter[tuple[str, str]] = Counter()
    for touch, weight, value in zip(touches, weights, values, strict=True):
        key = (touch.channel, touch.source[:LONGEST_SOURCE])
        by_weight[key] += int(weight * MILLION)
        by_value[key] += value
    for (channel, source), weight in by_weight.items():
        if weight:
            yield AttributionCredit(
                lead_id=row.lead_id,
                conversion_type=row.conversion_type,
                conversion_at=row.conversion_at,
                model=row.model,
                channel=channel,
                source=source,
                weight=weight,
                value=by_value[channel, source],
            )


def touches_of(lead: Lead, until: datetime) -> list[Touch]:
    """A lead's touches at or before `until`: each visit once, and engagements outside visits."""
    visits = contact.visits_of(lead.id)
    first = contact.first_acts([visit.id for visit in visits])
    touches = [
        Touch(
            at=visit.started_at,
            id=str(first.get(visit.id, "")),
            channel=visit.channel,
            source=visit.source or "direct",
            name=visit.entry_url or "",
            engagement_type=VISIT,
            source_type="website",
        )
        for visit in visits
    ]
    touches += [
        Touch(
            at=act.occurred_at,
            id=str(act.id),
            channel=act.channel,
            source=(act.data or {}).get("source_name") or act.channel,
            name=(act.data or {}).get("source_name") or act.label or "",
            engagement_type=act.type,
            source_type=(act.data or {}).get("source_type") or "",
        )
        for act in contact.engagements_outside_visits(lead.id)
    ]
    return touches_before(touches, until)


def _stored(touch: Touch, weight: Decimal, value: int) -> dict:
    return {
        "interaction_id": int(touch.id) if touch.id else None,
        "type": touch.engagement_type,
        "source_type": touch.source_type,
        "channel": touch.channel,
        "source": touch.source,
        "name": touch.name,
        "occurred_at": touch.at.isoformat(),
        "weight": str(weight),
        "value": value,
    }


def _opportunity_at(lead: Lead) -> datetime | None:
    """When the lead first entered stage opportunity."""
    return db.session.scalar(
        select(LeadLifecycle.entered_at)
        .where(
            LeadLifecycle.organization_id == lead.organization_id,
            LeadLifecycle.lead_id == lead.id,
            LeadLifecycle.stage == "opportunity",
        )
        .order_by(LeadLifecycle.entered_at)
        .limit(1)
    )


def _forget(lead: Lead, conversion_type: str, at: datetime, models: Sequence[str]):
    for kept in (LeadAttribution, AttributionCredit):
        db.session.execute(
            delete(kept).where(
                kept.lead_id == lead.id,
                kept.conversion_type == conversion_type,
                kept.conversion_at == at,
                kept.model.in_(models),
            )
        )
