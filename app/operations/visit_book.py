"""What a batch does to visits, and all that hangs on them: visitors, funnel days, roll-ups."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from uuid import UUID

from app.domain.rules import RuleSet
from app.domain.session_score import score_visitor
from app.domain.visit import (
    BIT,
    STEPS,
    Act,
    Visit,
    apply,
    end_if_silent,
    fold,
    tallies,
)
from app.models import Interaction, Rollup, Visitor, VisitorDay, bulk
from app.models.types import from_millis
from app.models.visit_rows import COLUMNS as VISIT_COLUMNS
from app.models.visit_rows import STORED as VISIT_STORED
from app.models.visit_rows import TABLE as VISITS
from app.models.visit_rows import row_of, visit_of
from app.queries.sites import SiteFacts

HOUR = 3_600_000
DAY = 24 * HOUR
KEY_LENGTH = 200
# Too many keys, or distinct visitors: these are kept by the day alone.
DAY_ONLY = frozenset(("page", "campaign", "visitors", "reached"))
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
DAYS = VisitorDay.__table__
DAY_COLUMNS = ("organization_id", "day", "site_id", "visitor_id", "reached")
Place = tuple[int, int, UUID]  # of a visitor day: day, site, visitor


def day_of(moment: int) -> int:
    """The beginning of the UTC day, all in milliseconds."""
    return moment - moment % DAY


class Counters(Counter):
    """Bumps to roll-ups, by (grain, measure, start, site, key)."""

    def count(self, measure: str, key: str, moment: int, site_id: int, amount: int = 1):
        """Bumps the day's counter, and the hour's where hours are kept."""
        key = key[:KEY_LENGTH]
        self["day", measure, moment - moment % DAY, site_id, key] += amount
        if measure not in DAY_ONLY:
            self["hour", measure, moment - moment % HOUR, site_id, key] += amount

    def count_steps(self, bits: int, before: int, day: int, site_id: int):
        """Counts the funnel steps that `bits` has and `before` had not; takes back the reverse."""
        for step in STEPS:
            change = bool(bits & BIT[step]) - bool(before & BIT[step])
            if change:
                measure, key = ("visitors", "") if step == "visited" else ("reached", step)
                self.count(measure, key, day, site_id, change)

    def rows(self, organization_id: int) -> list[dict]:
        """The bumps as rows of `rollups`, in one order for every writer."""
        columns = ("grain", "measure", "starts_at", "site_id", "key")
        return [
            {
                "organization_id": organization_id,
                **dict(zip(columns, place, strict=True)),
                "count": amount,
            }
            for place, amount in sorted(self.items())
            if amount
        ]


@dataclass(slots=True)
class VisitBook:
    """The visits of an organization that a batch touches, from loading to saving."""

    organization_id: int
    now: int
    visits: dict[UUID, Visit] = field(default_factory=dict)
    by_visitor: dict[UUID, list[Visit]] = field(default_factory=lambda: defaultdict(list))
    sites: dict[UUID, SiteFacts] = field(default_factory=dict)  # of each visit touched
    counters: Counters = field(default_factory=Counters)
    begun: set[UUID] = field(default_factory=set)
    high_intent: dict[UUID, int] = field(default_factory=dict)
    sessions: dict[UUID, int] = field(default_factory=dict)
    rule_set: RuleSet | None = None
    _before: dict[UUID, tuple[int, dict, int | None]] = field(default_factory=dict)
    _out_of_order: set[UUID] = field(default_factory=set)

    def load(self, connection, key: str, values: Iterable, condition: str = ""):
        """Takes in the stored visits whose `key` is one of `values`."""
        for row in bulk.fetch(
            connection, VISITS, VISIT_COLUMNS, self.organization_id, key, values, condition
        ):
            self.remember(visit_of(row))

    def remember(self, visit: Visit):
        """Takes in a visit as it is stored."""
        self.visits[visit.id] = visit
        self.by_visitor[visit.visitor_id].append(visit)
        self._before[visit.id] = (visit.started_at, tallies(visit), visit.lead_score)

    def enter(self, visit: Visit):
        """Takes in a visit that begins."""
        self.visits[visit.id] = visit
        self.by_visitor[visit.visitor_id].append(visit)
        self.begun.add(visit.id)

    def take(self, visit: Visit, act: Act):
        """Takes an act into its visit; one out of order has the visit told anew when saved."""
        if visit.is_in_order(act) and visit.id not in self._out_of_order:
            apply(visit, act, self.sites[visit.id].rules_at(visit.started_at))
        else:
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
        if touched:
            self._save_visitors(connection, touched)
            self._save_days(connection, touched)
        rows = self.counters.rows(self.organization_id)
        bulk.add(connection, Rollup.__table__, rows, "count")

    def _retell(self, connection):
        if not self._out_of_order:
            return
        acts = acts_of(connection, self.organization_id, self._out_of_order)
        for visit_id in self._out_of_order:
            visit = self.visits[visit_id]
            told = fold(visit, acts[visit_id], self.sites[visit_id].rules_at)
            for name in Visit.__slots__:
                setattr(visit, name, getattr(told, name))

    def _count_visit(self, visit: Visit):
        """Bumps the roll-ups by what the visit tells now and did not before."""
        started_at, old, _ = self._before.get(visit.id, (visit.started_at, {}, None))
        if started_at // HOUR != visit.started_at // HOUR:
            for (measure, key), amount in old.items():
                self.counters.count(measure, key, started_at, visit.site_id, -amount)
            old = {}
        new = tallies(visit)
        for measure, key in new.keys() | old.keys():
            change = new.get((measure, key), 0) - old.get((measure, key), 0)
            if change:
                self.counters.count(measure, key, visit.started_at, visit.site_id, change)

    def _save_visitors(self, connection, touched: list[Visit]):
        ids = {visit.visitor_id for visit in touched}
        stored = bulk.fetch(connection, VISITORS, VISITOR_COLUMNS, self.organization_id, "id", ids)
        known = {row[1]: dict(zip(VISITOR_COLUMNS, row, strict=True)) for row in stored}
        rescored = {}
        for visit in touched:
            row = known.get(visit.visitor_id)
            if row is None:
                row = known[visit.visitor_id] = _new_visitor(self.organization_id, visit)
            row["first_seen_at"] = min(row["first_seen_at"], visit.started_at)
            row["last_seen_at"] = max(row["last_seen_at"], visit.last_activity_at)
            row["sessions_count"] += visit.id in self.begun
            before = self._before.get(visit.id)
            if visit.lead_score != (before[2] if before else None):
                rescored[visit.visitor_id] = self.sites[visit.id]
        for visitor_id, points in self._visitor_scores(connection, rescored).items():
            known[visitor_id]["lead_score"] = points
        bulk.put(connection, VISITORS, list(known.values()), VISITOR_COLUMNS)

    def _visitor_scores(self, connection, sites: dict[UUID, SiteFacts]) -> dict[UUID, int]:
        """The mean session score of each of these visitors (scoring.md 1)."""
        scored = defaultdict(list)
        columns = ("visitor_id", "lead_score", "last_activity_at")
        for visitor_id, points, ended_at in bulk.fetch(
            connection,
            VISITS,
            columns,
            self.organization_id,
            "visitor_id",
            sites,
            "AND lead_score IS NOT NULL",
        ):
            scored[visitor_id].append((points, from_millis(ended_at)))
        now = from_millis(self.now)
        return {
            visitor_id: score_visitor(pairs, sites[visitor_id].rules[0][1], now)
            for visitor_id, pairs in scored.items()
        }

    def _save_days(self, connection, touched: list[Visit]):
        """Sets the funnel steps newly reached; each visitor counts once a day and step."""
        visitors = {visit.visitor_id for visit in touched}
        columns = ("day", "site_id", "visitor_id", "reached")
        stored = bulk.fetch(connection, DAYS, columns, self.organization_id, "visitor_id", visitors)
        before = {tuple(row[:3]): row[3] for row in stored}
        after: dict[Place, int] = {}
        for visit in touched:
            place = (day_of(visit.started_at), visit.site_id, visit.visitor_id)
            after[place] = after.get(place, before.get(place, 0)) | visit.reached
        if self._out_of_order:
            after |= self._days_told_anew(connection)
        changed = {place: bits for place, bits in after.items() if bits != before.get(place, 0)}
        for place, bits in changed.items():
            day, site_id, _ = place
            self.counters.count_steps(bits, before.get(place, 0), day, site_id)
        rows = [
            dict(zip(DAY_COLUMNS, (self.organization_id, *place, bits), strict=True))
            for place, bits in changed.items()
        ]
        bulk.put(connection, DAYS, rows, DAY_COLUMNS)

    def _days_told_anew(self, connection) -> dict[Place, int]:
        """The days of visitors of whom a visit was told anew: it may have moved or lost a step."""
        days = {}
        for visit_id in self._out_of_order & self._before.keys():
            visit = self.visits[visit_id]
            days[day_of(self._before[visit_id][0]), visit.site_id, visit.visitor_id] = 0
        visitors = {self.visits[visit_id].visitor_id for visit_id in self._out_of_order}
        columns = ("started_at", "site_id", "visitor_id", "reached")
        for started_at, site_id, visitor_id, reached in bulk.fetch(
            connection, VISITS, columns, self.organization_id, "visitor_id", visitors
        ):
            place = (day_of(started_at), site_id, visitor_id)
            days[place] = days.get(place, 0) | reached
        return days


def _new_visitor(organization_id: int, visit: Visit) -> dict:
    moments = (visit.started_at, visit.last_activity_at)
    values = (organization_id, visit.visitor_id, visit.site_id, *moments, 0, None)
    return dict(zip(VISITOR_COLUMNS, values, strict=True))


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
