"""What was spent on channels, and when."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import Select, and_, exists, func, or_, select, union
from sqlalchemy.orm import aliased

from app.domain.attribution.spend import Entry
from app.extensions import db
from app.models import Rollup, Spend
from app.queries.cursor import Cursor
from app.tenancy import acting_organization_id

PAGE = 50


@dataclass(frozen=True, slots=True)
class Wanted:
    """Entries of a channel, with a day from `first` to `last`; without one of these: of any."""

    channel: str | None = None
    first: date | None = None
    last: date | None = None


def entry_of(row: Spend) -> Entry:
    """A row as the domain's entry."""
    return Entry(row.channel, row.source, row.starts_on, row.ends_on, row.amount, row.note)


def row(spend_id: int) -> Spend | None:
    """One entry of the organization."""
    return db.session.scalar(select(Spend).where(Spend.id == spend_id))


def page(
    wanted: Wanted, after: Cursor | None = None, limit: int = PAGE
) -> list[tuple[Spend, bool]]:
    """Entries, the latest first, each with whether another may be the same money."""
    rows = _wanted(select(Spend, _overlapped()), wanted)
    if after:
        rows = rows.where(after.follows(Spend.ends_on, Spend.id))
    rows = rows.order_by(Spend.ends_on.desc(), Spend.id.desc()).limit(limit)
    return [(entry, crossed) for entry, crossed in db.session.execute(rows)]


def place_of(last: Spend) -> Cursor:
    """Where a page ended that ended with this entry."""
    return Cursor(last.ends_on.toordinal(), last.id)


def read_place(text: str) -> Cursor | None:
    """The place that a text stands for; none when it is not one."""
    return Cursor.read(text, date.fromordinal)


def total(wanted: Wanted) -> tuple[int, int]:
    """How many entries are wanted, and the sum of their amounts."""
    mine = Spend.organization_id == acting_organization_id()
    counted = _wanted(select(func.count(), func.sum(Spend.amount)).where(mine), wanted)
    count, amount = db.session.execute(counted).one()
    return count, int(amount or 0)


def entries() -> list[Entry]:
    """Every entry there is."""
    return [entry_of(each) for each in db.session.scalars(select(Spend).order_by(Spend.id))]


def rows(wanted: Wanted) -> list[Spend]:
    """Every entry wanted, the latest first."""
    found = _wanted(select(Spend), wanted).order_by(Spend.ends_on.desc(), Spend.id.desc())
    return list(db.session.scalars(found))


def crossing(entry: Entry, besides: int | None = None) -> list[Spend]:
    """The entries stored that may be the same money as this one."""
    found = select(Spend).where(
        Spend.channel == entry.channel,
        Spend.starts_on <= entry.ends_on,
        Spend.ends_on >= entry.starts_on,
    )
    if entry.source:
        found = found.where(Spend.source.in_((entry.source, "")))
    if besides is not None:
        found = found.where(Spend.id != besides)
    return list(db.session.scalars(found.order_by(Spend.id)))


def sources() -> list[str]:
    """The sources that visits came from or money was spent on already, by name; from roll-ups."""
    mine = acting_organization_id()
    seen = select(Rollup.key).where(
        Rollup.organization_id == mine, Rollup.grain == "day", Rollup.measure == "source"
    )
    paid = select(Spend.source).where(Spend.organization_id == mine)
    return sorted(filter(None, db.session.scalars(union(seen, paid))))


def _wanted(rows: Select, wanted: Wanted) -> Select:
    if wanted.channel:
        rows = rows.where(Spend.channel == wanted.channel)
    if wanted.first:
        rows = rows.where(Spend.ends_on >= wanted.first)
    if wanted.last:
        rows = rows.where(Spend.starts_on <= wanted.last)
    return rows


def _overlapped():
    other = aliased(Spend)
    return exists().where(
        and_(
            other.organization_id == Spend.organization_id,
            other.id != Spend.id,
            other.channel == Spend.channel,
            or_(other.source == Spend.source, other.source == "", Spend.source == ""),
            other.starts_on <= Spend.ends_on,
            other.ends_on >= Spend.starts_on,
        )
    )
