"""When somebody can be treated, on ordinary days and on those when the clock jumps."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.appointments.slots import (
    CELL,
    BookingRules,
    Diary,
    Span,
    Stretch,
    cells,
    free_times,
    held_for,
    hours_on,
    in_turn,
    instant,
    merged,
    nearest,
    wall_time,
)
from app.domain.validation import Invalid

PARIS = ZoneInfo("Europe/Paris")
NOW = datetime(2026, 3, 2, 7, 0, tzinfo=UTC)  # a Monday, 8:00 in Paris
MONDAY = date(2026, 3, 2)
EVERY_DAY = {weekday: (Stretch(0, 1440),) for weekday in range(7)}
AT_ONCE = BookingRules(lead_hours=0, horizon_days=365)
# Clocks that jump at night and at noon of nobody's day, by half an hour, at midnight, or never.
ZONES = (
    "Europe/Paris",
    "America/New_York",
    "America/Santiago",
    "America/Asuncion",
    "Africa/Cairo",
    "Africa/Casablanca",
    "Asia/Beirut",
    "Asia/Kathmandu",
    "Atlantic/Azores",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "Pacific/Chatham",
    "America/Havana",
    "UTC",
)


def diary(*stretches, opening=None, zone=PARIS, **more):
    """Works these stretches every day."""
    working = dict.fromkeys(range(7), stretches)
    return Diary(zone, opening or EVERY_DAY, working, **more)


def local_times(of, day=MONDAY, minutes=30, rules=AT_ONCE, now=NOW):
    ((_, found),) = free_times(of, [day], minutes, rules, now)
    return [f"{at.astimezone(of.zone):%H:%M}" for at in found]


def test_a_treatment_ends_within_the_stretch_it_begins_in():
    assert local_times(diary(Stretch(9 * 60, 10 * 60))) == ["09:00", "09:15", "09:30"]


def test_a_break_is_a_gap_that_nothing_reaches_into():
    day = diary(Stretch(9 * 60, 10 * 60), Stretch(10 * 60 + 30, 11 * 60 + 30))
    assert local_times(day, minutes=45) == ["09:00", "09:15", "10:30", "10:45"]


def test_stretches_that_touch_are_one():
    day = diary(Stretch(9 * 60, 10 * 60), Stretch(10 * 60, 11 * 60))
    assert "09:45" in local_times(day)


def test_only_where_clinic_and_practitioner_are_both_there():
    opening = {0: (Stretch(9 * 60, 12 * 60), Stretch(14 * 60, 18 * 60))}
    day = diary(Stretch(11 * 60, 15 * 60), opening=opening)
    assert hours_on(day, MONDAY) == [Stretch(660, 720), Stretch(840, 900)]
    assert hours_on(day, date(2026, 3, 3)) == []


@pytest.mark.parametrize(("first", "last", "free"), [(1, 3, False), (2, 2, False), (3, 9, True)])
def test_a_closure_takes_its_days_first_and_last_included(first, last, free):
    closed = [(date(2026, 3, first), date(2026, 3, last))]
    assert bool(local_times(diary(Stretch(540, 600), closed=closed))) is free


def test_what_is_taken_is_not_offered_and_what_touches_it_is():
    busy = [Span(at(9, 30), at(10, 0)), Span(at(9, 0), at(9, 5))]
    assert local_times(diary(Stretch(540, 660), busy=busy)) == ["10:00", "10:15", "10:30"]


def at(hour, minute):
    return datetime(2026, 3, 2, hour, minute, tzinfo=PARIS).astimezone(UTC)


def test_a_long_appointment_that_began_before_another_still_counts():
    busy = [Span(at(9, 0), at(11, 0)), Span(at(9, 15), at(9, 30))]
    assert local_times(diary(Stretch(540, 720), busy=busy)) == ["11:00", "11:15", "11:30"]


def test_time_kept_free_afterwards_may_reach_past_the_hours_but_into_no_appointment():
    rules = BookingRules(lead_hours=0, buffer=15)
    assert local_times(diary(Stretch(540, 600)), rules=rules)[-1] == "09:30"
    busy = [Span(at(10, 0), at(10, 30))]
    assert local_times(diary(Stretch(540, 660), busy=busy), rules=rules) == [
        "09:00",
        "09:15",
        "10:30",
    ]


def test_not_before_the_lead_time_and_not_after_the_last_day():
    rules = BookingRules(lead_hours=2, horizon_days=1)
    nine_to_eleven = diary(Stretch(540, 660))
    assert local_times(nine_to_eleven, rules=rules) == ["10:00", "10:15", "10:30"]
    assert local_times(nine_to_eleven, date(2026, 3, 3), rules=rules)
    assert local_times(nine_to_eleven, date(2026, 3, 4), rules=rules) == []


def test_times_stand_on_the_clocks_own_steps():
    assert local_times(diary(Stretch(550, 610)), minutes=20) == ["09:15", "09:30", "09:45"]


# The clocks of Paris go from 2:00 to 3:00 on 29 March 2026, and from 3:00 to 2:00 on 25 October.


def test_a_time_that_the_clock_skips_is_never_offered():
    night = diary(Stretch(60, 240))
    times = local_times(night, date(2026, 3, 29), rules=AT_ONCE)
    assert times == ["01:00", "01:15", "01:30", "01:45", "03:00", "03:15", "03:30"]


def test_a_treatment_over_the_jump_takes_its_true_time():
    ((_, found),) = free_times(diary(Stretch(60, 210)), [date(2026, 3, 29)], 60, AT_ONCE, NOW)
    ends = [(moment + timedelta(hours=1)).astimezone(PARIS) for moment in found]
    assert [f"{end:%H:%M}" for end in ends] == ["03:00", "03:15", "03:30"]


def test_a_time_that_comes_twice_is_offered_once():
    times = local_times(diary(Stretch(120, 180)), date(2026, 10, 25))
    assert times == ["02:00", "02:15", "02:30", "02:45"]


def test_hours_that_end_in_the_hour_that_comes_twice_end_at_its_first_coming():
    assert local_times(diary(Stretch(60, 150)), date(2026, 10, 25))[-1] == "02:00"


def test_a_boundary_that_the_clock_skips_is_the_jump():
    assert instant(PARIS, date(2026, 3, 29), 150) == datetime(2026, 3, 29, 1, 0, tzinfo=UTC)
    assert wall_time(PARIS, date(2026, 3, 29), 150) is None


def test_a_midnight_that_the_clock_skips_is_one_too():
    cairo = ZoneInfo("Africa/Cairo")  # 24 April 2026 begins at 1:00
    assert instant(cairo, date(2026, 4, 23), 1440) == instant(cairo, date(2026, 4, 24), 60)
    assert local_times(diary(Stretch(1380, 1440), zone=cairo), date(2026, 4, 23)) == [
        "23:00",
        "23:15",
        "23:30",
    ]


def test_a_day_that_a_country_skipped_has_no_times():
    apia = ZoneInfo("Pacific/Apia")  # there was no 30 December 2011
    then = datetime(2011, 12, 20, tzinfo=UTC)
    assert local_times(diary(Stretch(540, 600), zone=apia), date(2011, 12, 30), now=then) == []
    assert local_times(diary(Stretch(540, 600), zone=apia), date(2011, 12, 31), now=then)


stretches = st.lists(
    st.tuples(st.integers(0, 1439), st.integers(1, 1440)).filter(lambda pair: pair[0] < pair[1]),
    max_size=4,
).map(lambda pairs: tuple(Stretch(*pair) for pair in pairs))
weeks = st.fixed_dictionaries(dict.fromkeys(range(7), stretches))
rules = st.builds(
    BookingRules,
    step=st.sampled_from((5, 10, 15, 20, 30, 60)),
    buffer=st.integers(0, 45),
    lead_hours=st.integers(0, 72),
    horizon_days=st.integers(1, 365),
)


@st.composite
def days_near_a_jump(draw):
    """A zone and a day on which its clock jumps, or one around it."""
    zone = ZoneInfo(draw(st.sampled_from(ZONES)))
    days = [date(2026, 1, 1) + timedelta(days=n) for n in range(365)]
    jumps = [
        day
        for day in days
        if datetime(day.year, day.month, day.day, tzinfo=zone).utcoffset()
        != datetime(day.year, day.month, day.day, 23, 59, tzinfo=zone).utcoffset()
    ]
    day = draw(st.sampled_from(jumps or days))
    return zone, day + timedelta(days=draw(st.integers(-1, 1)))


@settings(max_examples=300, deadline=None)
@given(days_near_a_jump(), weeks, weeks, rules, st.integers(5, 240), st.data())
def test_every_time_offered_lies_in_hours_overlaps_nothing_and_booking_it_keeps_that_true(
    place, opening, working, rules, minutes, data
):
    zone, day = place
    now = datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(days=3)
    busy: list[Span] = []
    last = (now + timedelta(days=rules.horizon_days)).astimezone(zone).date()
    for _ in range(4):
        asked = Diary(zone, opening, working, busy=tuple(busy))
        ((_, found),) = free_times(asked, [day], minutes, rules, now)
        assert found == sorted(set(found))
        walls = [moment.astimezone(zone).replace(tzinfo=None) for moment in found]
        assert len(set(walls)) == len(walls), "a local time is offered once"
        if not found:
            return
        chosen = data.draw(st.sampled_from(found))
        ends = chosen + timedelta(minutes=minutes)
        assert chosen >= now + timedelta(hours=rules.lead_hours)
        local = chosen.astimezone(zone)
        assert local.date() == day <= last
        assert local.fold == 0
        assert (local.hour * 60 + local.minute) % rules.step == 0
        for hours in (opening, working):
            assert any(
                instant(zone, day, stretch.starts) <= chosen
                and ends <= instant(zone, day, stretch.ends)
                for stretch in merged(hours[day.weekday()])
            )
        held = held_for(minutes, rules)
        span = Span(chosen, chosen + held)
        assert not any(
            span.starts_at < other.ends_at and other.starts_at < span.ends_at for other in busy
        )
        theirs = {cell for other in busy for cell in cells(other[0], other[1] - other[0])}
        assert theirs.isdisjoint(cells(chosen, held)), "who do not overlap share no cell"
        busy.append(span)


@given(st.integers(0, 500), st.integers(1, 60), st.integers(0, 500), st.integers(1, 60))
def test_two_that_overlap_share_a_cell_and_two_that_do_not_share_none(a, long, b, wide):
    one = (NOW + a * CELL, long * CELL)
    two = (NOW + b * CELL, wide * CELL)
    overlap = one[0] < two[0] + two[1] and two[0] < one[0] + one[1]
    assert bool(set(cells(*one)) & set(cells(*two))) is overlap


def test_anybody_is_who_has_least_that_day_then_who_comes_first():
    assert in_turn([3, 1, 2], {1: 2, 2: 1, 3: 1}, {1: 1, 2: 5, 3: 4}) == [3, 2, 1]
    assert in_turn([2, 1], {}, {}) == [1, 2]


def test_the_nearest_times_are_told_in_order():
    times = [NOW + timedelta(hours=n) for n in range(10)]
    assert nearest(times, NOW + timedelta(hours=4), 3) == times[3:6]


@pytest.mark.parametrize(
    "wrong", [{"step": 7}, {"step": 0}, {"buffer": -1}, {"horizon_days": 0}, {"lead_hours": "4"}]
)
def test_rules_that_make_no_sense_are_refused_by_name(wrong):
    with pytest.raises(Invalid) as problem:
        BookingRules.from_json(wrong)
    assert problem.value.fields.keys() == wrong.keys()


def test_rules_come_back_as_they_were_written():
    assert BookingRules.from_json({}) == BookingRules()
    rules = BookingRules(step=30, buffer=10, reminder_hours=0)
    assert BookingRules.from_json(rules.to_json()) == rules
