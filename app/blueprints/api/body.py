"""What programs send and get: JSON bodies checked field by field, moments as ISO 8601 UTC."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated, Any, TypeVar

import msgspec
from flask import request

from app.access import touch_token
from app.domain.period import Period, read_day
from app.errors import ApiError, invalid
from app.extensions import db
from app.queries.cursor import Cursor

Shape = TypeVar("Shape", bound=msgspec.Struct)
MOST = 500
Line = Annotated[str, msgspec.Meta(max_length=500)]


def read_body(shape: type[Shape]) -> Shape:
    """The request's JSON object. Raises ApiError: 400 not JSON, 422 naming each field."""
    return shaped(read_json(), shape)


def read_json() -> Any:
    """The request's body, whatever its content type says. Raises ApiError 400."""
    try:
        return msgspec.json.decode(request.get_data())
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise ApiError(400, "The body is not JSON.", "not_json") from None


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
            problems[name] = _in_words(error)
    return problems


def _in_words(error: msgspec.ValidationError) -> str:
    told, _, place = str(error).partition(" - at `$")
    place = place.rstrip("`").lstrip(".")
    return f"{told} (at {place})." if place else f"{told}."


def whole_number(told: str, low: int, high: int) -> int | None:
    """The number that a text of digits stands for; None where it is none or out of bounds."""
    if told.isascii() and told.isdigit() and len(told) < 12 and low <= int(told) <= high:
        return int(told)
    return None


def asked_cursor() -> Cursor | None:
    """Where the page before ended, as the address says. Raises ApiError 422."""
    told = request.args.get("cursor")
    cursor = Cursor.read(told) if told else None
    if told and cursor is None:
        raise invalid({"cursor": "This cursor is not one of ours."})
    return cursor


def asked_limit() -> int:
    """How many a page holds, as the address says. Raises ApiError 422."""
    limit = whole_number(request.args.get("limit", "50"), 1, MOST)
    if limit is None:
        raise invalid({"limit": f"Give a whole number from 1 to {MOST}."})
    return limit


def asked_moment(name: str, problems: dict, edge: Callable[[Period], datetime]) -> datetime | None:
    """The moment that the address gives, or the edge of the day that it gives."""
    told = request.args.get(name)
    if not told:
        return None
    if len(told) == len("2026-03-02"):
        day = read_day(told, name, problems)
        return day and edge(Period(day, day))
    try:
        moment = datetime.fromisoformat(told.replace(" ", "+"))
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None or not 1970 < moment.year < 3000:
        problems[name] = "Give a day such as 2026-03-02 or a moment such as 2026-03-02T10:00:00Z."
        return None
    return moment


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
