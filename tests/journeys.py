"""A lead of whom there is nothing to tell, to be changed by what a test is about; and any lead."""

from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from app.domain.journeys.insight import JourneyFacts, Silence
from app.domain.leads.lifecycle import STAGES

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
QUIET = JourneyFacts(now=NOW, has_email=True, has_phone=True, may_email=True, may_text=True)
NO_CONSENT = {"may_email": False, "may_text": False}


def ago(days: float) -> datetime:
    return NOW - timedelta(days=days)


def ahead(days: float) -> datetime:
    return NOW + timedelta(days=days)


def in_touch(days: float) -> dict:
    """We got in touch, so both sides were."""
    return {"last_contact_at": ago(days), "last_in_touch_at": ago(days)}


def replied(days: float, channel: str = "email") -> dict:
    """They wrote to us."""
    at = ago(days)
    return {"last_reply_at": at, "last_reply_channel": channel, "last_in_touch_at": at}


def _consistent(facts: dict) -> JourneyFacts:
    if facts["last_reply_at"] is None:
        facts["last_reply_channel"] = ""
    if facts["last_unanswered_at"] is None:
        facts["unanswered_calls"] = 0
    return JourneyFacts(now=NOW, **facts)


past = st.floats(0, 400).map(ago)
pasts = st.none() | past
PASTS = (
    "stage_since",
    "last_act_at",
    "last_seen_at",
    "last_contact_at",
    "last_in_touch_at",
    "last_unanswered_at",
    "last_high_intent_at",
    "last_reply_at",
    "last_asked_at",
    "last_form_abandoned_at",
    "last_form_submitted_at",
    "last_purchase_at",
    "last_booked_at",
    "last_attended_at",
    "last_missed_at",
    "last_cancelled_at",
    "unclosed_appointment_at",
    "email_refused_at",
    "text_refused_at",
)
# Whatever may be known of a lead.
ANY_LEAD = st.fixed_dictionaries(
    dict.fromkeys(PASTS, pasts)
    | dict.fromkeys(("may_email", "may_text", "has_email", "has_phone"), st.booleans())
    | dict.fromkeys(("emails_sent", "emails_opened"), st.integers(0, 9))
    | {
        "stage": st.sampled_from(STAGES),
        "score": st.integers(0, 100),
        "trend": st.sampled_from(("increasing", "stable", "declining")),
        "engagement": st.decimals(0, 1, places=4),
        "last_silence": st.none() | st.builds(Silence, past, past),
        "last_reply_channel": st.sampled_from(("email", "sms")),
        "unanswered_calls": st.integers(0, 5),
        "price_looks": st.lists(st.floats(0, 14).map(ago), max_size=9).map(tuple),
        "next_appointment_at": st.none() | st.floats(0.001, 90).map(ahead),
    }
).map(_consistent)
