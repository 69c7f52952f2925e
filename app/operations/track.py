"""The tracker: the one door through which everything that happens enters the log.

One transaction holds the interactions and all that follows from them: visits and their scores,
visitors, funnel days and roll-ups.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field
from datetime import datetime
from urllib.parse import urlsplit
from uuid import UUID

import msgspec

from app.domain.event import TOOLS, Event
from app.domain.interaction_score import score_interaction
from app.domain.rules import RuleSet
from app.domain.score import Score
from app.domain.session_score import score_visitor
from app.domain.uuid7 import uuid7
from app.domain.visit import (
    BIT,
    STEPS,
    Act,
    Origin,
    Visit,
    apply,
    begin,
    end_if_silent,
    fold,
    score_band,
    tallies,
)
from app.extensions import db
from app.models import Interaction, Rollup, Visitor, VisitorDay, bulk
from app.models.types import from_millis, to_millis
from app.models.visit_rows import COLUMNS as VISIT_COLUMNS
from app.models.visit_rows import STORED as VISIT_STORED
from app.models.visit_rows import TABLE as VISITS
from app.models.visit_rows import row_of, visit_of
from app.queries.rules import interaction_rules
from app.queries.sites import SiteFacts
from app.tenancy import acting_for

HOUR = 3_600_000
DAY = 24 * HOUR
KEY_LENGTH = 200
DAY_ONLY = frozenset(("page", "campaign", "visitors", "reached"))
INTERACTIONS = Interaction.__table__
INTERACTION_COLUMNS = tuple(c.name for c in INTERACTIONS.columns if c.name != "id")
ACT_COLUMNS = (
    "visitor_session_id",
    "type",
    "occurred_at",
    "important",
    "engaged_seconds",
    "url",
    "label",
)
VISITORS = Visitor.__table__
VISITOR_COLUMNS = (
    "organization_id",
    "id",
    "site_id",
    "first_seen_at",
    "last_seen_at",
    "sessions_count",
    "lead_score",
)
DAYS = VisitorDay.__table__
DAY_COLUMNS = ("organization_id", "day", "site_id", "visitor_id", "reached")
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


@dataclass(slots=True)
class _Book:
    """What a batch touches: loaded at its beginning, saved at its end."""

    organization_id: int
    now: int
    visits: dict[UUID, Visit] = field(default_factory=dict)
    by_visitor: dict[UUID, list[Visit]] = field(default_factory=lambda: defaultdict(list))
    sites: dict[UUID, SiteFacts] = field(default_factory=dict)  # by visit
    before: dict[UUID, tuple[int, dict, int | None]] = field(default_factory=dict)
    begun: set[UUID] = field(default_factory=set)
    out_of_order: set[UUID] = field(default_factory=set)
    counters: Counter = field(default_factory=Counter)
    high_intent: dict[UUID, int] = field(default_factory=dict)
    sessions: dict[UUID, int] = field(default_factory=dict)
    rule_set: RuleSet | None = None

    def count(self, measure: str, key: str, moment: int, site_id: int, amount: int = 1):
        """Bumps the day's counter, and the hour's where hours are asked for."""
        key = key[:KEY_LENGTH]
        counters = self.counters
        counters["day", measure, moment - moment % DAY, site_id, key] += amount
        if measure not in DAY_ONLY:
            counters["hour", measure, moment - moment % HOUR, site_id, key] += amount


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
    book = _Book(organization_id, now)
    fresh = _drop_doubles(connection, book, hits)
    _load_visits(connection, book, fresh)
    rows = [_enter(book, hit, event) for hit, event in fresh]
    bulk.insert(connection, INTERACTIONS, rows, INTERACTION_COLUMNS)
    _retell(connection, book)
    for hit in hits:
        for _, reason in hit.dropped:
            book.count("dropped", reason, hit.received_at, hit.site.id if hit.site else 0)
    save(connection, book)


def lock_log(connection, organization_id: int):
    """One writer an organization at a time. SQLite has one writer in all already."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock(76, {int(organization_id)})")


def _drop_doubles(connection, book: _Book, hits: list[Hit]) -> list[tuple[Hit, Event]]:
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


def _load_visits(connection, book: _Book, fresh: list[tuple[Hit, Event]]):
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
    recent = f"AND last_activity_at > {oldest - window}"
    for key, values, condition in (("visitor_id", visitors, recent), ("id", named, "")):
        for values_of in bulk.fetch(
            connection, VISITS, VISIT_COLUMNS, book.organization_id, key, values, condition
        ):
            _remember(book, visit_of(values_of))


def _remember(book: _Book, visit: Visit):
    book.visits[visit.id] = visit
    book.by_visitor[visit.visitor_id].append(visit)
    book.before[visit.id] = (visit.started_at, tallies(visit), visit.lead_score)


def _enter(book: _Book, hit: Hit, event: Event) -> dict:
    """Takes an event into its visit and the counters; its row for the log."""
    context = hit.contexts.get(event.id)
    visit = _visit_for(book, hit, event)
    if visit is not None:
        if visit.interactions == 0:
            context = {**(context or {}), "origin": _told(visit.origin)}
        act = Act(
            event.type, event.occurred_at, event.important, event.engaged, event.url, event.label
        )
        if visit.id in book.out_of_order:
            pass
        elif visit.is_in_order(act):
            apply(visit, act, book.sites[visit.id].rules_at(visit.started_at))
        else:
            book.out_of_order.add(visit.id)
    score = _score(book, event, visit) if event.type in TOOLS else None
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


def _take(book: _Book, visit: Visit, act: Act):
    if visit.is_in_order(act) and visit.id not in book.out_of_order:
        apply(visit, act, book.sites[visit.id].rules_at(visit.started_at))
    else:
        book.out_of_order.add(visit.id)


def _json(value) -> str:
    return encode(value).decode()


def _told(origin: Origin) -> dict:
    return {name: value for name, value in asdict(origin).items() if value is not None}


def _visit_for(book: _Book, hit: Hit, event: Event) -> Visit | None:
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


def _fitting(book: _Book, hit: Hit, at: int) -> Visit | None:
    for visitor_id in (hit.visitor_id, hit.earlier_id):
        fitting = [v for v in book.by_visitor.get(visitor_id, ()) if v.takes(at, hit.site.window)]
        if fitting:
            return max(fitting, key=lambda visit: visit.started_at)
    return None


def _begin(book: _Book, hit: Hit, at: int) -> Visit:
    visit = begin(
        uuid7(at, hit.visitor_id), hit.site.id, hit.visitor_id, at, hit.origin or Origin()
    )
    book.visits[visit.id] = visit
    book.by_visitor[visit.visitor_id].append(visit)
    book.begun.add(visit.id)
    return visit


def _score(book: _Book, event: Event, visit: Visit | None) -> Score:
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


def _visitor_facts(book: _Book, visit: Visit) -> dict:
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


def _count(book: _Book, hit: Hit, event: Event, score: Score | None):
    at, site_id, kind = event.occurred_at, hit.site.id if hit.site else 0, event.type
    book.count("interactions", kind, at, site_id)
    if kind == "page_viewed" and event.url:
        book.count("page", urlsplit(event.url).path or "/", at, site_id)
    if score is not None:
        book.count("tool", kind, at, site_id)
        book.count("interaction_band", score_band(score.points), at, site_id)
    elif kind == "lead_created":
        data = event.data or {}
        book.count("leads", data.get("source") or "direct", at, site_id)
        if data.get("tool"):
            book.count("tool_leads", data["tool"], at, site_id)


def _retell(connection, book: _Book):
    """Tells anew, from the log, the visits whose acts did not come in order."""
    if not book.out_of_order:
        return
    for visit_id, acts in acts_of(connection, book.organization_id, book.out_of_order).items():
        visit = book.visits[visit_id]
        told = fold(visit, acts, book.sites[visit_id].rules_at(acts[0].occurred_at))
        for name in Visit.__slots__:
            setattr(visit, name, getattr(told, name))


def acts_of(connection, organization_id: int, visit_ids: Iterable[UUID]) -> dict[UUID, list[Act]]:
    """The acts of visits in order of arrival, from the log."""
    acts = defaultdict(list)
    for visit_id, *values in bulk.fetch(
        connection,
        INTERACTIONS,
        ACT_COLUMNS,
        organization_id,
        "visitor_session_id",
        visit_ids,
        "ORDER BY id",
    ):
        acts[visit_id].append(Act(*values))
    return acts


def save(connection, book: _Book):
    """Writes the visits of a batch and what hangs on them."""
    touched = [book.visits[visit_id] for visit_id in book.sites]
    for visit in touched:
        site = book.sites[visit.id]
        end_if_silent(visit, book.now, site.window, site.rules_at(visit.started_at))
    organization_id = book.organization_id
    rows = [row_of(visit, organization_id) for visit in touched]
    bulk.put(connection, VISITS, rows, VISIT_STORED)
    for visit in touched:
        _count_visit(book, visit)
    if touched:
        _save_visitors(connection, book, touched)
        _save_days(connection, book, touched)
    _save_counters(connection, book)


def _count_visit(book: _Book, visit: Visit):
    """Bumps the roll-ups by what the visit tells now and did not before."""
    started_at, old, _ = book.before.get(visit.id, (visit.started_at, {}, None))
    new = tallies(visit)
    if started_at // HOUR != visit.started_at // HOUR:
        for (measure, key), amount in old.items():
            book.count(measure, key, started_at, visit.site_id, -amount)
        old = {}
    for measure_key in new.keys() | old.keys():
        change = new.get(measure_key, 0) - old.get(measure_key, 0)
        if change:
            book.count(*measure_key, visit.started_at, visit.site_id, change)


def _save_visitors(connection, book: _Book, touched: list[Visit]):
    organization_id = book.organization_id
    known = {
        row[1]: dict(zip(VISITOR_COLUMNS, row, strict=True))
        for row in bulk.fetch(
            connection,
            VISITORS,
            VISITOR_COLUMNS,
            organization_id,
            "id",
            {visit.visitor_id for visit in touched},
        )
    }
    rescored = {}
    for visit in touched:
        row = known.setdefault(visit.visitor_id, _new_visitor(organization_id, visit))
        row["first_seen_at"] = min(row["first_seen_at"], visit.started_at)
        row["last_seen_at"] = max(row["last_seen_at"], visit.last_activity_at)
        row["sessions_count"] += visit.id in book.begun
        before = book.before.get(visit.id)
        if visit.lead_score != (before[2] if before else None):
            rescored[visit.visitor_id] = book.sites[visit.id]
    for visitor_id, points in visitor_scores(connection, book, rescored).items():
        known[visitor_id]["lead_score"] = points
    bulk.put(connection, VISITORS, list(known.values()), VISITOR_COLUMNS)


def _new_visitor(organization_id: int, visit: Visit) -> dict:
    moments = (visit.started_at, visit.last_activity_at)
    values = (organization_id, visit.visitor_id, visit.site_id, *moments, 0, None)
    return dict(zip(VISITOR_COLUMNS, values, strict=True))


def visitor_scores(connection, book: _Book, sites: dict[UUID, SiteFacts]) -> dict[UUID, int]:
    """The mean session score of each of these visitors (scoring.md 1)."""
    scored = defaultdict(list)
    for visitor_id, points, ended_at in bulk.fetch(
        connection,
        VISITS,
        ("visitor_id", "lead_score", "COALESCE(ended_at, last_activity_at)"),
        book.organization_id,
        "visitor_id",
        sites,
        "AND lead_score IS NOT NULL",
    ):
        scored[visitor_id].append((points, from_millis(ended_at)))
    now = from_millis(book.now)
    return {
        visitor_id: score_visitor(pairs, sites[visitor_id].rules[0][1], now)
        for visitor_id, pairs in scored.items()
    }


def _save_days(connection, book: _Book, touched: list[Visit]):
    """Sets the funnel steps newly reached, and counts each visitor once a day and step."""
    organization_id = book.organization_id
    visitors = {visit.visitor_id for visit in touched}
    before = {
        tuple(row[:3]): row[3]
        for row in bulk.fetch(
            connection,
            DAYS,
            ("day", "site_id", "visitor_id", "reached"),
            organization_id,
            "visitor_id",
            visitors,
        )
    }
    after = defaultdict(int)
    for visit in touched:
        day = visit.started_at - visit.started_at % DAY
        after[day, visit.site_id, visit.visitor_id] |= visit.reached
    for place, reached in after.items():
        after[place] = reached | before.get(place, 0)
    if book.out_of_order:
        after |= _days_told_anew(connection, book)
    changed = {place: bits for place, bits in after.items() if bits != before.get(place, 0)}
    for (day, site_id, _), bits in changed.items():
        count_steps(book.count, bits, before.get((day, site_id, _), 0), day, site_id)
    rows = [
        dict(zip(DAY_COLUMNS, (organization_id, *place, bits), strict=True))
        for place, bits in changed.items()
    ]
    bulk.put(connection, DAYS, rows, DAY_COLUMNS)


def _days_told_anew(connection, book: _Book) -> dict:
    """The days of visitors of whom a visit was told anew: it may have moved or lost a step."""
    visitors = {book.visits[visit_id].visitor_id for visit_id in book.out_of_order}
    days = defaultdict(int)
    for visit_id in book.out_of_order:
        started_at = book.before[visit_id][0] if visit_id in book.before else None
        visit = book.visits[visit_id]
        if started_at is not None:
            days[started_at - started_at % DAY, visit.site_id, visit.visitor_id] = 0
    for started_at, site_id, visitor_id, reached in bulk.fetch(
        connection,
        VISITS,
        ("started_at", "site_id", "visitor_id", "reached"),
        book.organization_id,
        "visitor_id",
        visitors,
    ):
        days[started_at - started_at % DAY, site_id, visitor_id] |= reached
    return days


def count_steps(count: Callable, bits: int, before: int, day: int, site_id: int):
    """Counts the funnel steps that `bits` has and `before` had not, and takes back the reverse."""
    for step in STEPS:
        change = bool(bits & BIT[step]) - bool(before & BIT[step])
        if change:
            measure, key = ("visitors", "") if step == "visited" else ("reached", step)
            count(measure, key, day, site_id, change)


def _save_counters(connection, book: _Book):
    rows = [
        {
            "organization_id": book.organization_id,
            "grain": grain,
            "measure": measure,
            "starts_at": starts_at,
            "site_id": site_id,
            "key": key,
            "count": amount,
        }
        for (grain, measure, starts_at, site_id, key), amount in book.counters.items()
        if amount
    ]
    rows.sort(key=lambda row: (row["grain"], row["measure"], row["starts_at"], row["key"]))
    bulk.add(connection, Rollup.__table__, rows, "count")
