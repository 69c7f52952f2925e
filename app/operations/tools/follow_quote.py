"""Note what became of a quote: sent, opened, taken away.

Whoever opens its link is counted on the quote and is not taken for its lead: links are forwarded.
"""

from datetime import datetime
from uuid import UUID, uuid5

from sqlalchemy import func, literal, select, update

from app.extensions import db
from app.identity import Identity
from app.models import Quote, Site
from app.models.types import Instant
from app.operations.tracking.record_interaction import record_interaction
from app.operations.tracking.record_visit_act import record_visit_act


def note_viewed(
    quote_id: int,
    *,
    site: Site,
    identity: Identity | None,
    url: str,
    now: datetime,
    event_id: UUID | None = None,
) -> None:
    """Somebody opened the quote's page."""
    first = func.coalesce(Quote.first_viewed_at, literal(now, Instant))
    number = _count(quote_id, views=Quote.views + 1, first_viewed_at=first, last_viewed_at=now)
    what = {"data": {"quote": number}, "label": number, "url": url, "event_id": event_id}
    record_visit_act("quote_viewed", site=site, identity=identity, now=now, **what)


def note_downloaded(
    quote_id: int, *, site: Site, identity: Identity, url: str, now: datetime
) -> None:
    """Somebody took the quote's PDF away."""
    number = _count(quote_id, downloads=Quote.downloads + 1)
    what = {"data": {"quote": number}, "label": f"{number}.pdf", "url": url}
    record_visit_act("content_downloaded", site=site, identity=identity, now=now, **what)


def note_sent(quote_id: int, *, now: datetime) -> None:
    """The mail with the quote went out."""
    quote = db.session.scalar(select(Quote).where(Quote.id == quote_id))
    if quote is None:
        return
    quote.sent_at = quote.sent_at or now
    record_interaction(
        "quote_sent",
        site=None,
        lead_id=quote.lead_id,
        data={"quote": quote.number},
        label=quote.number,
        channel="email",
        event_id=_sent_id(quote.event_id, quote.number),
        now=now,
    )


def _sent_id(event_id: UUID, number: str) -> UUID:
    return uuid5(event_id, f"quote_sent {number}")


def _count(quote_id: int, **values) -> str:
    """The quote's number."""
    db.session.execute(update(Quote).where(Quote.id == quote_id).values(**values))
    return db.session.scalar(select(Quote.number).where(Quote.id == quote_id))
