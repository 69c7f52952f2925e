"""Share a conversion's credit among the touches before it."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import delete, select

from app.domain.attribution import MODELS, AttributionError, Touch, attribute, touches_before
from app.extensions import db
from app.models import Lead, LeadAttribution, LeadLifecycle
from app.queries import contact

CONVERSION_TYPES = ("lead_created", "qualified", "opportunity", "customer")
VISIT = "visit"


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
    at = at or now
    touches = touches_of(lead, at)
    opportunity_at = _opportunity_at(lead)
    rows = []
    for model in models:
        weights = attribute(touches, model, at, opportunity_at=opportunity_at)
        rows.append(
            LeadAttribution(
                lead_id=lead.id,
                conversion_type=conversion_type,
                conversion_value=value,
                conversion_at=at,
                model=model,
                touchpoints=[_stored(t, w) for t, w in zip(touches, weights, strict=True)],
                calculated_at=now,
            )
        )
    _forget(lead, conversion_type, at, [row.model for row in rows])
    db.session.add_all(rows)
    db.session.flush()
    return rows


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
        )
        for visit in visits
    ]
    touches += [
        Touch(
            at=act.occurred_at,
            id=str(act.id),
            channel=act.channel,
            source=(act.data or {}).get("source_name") or act.channel,
            name=act.label or "",
            engagement_type=act.type,
        )
        for act in contact.engagements_outside_visits(lead.id)
    ]
    return touches_before(touches, until)


def _stored(touch: Touch, weight) -> dict:
    return {
        "interaction_id": int(touch.id) if touch.id else None,
        "type": touch.engagement_type,
        "channel": touch.channel,
        "source": touch.source,
        "name": touch.name,
        "occurred_at": touch.at.isoformat(),
        "weight": str(weight),
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


def _forget(lead: Lead, conversion_type: str, at: datetime, models: list[str]):
    db.session.execute(
        delete(LeadAttribution).where(
            LeadAttribution.lead_id == lead.id,
            LeadAttribution.conversion_type == conversion_type,
            LeadAttribution.conversion_at == at,
            LeadAttribution.model.in_(models),
        )
    )
