"""On which channels a lead may be reached.

Source: scoring.md 7.
"""

from __future__ import annotations

from datetime import datetime

from app.domain.journeys.insight import JourneyFacts


def is_possible(channel: str, facts: JourneyFacts, asked_at: datetime | None = None) -> bool:
    """Whether they can be reached on a channel (phone, email, sms): it is known and, to write, they
    agreed to it, or asked for what is written at a moment and did not take consent back since."""
    if channel == "email":
        agreed = facts.may_email or _asked_on(channel, facts, asked_at, facts.email_refused_at)
        return facts.has_email and agreed
    if channel == "sms":
        agreed = facts.may_text or _asked_on(channel, facts, asked_at, facts.text_refused_at)
        return facts.has_phone and agreed
    return channel == "phone" and facts.has_phone


def _asked_on(
    channel: str, facts: JourneyFacts, asked_at: datetime | None, refused_at: datetime | None
) -> bool:
    """Whether they asked for it this way and did not take it back: a reply is answered where they
    wrote, all else by e-mail."""
    if asked_at is None or (refused_at is not None and refused_at >= asked_at):
        return False
    wrote = facts.last_reply_channel if asked_at == facts.last_reply_at else "email"
    return channel == wrote


def may_be_written_to(facts: JourneyFacts) -> bool:
    """Whether they agreed to be written to, by a way that is known."""
    return any(is_possible(channel, facts) for channel in ("email", "sms"))


def is_reachable(facts: JourneyFacts) -> bool:
    """Whether they may be called or written to."""
    return facts.has_phone or may_be_written_to(facts)
