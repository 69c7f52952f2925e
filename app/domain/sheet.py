"""Tables as files that spreadsheets write and open: read whatever Excel makes of a CSV, and written
so that no cell is taken for a formula.

Rows are numbered as a spreadsheet shows them: the heading is row 1, empty rows count.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

MOST_ROWS = 20_000
RISKY = ("=", "+", "-", "@", "\t", "\r")
DELIMITERS = ",;\t"
BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig", "UTF-8"),
    (codecs.BOM_UTF32_LE, "utf-32", "UTF-32"),
    (codecs.BOM_UTF16_LE, "utf-16", "UTF-16"),
    (codecs.BOM_UTF16_BE, "utf-16", "UTF-16"),
)
WINDOWS = "Windows-1252"
SAVE_AGAIN = "Save it as “CSV UTF-8” and try again."
csv.field_size_limit(2**24)  # files are small enough already; a long text is no mistake


class SheetError(ValueError):
    """A file that is no table at all; the message says what to do."""


class Problem(NamedTuple):
    """What is wrong with a file, and where; row 1 is the heading, column may be empty."""

    row: int
    column: str
    message: str


class Row(NamedTuple):
    """A row's texts by column."""

    number: int
    texts: dict[str, str]


@dataclass
class Sheet:
    """A table as it was read: its rows, and what of its heading is not known or not there."""

    rows: list[Row]
    encoding: str
    unknown: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def is_risky(text: str) -> bool:
    """Whether a spreadsheet could take the text for a formula, or we for one made harmless."""
    return text.lstrip(" '").startswith(RISKY)


def harmless(text: str) -> str:
    """A cell that no spreadsheet runs: what looks like a formula begins with an apostrophe."""
    return "'" + text if is_risky(text) else text


def unguarded(text: str) -> str:
    """The text that `harmless` was given."""
    return text[1:] if text.startswith("'") and is_risky(text[1:]) else text


def write_sheet(rows: Iterable[Iterable]) -> str:
    """Rows as CSV. Texts are made harmless; None is an empty cell."""
    told = io.StringIO()
    csv.writer(told).writerows([_cell(cell) for cell in row] for row in rows)
    return told.getvalue()


def _cell(cell):
    if cell is None:
        return ""
    return harmless(cell) if isinstance(cell, str) else cell


def read_sheet(content: bytes, columns: Iterable[str]) -> Sheet:
    """The table in a file whose heading names some of the columns. Raises SheetError."""
    text, encoding = decoded(content)
    known = list(columns)
    table = _parsed(text, known)
    place = next((at for at, cells in enumerate(table) if any(c.strip() for c in cells)), None)
    if place is None:
        raise SheetError("This file is empty.")
    heading = _heading(table[place], known)
    sheet = Sheet([], encoding)
    named = [name for name in heading if name]
    sheet.unknown = [name for name in named if name not in known]
    sheet.missing = [name for name in known if name not in named]
    for number, cells in enumerate(table[place + 1 :], start=place + 2):
        if any(cell.strip() for cell in cells):
            sheet.rows.append(Row(number, _texts(heading, cells, known)))
            if any(cell.strip() for cell in cells[len(heading) :]):
                sheet.problems.append(
                    Problem(
                        number,
                        "",
                        "There are more cells than the heading has. Put a text that holds the "
                        "dividing sign between quotes.",
                    )
                )
    if len(sheet.rows) > MOST_ROWS:
        raise SheetError(f"A file may have {MOST_ROWS:,} rows; this one has {len(sheet.rows):,}.")
    return sheet


def _texts(heading: list[str], cells: list[str], known: list[str]) -> dict[str, str]:
    padded = cells + [""] * (len(heading) - len(cells))
    told = zip(heading, padded, strict=False)
    return {name: unguarded(cell) for name, cell in told if name in known}


def decoded(content: bytes) -> tuple[str, str]:
    """The text of a file and the name of its encoding, as Excel's several ways of saving leave it.

    Raises SheetError for what is no text.
    """
    if content.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise SheetError("This is a workbook, not a CSV file. In Excel: Save as, CSV UTF-8.")
    for mark, codec, name in BOMS:
        if content.startswith(mark):
            return _decode(content, codec), name
    if b"\0" in content[:2000]:
        little = content[1:2] == b"\0"
        return _decode(content, "utf-16-le" if little else "utf-16-be"), "UTF-16"
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return _decode(content, "cp1252"), WINDOWS
    return _decode(content, "utf-8"), "UTF-8"


def _decode(content: bytes, codec: str) -> str:
    try:
        text = content.decode(codec)
    except UnicodeDecodeError:
        raise SheetError(f"The text of this file cannot be read. {SAVE_AGAIN}") from None
    if "\0" in text:
        raise SheetError(f"This is not a text file. {SAVE_AGAIN}")
    return text


def _parsed(text: str, known: list[str]) -> list[list[str]]:
    said = re.match(r"\s*\"?sep=(.)\"?[ ,;\t]*\r?\n", text)
    if said:  # Excel's own first line that says what divides cells
        text = text[said.end() :]
    delimiter = said[1] if said else _delimiter(text, known)
    try:
        return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except csv.Error as problem:
        raise SheetError(
            f"The quotes of this file do not match ({problem}). A text that holds a quote is "
            'written between quotes, each of its own doubled: "so called ""quotes""".'
        ) from None


def _delimiter(text: str, known: list[str]) -> str:
    """What divides the first line into the most names that are known."""
    first = text.lstrip("\r\n").splitlines()[0] if text.strip() else ""
    return max(DELIMITERS, key=lambda sign: len({_name(n) for n in first.split(sign)} & {*known}))


def _heading(cells: list[str], known: list[str]) -> list[str]:
    heading = [_name(cell) for cell in cells]
    if not set(heading) & set(known):
        raise SheetError(
            "The first row must name the columns: " + ", ".join(known) + ". Download the template "
            "to see how."
        )
    twice = sorted({name for name in heading if name and heading.count(name) > 1})
    if twice:
        raise SheetError(f"The first row names {twice[0]} twice.")
    return heading


def _name(cell: str) -> str:
    """Price low and PRICE_LOW are price_low."""
    return re.sub(r"[\s_-]+", "_", unguarded(cell.strip().strip('"')).strip().casefold())
