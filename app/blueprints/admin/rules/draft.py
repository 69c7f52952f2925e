"""What the forms of both kinds of rules share: values as typed, and joining two people's edits."""

import re
from dataclasses import dataclass, field

WHOLE = re.compile(r"[+-]?\d{1,9}")
DECIMAL = re.compile(r"[+-]?\d{1,9}(\.\d{1,6})?")


class Blank(dict):
    """What was said of fields, by name; nothing of a field not named."""

    def __missing__(self, name: str) -> str:
        return ""


@dataclass(slots=True, kw_only=True)
class Typed:
    """Rules being edited, made from version `made_from`; every value a text as it was typed.

    `revision` is that of the stored draft it was read from, 0 for none.
    """

    made_from: int = 0
    revision: int = 0
    note: str = ""
    errors: dict[str, str] = field(default_factory=dict)

    def error(self, name: str) -> str:
        return self.errors.get(name, "")


def merged(mine: dict, was: dict, now: dict) -> dict:
    """`mine`, with the values that are as they were taken from `now`."""
    return {
        name: now.get(name, value) if was.get(name) == value else value
        for name, value in mine.items()
    }


def text_of(form, name: str) -> str:
    """A field of the form as text; nothing when it was not sent."""
    return form.get(name, "").replace("\x00", "").replace("\r\n", "\n").strip()


def whole(text: str) -> int | str:
    """The whole number typed; the text itself when it is none, for the domain to refuse."""
    return int(text) if WHOLE.fullmatch(text) else text


def place_in(do: str, rows: list) -> tuple[str, int | None]:
    """("up", 3) of "up-3"; the place is None when there is no such row."""
    what, _, place = do.partition("-")
    known = place.isascii() and place.isdigit() and len(place) <= 4 and int(place) < len(rows)
    return what, int(place) if known else None
