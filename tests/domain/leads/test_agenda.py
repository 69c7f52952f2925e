"""Tasks as a day is planned, by the calendar of the place."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from app.domain.leads.agenda import day_begins, group_of

PARIS = ZoneInfo("Europe/Paris")
NOW = datetime(2026, 3, 2, 22, 30, tzinfo=UTC)  # 23:30 on a Monday in Paris


@pytest.mark.parametrize(
    ("due_at", "group"),
    [
        (None, "undated"),
        (NOW - timedelta(seconds=1), "overdue"),
        (NOW, "today"),
        (NOW + timedelta(minutes=29), "today"),
        (NOW + timedelta(minutes=30), "week"),
        (datetime(2026, 3, 9, 22, 59, tzinfo=UTC), "week"),
        (datetime(2026, 3, 9, 23, 0, tzinfo=UTC), "later"),
    ],
)
def test_a_task_stands_where_the_calendar_of_the_place_has_it(due_at, group):
    assert group_of(due_at, NOW, PARIS) == group


def test_today_began_at_midnight_there():
    assert day_begins(NOW, PARIS) == datetime(2026, 3, 1, 23, 0, tzinfo=UTC)
