"""Leads in order of who needs something: on the list by pages, and on the board alike."""

from datetime import timedelta

import pytest

from app.extensions import db
from app.models import Lead
from app.operations.leads.enter_stage import enter_stage
from app.operations.tracking.track_engagement import track_engagement
from app.queries.leads import lead_board, lead_list
from app.queries.leads.lead_list import Wanted
from app.tenancy import acting_for
from tests.conftest import NOW

DAY = timedelta(days=1)
# Who, days since they came, since somebody called, since they moved on.
PEOPLE = (("ana", 40, 30, 10), ("ben", 35, 2, 34), ("cleo", 20, None, 15), ("dan", 3, None, None))


@pytest.fixture
def people(cast):
    with acting_for(cast.clinic):
        for name, came, called, moved in PEOPLE:
            at = NOW - came * DAY
            lead = Lead(first_name=name, created_at=at, updated_at=at)
            db.session.add(lead)
            db.session.flush()
            enter_stage(lead, "new", "came", now=at)
            if called:
                track_engagement(lead, "call_made", now=NOW, occurred_at=NOW - called * DAY)
            if moved:
                enter_stage(lead, "qualified", "fits", now=NOW, at=NOW - moved * DAY)
            track_engagement(lead, "email_opened", now=NOW, occurred_at=NOW)
        db.session.flush()
        yield


def by_pages(sort) -> list[str]:
    found, cursor = [], ""
    while cursor is not None:
        rows, cursor = lead_list.page(Wanted(), sort, cursor, limit=1)
        found += [row.lead.first_name for row in rows]
    return found


@pytest.mark.parametrize(
    ("sort", "expected"),
    [("contact", ["ana", "cleo", "dan", "ben"]), ("stay", ["ben", "cleo", "ana", "dan"])],
)
def test_whoever_waits_longest_comes_first(people, sort, expected):
    assert by_pages(sort) == expected
    on_board = {
        card.lead.first_name
        for column in lead_board.columns(Wanted(), sort)
        for card in column.cards
    }
    assert on_board == set(expected)
    for column in lead_board.columns(Wanted(), sort):
        names = [card.lead.first_name for card in column.cards]
        assert names == [name for name in expected if name in names]


def test_the_highest_risk_comes_first(people):
    found = [row.churn_risk for row in lead_list.page(Wanted(), "risk")[0]]
    assert found == sorted(found, reverse=True)
    assert len(set(found)) > 1
    assert by_pages("risk") == [row.lead.first_name for row in lead_list.page(Wanted(), "risk")[0]]
