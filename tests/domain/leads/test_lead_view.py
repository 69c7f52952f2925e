"""What an address may ask of the leads, in one form."""

from datetime import date, timedelta
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.leads.lead_view import (
    BUILT_IN,
    CAME,
    FILTERS,
    canonical,
    days_of,
    filters_of,
    not_understood,
    understood,
    wrong_days,
)


@pytest.mark.parametrize(
    ("query", "kept"),
    [
        ("temperature=hot&stage=new", "stage=new&temperature=hot"),
        ("stage=nonsense&grade=Z&min=abc&sort=zz&open=yes", ""),
        ("min=0007&max=900", "min=7&max=100"),
        ("cursor=score-1-1&view=9&next=%2F&stage=lost", "stage=lost"),
        ("sort=score", ""),
        ("sort=newest", "sort=newest"),
        ("assignee=me", "assignee=me"),
        ("assignee=-1", ""),
        ("q=+eve++", "q=eve"),
        ("stage=lost&stage=new", "stage=lost"),
        (
            "risk=70&uncontacted=24&stay=21&action=answer",
            "risk=70&uncontacted=24&stay=21&action=answer",
        ),
        ("uncontacted=25", ""),
        ("came=7", "came=7"),
        ("came=last-month&sort=newest", "came=last-month&sort=newest"),
        ("came=8", ""),
        ("came=days", ""),
        ("from=2026-03-02&to=2026-03-05", "from=2026-03-02&to=2026-03-05"),
        ("to=20260305", "to=2026-03-05"),
        ("came=7&from=2026-03-02", "from=2026-03-02"),
        ("came=7&from=yesterday", "came=7"),
        ("from=2026-03-06&to=2026-03-05", ""),
        ("min=%D9%A3", ""),
        ("", ""),
    ],
)
def test_only_known_filters_are_kept_in_one_order(query, kept):
    assert canonical(query) == kept


def test_a_long_text_is_cut():
    assert len(filters_of(canonical(urlencode({"q": "é" * 5000})))["q"]) == 100


def test_every_built_in_view_asks_what_is_understood():
    for view in BUILT_IN:
        assert understood(view.filters) == view.filters


def days(query: str, today: date) -> str:
    first, last = days_of(filters_of(query), today)
    return f"{first or ''} – {last or ''}"


@pytest.mark.parametrize(
    ("query", "today", "expected"),
    [
        ("", date(2026, 3, 2), " – "),
        ("came=1", date(2026, 3, 2), "2026-03-02 – 2026-03-02"),
        ("came=7", date(2026, 3, 2), "2026-02-24 – 2026-03-02"),
        ("came=7", date(2026, 3, 3), "2026-02-25 – 2026-03-03"),
        ("came=month", date(2026, 3, 1), "2026-03-01 – 2026-03-01"),
        ("came=month", date(2026, 2, 28), "2026-02-01 – 2026-02-28"),
        ("came=last-month", date(2026, 1, 31), "2025-12-01 – 2025-12-31"),
        ("came=last-month", date(2028, 3, 31), "2028-02-01 – 2028-02-29"),
        ("from=2026-02-01&to=2026-02-03", date(2026, 3, 2), "2026-02-01 – 2026-02-03"),
        ("from=2026-02-01", date(2026, 3, 2), "2026-02-01 – 2026-03-02"),
        ("to=2026-02-03", date(2026, 3, 2), " – 2026-02-03"),
    ],
)
def test_when_leads_came_is_told_from_today_or_by_days_of_ones_own(query, today, expected):
    assert days(query, today) == expected


@given(st.sampled_from([*CAME]), st.dates(date(2001, 1, 1), date(2099, 12, 31)))
def test_what_is_told_from_today_never_ends_after_it_and_is_as_long_as_it_says(came, today):
    first, last = days_of({"came": came}, today)
    assert first <= last <= today
    if came.isdigit():
        assert last == today
        assert (last - first).days + 1 == int(came)
    else:
        assert first.day == 1
        assert (last + timedelta(days=1)).day == 1 or last == today


@pytest.mark.parametrize(
    ("query", "problems"),
    [
        ({"from": "x"}, {"from": "must be a day such as 2026-03-02"}),
        ({"to": "0001-01-01"}, {"to": "must be between the years 2000 and 2100"}),
        ({"from": "2026-03-06", "to": "2026-03-05"}, {"from": "must not be after the last day"}),
        ({"came": "days"}, {"from": "must be given, or the last day"}),
        ({"came": "days", "to": "2026-03-05"}, {}),
        ({"came": "fortnight"}, {}),
        ({"from": " ", "to": ""}, {}),
    ],
)
def test_days_that_are_none_are_named(query, problems):
    assert wrong_days(query) == problems
    assert not {"from", "to"} & not_understood(query).keys()


def test_a_word_for_when_they_came_that_is_not_known_is_left_out_and_named():
    assert not_understood({"came": "fortnight"}) == {"came": "fortnight"}
    assert not_understood({"came": "fortnight", "from": "2026-03-02"}) == {}
    assert not_understood({"came": "days", "from": "2026-03-02"}) == {}


NAMES = st.sampled_from([*FILTERS, "cursor", "__proto__"])
KNOWN = ["hot", "new", "1", "70", "me", "24", "newest", "month", "days", "2026-03-02", "2026-03-05"]
VALUES = st.text() | st.sampled_from(KNOWN)


@given(st.dictionaries(NAMES, VALUES))
def test_whatever_is_asked_its_one_form_stays_as_it_is(given_filters):
    once = canonical(urlencode({n: v.encode("utf-8", "ignore") for n, v in given_filters.items()}))
    assert canonical(once) == once
    assert understood(filters_of(once)) == filters_of(once)
    assert filters_of(once).keys() <= FILTERS.keys()
