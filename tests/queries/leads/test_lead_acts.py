"""What leads did: whose it was, and read by keys however long the log is."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import event, select

from app.extensions import db
from app.identity import Identity
from app.models import Lead, LeadVisitor
from app.operations.tracking.record_interaction import record_interaction
from app.queries.leads.lead_acts import acts
from app.tenancy import acting_for
from tests.conftest import NOW

HOUR = timedelta(hours=1)
EVE, FAY = "eve@example.com", "fay@example.com"


@pytest.fixture
def leads(cast):
    """Eve and Fay, one after the other at the same browser; calls with either."""
    cast.site.identity_mode = "cookie"
    browser = UUID(int=7)
    with acting_for(cast.clinic):
        eve, fay = (Lead(email=email, created_at=NOW, updated_at=NOW) for email in (EVE, FAY))
        db.session.add_all((eve, fay))
        db.session.flush()
        noon = NOW + 3 * HOUR
        db.session.add_all(
            (
                LeadVisitor(lead_id=eve.id, visitor_id=browser, starts_at=NOW, ends_at=noon),
                LeadVisitor(lead_id=fay.id, visitor_id=browser, starts_at=noon),
            )
        )
        for hours in (-1, 1, 2, 3, 5):
            record_interaction(
                "page_viewed",
                site=cast.site,
                identity=Identity(browser, None),
                label=f"at {hours}",
                now=NOW + hours * HOUR,
            )
        for lead, hours in ((eve, 4), (fay, 1)):
            at = NOW + hours * HOUR
            record_interaction("call_made", site=None, lead_id=lead.id, channel="phone", now=at)
        db.session.commit()
        yield eve, fay


def told(lead_ids=None):
    every = acts(lead_ids)
    rows = db.session.execute(select(every.c.lead_id, every.c.type, every.c.occurred_at))
    return sorted((lead_id, kind, (at - NOW) / HOUR) for lead_id, kind, at in rows)


def test_an_act_is_of_whom_it_names_else_of_whose_the_browser_then_was(leads):
    eve, fay = leads
    of_eve = [(eve.id, "call_made", 4), (eve.id, "page_viewed", 1), (eve.id, "page_viewed", 2)]
    of_fay = [(fay.id, "call_made", 1), (fay.id, "page_viewed", 3), (fay.id, "page_viewed", 5)]
    assert told([eve.id]) == of_eve
    assert told([fay.id]) == of_fay
    assert told([eve.id, fay.id]) == told() == of_eve + of_fay


def test_one_leads_acts_are_read_by_visit_and_lead_never_by_the_whole_log(leads):
    if db.engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL plans by what it knows of the tables' sizes")
    every = acts([leads[0].id])
    plan = plan_of(select(every.c.type).where(every.c.occurred_at >= NOW))
    by = [line.rpartition("(")[2] for line in plan if " interactions " in line]
    assert sorted(by) == [
        "organization_id=? AND lead_id=?)",
        "organization_id=? AND visitor_session_id=?)",
    ]


def plan_of(query) -> list[str]:
    """How SQLite goes about a query as the session sends it."""
    sent = []

    def keep(connection, cursor, statement, parameters, context, many):
        sent.append((statement, parameters))

    event.listen(db.engine, "before_cursor_execute", keep)
    try:
        db.session.execute(query)
    finally:
        event.remove(db.engine, "before_cursor_execute", keep)
    statement, parameters = sent[-1]
    rows = db.session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
    return [row.detail for row in rows]
