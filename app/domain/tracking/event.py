"""One event of the wire, checked: what may be sent, how long, how old.

Source: api.md, "The collector's wire format, version 1". Times are whole milliseconds: since 1970
UTC (`occurred_at`), or before sending (`at`, zero or negative).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite
from typing import Any

WIRE_TYPES = frozenset(
    (
        "page_viewed",
        "click",
        "link_clicked",
        "content_downloaded",
        "scrolled",
        "form_started",
        "form_abandoned",
        "form_submitted",
        "search",
        "engaged",
        "leave",
        "web_vital",
        "script_error",
        "identify",
        "consent",
        "event",
    )
)
# Engagement types of scoring.md 5, each with its usual channel.
ENGAGEMENT_TYPES = {
    "email_sent": "email",
    "email_opened": "email",
    "email_clicked": "email",
    "email_replied": "email",
    "sms_sent": "sms",
    "sms_replied": "sms",
    "form_submitted": "web",
    "page_viewed": "web",
    "link_clicked": "web",
    "call_made": "phone",
    "call_unanswered": "phone",
    "meeting_scheduled": "phone",
    "purchase_made": "web",
    "content_downloaded": "web",
    "social_interaction": "social",
    "ad_clicked": "ads",
    "ai_recommendation": "web",
    "face_analysis": "web",
    "cost_calculator": "web",
    "appointment_booked": "web",
    "appointment_moved": "web",
    "appointment_cancelled": "web",
    "appointment_attended": "web",
    "appointment_missed": "web",
    "search": "web",
}
TOOLS = ("ai_recommendation", "face_analysis", "cost_calculator", "appointment_booked")
CHANNELS = ("email", "sms", "web", "social", "phone", "ads")
QUOTE_TYPES = ("quote_requested", "quote_sent", "quote_viewed")
BOOKING_TYPES = ("booking_step", "appointment_restored")
OWN_TYPES = frozenset(
    ("form_shown", "form_dismissed", "lead_created", "stage_changed", *QUOTE_TYPES, *BOOKING_TYPES)
)
KNOWN_TYPES = WIRE_TYPES | ENGAGEMENT_TYPES.keys() | OWN_TYPES
# Whatever else is an engagement: built in, or an organization's own.
NO_ENGAGEMENTS = KNOWN_TYPES - ENGAGEMENT_TYPES.keys()
# We tried and reached nobody: no contact, no touch, no engagement of theirs.
ATTEMPTS = frozenset(("call_unanswered",))
# No sign of life of a lead: what we did alone, what was noted without them, and staying away. All
# else is one, whoever began it: a call or a meeting that was noted took two.
NOT_THEIRS = frozenset(
    (
        "email_sent",
        "sms_sent",
        *ATTEMPTS,
        "quote_sent",
        "form_shown",
        "lead_created",
        "stage_changed",
        "web_vital",
        "script_error",
        "appointment_missed",
    )
)

# Our contact form's id on the page. Its sending is noted by the server together with the lead;
# the snippet's word of it would count twice.
OWN_FORM = "leadlight-contact-form"

OLDEST = 24 * 3600 * 1000  # an offline queue's event; older is clamped
LONGEST_ENGAGED = 24 * 3600
DATA_BYTES = 4096
DATA_DEPTH = 4
TEXT_LENGTH = 200
NAME_LENGTH = 100


class Dropped(Exception):
    """An event or a batch that is not kept; `reason` is counted and told."""

    def __init__(self, reason: str):
        super().__init__(reason)
        self.reason = reason


# Why something was not kept, in words for the admin.
REASONS = {
    "unknown_type": "The event type is not known",
    "invalid_event": "A field has the wrong type",
    "invalid_id": "The event id is not a UUID",
    "invalid_engaged": "Engaged time is negative or too long",
    "name_required": "A custom event came without a name",
    "data_too_large": "The event's data is over 4 KiB",
    "data_too_deep": "The event's data is nested deeper than 4",
    "bot": "A bot, a crawler or a monitor",
    "prerender": "A page the browser only prepared",
    "do_not_track": "The visitor asked not to be tracked",
    "site_inactive": "The site is switched off",
    "foreign_origin": "Sent from a page of another website",
    "told_by_server": "Our contact form was sent: the server notes that itself",
    "no_visitor": "The site asks for consent and the visitor has not given it",
}


@dataclass(slots=True)
class Event:
    """An event that will be kept; `id` is the 16 bytes of a UUID."""

    id: bytes
    type: str
    occurred_at: int
    url: str | None = None
    label: str | None = None
    important: bool = False
    engaged: int | None = None
    data: dict[str, Any] | None = None
    channel: str = "web"
    lead_id: int | None = None
    revenue: int | None = None


def text(value: str | None, longest: int = TEXT_LENGTH) -> str | None:
    """White space collapsed, cut to `longest`; None when nothing is left.

    NUL is taken out: PostgreSQL cannot hold it.
    """
    if value is None:
        return None
    return " ".join(value.replace("\0", "").split())[:longest] or None


def place_in_time(at: float, received_at: int) -> tuple[int, bool]:
    """When an event sent `at` milliseconds ago happened, and whether `at` had to be clamped.

    The browser's clock is never asked; a future or a day-old `at` is held within the last day.
    """
    if not isfinite(at):
        raise Dropped("invalid_event")
    held = min(0, max(-OLDEST, int(at)))
    return received_at + held, held != int(at)


def check_engaged(engaged: float | None) -> int | None:
    """Engaged time in whole seconds, 0 to a day. Raises Dropped."""
    if engaged is None:
        return None
    if not 0 <= engaged <= LONGEST_ENGAGED:
        raise Dropped("invalid_engaged")
    return int(engaged)


def check_data(data: Mapping | None, encoded_length: int) -> dict | None:
    """An event's own data, at most 4 KiB and four deep. Raises Dropped."""
    if not data:
        return None
    if encoded_length > DATA_BYTES:
        raise Dropped("data_too_large")
    if not _within_depth(data, DATA_DEPTH):
        raise Dropped("data_too_deep")
    return _without_nul(data)


def _within_depth(value: Any, left: int) -> bool:
    if not isinstance(value, dict | list):
        return True
    if left == 0:
        return False
    inner = value.values() if isinstance(value, dict) else value
    return all(_within_depth(item, left - 1) for item in inner)


def _without_nul(value: Any) -> Any:
    if isinstance(value, str):
        return value.replace("\0", "") if "\0" in value else value
    if isinstance(value, dict):
        return {_without_nul(k): _without_nul(v) for k, v in value.items()}
    if isinstance(value, list):
        return [_without_nul(item) for item in value]
    return value
