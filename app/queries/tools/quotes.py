"""Numbered quotes: one by one, and as a list."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Select, and_, func, select
from sqlalchemy.orm import aliased, contains_eager, joinedload

from app.extensions import db
from app.models import Lead, Logo, Quote
from app.queries.cursor import Cursor
from app.queries.leads.finding import found_by

PAGE = 50
Later = aliased(Quote, name="later")


def quote(quote_id: int) -> Quote | None:
    """A quote of somebody who has not been erased, with its logo and the quote it replaces."""
    return db.session.scalar(_whole().where(Quote.id == quote_id))


def quote_of_use(event_id: UUID, lead_id: int) -> Quote | None:
    """The quote that a lead got of a use of the calculator."""
    return db.session.scalar(_whole().where(Quote.event_id == event_id, Quote.lead_id == lead_id))


def _whole() -> Select:
    return (
        select(Quote)
        .outerjoin(Lead, Lead.id == Quote.lead_id)
        .where(Lead.erased_at.is_(None))
        .options(contains_eager(Quote.lead), joinedload(Quote.logo), joinedload(Quote.replaces))
    )


def successor(quote_id: int) -> Quote | None:
    """The quote that replaces this one."""
    return db.session.scalar(select(Quote).where(Quote.replaces_id == quote_id))


def newest_of(found: Quote) -> Quote:
    """The end of the chain in which each quote was replaced by the next."""
    while later := successor(found.id):
        found = later
    return found


def last_sequence(year: int) -> int:
    """The number of quotes that were issued in a year; 0 before the first."""
    wanted = select(func.max(Quote.sequence)).where(Quote.year == year)
    return db.session.scalar(wanted) or 0


def issued_since(lead_id: int, moment: datetime) -> int:
    """How many quotes a lead got since a moment."""
    wanted = select(func.count(Quote.id)).where(Quote.lead_id == lead_id, Quote.issued_at >= moment)
    return db.session.scalar(wanted)


def logo() -> Logo | None:
    """The picture that stands at the head of documents now."""
    newest = select(Logo).order_by(Logo.added_at.desc(), Logo.id.desc())
    found = db.session.scalar(newest.limit(1))
    return found if found and found.png else None


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which quotes. `today` decides what is expired; `owner_id`: only of leads of this user."""

    today: date
    state: str | None = None
    viewed: bool | None = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    lead_id: int | None = None
    q: str = ""
    owner_id: int | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """A quote of the list, and the number of the one that replaced it."""

    quote: Quote
    replaced_by: str | None


def page(
    wanted: Wanted, after: Cursor | None = None, limit: int = PAGE
) -> tuple[list[Row], Cursor | None]:
    """A page of the list, newest first, and where the next begins."""
    rows = _listed(wanted).order_by(Quote.issued_at.desc(), Quote.id.desc()).limit(limit + 1)
    if after:
        rows = rows.where(after.follows(Quote.issued_at, Quote.id))
    found = [Row(*row) for row in db.session.execute(rows).unique()]
    if len(found) <= limit:
        return found, None
    last = found[limit - 1].quote
    return found[:limit], Cursor(last.issued_at, last.id)


def every(wanted: Wanted) -> Iterator[Row]:
    """All that are wanted, read a page at a time."""
    cursor = None
    while True:
        rows, cursor = page(wanted, cursor, limit=500)
        yield from rows
        if cursor is None:
            return
        db.session.expunge_all()


def state_counts(wanted: Wanted) -> dict[str, int]:
    """How many of the wanted are in each state, whatever state was asked for."""
    counts = {}
    for state, condition in _states(wanted.today).items():
        query = _filtered(_joined(select(func.count(Quote.id))), wanted).where(condition)
        counts[state] = db.session.scalar(query)
    return counts


def find(quote_id: int, owner_id: int | None = None) -> Quote | None:
    """A quote; with `owner_id`, only when its lead is assigned to that user."""
    query = _whole().where(Quote.id == quote_id)
    if owner_id is not None:
        query = query.where(Lead.assignee_id == owner_id)
    return db.session.scalar(query)


def _listed(wanted: Wanted) -> Select:
    rows = _joined(select(Quote, Later.number)).options(contains_eager(Quote.lead))
    rows = _filtered(rows, wanted)
    return rows.where(_states(wanted.today)[wanted.state]) if wanted.state else rows


def _joined(query: Select) -> Select:
    return (
        query.select_from(Quote)
        .outerjoin(Lead, Lead.id == Quote.lead_id)
        .outerjoin(Later, Later.replaces_id == Quote.id)
    )


def _states(today: date) -> dict:
    current = Later.id.is_(None)
    return {
        "valid": and_(current, Quote.valid_until >= today),
        "expired": and_(current, Quote.valid_until < today),
        "replaced": Later.id.is_not(None),
    }


def _filtered(query: Select, wanted: Wanted) -> Select:
    query = query.where(Lead.erased_at.is_(None))
    if wanted.owner_id is not None:
        query = query.where(Lead.assignee_id == wanted.owner_id)
    if wanted.lead_id is not None:
        query = query.where(Quote.lead_id == wanted.lead_id)
    if wanted.viewed is not None:
        query = query.where(Quote.views > 0 if wanted.viewed else Quote.views == 0)
    if wanted.starts_at:
        query = query.where(Quote.issued_at >= wanted.starts_at)
    if wanted.ends_at:
        query = query.where(Quote.issued_at < wanted.ends_at)
    return query.where(*found_by(wanted.q, Quote.number))
