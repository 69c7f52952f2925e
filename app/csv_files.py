"""Tables as CSV that a spreadsheet opens without running anything."""

from collections.abc import Iterable, Iterator

from flask import Response

from app.domain.sheet import write_sheet


def csv_lines(rows: Iterable[Iterable]) -> str:
    """Rows as CSV; a text that a spreadsheet would take for a formula gets an apostrophe."""
    return write_sheet(rows)


def csv_answer(name: str, parts: Iterator[str] | str) -> Response:
    """A download called `name`.csv, whole or part by part."""
    # The mark at the start tells spreadsheets that this is UTF-8.
    body = "\ufeff" + parts if isinstance(parts, str) else _marked(parts)
    answer = Response(body, mimetype="text/csv")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


def _marked(parts: Iterator[str]) -> Iterator[str]:
    yield "\ufeff"
    yield from parts
