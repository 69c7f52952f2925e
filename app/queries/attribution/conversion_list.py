"""The conversions behind the figures of attribution, one by one."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import ColumnElement, Select, and_, func, literal, select

from app.domain.period import Period
from app.extensions import db
from app.models import AttributionCredit, Lead, LeadAttribution
from app.models.types import Instant
from app.queries.cursor import Cursor
from app.tenancy import acting_organization_id

PAGE = 50
MILLION = 1_000_000


@dataclass(frozen=True, slots=True)
class Wanted:
    """The conversions of a type in a period that `model` credits to a channel, and to a source of
    it; to anybody without."""

    period: Period
    type: str
    model: str
    channel: str | None = None
    source: str | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """A conversion: whose, when, its whole value, and what of it is credited (0 to 1, and minor
    units)."""

    id: int
    at: datetime
    lead: Lead
    value: int
    share: Decimal
    credited: int
    touches: int
    days: float


@dataclass(frozen=True, slots=True)
class Total:
    """How many conversions, and what of them is credited."""

    count: int
    credited: Decimal
    value: int


def page(wanted: Wanted, after: Cursor | None = None, limit: int = PAGE) -> list[Row]:
    """Conversions, the newest first."""
    credit = AttributionCredit
    credited = _credited(wanted).where(credit.conversion_at >= _oldest(wanted, after, limit))
    if after:
        credited = credited.where(credit.conversion_at <= after.at)
    credited = credited.subquery()
    whole = LeadAttribution
    rows = (
        select(
            whole.id,
            whole.conversion_at,
            whole.conversion_value,
            whole.summary,
            credited.c.weight,
            credited.c.value,
            Lead,
        )
        .join(
            credited,
            and_(
                credited.c.lead_id == whole.lead_id, credited.c.conversion_at == whole.conversion_at
            ),
        )
        .join(Lead, Lead.id == whole.lead_id)
        .where(
            whole.organization_id == acting_organization_id(),
            Lead.organization_id == acting_organization_id(),
            whole.conversion_type == wanted.type,
            whole.model == wanted.model,
        )
        .order_by(whole.conversion_at.desc(), whole.id.desc())
        .limit(limit)
    )
    if after:
        rows = rows.where(after.follows(whole.conversion_at, whole.id))
    return [_row(*row) for row in db.session.execute(rows)]


def _oldest(wanted: Wanted, after: Cursor | None, limit: int) -> ColumnElement:
    """When the last of a page's conversions was: found in their order, so that no older ones are
    added up for it. Those at the very moment at which the page before ended come on top."""
    credit = AttributionCredit
    newest = (
        _wanted(select(credit.lead_id, credit.conversion_at), wanted)
        .distinct()
        .order_by(credit.conversion_at.desc(), credit.lead_id.desc())
        .limit(limit)
    )
    if after:
        newest = newest.where(credit.conversion_at < after.at)
    newest = newest.subquery()
    oldest = select(func.min(newest.c.conversion_at)).scalar_subquery()
    return func.coalesce(oldest, literal(wanted.period.starts_at, Instant))


def total(wanted: Wanted) -> Total:
    """The same added up."""
    each = _credited(wanted).subquery()
    count, weight, value = db.session.execute(
        select(func.count(), func.sum(each.c.weight), func.sum(each.c.value))
    ).one()
    return Total(count, Decimal(int(weight or 0)) / MILLION, int(value or 0))


def _credited(wanted: Wanted) -> Select:
    credit = AttributionCredit
    weight, value = (
        func.sum(column).label(column.name) for column in (credit.weight, credit.value)
    )
    rows = select(credit.lead_id, credit.conversion_at, weight, value)
    return _wanted(rows, wanted).group_by(credit.lead_id, credit.conversion_at)


def _wanted(rows: Select, wanted: Wanted) -> Select:
    credit = AttributionCredit
    rows = rows.where(
        credit.organization_id == acting_organization_id(),
        credit.conversion_type == wanted.type,
        credit.model == wanted.model,
        credit.conversion_at >= wanted.period.starts_at,
        credit.conversion_at < wanted.period.ends_at,
    )
    if wanted.channel is not None:
        rows = rows.where(credit.channel == wanted.channel)
    if wanted.source is not None:
        rows = rows.where(credit.source == wanted.source)
    return rows


def _row(row_id, at, whole_value, summary, weight, value, lead) -> Row:
    told = summary or {}
    return Row(
        id=row_id,
        at=at,
        lead=lead,
        value=whole_value,
        share=Decimal(int(weight)) / MILLION,
        credited=int(value),
        touches=told.get("total_touchpoints", 0),
        days=told.get("journey_duration_days", 0),
    )
