"""Where a page of a list ended."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import literal, tuple_
from sqlalchemy.orm import InstrumentedAttribute

from app.models.types import from_millis, to_millis


class Cursor(NamedTuple):
    """The last row seen; the next page begins after it."""

    at: datetime
    id: int

    def __str__(self) -> str:
        return f"{to_millis(self.at)}-{self.id}"

    def follows(self, at: InstrumentedAttribute, row_id: InstrumentedAttribute):
        """The condition of the rows after it in a list with the newest first."""
        return tuple_(at, row_id) < tuple_(literal(self.at, at.type), literal(self.id))

    @classmethod
    def read(cls, text: str) -> "Cursor | None":
        """The cursor a text stands for; none when it is not one."""
        millis, _, row_id = text.partition("-")
        if not (
            millis.isdecimal() and len(millis) < 16 and row_id.isdecimal() and len(row_id) < 19
        ):
            return None
        try:
            return cls(from_millis(int(millis)), int(row_id))
        except (OSError, OverflowError, ValueError):
            return None
