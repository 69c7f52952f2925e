"""Days as pages and programs ask for them."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from app.domain.period import Period, edges, last_month, read_days, this_month

DAYS = st.dates(date(2001, 1, 1), date(2099, 12, 31))


def test_each_day_may_be_left_out():
    problems = {}
    day = date(2026, 3, 2)
    assert read_days({"from": "2026-03-02"}, problems) == (day, None)
    assert read_days({"from": "", "to": "2026-03-02"}, problems) == (None, day)
    assert read_days({}, problems) == (None, None)
    assert problems == {}


def test_days_that_cannot_be_used_are_named_each_for_itself():
    problems = {}
    read_days({"from": "tomorrow", "to": "2026-02-30"}, problems)
    assert problems.keys() == {"from", "to"}


def test_days_have_the_edges_of_their_time_zone_on_days_of_23_hours_too():
    sunday = date(2026, 3, 29)  # clocks go forward in Paris
    paris = ZoneInfo("Europe/Paris")
    begins, ends = (each.timestamp() for each in edges(sunday, sunday, paris))
    assert ends - begins == 23 * 3600
    assert edges(sunday, sunday)[0] == datetime.fromisoformat("2026-03-29T00:00:00Z")
    assert edges(None, None) == (None, None)


@given(DAYS, DAYS)
def test_edges_are_those_of_the_period(one, other):
    period = Period(min(one, other), max(one, other))
    assert edges(period.first, period.last) == (period.starts_at, period.ends_at)


@given(DAYS)
def test_last_month_ends_where_this_month_begins(today):
    assert last_month(today).ends_at == this_month(today).starts_at
    assert this_month(today).last == today
    assert last_month(today).first.day == 1
