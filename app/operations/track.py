"""The tracker: the one door through which everything that happens enters the log.

One transaction holds the interactions and all that follows from them: visits and their scores,
visitors, funnel days and roll-ups.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from datetime import datetime
from urllib.parse import urlsplit
from uuid import UUID

import msgspec

from app.domain.event import TOOLS, Event
from app.domain.interaction_score import score_interaction
from app.domain.score import Score
from app.domain.uuid7 import uuid7
from app.domain.visit import Act, Origin, Visit, begin, score_band
from app.extensions import db
from app.models import Interaction, Visitor, bulk
from app.models.types import to_millis
from app.operations.visit_book import VisitBook
from app.queries.rules import interaction_rules
from app.queries.sites import SiteFacts
from app.tenancy import acting_for

INTERACTIONS = Interaction.__table__
INTERACTION_COLUMNS = tuple(c.name for c in INTERACTIONS.columns if c.name != "id")
VISITORS = Visitor.__table__
encode = msgspec.json.Encoder().encode


@dataclass(slots=True)
class Hit:
    """Events that came in together from one sender, and after `track` what became of them."""

    organization_id: int
    received_at: int
    events: list[Event]
    site: SiteFacts | None = None
    visitor_id: UUID | None = None
    earlier_id: UUID | None = None  # yesterday's cookieless id: a visit may cross midnight
    visit_id: UUID | None = None  # given when the visit is known already
    origin: Origin | None = None
    contexts: dict[UUID, dict] = field(default_factory=dict)
    dropped: list[tuple[str | None, str]] = field(default_factory=list)
    accepted: int = 0
    duplicates: int = 0
    stored_as: tuple[UUID | None, UUID | None] = (None, None)  # the last event's visit and visitor


def track(hits: Iterable[Hit], *, now: datetime) -> None:
    """Stores the hits' events once each, with all that follows from them.

    On db.session's connection; the caller commits. Fills each hit's `accepted`, `duplicates`
    and `stored_as`.
    """
    by_organization = defaultdict(list)
    for hit in hits:
        by_organization[hit.organization_id].append(hit)
    for organization_id in sorted(by_organization):
        _track(organization_id, by_organization[organization_id], to_millis(now))


def _track(organization_id: int, hits: list[Hit], now: int):
    with acting_for(organization_id):
        _store(organization_id, hits, now)


def _store(organization_id: int, hits: list[Hit], now: int):
    connection = db.session.connection()
    lock_log(connection, organization_id)
    book = VisitBook(organization_id, now)
    fresh = _drop_doubles(connection, book, hits)
    _load_visits(connection, book, fresh)
    rows = [_enter(book, hit, event) for hit, event in fresh]
    bulk.insert(connection, INTERACTIONS, rows, INTERACTION_COLUMNS)
    for hit in hits:
        for _, reason in hit.dropped:
            site_id = hit.site.id if hit.site else 0
            book.counters.count("dropped", reason, hit.received_at, site_id)
    book.save(connection)


def lock_log(connection, organization_id: int):
    """One writer an organization at a time. SQLite has one writer in all already."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock(76, {int(organization_id)})")


def _drop_doubles(connection, book: VisitBook, hits: list[Hit]) -> list[tuple[Hit, Event]]:
    """The events not stored yet, oldest first."""
    ids = {event.id for hit in hits for event in hit.events}
    organization_id = book.organization_id
    columns = ("event_id", "visitor_session_id", "visitor_id")
    found = bulk.fetch(connection, INTERACTIONS, columns, organization_id, "event_id", ids)
    known = {event_id: stored_as for event_id, *stored_as in found}
    fresh = []
    for hit in hits:
        for event in hit.events:
            if event.id in known:
                hit.duplicates += 1
                hit.stored_as = tuple(known[event.id])
            else:
                known[event.id] = (None, None)
                hit.accepted += 1
                fresh.append((hit, event))
    fresh.sort(key=lambda pair: pair[1].occurred_at)
    return fresh


def _load_visits(connection, book: VisitBook, fresh: list[tuple[Hit, Event]]):
    """The visits that these events may belong to."""
    visitors, named, oldest, window = set(), set(), book.now, 0
    for hit, event in fresh:
        if hit.visit_id:
            named.add(hit.visit_id)
        elif hit.visitor_id:
            visitors.add(hit.visitor_id)
            if hit.earlier_id:
                visitors.add(hit.earlier_id)
            window = max(window, hit.site.window)
            oldest = min(oldest, event.occurred_at)
    book.load(connection, "visitor_id", visitors, f"AND last_activity_at > {oldest - window}")
    book.load(connection, "id", named)


def _enter(book: VisitBook, hit: Hit, event: Event) -> dict:
    """Takes an event into its visit and the counters; its row for the log."""
    context = hit.contexts.get(event.id)
    visit = _visit_for(book, hit, event)
    if visit is not None:
        if visit.interactions == 0:
            context = {**(context or {}), "origin": _told(visit.origin)}
        book.take(visit, _act(event))
    score = None
    if event.type in TOOLS:
        score = _score(book, event, visit)
        context = {**(context or {}), "rules_version": book.rule_set.version}
    _count(book, hit, event, score)
    return {
        "organization_id": book.organization_id,
        "site_id": hit.site.id if hit.site else None,
        "event_id": event.id,
        "visitor_id": visit.visitor_id if visit else hit.visitor_id,
        "visitor_session_id": visit.id if visit else None,
        "lead_id": event.lead_id,
        "type": event.type,
        "channel": event.channel,
        "occurred_at": event.occurred_at,
        "received_at": hit.received_at,
        "url": event.url,
        "label": event.label,
        "important": event.important,
        "engaged_seconds": event.engaged,
        "revenue": event.revenue,
        "score": score.points if score else None,
        "contributions": _json([c.to_json() for c in score.contributions]) if score else None,
        "data": _json(event.data) if event.data else None,
        "context": _json(context) if context else None,
    }


def _act(event: Event) -> Act:
    return Act(
        event.type, event.occurred_at, event.important, event.engaged, event.url, event.label
    )


def _json(value) -> str:
    return encode(value).decode()


def _told(origin: Origin) -> dict:
    return {name: value for name, value in asdict(origin).items() if value is not None}


def _visit_for(book: VisitBook, hit: Hit, event: Event) -> Visit | None:
    """The visit an event belongs to, begun when there is none; None for what happens offline."""
    if hit.visit_id:
        visit = book.visits.get(hit.visit_id)
    elif hit.visitor_id:
        visit = _fitting(book, hit, event.occurred_at) or _begin(book, hit, event.occurred_at)
    else:
        return None
    if visit is not None and hit.site:
        book.sites[visit.id] = hit.site
        hit.stored_as = (visit.id, visit.visitor_id)
    return visit


def _fitting(book: VisitBook, hit: Hit, at: int) -> Visit | None:
    for visitor_id in (hit.visitor_id, hit.earlier_id):
        fitting = [v for v in book.by_visitor.get(visitor_id, ()) if v.takes(at, hit.site.window)]
        if fitting:
            return max(fitting, key=lambda visit: visit.started_at)
    return None


def _begin(book: VisitBook, hit: Hit, at: int) -> Visit:
    visit_id = uuid7(at, hit.visitor_id)
    visit = begin(visit_id, hit.site.id, hit.visitor_id, at, hit.origin or Origin())
    book.enter(visit)
    return visit


def _score(book: VisitBook, event: Event, visit: Visit | None) -> Score:
    """The interaction score (scoring.md 2), with what is known of the visit and the visitor now."""
    if book.rule_set is None:
        book.rule_set = interaction_rules()
    facts = {"interaction": {**(event.data or {}), "type": event.type}}
    if visit is not None:
        facts["session"] = {
            "engaged_seconds": visit.engaged_seconds,
            "page_views": visit.page_views,
            "channel": visit.origin.channel,
            "device": visit.origin.device,
        }
        facts["visitor"] = _visitor_facts(book, visit)
    return score_interaction(facts, book.rule_set)


def _visitor_facts(book: VisitBook, visit: Visit) -> dict:
    visitor_id = visit.visitor_id
    if visitor_id not in book.high_intent:
        connection = db.session.connection()
        scored = bulk.fetch(
            connection,
            INTERACTIONS,
            ("id",),
            book.organization_id,
            "visitor_id",
            [visitor_id],
            "AND score IS NOT NULL",
        )
        known = bulk.fetch(
            connection, VISITORS, ("sessions_count",), book.organization_id, "id", [visitor_id]
        )
        book.high_intent[visitor_id] = len(scored)
        book.sessions[visitor_id] = known[0][0] if known else 0
    begun = sum(v.id in book.begun for v in book.by_visitor[visitor_id])
    facts = {
        "sessions": book.sessions[visitor_id] + begun,
        "earlier_high_intent": book.high_intent[visitor_id],
    }
    book.high_intent[visitor_id] += 1
    return facts


def _count(book: VisitBook, hit: Hit, event: Event, score: Score | None):
    at, site_id, kind = event.occurred_at, hit.site.id if hit.site else 0, event.type
    count = book.counters.count
    count("interactions", kind, at, site_id)
    if kind == "page_viewed" and event.url:
        count("page", urlsplit(event.url).path or "/", at, site_id)
    if score is not None:
        count("tool", kind, at, site_id)
        count("interaction_band", score_band(score.points), at, site_id)
    elif kind == "lead_created":
        data = event.data or {}
        count("leads", data.get("source") or "direct", at, site_id)
        if data.get("tool"):
            count("tool_leads", data["tool"], at, site_id)
