"""Share the credit of everything that leads became: after an import, or after learning anew."""

from collections import Counter
from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select

from app.domain.attribution import CONVERSION_TYPES, MODELS
from app.extensions import db
from app.models import Lead
from app.operations.share_credit import share_credit
from app.queries.conversions import conversions_of
from app.tenancy import acting_organization_id


def attribute_leads(
    after: int,
    count: int,
    *,
    now: datetime,
    again: Collection[str] = tuple(MODELS),
    types: Collection[str] = CONVERSION_TYPES,
    since: datetime | None = None,
) -> tuple[Counter, int | None]:
    """Calculates the conversions of the next `count` leads after an id: those of these types, since
    a moment; by the models named in `again`, and by all models where nothing is stored yet.

    Returns counts (leads, conversions, without_touches) and the id to go on from, None at the end.
    Leads that were erased stay as they are.
    """
    wanted = select(Lead.id).where(
        Lead.organization_id == acting_organization_id(),
        Lead.id > after,
        Lead.erased_at.is_(None),
    )
    lead_ids = db.session.scalars(wanted.order_by(Lead.id).limit(count)).all()
    if not lead_ids:
        return Counter(), None
    conversions = [
        each
        for each in conversions_of(lead_ids, again)
        if each.type in types and (since is None or each.at >= since)
    ]
    without = share_credit(conversions, now=now) if conversions else ()
    counts = Counter(
        leads=len(lead_ids),
        conversions=len(conversions) - len(without),
        without_touches=len(without),
    )
    return counts, lead_ids[-1]
