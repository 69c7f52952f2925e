"""The conversions that nobody is credited with: no touch before them is known.

What conversions are app.domain.attribution.conversion says; here they are counted, over all leads.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, exists, func, literal, select, union_all

from app.domain.attribution.attribution import CONVERSION_TYPES, LEAD_CREATED
from app.domain.attribution.conversion import CUSTOMER
from app.domain.period import Period
from app.extensions import db
from app.models import Lead, LeadAttribution, LeadLifecycle
from app.queries.attribution.conversions import PURCHASE
from app.queries.leads.lead_acts import acts_of_type
from app.tenancy import acting_organization_id

# Tables, not models: said twice, the organization would mislead SQLite's choice of an index.
LEADS, STAYS, SHARED = (model.__table__.c for model in (Lead, LeadLifecycle, LeadAttribution))


@dataclass(frozen=True, slots=True)
class Uncredited:
    """How many conversions of a type, and what they brought in minor units."""

    type: str
    count: int
    value: int


def uncredited(period: Period, types: Iterable[str] = CONVERSION_TYPES) -> list[Uncredited]:
    """Those of a period by type, of these types; none of a type where every one is credited."""
    return [found for kind in types if (found := _uncredited(period, kind)).count]


def _uncredited(period: Period, kind: str) -> Uncredited:
    if kind == LEAD_CREATED:
        parts = [_came(period)]
    elif kind == CUSTOMER:
        parts = [_bought(period), _entered(period, kind)]
    else:
        parts = [_entered(period, kind)]
    every = union_all(*parts).subquery()
    counted = select(func.count(), func.sum(every.c.value))
    count, value = db.session.execute(counted.select_from(every)).one()
    return Uncredited(kind, count, int(value or 0))


def _came(period: Period):
    # In the order of their ids, in which what they are credited with mostly lies too.
    came = select(LEADS.id).where(
        LEADS.organization_id == acting_organization_id(), _within(period, LEADS.created_at)
    )
    return select(literal(0).label("value")).where(
        LEADS.id.in_(came), ~_is_credited(LEADS.id, LEAD_CREATED)
    )


def _entered(period: Period, kind: str):
    """The leads that first entered a stage then; as customers those without a purchase only."""
    first = (
        select(STAYS.lead_id, func.min(STAYS.entered_at).label("at"))
        .where(STAYS.organization_id == acting_organization_id(), STAYS.stage == kind)
        .group_by(STAYS.lead_id)
        .subquery()
    )
    found = select(literal(0).label("value")).where(
        _within(period, first.c.at), ~_is_credited(first.c.lead_id, kind)
    )
    if kind == CUSTOMER:
        bought = acts_of_type(PURCHASE)
        found = found.where(first.c.lead_id.not_in(select(bought.c.lead_id)))
    return found


def _bought(period: Period):
    """The purchases, those of a lead at one moment together."""
    bought = acts_of_type(PURCHASE)
    at_once = (
        select(
            bought.c.lead_id,
            bought.c.occurred_at.label("at"),
            func.coalesce(func.sum(bought.c.revenue), 0).label("value"),
        )
        .where(_within(period, bought.c.occurred_at))
        .group_by(bought.c.lead_id, bought.c.occurred_at)
        .subquery()
    )
    return select(at_once.c.value).where(~_is_credited(at_once.c.lead_id, CUSTOMER, at_once.c.at))


def _within(period: Period, at: ColumnElement) -> ColumnElement[bool]:
    return and_(at >= period.starts_at, at < period.ends_at)


def _is_credited(
    lead_id: ColumnElement, kind: str, at: ColumnElement | None = None
) -> ColumnElement[bool]:
    """Whether a conversion of this kind, at this moment if it can happen twice, is shared."""
    found = exists().where(
        SHARED.organization_id == acting_organization_id(),
        SHARED.lead_id == lead_id,
        SHARED.conversion_type == kind,
    )
    return found if at is None else found.where(SHARED.conversion_at == at)
