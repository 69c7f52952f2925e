"""SQLite is told how large its tables are: soon after they have grown, and not all the time."""

import pytest
from sqlalchemy import text

from app.extensions import db
from app.jobs import sizes
from app.operations.tracking.record_interaction import record_interaction
from app.tenancy import acting_for
from tests.conftest import NOW


@pytest.fixture
def clinic(cast):
    if db.engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL looks at its tables by itself")
    return cast


def happen(cast, count):
    with acting_for(cast.clinic):
        for _ in range(count):
            record_interaction("call_made", site=None, channel="phone", now=NOW)
        db.session.commit()


def test_it_looks_once_there_is_something_and_again_when_that_has_doubled(clinic):
    assert not sizes.look_if_grown()
    happen(clinic, 3)
    assert sizes.look_if_grown()
    known = "SELECT DISTINCT stat FROM sqlite_stat1 WHERE tbl = 'interactions' AND stat LIKE '3 %'"
    assert db.session.scalar(text(known))
    db.session.rollback()
    assert not sizes.look_if_grown()
    happen(clinic, 2)
    assert not sizes.look_if_grown()
    happen(clinic, 1)
    assert sizes.look_if_grown()
    assert not sizes.look_if_grown()
