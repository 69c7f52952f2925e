"""What a field of a lead may hold, in people's words and as it is stored."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.leads.choices import choices

URGENCIES = {"immediate": "As soon as possible", "this_month": "This month"}


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("immediate", "immediate"),
        ("Immediate", "immediate"),
        (" as soon  AS possible ", "immediate"),
        ("This Month", "this_month"),
        ("this month", "this_month"),
        ("next year", "next year"),
        ("", ""),
    ],
)
def test_a_value_or_its_words_are_stored_as_the_value(typed, stored):
    assert choices(URGENCIES).stored(typed) == stored


def test_it_is_said_in_words_also_where_it_is_not_known():
    known = choices(URGENCIES)
    assert known.said("immediate") == "As soon as possible"
    assert known.said("bike_fitter") == "Bike fitter"
    assert known.said("5000 EUR") == "5000 EUR"


def test_what_others_have_comes_after_and_no_spelling_twice():
    known = choices(URGENCIES, ["summer", "THIS MONTH", "Immediate", "Summer", "in_spring"])
    assert known.words == URGENCIES | {"summer": "Summer", "in_spring": "In spring"}


@given(st.dictionaries(st.text(), st.text()), st.lists(st.text()))
def test_every_value_offered_is_stored_as_itself(known, others):
    offered = choices(known, others)
    assert all(offered.stored(value) == value for value in offered.words)
