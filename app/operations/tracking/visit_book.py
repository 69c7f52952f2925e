"""What a batch does to visits, and all that hangs on them: visitors, funnel days, roll-ups."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from logging import DEBUG
from uuid import UUID

import structlog

from app.domain.scoring.rules import RuleSet
from app.domain.scoring.session_score import score_session, score_visitor
from app.domain.tracking.visit import (
    LONGEST_VISIT,
    Act,
    Visit,
    apply,
    end_if_silent,
    fold,
    tallies,
)
from app.models import Interaction, LeadVisitor, Visitor, VisitorDay, bulk
from app.models.types import from_millis
from app.models.visit_rows import COLUMNS as VISIT_COLUMNS
from app.models.visit_rows import STORED as VISIT_STORED
from app.models.visit_rows import TABLE as VISITS
from app.models.visit_rows import row_of, visit_of
from app.operations.tracking.counters import HOUR, ROLLUP_COLUMNS, ROLLUPS, Counters, day_of
from app.queries.tracking.sites import SiteFacts

log = structlog.get_logger()
INTERACTIONS = Interaction.__table__
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
LINKS = LeadVisitor.__table__
DAYS = VisitorDay.__table__
DAY_COLUMNS = ("organization_id", "day", "site_id", "visitor_id", "reached")


@dataclass(slots=True)
class KnownVisitor:
    """A visitor's row, their recent visits, and the funnel steps of their recent days."""

    id: bytes
    site_id: int
    first_seen_at: int
    last_seen_at: int
    sessions_count: int = 0
    lead_score: int | None = None
    visits: list[Visit] = field(default_factory=list)
    days: dict[tuple[int, int], int] = field(default_factory=dict)  # by day and site
    scores: dict[bytes, tuple[int, int]] | None = None  # of all visits, once asked for

    def row(self, organization_id: int) -> tuple:
        """A row of VISITOR_COLUMNS."""
        seen = (self.first_seen_at, self.last_seen_at)
        return (organization_id, self.id, self.site_id, *seen, self.sessions_count, self.lead_score)


@dataclass(slots=True)
class VisitBook:
    """The visits and visitors of an organization: loaded when first met, saved batch by batch.

    A book may serve many batches as long as nobody else writes
    (`app.operations.tracking.book_shelf`).
    """

    organization_id: int
    now: int = 0
    visits: dict[bytes, Visit] = field(default_factory=dict)
    visitors: dict[bytes, KnownVisitor] = field(default_factory=dict)
    strangers: set[bytes] = field(default_factory=set)  # looked for and not there
    # Whose a visitor's acts are: (lead, from, until); only of those who are somebody's.
    links: dict[bytes, list[tuple[int, int, int | None]]] = field(default_factory=dict)
    rule_set: RuleSet | None = None
    # Of the batch at hand
    sites: dict[bytes, SiteFacts] = field(default_factory=dict)  # of each visit touched
    counters: Counters = field(default_factory=Counters)
    begun: set[bytes] = field(default_factory=set)
    high_intent: dict[bytes, int] = field(default_factory=dict)
    leads: dict[int, int] = field(default_factory=dict)  # met, with when their oldest act happened
    _before: dict[bytes, tuple[int, dict, int | None]] = field(default_factory=dict)
    _out_of_order: set[bytes] = field(default_factory=set)

    def begin(self, now: int):
        """Begins another batch."""
        self.now = now
        self.rule_set = None
        self.counters = Counters()
        for kept in (self.sites, self.begun, self.high_intent, self._before, self._out_of_order):
            kept.clear()
        self.leads = {}

    def load_visitors(self, connection, ids: Iterable[bytes], since: int):
        """Takes in the visitors not known yet, with what they did since a moment."""
        unknown = [i for i in ids if i not in self.visitors and i not in self.strangers]
        if not unknown:
            return
        self.strangers.update(unknown)
        columns = ("visitor_id", "lead_id", "starts_at", "ends_at")
        for visitor_id, *link in self._fetch(connection, LINKS, columns, "visitor_id", unknown):
            self.links.setdefault(visitor_id, []).append(tuple(link))
        for row in self._fetch(connection, VISITORS, VISITOR_COLUMNS, "id", unknown):
            self.visitors[row[1]] = KnownVisitor(*row[1:])
            self.strangers.discard(row[1])
        known = [i for i in unknown if i in self.visitors]
        if not known:
            return
        recent = f"AND last_activity_at > {since}"
        for row in self._fetch(connection, VISITS, VISIT_COLUMNS, "visitor_id", known, recent):
            self._know(visit_of(row))
        recent = f"AND day >= {day_of(since - LONGEST_VISIT)}"
        columns = ("visitor_id", "day", "site_id", "reached")
        for visitor_id, day, site_id, reached in self._fetch(
            connection, DAYS, columns, "visitor_id", known, recent
        ):
            self.visitors[visitor_id].days[day, site_id] = reached

    def load_visits(self, connection, ids: Iterable[bytes]):
        """Takes in these visits with their visitors."""
        rows = self._fetch(connection, VISITS, VISIT_COLUMNS, "id", ids)
        visits = [visit_of(row) for row in rows]
        since = min((visit.started_at for visit in visits), default=0)
        self.load_visitors(connection, {visit.visitor_id for visit in visits}, since - 1)

    def _fetch(self, connection, table, columns, key, values, condition="") -> list[tuple]:
        return bulk.fetch(connection, table, columns, self.organization_id, key, values, condition)

    def _know(self, visit: Visit):
        self.visits[visit.id] = visit
        self.visitors[visit.visitor_id].visits.append(visit)

    def touch(self, visit: Visit, site: SiteFacts):
        """Notes that the batch will change this visit."""
        if visit.id not in self.sites:
            self.sites[visit.id] = site
            if visit.id not in self.begun:
                self._before[visit.id] = (visit.started_at, tallies(visit), visit.lead_score)

    def enter(self, visit: Visit):
        """Takes in a visit that begins."""
        visitor_id = visit.visitor_id
        if visitor_id not in self.visitors:
            self.visitors[visitor_id] = KnownVisitor(
                visitor_id, visit.site_id, visit.started_at, visit.last_activity_at, scores={}
            )
            self.strangers.discard(visitor_id)
        self._know(visit)
        self.begun.add(visit.id)

    def visits_of(self, visitor_id: bytes) -> list[Visit]:
        """The recent visits of a visitor."""
        visitor = self.visitors.get(visitor_id)
        return visitor.visits if visitor else []

    def meet(self, visitor_id: bytes, at: int):
        """Notes whose act of the website this is, if it is a lead's."""
        for lead_id, starts_at, ends_at in self.links.get(visitor_id, ()):
            if starts_at <= at and (ends_at is None or at < ends_at):
                self.leads[lead_id] = min(self.leads.get(lead_id, at), at)

    def take(self, visit: Visit, act):
        """Takes an act (or event) into its visit; one out of order has the visit told anew when
        saved."""
        if visit.is_in_order(act) and visit.id not in self._out_of_order:
            apply(visit, act, self.sites[visit.id].rules_at(visit.started_at))
        else:
            self._out_of_order.add(visit.id)

    def tell_anew(self, visit: Visit):
        """Has a touched visit told from the log when saved."""
        self._out_of_order.add(visit.id)

    def save(self, connection):
        """Writes the visits touched and what hangs on them; the log must be written already."""
        self._retell(connection)
        touched = [self.visits[visit_id] for visit_id in self.sites]
        for visit in touched:
            site = self.sites[visit.id]
            end_if_silent(visit, self.now, site.window, site.rules_at(visit.started_at))
        rows = [row_of(visit, self.organization_id) for visit in touched]
        bulk.put(connection, VISITS, rows, VISIT_STORED)
        for visit in touched:
            self._count_visit(visit)
            self._log_score(visit)
        if touched:
            retold = self._visits_of_retold(connection)
            self._save_visitors(connection, touched, retold)
            self._save_days(connection, touched, retold)
        rows = self.counters.rows(self.organization_id)
        bulk.add(connection, ROLLUPS, rows, ROLLUP_COLUMNS, "count")

    def _retell(self, connection):
        if not self._out_of_order:
            return
        acts = acts_of(connection, self.organization_id, self._out_of_order)
        for visit_id in self._out_of_order:
            visit = self.visits[visit_id]
            told = fold(visit, acts[visit_id], self.sites[visit_id].rules_at)
            for name in Visit.__slots__:
                setattr(visit, name, getattr(told, name))

    def _log_score(self, visit: Visit):
        if visit.ended_at is None or not log.is_enabled_for(DEBUG):
            return
        rules = self.sites[visit.id].rules_at(visit.started_at)
        log.debug(
            "visit.scored",
            visit=str(UUID(bytes=visit.id)),
            organization_id=self.organization_id,
            **score_session(visit.facts, rules).breakdown(),
        )

    def _count_visit(self, visit: Visit):
        """Bumps the roll-ups by what the visit tells now and did not before."""
        started_at, old, _ = self._before.get(visit.id, (visit.started_at, {}, None))
        count, site_id = self.counters.count, visit.site_id
        if started_at // HOUR != visit.started_at // HOUR:
            for (measure, key), amount in old.items():
                count(measure, key, started_at, site_id, -amount)
            old = {}
        new = tallies(visit)
        for place, amount in new.items():
            if amount != old.get(place, 0):
                count(*place, visit.started_at, site_id, amount - old.get(place, 0))
        for place in old.keys() - new.keys():
            count(*place, visit.started_at, site_id, -old[place])

    def _visits_of_retold(self, connection) -> list[tuple]:
        """(visitor, start, last activity, site, reached) of every visit of the visitors of whom
        one was told anew: it may have moved, shrunk or lost a step."""
        visitors = {self.visits[visit_id].visitor_id for visit_id in self._out_of_order}
        columns = ("visitor_id", "started_at", "last_activity_at", "site_id", "reached")
        return self._fetch(connection, VISITS, columns, "visitor_id", visitors)

    def _save_visitors(self, connection, touched: list[Visit], retold: list[tuple]):
        rescored = {}
        for visit in touched:
            visitor = self.visitors[visit.visitor_id]
            visitor.first_seen_at = min(visitor.first_seen_at, visit.started_at)
            visitor.last_seen_at = max(visitor.last_seen_at, visit.last_activity_at)
            visitor.sessions_count += visit.id in self.begun
            before = self._before.get(visit.id)
            if visit.lead_score != (before[2] if before else None):
                rescored[visit.visitor_id] = self.sites[visit.id]
        spans = defaultdict(list)
        for visitor_id, started_at, last_activity_at, _, _ in retold:
            spans[visitor_id] += (started_at, last_activity_at)
        for visitor_id, moments in spans.items():
            visitor = self.visitors[visitor_id]
            visitor.first_seen_at, visitor.last_seen_at = min(moments), max(moments)
        self._rescore(connection, rescored, touched)
        ids = {visit.visitor_id for visit in touched}
        rows = [self.visitors[visitor_id].row(self.organization_id) for visitor_id in ids]
        bulk.put(connection, VISITORS, rows, VISITOR_COLUMNS)

    def _rescore(self, connection, sites: dict[bytes, SiteFacts], touched: list[Visit]):
        """Each visitor's mean session score (scoring.md 1)."""
        self._load_scores(connection, [i for i in sites if self.visitors[i].scores is None])
        for visit in touched:
            scores = self.visitors[visit.visitor_id].scores
            if scores is not None and visit.lead_score is not None:
                scores[visit.id] = (visit.lead_score, visit.last_activity_at)
            elif scores is not None:
                scores.pop(visit.id, None)
        now = from_millis(self.now)
        for visitor_id, site in sites.items():
            visitor = self.visitors[visitor_id]
            if not visitor.scores:
                visitor.lead_score = None
                continue
            latest = max(at for _, at in visitor.scores.values())
            pairs = [(points, from_millis(at)) for points, at in visitor.scores.values()]
            visitor.lead_score = score_visitor(pairs, site.rules_at(latest), now)

    def _load_scores(self, connection, visitors: list[bytes]):
        for visitor_id in visitors:
            self.visitors[visitor_id].scores = {}
        columns = ("visitor_id", "id", "lead_score", "last_activity_at")
        scored = "AND lead_score IS NOT NULL"
        for visitor_id, visit_id, points, ended_at in self._fetch(
            connection, VISITS, columns, "visitor_id", visitors, scored
        ):
            self.visitors[visitor_id].scores[visit_id] = (points, ended_at)

    def _save_days(self, connection, touched: list[Visit], retold: list[tuple]):
        """Sets the funnel steps newly reached; each visitor counts once a day and step."""
        changed: dict[tuple[bytes, int, int], int] = {}
        for visit in touched:
            place = (visit.visitor_id, day_of(visit.started_at), visit.site_id)
            before = changed.get(place, self._reached(place))
            if visit.reached & ~before:
                changed[place] = before | visit.reached
        changed |= self._days_told_anew(retold)
        rows = []
        for place, bits in changed.items():
            visitor_id, day, site_id = place
            self.counters.count_steps(bits, self._reached(place), day, site_id)
            self.visitors[visitor_id].days[day, site_id] = bits
            rows.append((self.organization_id, day, site_id, visitor_id, bits))
        bulk.put(connection, DAYS, rows, DAY_COLUMNS)

    def _reached(self, place: tuple[bytes, int, int]) -> int:
        visitor_id, *day_and_site = place
        return self.visitors[visitor_id].days.get(tuple(day_and_site), 0)

    def _days_told_anew(self, retold: list[tuple]) -> dict[tuple[bytes, int, int], int]:
        """The days, before and now, of the visits told anew, from all visits begun in them."""
        days = {}
        for visit_id in self._out_of_order:
            visit = self.visits[visit_id]
            before = self._before.get(visit_id)
            for moment in (visit.started_at, before[0] if before else visit.started_at):
                days[visit.visitor_id, day_of(moment), visit.site_id] = 0
        for visitor_id, started_at, _, site_id, reached in retold:
            place = (visitor_id, day_of(started_at), site_id)
            if place in days:
                days[place] |= reached
        return days


def acts_of(connection, organization_id: int, visit_ids: Iterable[bytes]) -> dict:
    """The acts of visits in order of arrival, from the log: visit id -> [Act]."""
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
