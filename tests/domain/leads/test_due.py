"""When a task is due."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from app.domain.leads.due import due_moment, is_whole_day

PARIS = ZoneInfo("Europe/Paris")


def test_a_task_is_due_by_the_clock_of_the_organization():
    assert due_moment(date(2026, 3, 2), time(14, 30), PARIS) == datetime(
        2026, 3, 2, 13, 30, tzinfo=UTC
    )


def test_without_a_time_it_is_due_until_the_day_ends():
    at = due_moment(date(2026, 3, 2), None, PARIS)
    assert at == datetime(2026, 3, 2, 22, 59, tzinfo=UTC)
    assert is_whole_day(at, PARIS)


def test_a_time_of_day_is_no_whole_day():
    assert not is_whole_day(due_moment(date(2026, 3, 2), time(0, 0), PARIS), PARIS)


def test_the_day_that_loses_an_hour_ends_like_any_other():
    assert is_whole_day(due_moment(date(2026, 3, 29), None, PARIS).astimezone(UTC), PARIS)
