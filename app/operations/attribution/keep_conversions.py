"""Keep a lead's attribution in step with its stages, purchases and touches."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import delete

from app.domain.attribution.attribution import LEAD_CREATED, MODELS
from app.domain.attribution.conversion import CUSTOMER, conversions, entries, same_sales
from app.domain.leads.lifecycle import Entered
from app.extensions import db
from app.models import AttributionCredit, Lead, LeadAttribution
from app.models.types import from_millis, to_millis
from app.operations.attribution.share_credit import share_credit
from app.queries.attribution.conversions import Conversion, stored_since
from app.queries.leads.stage_facts import PURCHASE, Act

OPPORTUNITY = "opportunity"
Key = tuple[str, datetime]
Values = dict[str, int]  # minor units, by model


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
    """The conversions that did not happen after all, and those to calculate.

    What was paid is what the log says; any other value is the one that was told of a conversion,
    and goes along where that is found to have been at another moment.
    """
    purchases = [(act.at, act.revenue) for act in acts if act.type == PURCHASE]
    created_at = from_millis(to_millis(lead.created_at))
    happened = conversions(created_at, stays, purchases)
    known, by_stage = (_by_stage(some, created_at) for some in (before, stays))
    since = _from(before, stays, since)
    kept = {(c.type, c.at): c.values for c in stored_since(lead.id)}
    gone = (known | by_stage) - happened.keys()
    told = kept.keys() - happened.keys() - gone
    heard = {key for key in happened if key in by_stage - known or key[1] >= since}
    bought = {(CUSTOMER, at) for at, _ in purchases}
    moved = _dated_anew(kept, happened, gone, heard)
    moved |= _bought(kept, happened, told, heard & bought)
    gone |= moved.keys()
    wanted = {key: of for key, of in kept.items() if key[1] >= since and key not in gone}
    values = {new: kept[old] for old, new in moved.items()} | kept
    elsewhere = {kind for kind, _ in told - moved.keys()}
    for key in heard:
        if key in values or key in bought or key[0] not in elsewhere:
            wanted[key] = _values(happened[key], values.get(key, {}))
    return gone, [Conversion(lead.id, *key, of) for key, of in wanted.items()]


def _values(paid: int, told: Values) -> Values:
    """What was paid is what the log says; anything else is what was told."""
    every = dict.fromkeys(MODELS, paid or max(told.values(), default=0))
    return every if paid else {**every, **told}


def _dated_anew(
    kept: Mapping[Key, Values], happened: Mapping[Key, int], gone: set[Key], heard: set[Key]
) -> dict[Key, Key]:
    """When conversions were that were not when they seemed to be, and whose value was told."""
    found = {}
    for old in sorted(gone & kept.keys()):
        new = {key for key in heard - kept.keys() if key[0] == old[0] and not happened[key]}
        if new:
            found[old] = min(new)
    return found


def _bought(
    kept: Mapping[Key, Values], happened: Mapping[Key, int], told: set[Key], heard: set[Key]
) -> dict[Key, Key]:
    """Of the sales that were told of: as which purchase they came to light."""
    sales = {at: max(kept[kind, at].values()) for kind, at in told if kind == CUSTOMER}
    bought = {at: happened[kind, at] for kind, at in heard - kept.keys()}
    found = same_sales(sales, bought)
    return {(CUSTOMER, told_at): (CUSTOMER, at) for told_at, at in found.items()}


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
