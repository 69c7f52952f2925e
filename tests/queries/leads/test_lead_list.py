"""How the list of a hundred thousand leads is read."""

from datetime import timedelta

import pytest
from sqlalchemy import event, text

from app.domain.leads.lead_view import days_of
from app.domain.period import edges
from app.extensions import db
from app.jobs.sizes import look
from app.models import Lead
from app.queries.leads import lead_board, lead_list
from app.queries.leads.lead_list import Wanted
from app.tenancy import acting_for
from tests.conftest import NOW

MANY = 100_000
BY_DAY = "ix_leads_organization_id_created_at"
ORIGINALS = """
WITH RECURSIVE numbers(n) AS (SELECT 2 UNION ALL SELECT n + 1 FROM numbers WHERE n < :many)
INSERT INTO leads ({names}) SELECT {values} FROM numbers, leads WHERE leads.email = 'first'
"""


@pytest.fixture
def many(cast):
    """A hundred thousand leads of two years, the newest of today."""
    if db.engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL plans by what it sees")
    with acting_for(cast.clinic):
        db.session.add(Lead(email="first", created_at=NOW, updated_at=NOW))
        db.session.commit()
        varied = {
            "id": "n + leads.id",
            "email": "'lead' || n || '@example.com'",
            "lead_score": "n * 31 % 101",
            "stage": "CASE n % 3 WHEN 0 THEN 'contacted' ELSE 'new' END",
            "created_at": "leads.created_at - (n * 7919 % 100000) * 631000",
        }
        names = [column.name for column in Lead.__table__.columns]
        values = ", ".join(varied.get(name, f"leads.{name}") for name in names)
        copied = ORIGINALS.format(names=", ".join(names), values=values)
        db.session.execute(text(copied), {"many": MANY})
        db.session.commit()
        yield


def plans(ask) -> list[str]:
    """How SQLite finds the leads in each statement of a question."""
    asked = []

    def note(connection, cursor, statement, parameters, *rest):
        asked.append((statement, parameters))

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        ask()
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    connection = db.session.connection()
    return [
        row.detail
        for statement, parameters in asked
        for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
        if row.detail.startswith(("SEARCH leads", "SCAN leads"))
    ]


def came(**filters) -> Wanted:
    begins, ends = edges(*days_of(filters, NOW.date()))
    return Wanted(came_from=begins, came_before=ends)


@pytest.mark.parametrize("looked", [False, True], ids=["as it was made", "by its sizes"])
def test_leads_of_a_few_days_are_found_by_the_index_of_when_they_came(many, looked):
    if looked:
        look()
        db.session.remove()
        db.engine.dispose()  # a connection keeps to the sizes that it read first
    questions = [came(came="7"), came(came="month"), came(**{"from": "2026-02-25"})]
    for wanted in questions:
        for sort in ("score", "newest", "engaged"):
            found = plans(lambda w=wanted, s=sort: lead_list.page(w, s))
            assert [BY_DAY in plan for plan in found] == [True], (wanted, sort, found)
        for counting in (lead_list.stage_counts, lead_board.totals):
            found = plans(lambda w=wanted, count=counting: count(w))
            assert [BY_DAY in plan for plan in found] == [True], (wanted, counting, found)


def test_no_question_of_days_reads_the_leads_of_others(many):
    wholly = came(to="2026-01-01"), came(came="365"), Wanted(came_from=NOW - timedelta(days=7))
    for wanted in wholly:
        for ask in (lead_list.page, lead_list.stage_counts, lead_board.columns):
            found = plans(lambda w=wanted, a=ask: a(w))
            assert found
            assert all(plan.startswith("SEARCH leads USING") for plan in found), found
