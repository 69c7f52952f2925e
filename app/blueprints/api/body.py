"""What programs send and get: JSON bodies checked field by field, moments as ISO 8601 UTC."""

from collections.abc import Iterator
from datetime import UTC, datetime
from types import UnionType
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin

import msgspec
from flask import request
from msgspec import Meta, inspect

from app.access import touch_token
from app.addresses import MOST as LARGEST_ID
from app.domain.money import MOST_MONEY
from app.errors import ApiError, invalid
from app.extensions import db

Shape = TypeVar("Shape", bound=msgspec.Struct)

OUT_OF_BOUNDS = ("Expected `float` >", "Expected `float` <", "Expected `int` >", "Expected `int` <")
OUT_OF_BOUNDS += ("Number out of range", "Integer out of range")

Line = Annotated[str, Meta(max_length=500)]
RowId = Annotated[int, Meta(ge=1, le=LARGEST_ID)]
Amount = Annotated[float, Meta(ge=0, le=MOST_MONEY // 100)]
Moment = Annotated[datetime, Meta(tz=True)]


def read_body(shape: type[Shape]) -> Shape:
    """The request's JSON object. Raises ApiError: 400 not JSON, 422 naming each field."""
    return shaped(read_json(), shape)


def read_json() -> Any:
    """The request's body, whatever its content type says. Raises ApiError 400, also for a NUL,
    as in an address: no database keeps it, and leaving it out would keep another text."""
    given = request.get_data()
    try:
        told = msgspec.json.decode(given)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise ApiError(400, "The body is not JSON.", "not_json") from None
    if b"\\u0000" in given and any("\0" in text for text in _texts(told)):
        raise ApiError(400, "There is a NUL character (\\u0000) in what was sent.")
    return told


def _texts(told: Any) -> Iterator[str]:
    """Every text in a JSON value, the names in its objects among them."""
    waiting = [told]
    while waiting:
        each = waiting.pop()
        if isinstance(each, str):
            yield each
        elif isinstance(each, dict):
            waiting += [*each, *each.values()]
        elif isinstance(each, list):
            waiting += each


def shaped(data: Any, shape: type[Shape]) -> Shape:
    """An object of this shape. Raises ApiError 422 naming each field that does not fit."""
    if not isinstance(data, dict):
        raise invalid({"body": "Send a JSON object."})
    if problems := problems_of(data, shape):
        raise invalid(problems)
    return msgspec.convert(data, shape)


def problems_of(data: dict, shape: type[msgspec.Struct]) -> dict[str, str]:
    """Field -> what is wrong with it; every field, where msgspec alone stops at the first."""
    fields = {field.encode_name: field for field in msgspec.structs.fields(shape)}
    problems = {name: "This field is not known." for name in data if name not in fields}
    for name, field in fields.items():
        if name not in data:
            if field.required:
                problems[name] = "This field is required."
            continue
        try:
            msgspec.convert(data[name], field.type)
        except msgspec.ValidationError as error:
            problems[name] = _in_words(error, field.type)
    return problems


def choices_of(kind: Any) -> tuple[str, ...]:
    """The names of which a field holds one, in their order; none where it may be anything."""
    if get_origin(kind) is Literal:
        return get_args(kind)
    if get_origin(kind) in (Annotated, Union, UnionType):
        return next(filter(None, map(choices_of, get_args(kind))), ())
    return ()


def _in_words(error: msgspec.ValidationError, kind: Any) -> str:
    told, _, place = str(error).partition(" - at `$")
    if not place:
        if told.startswith("Invalid enum value"):
            return f"Choose one of {', '.join(choices_of(kind))}."
        for each in _kinds(inspect.type_info(kind)):
            if words := _must(told, each):
                return words
    place = place.rstrip("`").lstrip(".")
    return f"{told} (at {place})." if place else f"{told}."


def _kinds(info: inspect.Type) -> Iterator[inspect.Type]:
    """What a field may hold, one kind at a time."""
    if isinstance(info, inspect.Metadata):
        yield from _kinds(info.type)
    elif isinstance(info, inspect.UnionType):
        for each in info.types:
            yield from _kinds(each)
    else:
        yield info


def _must(told: str, kind: inspect.Type) -> str | None:
    """What to give instead, where msgspec's words would leave that open."""
    match kind:
        case inspect.FloatType() | inspect.IntType() if told.startswith(OUT_OF_BOUNDS):
            number = "whole number" if isinstance(kind, inspect.IntType) else "number"
            return f"Give a {number} from {kind.ge:,} to {kind.le:,}."
        case inspect.DateTimeType() if "timezone" in told:
            return "This needs a time zone, such as Z or +02:00."
        case inspect.StrType() if "length <=" in told:
            return f"Shorten this to {kind.max_length} characters."
        case inspect.StrType() if "length >=" in told or "regex" in told:
            return "Write something, or leave this out."
    return None


def commit():
    """Commits what the request did, with when its token was last used."""
    touch_token()
    db.session.commit()


def iso(moment: datetime | None) -> str | None:
    """A moment as 2026-03-02T10:00:00.000Z."""
    if moment is None:
        return None
    told = moment.astimezone(UTC).isoformat(timespec="milliseconds")
    return told.replace("+00:00", "Z")
