"""Share the credit of everything that leads became: after an import, or after learning anew."""

from collections import Counter
from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import select

from app.domain.attribution.attribution import CONVERSION_TYPES, MODELS
from app.extensions import db
from app.models import Lead
from app.operations.attribution.share_credit import share_credit
from app.queries.attribution.conversions import Conversion, conversions_of
from app.tenancy import acting_organization_id

STEP, LONGEST_STEP = 50, 400  # leads looked at together; more, the fewer have converted


def attribute_leads(
    after: int,
    count: int,
    *,
    now: datetime,
    models: Collection[str] = tuple(MODELS),
    again: Collection[str] = tuple(MODELS),
    types: Collection[str] = CONVERSION_TYPES,
    since: datetime | None = None,
) -> tuple[Counter, int | None]:
    """Calculates the conversions of the next leads after an id, until they are `count` or more:
    those of these types, since a moment; by these models, of which those not named in `again` are
    only for what was not calculated yet.

    Returns counts (leads, conversions, without_touches) and the id to go on from, None at the end.
    Leads that were erased stay as they are.
    """
    found: list[Conversion] = []
    leads, step = 0, STEP
    while after is not None and len(found) < count:
        lead_ids = _next(after, step)
        after, leads = lead_ids[-1] if lead_ids else None, leads + len(lead_ids)
        step = min(2 * step, LONGEST_STEP)
        found += [
            each
            for each in conversions_of(lead_ids, again, models)
            if each.type in types and (since is None or each.at >= since)
        ]
    without = share_credit(found, now=now) if found else ()
    calculated = len(found) - len(without)
    return Counter(leads=leads, conversions=calculated, without_touches=len(without)), after


def _next(after: int, count: int) -> Sequence[int]:
    wanted = select(Lead.id).where(
        Lead.organization_id == acting_organization_id(),
        Lead.id > after,
        Lead.erased_at.is_(None),
    )
    return db.session.scalars(wanted.order_by(Lead.id).limit(count)).all()
