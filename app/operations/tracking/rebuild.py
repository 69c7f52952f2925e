"""Derive visits, visitors, funnel days and roll-ups again from the log.

The log is the truth: what is found to differ was wrong, is put right, and is counted. What was
dropped is counted but never logged, so those counters stay as they are.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import groupby, islice
from uuid import UUID

from sqlalchemy import exists, select

from app.domain.scoring.session_score import score_visitor
from app.domain.tracking.visit import Act, Origin, Visit, begin, end_if_silent, fold, tallies
from app.extensions import db
from app.models import Interaction, Organization, Rollup, Visitor, VisitorDay, VisitorSession, bulk
from app.models.types import from_millis, to_millis
from app.models.visit_rows import COLUMNS as VISIT_COLUMNS
from app.models.visit_rows import STORED as VISIT_STORED
from app.models.visit_rows import TABLE as VISITS
from app.models.visit_rows import row_of, visit_of
from app.operations.tracking.counters import ROLLUP_COLUMNS, ROLLUPS, Counters, day_of
from app.operations.tracking.track import lock_log
from app.operations.tracking.visit_book import DAY_COLUMNS, DAYS, VISITOR_COLUMNS, VISITORS
from app.queries.tracking.sites import SiteFacts, facts_of, sites
from app.tenancy import acting_for

AT_ONCE = 400


def rebuild(organization: Organization, *, now: datetime) -> Counter:
    """How many rows of each table differed from what the log says; afterwards none do.

    Sweep first: a silent visit not yet ended differs rightly. Not committed.
    """
    with acting_for(organization):
        lock_log(db.session.connection(), organization.id)
        return _Rebuild(organization.id, to_millis(now)).run()


class _Rebuild:
    def __init__(self, organization_id: int, now: int):
        self.organization_id = organization_id
        self.now = now
        self.connection = db.session.connection()
        self.sites: dict[int, SiteFacts] = {site.id: facts_of(site) for site in sites()}
        self.counters = Counters()
        self.differing: Counter = Counter()

    def run(self) -> Counter:
        for some in _in_parts(self._visits_told(), AT_ONCE):
            self._put_visits(some)
        self._drop_visits_without_log()
        for some in _in_parts(self._visitors_told(), AT_ONCE):
            self._put_visitors([row for row, _ in some])
            self._put_days([row for _, days in some for row in days])
        self._put_rollups()
        return self.differing

    def _visits_told(self) -> Iterator[Visit]:
        """Every visit as the log tells it; counts each interaction on the way."""
        for visit_id, rows in groupby(self._log(), key=lambda row: row.visitor_session_id):
            rows = list(rows) if visit_id else rows
            for row in rows:
                self.counters.count_interaction(
                    row.type,
                    to_millis(row.occurred_at),
                    row.site_id or 0,
                    row.url,
                    row.score,
                    row.data or {},
                )
            if visit_id:
                yield self._told(visit_id, rows)

    def _log(self) -> Iterable:
        columns = (
            Interaction.visitor_session_id,
            Interaction.visitor_id,
            Interaction.site_id,
            Interaction.type,
            Interaction.occurred_at,
            Interaction.important,
            Interaction.engaged_seconds,
            Interaction.url,
            Interaction.label,
            Interaction.score,
            Interaction.data,
            Interaction.context,
        )
        wanted = (
            select(*columns)
            .where(Interaction.organization_id == self.organization_id)
            .order_by(Interaction.visitor_session_id, Interaction.id)
        )
        return db.session.execute(wanted.execution_options(yield_per=2000))

    def _told(self, visit_id: UUID, rows: list) -> Visit:
        told_of = (row.context["origin"] for row in rows if row.context and "origin" in row.context)
        origin = Origin(**next(told_of, {}))
        bare = begin(visit_id.bytes, rows[0].site_id, rows[0].visitor_id.bytes, 0, origin)
        acts = [
            Act(
                row.type,
                to_millis(row.occurred_at),
                row.important,
                row.engaged_seconds,
                row.url,
                row.label,
            )
            for row in rows
        ]
        site = self.sites[bare.site_id]
        visit = fold(bare, acts, site.rules_at)
        end_if_silent(visit, self.now, site.window, site.rules_at(visit.started_at))
        return visit

    def _put_visits(self, visits: list[Visit]):
        ids = [visit.id for visit in visits]
        fetched = self._stored(VISITS, VISIT_COLUMNS, "id", ids)
        stored = {visit.id: visit for visit in map(visit_of, fetched)}
        for visit in visits:
            if visit.ended_at is None and visit.id in stored:
                # Somebody may have asked for the score of a visit that still goes on.
                visit.lead_score = stored[visit.id].lead_score
            for (measure, key), amount in tallies(visit).items():
                if amount:
                    self.counters.count(measure, key, visit.started_at, visit.site_id, amount)
        wrong = [visit for visit in visits if visit != stored.get(visit.id)]
        self.differing["visitor_sessions"] += len(wrong)
        rows = [row_of(visit, self.organization_id) for visit in wrong]
        bulk.put(self.connection, VISITS, rows, VISIT_STORED)

    def _drop_visits_without_log(self):
        logged = exists().where(
            Interaction.organization_id == self.organization_id,
            Interaction.visitor_session_id == VisitorSession.id,
        )
        for model, condition in (
            (VisitorSession, ~logged),
            (Visitor, ~_has_visit(Visitor.id, self.organization_id)),
            (VisitorDay, ~_has_visit(VisitorDay.visitor_id, self.organization_id)),
        ):
            gone = db.session.execute(
                model.__table__.delete().where(
                    model.organization_id == self.organization_id, condition
                )
            )
            self.differing[model.__tablename__] += gone.rowcount

    def _visitors_told(self) -> Iterator[tuple[tuple, list[tuple]]]:
        """Every visitor and their funnel days as their visits tell them."""
        wanted = (
            select(VisitorSession.visitor_id, *(VISITS.c[name] for name in VISIT_COLUMNS))
            .where(VisitorSession.organization_id == self.organization_id)
            .order_by(VisitorSession.visitor_id, VisitorSession.id)
        )
        rows = db.session.execute(wanted.execution_options(yield_per=2000))
        for visitor_id, visits in groupby(rows, key=lambda row: row[0]):
            visits = list(visits)
            yield self._visitor(visitor_id, visits), self._days(visitor_id, visits)

    def _visitor(self, visitor_id: UUID, visits: list) -> tuple:
        scored = [
            (visit.lead_score, visit.last_activity_at)
            for visit in visits
            if visit.lead_score is not None
        ]
        latest = max((to_millis(at) for _, at in scored), default=0)
        rules = self.sites[visits[0].site_id].rules_at(latest)
        return (
            self.organization_id,
            visitor_id.bytes,
            visits[0].site_id,
            min(to_millis(visit.started_at) for visit in visits),
            max(to_millis(visit.last_activity_at) for visit in visits),
            len(visits),
            score_visitor(scored, rules, from_millis(self.now)) if scored else None,
        )

    def _days(self, visitor_id: UUID, visits: list) -> list[tuple]:
        days: dict[tuple[int, int], int] = {}
        for visit in visits:
            place = (day_of(to_millis(visit.started_at)), visit.site_id)
            days[place] = days.get(place, 0) | visit.reached
        for (day, site_id), bits in days.items():
            self.counters.count_steps(bits, 0, day, site_id)
        return [
            (self.organization_id, day, site_id, visitor_id.bytes, bits)
            for (day, site_id), bits in days.items()
        ]

    def _put_visitors(self, rows: list[tuple]):
        stored = self._stored(VISITORS, VISITOR_COLUMNS, "id", [row[1] for row in rows])
        wrong = [row for row in rows if row not in stored]
        self.differing["visitors"] += len(wrong)
        bulk.put(self.connection, VISITORS, wrong, VISITOR_COLUMNS)

    def _put_days(self, rows: list[tuple]):
        stored = self._stored(DAYS, DAY_COLUMNS, "visitor_id", {row[3] for row in rows})
        gone = {row[:4] for row in stored} - {row[:4] for row in rows}
        for _, day, site_id, visitor_id in gone:
            db.session.execute(
                DAYS.delete().where(
                    VisitorDay.organization_id == self.organization_id,
                    VisitorDay.day == from_millis(day),
                    VisitorDay.site_id == site_id,
                    VisitorDay.visitor_id == UUID(bytes=visitor_id),
                )
            )
        wrong = [row for row in rows if row not in stored]
        self.differing["visitor_days"] += len(wrong) + len(gone)
        bulk.put(self.connection, DAYS, wrong, DAY_COLUMNS)

    def _stored(self, table, columns, key, values) -> set[tuple]:
        return set(bulk.fetch(self.connection, table, columns, self.organization_id, key, values))

    def _put_rollups(self):
        told = {row[1:6]: row[6] for row in self.counters.rows(self.organization_id)}
        stored = {
            (row.grain, row.measure, to_millis(row.starts_at), row.site_id, row.key): row.count
            for row in db.session.scalars(select(Rollup).where(Rollup.measure != "dropped"))
        }
        changes = {
            place: told.get(place, 0) - stored.get(place, 0) for place in told.keys() | stored
        }
        rows = [
            (self.organization_id, *place, change)
            for place, change in sorted(changes.items())
            if change
        ]
        self.differing["rollups"] += len(rows)
        bulk.add(self.connection, ROLLUPS, rows, ROLLUP_COLUMNS, "count")


def _has_visit(visitor_id, organization_id: int):
    return exists().where(
        VisitorSession.organization_id == organization_id,
        VisitorSession.visitor_id == visitor_id,
    )


def _in_parts(items: Iterable, size: int) -> Iterator[list]:
    items = iter(items)
    while part := list(islice(items, size)):
        yield part
