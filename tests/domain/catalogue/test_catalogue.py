"""Entries of the catalogue: read from forms and files, judged, written back to the letter."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.catalogue.catalogue import KINDS, TREATMENTS, Facts, read_record, write_record
from app.domain.catalogue.catalogue_changes import Change, plan, reversed_change
from app.domain.catalogue.catalogue_fields import (
    FieldError,
    free_slug,
    read_areas,
    read_date,
    read_factor,
    read_flag,
    read_hours,
    read_money,
    read_options,
    slug_of,
    write_money,
)
from app.domain.sheet import read_sheet, write_sheet
from tests.catalogue_records import a_record

FACTS = Facts(
    frozenset({"peel", "laser"}),
    frozenset({"paris"}),
    frozenset({"anna"}),
    frozenset({"Europe/Paris", "Asia/Kathmandu"}),
)
LIPS = {
    "slug": "lips",
    "name": "Lip filler",
    "category": "Injectables",
    "summary": "Fuller lips.",
    "price_low": "290",
    "price_high": "420,50",
    "minutes": "45",
}


def sheet_of(kind, records) -> bytes:
    texts = [write_record(kind, record) for record in records]
    rows = [kind.by_name, *([each[name] for name in kind.by_name] for each in texts)]
    return b"\xef\xbb\xbf" + write_sheet(rows).encode()


@given(st.data())
@pytest.mark.parametrize("name", KINDS)
def test_what_is_exported_and_imported_again_changes_nothing(name, data):
    kind = KINDS[name]
    some = a_record(name, treatments=("peel", "laser"))
    records = data.draw(st.lists(some, max_size=4, unique_by=kind.key_of))
    current = {kind.key_of(record): record for record in records}
    made = plan(kind, read_sheet(sheet_of(kind, records), kind.by_name), current, FACTS)
    assert made.problems == []
    assert made.changes == []
    assert made.unchanged == len(records)


@given(st.data())
@pytest.mark.parametrize("name", KINDS)
def test_what_is_exported_makes_the_same_catalogue_elsewhere(name, data):
    kind = KINDS[name]
    records = data.draw(st.lists(a_record(name), max_size=4, unique_by=kind.key_of))
    made = plan(kind, read_sheet(sheet_of(kind, records), kind.by_name), {}, FACTS)
    assert [change.after for change in made.added] == records


def imported(kind, told: str, current=()):
    sheet = read_sheet(told.encode(), kind.by_name)
    return plan(kind, sheet, {kind.key_of(record): record for record in current}, FACTS)


def lips(**texts):
    record, errors = read_record(TREATMENTS, LIPS | texts, None, FACTS)
    assert errors == {}
    return record | {"position": 1}


def test_a_file_of_two_columns_changes_one_and_keeps_the_rest():
    made = imported(TREATMENTS, "slug,price_low\nlips,300\n", [lips()])
    assert [change.fields for change in made.changes] == [{"price_low": (29000, 30000)}]


def test_an_empty_cell_empties_a_field_that_may_be_empty_and_is_wrong_in_one_that_may_not():
    made = imported(TREATMENTS, "slug,downtime,name\nlips,,\n", [lips(downtime="A day")])
    assert [(p.row, p.column, p.message) for p in made.problems] == [(2, "name", "Give it a name.")]
    made = imported(TREATMENTS, "slug,downtime\nlips,\n", [lips(downtime="A day")])
    assert made.changes[0].fields == {"downtime": ("A day", "")}


def test_a_new_entry_needs_what_a_treatment_needs_and_each_lack_is_named():
    made = imported(TREATMENTS, "slug,name,price_low,price_high\nnew,New,5,4\nx y,,x,9\n")
    found = {(p.row, p.column) for p in made.problems}
    assert {(2, "category"), (2, "summary"), (2, "minutes"), (3, "slug"), (3, "price_low")} <= found


def test_without_a_slug_the_name_makes_one_the_same_each_time():
    told = "name,category,summary,price_low,price_high,minutes\nCrème de Là,A,B,1,2,3\n"
    once = imported(TREATMENTS, told)
    assert once.added[0].key == ("creme-de-la",)
    again = imported(TREATMENTS, told, [once.added[0].after])
    assert again.changes == []


def test_new_entries_go_to_the_end_in_the_order_of_the_file():
    told = "slug,name,category,summary,price_low,price_high,minutes\na,A,A,A,1,2,3\nb,B,B,B,1,2,3\n"
    made = imported(TREATMENTS, told, [lips() | {"position": 7}])
    assert [change.after["position"] for change in made.added] == [8, 9]


def test_an_entry_that_is_there_twice_is_named_with_both_rows():
    made = imported(TREATMENTS, "slug,minutes\nlips,5\nlips,6\n", [lips()])
    assert [(p.row, p.column) for p in made.problems] == [(3, "slug")]
    assert "Row 2" in made.problems[0].message


@pytest.mark.parametrize(
    ("kind", "told", "where"),
    [
        ("practitioners", "slug,name,treatments\nbob,Bob,peel|botox\n", (2, "treatments")),
        ("clinics", "slug,name,city,timezone\na,A,B,Mars/Base\n", (2, "timezone")),
        ("clinics", "slug,name,city,price_percent\na,A,B,9\n", (2, "price_percent")),
        ("opening_hours", "clinic,monday\nlyon,9-10\n", (2, "clinic")),
        ("opening_hours", "clinic,monday\nparis,10-9\n", (2, "monday")),
        ("working_hours", "practitioner,clinic,monday\nbob,paris,9-10\n", (2, "practitioner")),
        ("closures", "from,to\n2027-05-02,2027-05-01\n", (2, "to")),
        ("closures", "clinic,from,to\nlyon,2027-05-01,2027-05-01\n", (2, "clinic")),
        ("closures", "from,to\n2027-02-30,2027-05-01\n", (2, "from")),
    ],
)
def test_what_an_entry_may_not_be_is_named_by_row_and_column(kind, told, where):
    made = imported(KINDS[kind], told)
    assert [(problem.row, problem.column) for problem in made.problems] == [where]


def test_a_week_emptied_takes_the_hours_away_and_an_empty_new_one_is_nothing():
    open_ = {"clinic": "paris", **{day: [] for day in KINDS["opening_hours"].by_name}}
    open_ |= {"clinic": "paris", "monday": [[540, 600]]}
    told = "clinic,monday\nparis,\n"
    assert imported(KINDS["opening_hours"], told, [open_]).changes[0].after is None
    assert imported(KINDS["opening_hours"], told).changes == []


# Undoing


def test_what_was_added_changed_and_taken_away_can_be_reversed():
    old, new = lips(), lips(name="Lips") | {"active": False}
    changed = Change("treatments", ("lips",), old, new).to_json()
    assert changed["before"] == {"name": "Lip filler", "active": True}
    undone = reversed_change(changed, new | {"minutes": 50})
    assert undone.after == old | {"minutes": 50}
    added = Change("treatments", ("lips",), None, new).to_json()
    assert reversed_change(added, new).after is None
    gone = Change("treatments", ("lips",), old, None).to_json()
    assert reversed_change(gone, None).after == old


def test_what_was_changed_again_since_is_not_reversed():
    old, new = lips(), lips(name="Lips")
    changed = Change("treatments", ("lips",), old, new).to_json()
    assert reversed_change(changed, lips(name="Mouth")) is None
    assert reversed_change(changed, None) is None
    gone = Change("treatments", ("lips",), old, None).to_json()
    assert reversed_change(gone, new) is None


# Fields


@pytest.mark.parametrize(
    ("told", "minor"),
    [
        ("220", 22000),
        ("220,5", 22050),
        ("220.50", 22050),
        ("1 250,00", 125000),
        ("1\u202f250", 125000),
        ("€1,250", 125000),
        ("1.250,50", 125050),
        ("1'250 CHF", 125000),
        ("0", 0),
    ],
)
def test_amounts_are_read_as_people_write_them(told, minor):
    assert read_money(told) == minor


@pytest.mark.parametrize("told", ["", "-5", "1,2,3", "12.345.6", "free", "1e3", "99999999", "٣"])
def test_what_is_no_amount_is_refused(told):
    with pytest.raises(FieldError):
        read_money(told)


@given(st.integers(0, 10**9))
def test_an_amount_written_is_read_back(minor):
    assert read_money(write_money(minor)) == minor


@pytest.mark.parametrize(("told", "found"), [("1,50", "1.5"), ("2", "2"), ("0.05", "0.05")])
def test_factors_are_read_with_comma_or_point(told, found):
    assert read_factor(told) == found


@pytest.mark.parametrize("told", ["0", "-1", "101", "NaN", "1e2", "", "½"])
def test_what_is_no_factor_is_refused(told):
    with pytest.raises(FieldError):
        read_factor(told)


def test_days_are_read_as_written_by_machines_and_by_europeans():
    assert read_date("2027-5-6") == "2027-05-06"
    assert read_date("6/5/2027") == "2027-05-06"
    assert read_date("06.05.2027") == "2027-05-06"
    assert read_date("2027-05-06 00:00:00") == "2027-05-06"
    for told in ("5/25/2027", "2027-13-01", "1999-01-01", "tomorrow", "06/05/27"):
        with pytest.raises(FieldError):
            read_date(told)


def test_hours_are_read_with_breaks_and_midnight():
    assert read_hours("9-12:30, 13h30 – 24:00") == [[540, 750], [810, 1440]]
    assert read_hours("14:00 to 00:00; 9.15-10") == [[555, 600], [840, 1440]]
    assert read_hours("closed") == []
    for told in ("9", "9-8", "9-12, 11-13", "25-26", "9-10-11", "9:70-10", "nine to five"):
        with pytest.raises(FieldError):
            read_hours(told)


def test_areas_and_extras_are_read_in_short_and_get_keys():
    assert read_areas("Face | neck-1: Neck = 1,5\nFace = 2") == [
        {"key": "face", "name": "Face", "factor": "1"},
        {"key": "neck-1", "name": "Neck", "factor": "1.5"},
        {"key": "face-2", "name": "Face", "factor": "2"},
    ]
    assert read_options("Numbing = 20 to 30 each session|set: Set = 65") == [
        {
            "key": "numbing",
            "name": "Numbing",
            "price_low": 2000,
            "price_high": 3000,
            "each_session": True,
        },
        {
            "key": "set",
            "name": "Set",
            "price_low": 6500,
            "price_high": 6500,
            "each_session": False,
        },
    ]
    for told in ("Numbing", "Numbing = 30-20", "= 5", "a: A = 1 | a: B = 2"):
        with pytest.raises(FieldError):
            read_options(told)


def test_yes_and_no_are_read_in_the_languages_that_excel_speaks():
    assert read_flag("VRAI")
    assert not read_flag("falsch")
    with pytest.raises(FieldError):
        read_flag("perhaps")


def test_slugs_are_made_of_names_and_stay_apart():
    assert slug_of("Crème d’été & soin") == "creme-dete-soin"
    assert slug_of("日本") == ""
    assert free_slug("日本", {"treatment"}, "treatment") == "treatment-2"
    assert free_slug("A" * 200, {"a" * 64}, "x") == "a" * 58 + "-2"


@given(st.text(max_size=80))
def test_a_slug_made_of_any_name_is_one_that_is_accepted(name):
    texts = LIPS | {"slug": free_slug(name, (), "treatment")}
    assert read_record(TREATMENTS, texts, None, FACTS)[1] == {}


@given(st.dictionaries(st.sampled_from(sorted(TREATMENTS.by_name)), st.text(max_size=40)))
def test_no_text_whatever_breaks_the_reading_of_an_entry(texts):
    record, errors = read_record(TREATMENTS, texts, None, FACTS)
    assert errors or record["price_low"] <= record["price_high"]
