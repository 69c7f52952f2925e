"""Consents that somebody gave to a person of the team, not by ticking a box.

Such a record keeps, in place of the version of a form's words, how it was given and to whom:
`phone/7` is by phone, to user 7.
"""

from typing import NamedTuple

WAYS = {"phone": "By phone", "in_person": "In person", "paper": "On paper"}


class Told(NamedTuple):
    """How a consent was given, one of WAYS, and the id of the user who recorded it."""

    way: str
    user_id: int | None


def version_of(told: Told) -> str:
    """What stands in the record in place of a version: Told("phone", 7) -> "phone/7"."""
    return f"{told.way}/{told.user_id or ''}"


def told_by(version: str) -> Told | None:
    """What a record's version says, the reverse of `version_of`; None where it is a version."""
    way, slash, user_id = version.partition("/")
    if way not in WAYS or not slash:
        return None
    return Told(way, int(user_id) if user_id.isascii() and user_id.isdigit() else None)
