"""The tracker: the one door through which everything that happens enters the log.

One transaction holds the interactions and all that follows from them: visits and their scores,
visitors, funnel days and roll-ups. What follows for leads is
`app.operations.tracking.follow_visits`.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

import msgspec
from sqlalchemy import Connection

from app.domain.score import Score
from app.domain.scoring.interaction_score import act_facts, score_interaction
from app.domain.tracking.event import TOOLS, Event
from app.domain.tracking.visit import LONGEST_VISIT, Origin, Visit, begin
from app.domain.uuid7 import uuid7
from app.extensions import db
from app.models import Interaction, bulk
from app.models.types import from_millis, to_millis
from app.models.visit_rows import ORIGIN
from app.operations.tracking.book_shelf import BookShelf
from app.operations.tracking.visit_book import VisitBook
from app.queries.scoring.rules import interaction_rules
from app.queries.tracking.sites import SiteFacts
from app.tenancy import acting_for

INTERACTIONS = Interaction.__table__
INTERACTION_COLUMNS = (
    "organization_id",
    "site_id",
    "event_id",
    "visitor_id",
    "visitor_session_id",
    "lead_id",
    "type",
    "channel",
    "occurred_at",
    "received_at",
    "url",
    "label",
    "important",
    "engaged_seconds",
    "revenue",
    "score",
    "contributions",
    "data",
    "context",
)
DAY = 24 * 3_600_000
# A book that serves many batches must know what the oldest event may meet: one a day old, in a
# visit a day long, after the longest silence that a site allows.
REACH = 3 * DAY
encode = msgspec.json.Encoder().encode


@dataclass(slots=True)
class Hit:
    """Events that came in together from one sender, and after `track` what became of them.

    Ids are the 16 bytes of UUIDs.
    """

    organization_id: int
    received_at: int
    events: list[Event]
    site: SiteFacts | None = None
    visitor_id: bytes | None = None
    earlier_id: bytes | None = None  # yesterday's cookieless id: a visit may cross midnight
    visit_id: bytes | None = None  # given when the visit is known already
    origin: Origin | None = None
    contexts: dict[bytes, dict] = field(default_factory=dict)
    dropped: list[tuple[str | None, str]] = field(default_factory=list)
    accepted: int = 0
    duplicates: int = 0
    stored_as: tuple[bytes | None, bytes | None] = (None, None)  # the last event's visit, visitor


def track(
    hits: Iterable[Hit],
    *,
    now: datetime,
    connection: Connection | None = None,
    shelf: BookShelf | None = None,
) -> dict[int, dict[int, datetime]]:
    """Stores the hits' events once each, with all that follows from them; by organization the
    leads who were on the website, each with when the oldest of these acts happened.

    On db.session's connection unless another is given; the caller commits. Fills each hit's
    `accepted`, `duplicates` and `stored_as`.
    """
    met = {}
    connection = connection or db.session.connection()
    by_organization = defaultdict(list)
    for hit in hits:
        by_organization[hit.organization_id].append(hit)
    for organization_id in sorted(by_organization):
        lock_log(connection, organization_id)
        book = shelf.book(connection, organization_id) if shelf else VisitBook(organization_id)
        book.begin(to_millis(now))
        with acting_for(organization_id):
            _store(connection, book, by_organization[organization_id])
        if book.leads:
            met[organization_id] = {lead: from_millis(at) for lead, at in book.leads.items()}
    return met


def _store(connection: Connection, book: VisitBook, hits: list[Hit]):
    fresh, doubles = _drop_doubles(connection, book.organization_id, hits)
    _load(connection, book, fresh)
    rows = [_enter(connection, book, hit, event) for hit, event in fresh]
    for hit, first in doubles:
        hit.stored_as = first.stored_as
    bulk.insert(connection, INTERACTIONS, rows, INTERACTION_COLUMNS)
    for hit in hits:
        for _, reason in hit.dropped:
            site_id = hit.site.id if hit.site else 0
            book.counters.count("dropped", reason, hit.received_at, site_id)
    book.save(connection)


def lock_log(connection: Connection, organization_id: int):
    """One writer an organization at a time. SQLite has one writer in all already."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock(76, {int(organization_id)})")


def _drop_doubles(
    connection, organization_id: int, hits: list[Hit]
) -> tuple[list[tuple[Hit, Event]], list[tuple[Hit, Hit]]]:
    """The events not stored yet, oldest first; and the hits that repeat one of another hit."""
    ids = {event.id for hit in hits for event in hit.events}
    columns = ("event_id", "visitor_session_id", "visitor_id")
    found = bulk.fetch(connection, INTERACTIONS, columns, organization_id, "event_id", ids)
    stored = {event_id: stored_as for event_id, *stored_as in found}
    fresh, doubles, first = [], [], {}
    for hit in hits:
        for event in hit.events:
            if event.id in stored:
                hit.duplicates += 1
                hit.stored_as = tuple(stored[event.id])
            elif event.id in ids:
                ids.discard(event.id)
                hit.accepted += 1
                fresh.append((hit, event))
                first[event.id] = hit
            else:
                hit.duplicates += 1
                doubles.append((hit, first[event.id]))
    fresh.sort(key=lambda pair: pair[1].occurred_at)
    return fresh, doubles


def _load(connection, book: VisitBook, fresh: list[tuple[Hit, Event]]):
    """The visitors and visits that these events may belong to."""
    visitors, visits = set(), set()
    since = book.now - REACH
    for hit, event in fresh:
        if hit.visit_id:
            visits.add(hit.visit_id)
        elif hit.visitor_id:
            visitors.add(hit.visitor_id)
            if hit.earlier_id:
                visitors.add(hit.earlier_id)
            since = min(since, event.occurred_at - hit.site.window - LONGEST_VISIT)
    book.load_visitors(connection, visitors, since)
    if visits:
        book.load_visits(connection, visits)


def _enter(connection, book: VisitBook, hit: Hit, event: Event) -> tuple:
    """Takes an event into its visit and the counters; its row for the log."""
    context = hit.contexts.get(event.id)
    site_id = hit.site.id if hit.site else None
    visit = _visit_for(book, hit, event)
    visit_id, visitor_id = None, hit.visitor_id
    if visit is not None:
        visit_id, visitor_id = hit.stored_as = (visit.id, visit.visitor_id)
        if visit.interactions == 0:
            context = {**(context or {}), "origin": _told(visit.origin)}
        book.touch(visit, hit.site)
        book.take(visit, event)
        if book.links and event.lead_id is None:
            book.meet(visitor_id, event.occurred_at)
    score = None
    if event.type in TOOLS:
        score, around = _score(connection, book, event, visit)
        context = {**(context or {}), "rules_version": book.rule_set.version}
        if around:
            context["facts"] = around
    points = score.points if score else None
    data = event.data
    book.counters.count_interaction(
        event.type, event.occurred_at, site_id or 0, event.url, points, data or {}
    )
    return (
        book.organization_id,
        site_id,
        event.id,
        visitor_id,
        visit_id,
        event.lead_id,
        event.type,
        event.channel,
        event.occurred_at,
        hit.received_at,
        event.url,
        event.label,
        event.important,
        event.engaged,
        event.revenue,
        points,
        _json([part.to_json() for part in score.contributions]) if score else None,
        _json(data) if data else None,
        _json(context) if context else None,
    )


def _json(value) -> str:
    return encode(value).decode()


def _told(origin: Origin) -> dict:
    told = ((name, getattr(origin, name)) for name in ORIGIN)
    return {name: value for name, value in told if value is not None}


def _visit_for(book: VisitBook, hit: Hit, event: Event) -> Visit | None:
    """The visit an event belongs to, begun when there is none; None for what happens offline."""
    if hit.visit_id:
        return book.visits.get(hit.visit_id)
    if hit.visitor_id is None:
        return None
    return _fitting(book, hit, event.occurred_at) or _begin(book, hit, event.occurred_at)


def _fitting(book: VisitBook, hit: Hit, at: int) -> Visit | None:
    window = hit.site.window
    for visitor_id in (hit.visitor_id, hit.earlier_id):
        latest = None
        for visit in book.visits_of(visitor_id):
            if visit.site_id != hit.site.id or not visit.takes(at, window):
                continue
            if latest is None or visit.started_at > latest.started_at:
                latest = visit
        if latest is not None:
            return latest
    return None


def _begin(book: VisitBook, hit: Hit, at: int) -> Visit:
    visit_id = uuid7(at, hit.visitor_id + hit.site.id.to_bytes(8, "big"))
    visit = begin(visit_id, hit.site.id, hit.visitor_id, at, hit.origin or Origin())
    book.enter(visit)
    return visit


def _score(connection, book: VisitBook, event: Event, visit: Visit | None) -> tuple[Score, dict]:
    """The interaction score (scoring.md 2), and what was known of the visit and the visitor: kept
    with the act, so that other rules can be tried on it later."""
    if book.rule_set is None:
        book.rule_set = interaction_rules()
    around = {}
    if visit is not None:
        around["session"] = {
            "engaged_seconds": visit.engaged_seconds,
            "page_views": visit.page_views,
            "channel": visit.origin.channel,
            "device": visit.origin.device,
        }
        around["visitor"] = _visitor_facts(connection, book, visit)
    return score_interaction(act_facts(event.type, event.data, around), book.rule_set), around


def _visitor_facts(connection, book: VisitBook, visit: Visit) -> dict:
    visitor_id = visit.visitor_id
    if visitor_id not in book.high_intent:
        scored = bulk.fetch(
            connection,
            INTERACTIONS,
            ("id",),
            book.organization_id,
            "visitor_id",
            [visitor_id],
            "AND score IS NOT NULL",
        )
        book.high_intent[visitor_id] = len(scored)
    visitor = book.visitors[visitor_id]
    begun = sum(known.id in book.begun for known in visitor.visits)
    facts = {
        "sessions": visitor.sessions_count + begun,
        "earlier_high_intent": book.high_intent[visitor_id],
    }
    book.high_intent[visitor_id] += 1
    return facts
