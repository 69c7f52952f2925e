"""Visits are read with their clicks, however many one visitor made."""

from datetime import timedelta
from uuid import uuid4

from sqlalchemy import insert

from app.extensions import db
from app.models import VisitorSession
from app.queries.scoring.scored_visits import visitings
from app.tenancy import acting_for
from tests.conftest import NOW

MANY = 66_000  # PostgreSQL takes 65,535 values in a query


def test_the_visits_of_somebody_who_comes_all_the_time_are_read(cast):
    visitor_id = uuid4()
    visit = {
        "organization_id": cast.clinic.id,
        "site_id": cast.site.id,
        "visitor_id": visitor_id,
        "started_at": NOW,
        "last_activity_at": NOW,
        "ended_at": NOW,
        "channel": "direct",
    }
    with acting_for(cast.clinic):
        rows = [{**visit, "id": uuid4()} for _ in range(MANY)]
        db.session.execute(insert(VisitorSession.__table__), rows)
        until = NOW + timedelta(days=1)
        [somebody], after = visitings(cast.site.id, None, None, until, 10, with_clicks=True)
        assert (somebody.visitor_id, len(somebody.visits), after) == (visitor_id, MANY, None)
        db.session.rollback()
