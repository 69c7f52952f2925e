"""Whatever a spreadsheet makes of a CSV is read; no cell of ours is ever taken for a formula."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.sheet import (
    MOST_ROWS,
    RISKY,
    WINDOWS,
    SheetError,
    harmless,
    read_sheet,
    unguarded,
    write_sheet,
)

COLUMNS = ("slug", "name", "price_low")
PLAIN = "slug,name,price_low\r\nlips,Crème à lèvres,12.50\r\n"
CELL = st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\0"))


def texts(content: bytes) -> list[dict]:
    return [row.texts for row in read_sheet(content, COLUMNS).rows]


LIPS = [{"slug": "lips", "name": "Crème à lèvres", "price_low": "12.50"}]


@pytest.mark.parametrize(
    ("codec", "named"),
    [
        ("utf-8", "UTF-8"),
        ("utf-8-sig", "UTF-8"),
        ("utf-16", "UTF-16"),
        ("utf-16-le", "UTF-16"),
        ("utf-16-be", "UTF-16"),
        ("utf-32", "UTF-32"),
        ("cp1252", WINDOWS),
    ],
)
def test_every_encoding_that_excel_saves_is_read(codec, named):
    sheet = read_sheet(PLAIN.encode(codec), COLUMNS)
    assert [row.texts for row in sheet.rows] == LIPS
    assert sheet.encoding == named


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("ending", ["\r\n", "\n", "\r"])
def test_every_delimiter_and_line_ending_is_read(delimiter, ending):
    told = PLAIN.replace(",", delimiter).replace("\r\n", ending)
    assert texts(told.encode()) == LIPS


def test_excels_own_line_that_names_the_delimiter_is_read():
    assert texts(b"sep=;\r\nslug;name\r\na;b,c\r\n") == [{"slug": "a", "name": "b,c"}]


def test_headings_are_known_in_any_case_and_spelling():
    assert texts(b'"Slug", NAME ,Price low\na,b,c\n') == [
        {"slug": "a", "name": "b", "price_low": "c"}
    ]


def test_quotes_newlines_and_delimiters_in_cells_are_kept():
    assert texts(b'slug,name\na,"one\r\ntwo, ""three"""\n')[0]["name"] == 'one\r\ntwo, "three"'


def test_what_is_unknown_or_missing_in_the_heading_is_named():
    sheet = read_sheet(b"slug,colour\na,red\n", COLUMNS)
    assert sheet.unknown == ["colour"]
    assert sheet.missing == ["name", "price_low"]
    assert [row.texts for row in sheet.rows] == [{"slug": "a"}]


def test_rows_are_numbered_as_a_spreadsheet_shows_them():
    sheet = read_sheet(b'\nslug,name\n\na,"two\nlines"\n,\nb,c\n', COLUMNS)
    assert [row.number for row in sheet.rows] == [4, 6]


def test_more_cells_than_the_heading_has_is_a_problem_of_its_row():
    sheet = read_sheet(b"slug,name\na,b\nb,c,d\nc,d,,\n", COLUMNS)
    assert [problem.row for problem in sheet.problems] == [3]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "empty"),
        (b"\n \n", "empty"),
        (b"a,b\n1,2\n", "first row must name the columns: slug, name"),
        (b"slug,slug\na,b\n", "names slug twice"),
        (b'slug,name\na,"b\n', "quotes"),
        (b'slug,name\na,"b"c\n', "quotes"),
        (b"PK\x03\x04rest", "workbook"),
        (b"\xff\xfe\x00", "cannot be read"),
        (b"slug,name\na,b\x81\n", "cannot be read"),
        (b"slug\n" + b"a" * 2000 + b"\0", "not a text file"),
    ],
)
def test_what_is_no_table_is_refused_with_what_to_do(content, says):
    with pytest.raises(SheetError, match=says):
        read_sheet(content, COLUMNS)


def test_a_file_of_too_many_rows_is_refused():
    told = "slug\n" + "a\n" * (MOST_ROWS + 1)
    with pytest.raises(SheetError, match="20,000"):
        read_sheet(told.encode(), COLUMNS)


def test_a_very_long_cell_is_read():
    assert texts(b"slug,name\na," + b"x" * 300_000 + b"\n")[0]["name"] == "x" * 300_000


@given(CELL)
def test_no_cell_begins_like_a_formula_and_each_is_read_back(text):
    told = harmless(text)
    assert not told.lstrip(" ").startswith(RISKY)
    assert unguarded(told) == text


@given(st.lists(st.tuples(CELL, CELL), max_size=5))
def test_what_is_written_is_read_back_to_the_letter(rows):
    told = write_sheet([("slug", "name"), *rows])
    sheet = read_sheet(b"\xef\xbb\xbf" + told.encode(), COLUMNS)
    kept = [row for row in rows if any(harmless(cell).strip() for cell in row)]
    assert [(row.texts["slug"], row.texts["name"]) for row in sheet.rows] == kept
