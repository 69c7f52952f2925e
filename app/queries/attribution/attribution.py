"""What attribution has found: for one lead, and for channels and sources over a period."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal

from sqlalchemy import CompoundSelect, and_, func, select, union_all

from app.domain.attribution.attribution import CONVERSION_TYPES, MODELS
from app.domain.period import Period
from app.domain.score import round_half_up
from app.extensions import db
from app.models import AttributionCredit, ChannelWorth, LeadAttribution, Spend
from app.models.types import to_millis
from app.queries.cursor import Cursor
from app.queries.leads.lead_acts import unindexed
from app.tenancy import acting_organization_id

MILLION = 1_000_000


def channel_worth(conversion_type: str) -> dict[str, dict[str, float]]:
    """What each channel is worth, by model; empty where nothing has been learned yet."""
    found: dict[str, dict[str, float]] = defaultdict(dict)
    wanted = select(ChannelWorth).where(ChannelWorth.conversion_type == conversion_type)
    for row in db.session.scalars(wanted):
        found[row.model][row.channel] = row.worth
    return dict(found)


def learned_from(conversion_type: str) -> ChannelWorth | None:
    """One of the rows learned for a conversion: its counts of journeys, and when."""
    wanted = select(ChannelWorth).where(ChannelWorth.conversion_type == conversion_type)
    return db.session.scalar(wanted.limit(1))


def of_lead(lead_id: int) -> list[LeadAttribution]:
    """Every calculation stored for a lead, the newest conversion first, models in their order."""
    wanted = select(LeadAttribution).where(LeadAttribution.lead_id == lead_id)
    rows = db.session.scalars(wanted)
    order = list(MODELS)
    return sorted(
        rows, key=lambda r: (-r.conversion_at.timestamp(), r.conversion_type, order.index(r.model))
    )


def page_of_lead(
    lead_id: int, after: Cursor | None = None, limit: int = 50
) -> tuple[list[LeadAttribution], str | None]:
    """A page of the same, and the cursor of the next."""
    keys = db.session.execute(
        select(
            LeadAttribution.id,
            LeadAttribution.conversion_at,
            LeadAttribution.conversion_type,
            LeadAttribution.model,
        ).where(
            LeadAttribution.organization_id == acting_organization_id(),
            LeadAttribution.lead_id == lead_id,
        )
    )
    ordered = sorted((-to_millis(at), _place(kind, model), n) for n, at, kind, model in keys)
    if after:
        ordered = [key for key in ordered if key[:2] > (-to_millis(after.at), after.id)]
    wanted = [row_id for *_, row_id in ordered[:limit]]
    rows = {
        row.id: row
        for row in db.session.scalars(select(LeadAttribution).where(LeadAttribution.id.in_(wanted)))
    }
    if len(ordered) <= limit:
        return [rows[row_id] for row_id in wanted], None
    at, place, _ = ordered[limit - 1]
    return [rows[row_id] for row_id in wanted], str(Cursor(-at, place))


def _place(conversion_type: str, model: str) -> int:
    """The order of calculations of one moment."""
    return CONVERSION_TYPES.index(conversion_type) * len(MODELS) + list(MODELS).index(model)


@dataclass(slots=True)
class Credited:
    """What models credit to a channel (and a source of it) over a period.

    `conversions` and `revenue` (minor units) by model; `spent` in minor units, None where nothing
    was entered.
    """

    channel: str
    source: str | None
    conversions: dict[str, Decimal] = field(default_factory=dict)
    revenue: dict[str, int] = field(default_factory=dict)
    spent: int | None = None

    def return_on_spend(self, model: str) -> Decimal | None:
        """Revenue for each unit spent; None without spend."""
        if not self.spent:
            return None
        return round_half_up(Decimal(self.revenue.get(model, 0)) / self.spent, 2)


def comparison(period: Period, conversion_type: str, by_source: bool = False) -> list[Credited]:
    """Channels, or their sources, with what each model credits to them for the conversions of the
    period; the most credited by the first model first."""
    found = _credited(period, conversion_type, by_source)
    for (channel, source), amount in _spent(period, by_source).items():
        row = found.setdefault((channel, source), Credited(channel, source))
        row.spent = amount
    return sorted(found.values(), key=lambda row: (-_most(row), row.channel, row.source or ""))


def _credited(period: Period, conversion_type: str, by_source: bool) -> dict[tuple, Credited]:
    source = [AttributionCredit.source] if by_source else []
    rows = db.session.execute(
        select(
            AttributionCredit.model,
            func.sum(AttributionCredit.weight),
            func.sum(AttributionCredit.value),
            AttributionCredit.channel,
            *source,
        )
        .where(
            AttributionCredit.organization_id == acting_organization_id(),
            AttributionCredit.conversion_type == conversion_type,
            AttributionCredit.conversion_at >= period.starts_at,
            AttributionCredit.conversion_at < period.ends_at,
        )
        .group_by(AttributionCredit.model, AttributionCredit.channel, *source)
    )
    found: dict[tuple, Credited] = {}
    for model, weight, value, channel, *named in rows:
        key = (channel, named[0] if named else None)
        row = found.setdefault(key, Credited(*key))
        row.conversions[model] = Decimal(int(weight)) / MILLION
        row.revenue[model] = int(value)
    return found


def _spent(period: Period, by_source: bool) -> dict[tuple, int]:
    """Spend that falls into the period, each entry by the part of its days that do."""
    wanted = select(Spend).where(Spend.ends_on >= period.first, Spend.starts_on <= period.last)
    exact: dict[tuple, Decimal] = defaultdict(Decimal)
    for entry in db.session.scalars(wanted):
        first, last = max(entry.starts_on, period.first), min(entry.ends_on, period.last)
        day = timedelta(days=1)
        share = Decimal((last - first + day).days) / (entry.ends_on - entry.starts_on + day).days
        key = (entry.channel, (entry.source or None) if by_source else None)
        exact[key] += entry.amount * share
    return {key: round_half_up(amount) for key, amount in exact.items()}


def _most(row: Credited) -> Decimal:
    return max(row.conversions.values(), default=Decimal(0))


@dataclass(frozen=True, slots=True)
class Conversions:
    """How many conversions of a type fell into a period, of how many leads, what they brought in
    minor units, and how long their journeys were on average, in touches and days."""

    type: str
    count: int
    leads: int
    value: int
    touches: float
    days: float


def conversions(period: Period) -> list[Conversions]:
    """The conversions of a period by type; each once, however many models it was calculated by."""
    told = LeadAttribution.summary
    rows = db.session.execute(
        select(
            LeadAttribution.conversion_type,
            func.count(),
            func.count(LeadAttribution.lead_id.distinct()),
            func.sum(LeadAttribution.conversion_value),
            func.sum(told["total_touchpoints"].as_float()),
            func.sum(told["journey_duration_days"].as_float()),
        )
        .where(
            LeadAttribution.organization_id == acting_organization_id(),
            LeadAttribution.id.in_(_once(period)),
        )
        .group_by(LeadAttribution.conversion_type)
    )
    found = {
        kind: Conversions(
            kind, count, leads, int(value), (touches or 0) / count, (days or 0) / count
        )
        for kind, count, leads, value, touches, days in rows
    }
    return [found[kind] for kind in CONVERSION_TYPES if kind in found]


def _once(period: Period) -> CompoundSelect:
    """The ids of one calculation of each conversion of a period, the first that was stored. Where
    all at one moment are of one type the index of leads tells them apart; only the others are
    looked at row by row."""
    stored = LeadAttribution.__table__.c
    organization_id = acting_organization_id()
    mine = stored.organization_id == organization_id
    within = and_(
        mine,
        stored.conversion_type.in_(CONVERSION_TYPES),
        stored.conversion_at >= period.starts_at,
        stored.conversion_at < period.ends_at,
    )
    kinds = select(stored.conversion_type, stored.conversion_at).where(within).distinct().subquery()
    several = (
        select(kinds.c.conversion_at).group_by(kinds.c.conversion_at).having(func.count() > 1).cte()
    )
    mixed = select(several.c.conversion_at)
    at = unindexed(stored.conversion_at)  # or SQLite would take the index of types, and the rows
    alone = (
        select(func.min(stored.id))
        .where(mine, at >= period.starts_at, at < period.ends_at, at.not_in(mixed))
        .group_by(stored.lead_id, stored.conversion_at)
    )
    together = (
        select(func.min(stored.id))
        .where(within, stored.conversion_at.in_(mixed))
        .group_by(stored.lead_id, stored.conversion_type, stored.conversion_at)
    )
    return union_all(alone, together)
