"""The wire format, version 1: bytes -> checked events, each judged alone."""

import re
from typing import Any
from uuid import UUID

import msgspec

from app.domain.tracking.channel import clean_url
from app.domain.tracking.event import (
    NAME_LENGTH,
    OWN_FORM,
    TEXT_LENGTH,
    WIRE_TYPES,
    Dropped,
    Event,
    check_data,
    check_engaged,
    place_in_time,
    text,
)
from app.errors import ApiError

BODY_BYTES = 64 * 1024
MOST_EVENTS = 100
NO_PAGE = msgspec.Raw(b"null")
UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
# What senders write that JSON cannot hold: half an emoji, cut off; numbers that are none.
LONE_SURROGATE = re.compile(
    r"(?<!\\u[dD][89abAB][0-9a-fA-F]{2})\\u[dD][c-fC-F][0-9a-fA-F]{2}"
    r"|\\u[dD][89abAB][0-9a-fA-F]{2}(?!\\u[dD][c-fC-F])"
)
NO_NUMBER = re.compile(r"(?<=[:,\[\s])-?(?:NaN|Infinity)(?=\s*[,\]}])")


class WirePage(msgspec.Struct):
    url: str | None = None
    title: str | None = None
    referrer: str | None = None
    language: str | None = None
    screen: list[float] | None = None


class WireBatch(msgspec.Struct):
    """What must be right for a batch to be one. `page` is judged alone, like each event: what
    cannot be read of it is not told."""

    v: int
    site: str
    events: list[msgspec.Raw]
    visitor: str | None = None
    page: msgspec.Raw = NO_PAGE


class WireEvent(msgspec.Struct):
    id: UUID
    type: str
    at: float = 0.0
    label: str | None = None
    target: str | None = None
    important: bool = False
    engaged: float | None = None
    name: str | None = None
    data: dict[str, Any] | None = None
    page: WirePage | None = None


class _WireId(msgspec.Struct):
    id: str


decode_batch = msgspec.json.Decoder(WireBatch).decode
decode_page = msgspec.json.Decoder(WirePage | None).decode
decode_event = msgspec.json.Decoder(WireEvent).decode
decode_id = msgspec.json.Decoder(_WireId).decode
decode_any = msgspec.json.Decoder().decode
encode = msgspec.json.Encoder().encode


def read_batch(body: bytes) -> WireBatch:
    """The batch of a request's body. Raises ApiError 400 or 413."""
    if len(body) > BODY_BYTES:
        raise ApiError(413, f"A batch is at most {BODY_BYTES} bytes.")
    try:
        batch = _decode(body)
    except UNREADABLE as error:
        raise _why_not(body, error) from None
    if batch.v != 1:
        raise ApiError(400, f"Version {batch.v} of the wire format is unknown; send 1.", "version")
    if len(batch.events) > MOST_EVENTS:
        raise ApiError(413, f"A batch holds at most {MOST_EVENTS} events.", "too_many_events")
    return batch


def _decode(body: bytes) -> WireBatch:
    """The batch; one broken text or number in it must not cost the others."""
    try:
        return decode_batch(body.decode())
    except msgspec.ValidationError:
        raise
    except UNREADABLE:
        text_of_it = LONE_SURROGATE.sub(r"\\ufffd", body.decode(errors="replace"))
        return decode_batch(NO_NUMBER.sub("null", text_of_it))


def _why_not(body: bytes, error: Exception) -> ApiError:
    if isinstance(error, msgspec.ValidationError):
        version = _version(body)
        if version is not None and version != 1:
            return ApiError(400, f"Version {version!r} of the wire format is unknown.", "version")
        return ApiError(400, f"Not a batch of events: {error}", "not_a_batch")
    return ApiError(400, "The body is not JSON.", "not_json")


def _version(body: bytes) -> Any:
    try:
        data = decode_any(body)
    except UNREADABLE:
        return None
    return data.get("v") if isinstance(data, dict) else None


def page_of(batch: WireBatch) -> WirePage | None:
    """The batch's page; none when it is not told or cannot be read."""
    try:
        return decode_page(batch.page)
    except UNREADABLE:
        return None


def url_of(page: WirePage | None) -> str | None:
    """The page's address without what may name a person."""
    return (clean_url(page.url) or None) if page and page.url else None


def read_event(
    raw: msgspec.Raw, page: WirePage | None, url: str | None, received_at: int
) -> tuple[Event, dict | None]:
    """One event and what is known around it (its `context`). Raises Dropped.

    `page` and its cleaned `url` are the batch's, for an event that does not carry its own.
    """
    try:
        told = decode_event(raw)
    except msgspec.ValidationError as error:
        at = str(error).rpartition("`$.")[2]
        raise Dropped("invalid_id" if at.startswith("id`") else "invalid_event") from None
    except UNREADABLE:
        raise Dropped("invalid_event") from None
    if told.type not in WIRE_TYPES:
        raise Dropped("unknown_type")
    if told.type == "form_submitted" and told.data and told.data.get("form") == OWN_FORM:
        raise Dropped("told_by_server")
    occurred_at, clamped = place_in_time(told.at, received_at)
    if told.page is not None:
        page, url = told.page, url_of(told.page)
    event = Event(
        told.id.bytes,
        told.type,
        occurred_at,
        url,
        text(told.label),
        told.important,
        check_engaged(told.engaged),
        check_data(told.data, len(encode(told.data))) if told.data else None,
    )
    return event, _context(told, page, clamped)


def _context(told: WireEvent, page: WirePage | None, clamped: bool) -> dict | None:
    context = {}
    if told.type == "event" and not text(told.name):
        raise Dropped("name_required")
    if told.name:
        context["name"] = text(told.name, NAME_LENGTH)
    if told.target:
        context["target"] = text(told.target, TEXT_LENGTH)
    if told.type == "page_viewed" and page and page.title:
        context["title"] = text(page.title)
    if clamped:
        context["clamped"] = True
    return context or None


def id_of(raw: msgspec.Raw) -> str | None:
    """The id of an event that could not be read, as far as it can be told."""
    try:
        return decode_id(raw).id[:64]
    except UNREADABLE:
        return None
