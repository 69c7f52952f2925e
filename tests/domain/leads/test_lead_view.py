"""What an address may ask of the leads, in one form."""

from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.leads.lead_view import BUILT_IN, FILTERS, canonical, filters_of, understood


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


NAMES = st.sampled_from([*FILTERS, "cursor", "__proto__"])
VALUES = st.text() | st.sampled_from(["hot", "new", "1", "70", "me", "24", "newest"])


@given(st.dictionaries(NAMES, VALUES))
def test_whatever_is_asked_its_one_form_stays_as_it_is(given_filters):
    once = canonical(urlencode({n: v.encode("utf-8", "ignore") for n, v in given_filters.items()}))
    assert canonical(once) == once
    assert understood(filters_of(once)) == filters_of(once)
    assert filters_of(once).keys() <= FILTERS.keys()
