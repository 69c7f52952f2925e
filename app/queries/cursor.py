"""Where a page of a list ended."""

from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, literal, tuple_

from app.models.types import from_millis, to_millis


class Cursor(NamedTuple):
    """The last row seen; the next page begins after it.

    `at` is what the list is ordered by, highest or newest first: a moment or a whole number.
    """

    at: datetime | int
    id: int

    def __str__(self) -> str:
        number = to_millis(self.at) if isinstance(self.at, datetime) else self.at
        return f"{number}-{self.id}"

    def follows(self, at: ColumnElement, row_id: ColumnElement) -> ColumnElement[bool]:
        """The condition of the rows after it in a list with the newest first."""
        return tuple_(at, row_id) < tuple_(literal(self.at, at.type), literal(self.id))

    @classmethod
    def read(
        cls, text: str, of_number: Callable[[int], datetime | int] = from_millis
    ) -> "Cursor | None":
        """The cursor a text stands for; none when it is not one.

        `of_number` makes what the list is ordered by of its number: milliseconds, unless `int`.
        """
        number, _, row_id = text.partition("-")
        if not (
            number.isdecimal() and len(number) < 16 and row_id.isdecimal() and len(row_id) < 19
        ):
            return None
        try:
            return cls(of_number(int(number)), int(row_id))
        except (OSError, OverflowError, ValueError):
            return None
