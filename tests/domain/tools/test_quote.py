from datetime import date

import pytest

from app.domain.tools.cost import Price
from app.domain.tools.financing import plans
from app.domain.tools.quote import document, number_of, prefix_of, state_of, valid_until

TODAY = date(2026, 11, 21)


def content(total=(100, 250), months=0, offered=()):
    price = {"low": total[0], "high": total[1]}
    return {
        "organization": {"name": "Aurelia", "phone": "", "email": "a@b.c", "colour": "#000000"},
        "clinic": "Lyon",
        "currency": "EUR",
        "estimate": {"lines": [], "discounts": [], "subtotal": price, "total": price},
        "financing": {
            "months": months,
            "plans": [plan.to_json() for plan in plans(Price(*total), offered)],
        },
        "terms": "One.\n\n  Two. \n",
        "replaces": None,
    }


def told(**how):
    about = {"number": "A-1", "issued_on": TODAY, "last_day": date(2026, 12, 1), "recipient": {}}
    return document(content(**how), **about)


def test_a_number_counts_up_in_five_digits_and_more():
    assert number_of("AUR", 2026, 42) == "AUR-2026-00042"
    assert number_of("AUR", 2026, 123_456) == "AUR-2026-123456"


@pytest.mark.parametrize(
    ("name", "prefix"),
    [("Aurelia Aesthetics", "AUR"), ("Élan & Co", "ELA"), ("4 Us", "4US"), ("王", "Q"), ("", "Q")],
)
def test_the_usual_prefix_is_made_of_the_name(name, prefix):
    assert prefix_of(name) == prefix


@pytest.mark.parametrize(
    ("today", "replaced", "state"),
    [
        (date(2026, 11, 21), False, "valid"),
        (date(2026, 12, 21), False, "valid"),
        (date(2026, 12, 22), False, "expired"),
        (date(2026, 11, 21), True, "replaced"),
        (date(2027, 1, 1), True, "replaced"),
    ],
)
def test_a_quote_holds_to_the_end_of_its_last_day(today, replaced, state):
    assert state_of(valid_until(TODAY, 30), replaced, today) == state


def test_the_document_has_its_amounts_to_the_cent():
    assert told()["total"] == ["€1.00", "€2.50"]
    assert told(total=(125_000, 125_000))["total"] == ["€1,250.00", "€1,250.00"]
    assert told(total=(1, 1))["is_range"] is False


def test_the_document_shows_the_plan_that_was_chosen_else_all_that_are_offered():
    assert told()["financing"] is None
    offered = told(offered=(6, 12))["financing"]
    assert [row[0] for row in offered["rows"]] == ["6 months", "12 months"]
    assert offered["chosen"] is False
    chosen = told(months=12, offered=(6, 12))["financing"]
    assert [row[0] for row in chosen["rows"]] == ["12 months"]
    assert chosen["chosen"] is True


def test_terms_are_paragraphs_and_blank_contacts_are_left_out():
    assert told()["terms"] == ["One.", "Two."]
    assert told()["contact"] == ["a@b.c"]


def test_the_dates_are_written_out():
    assert ["Valid until", "1 December 2026"] in told()["facts"]
