"""Share a conversion's credit among the touches before it."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select

from app.domain.attribution.attribution import CONVERSION_TYPES, MODELS, AttributionError
from app.extensions import db
from app.models import Lead, LeadAttribution
from app.operations.attribution.share_credit import share_credit
from app.queries.attribution.conversions import Conversion, stored_since


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
    conversion = Conversion(lead.id, conversion_type, at, dict.fromkeys(models, value))
    if share_credit([conversion], now=now):
        raise AttributionError("there are no touches to attribute to")
    stored = select(LeadAttribution).where(
        LeadAttribution.lead_id == lead.id,
        LeadAttribution.conversion_type == conversion_type,
        LeadAttribution.conversion_at == at,
        LeadAttribution.model.in_(models),
    )
    rows = db.session.scalars(stored.execution_options(populate_existing=True))
    return sorted(rows, key=lambda row: models.index(row.model))


def attribute_again(lead: Lead, since: datetime, *, now: datetime) -> int:
    """Calculates anew, for the same models, the stored conversions at or after `since`: a touch
    came to light that was before them. How many conversions."""
    stored = stored_since(lead.id, since)
    if stored:
        share_credit(stored, now=now)
    return len(stored)
