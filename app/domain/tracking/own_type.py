"""A kind of engagement that an organization counts besides the built-in ones, as it is typed."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from app.domain.catalogue.catalogue_fields import FieldError, line, slug_of, whole
from app.domain.tracking.event import CHANNELS, KNOWN_TYPES
from app.domain.validation import Invalid, is_slug

FIELDS = ("label", "name", "channel", "points")
LONGEST_LABEL = 80
MOST_POINTS = 100
_read_label = line(LONGEST_LABEL, needed="What do you call it?")
_read_points = whole(0, MOST_POINTS)


@dataclass(frozen=True, slots=True)
class OwnType:
    """`name` is what programs send and the log keeps; `points` count for each in the behavioral
    score."""

    name: str
    label: str
    channel: str
    points: int


def read_type(
    texts: Mapping[str, str], taken: Collection[str] = (), name: str | None = None
) -> OwnType:
    """The type that was typed, by FIELDS; `name` where it has one that stays. Without a name it
    gets one of its label. Raises Invalid naming each field."""
    problems: dict[str, str] = {}
    label = points = None
    try:
        label = _read_label(texts.get("label", ""))
    except FieldError as problem:
        problems["label"] = str(problem)
    try:
        points = _read_points(texts.get("points", ""))
    except FieldError as problem:
        problems["points"] = str(problem)
    channel = texts.get("channel", "")
    if channel not in CHANNELS:
        problems["channel"] = f"Choose one of {', '.join(CHANNELS)}."
    if name is None:
        name = texts.get("name", "").strip() or _named_like(label or "")
        if (told := _name_problem(name, taken)) and "label" not in problems:
            problems["name"] = told
    if problems:
        raise Invalid(problems)
    return OwnType(name, label, channel, points)


def _named_like(label: str) -> str:
    return re.sub(r"^[^a-z]+", "", slug_of(label).replace("-", "_"))


def _name_problem(name: str, taken: Collection[str]) -> str:
    if not is_slug(name):
        return "Use small letters, digits and _, beginning with a letter: open_day."
    if name in KNOWN_TYPES:
        return f"{name} is built in already. Choose another name."
    if name in taken:
        return f"You have a type called {name} already."
    return ""
