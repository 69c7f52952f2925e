"""Keep a lead's attribution in step with its stages, purchases and touches."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import delete

from app.domain.attribution import LEAD_CREATED, MODELS
from app.domain.conversion import conversions, entries
from app.domain.lifecycle import Entered
from app.extensions import db
from app.models import AttributionCredit, Lead, LeadAttribution
from app.models.types import from_millis, to_millis
from app.operations.share_credit import share_credit
from app.queries.conversions import Conversion, stored_since
from app.queries.stage_facts import PURCHASE, Act

OPPORTUNITY = "opportunity"
Key = tuple[str, datetime]


def keep_conversions(
    lead: Lead,
    before: Sequence[Entered],
    stays: Sequence[Entered],
    acts: Sequence[Act],
    *,
    since: datetime,
    now: datetime,
) -> None:
    """Attributes the conversions that came about with these stays (`before` were those kept) and
    acts, takes away those that did not happen after all, and calculates anew, for the same models,
    every one at or after `since`: something before it came to light."""
    gone, wanted = changes(lead, before, stays, acts, since)
    forget_conversions(lead.id, gone)
    if wanted:
        share_credit(wanted, now=now)


def changes(
    lead: Lead,
    before: Sequence[Entered],
    stays: Sequence[Entered],
    acts: Sequence[Act],
    since: datetime,
) -> tuple[set[Key], list[Conversion]]:
    """The conversions that did not happen after all, and those to calculate."""
    purchases = [(act.at, act.revenue) for act in acts if act.type == PURCHASE]
    created_at = from_millis(to_millis(lead.created_at))
    happened = conversions(created_at, stays, purchases)
    known, by_stage = (_by_stage(some, created_at) for some in (before, stays))
    since = _from(before, stays, since)
    gone = (known | by_stage) - happened.keys()
    wanted = {(c.type, c.at): c for c in stored_since(lead.id, since) if (c.type, c.at) not in gone}
    for (kind, at), value in happened.items():
        if (kind, at) in by_stage - known or at >= since:
            wanted[kind, at] = Conversion(lead.id, kind, at, dict.fromkeys(MODELS, value))
    return gone, list(wanted.values())


def _by_stage(stays: Sequence[Entered], created_at: datetime) -> set[Key]:
    return {(LEAD_CREATED, created_at), *entries(stays).items()} if stays else set()


def _from(before: Sequence[Entered], stays: Sequence[Entered], since: datetime) -> datetime:
    """W-shaped credit hangs on when the opportunity began."""
    opportunities = {entries(some).get(OPPORTUNITY) for some in (before, stays)}
    if len(opportunities) == 1:
        return since
    return min(since, *(opportunities - {None}))


def forget_conversions(lead_id: int, gone: Collection[Key]) -> int:
    """Takes away what is kept of these conversions of a lead; how many calculations."""
    count = 0
    for kind, at in gone:
        for kept in (AttributionCredit, LeadAttribution):
            away = db.session.execute(
                delete(kept).where(
                    kept.lead_id == lead_id, kept.conversion_type == kind, kept.conversion_at == at
                )
            )
        count += away.rowcount
    return count
