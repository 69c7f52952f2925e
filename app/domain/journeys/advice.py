"""When what is to be done with a lead, in words that give the reason; None where it is not. What
was done since it was called for is not called for again.

Source: scoring.md 7.
"""

from __future__ import annotations

from datetime import datetime
from math import ceil

from app.domain.journeys.insight import (
    ANSWER_WITHIN_DAYS,
    JourneyFacts,
    Silence,
    abandoned_form,
    ago,
    asks_for_prices,
    calls_in_vain,
    came_lately,
    cancelled,
    cannot_be_written_to,
    contacted,
    dealt_with,
    did,
    did_not_come,
    ended,
    fading,
    high_engagement,
    is_settled,
    nobody_since,
    nobody_yet,
    revived,
    silent_after_intent,
    stalled,
    tried,
)
from app.domain.journeys.journey import days_in_words
from app.domain.journeys.reach import is_reachable, may_be_written_to

CALL_AGAIN_DAYS = 7
QUIET_AFTER_CONTACT_DAYS = 7
PREPARE_DAYS = 3
UNCLOSED_DAYS = 14
BACK_DAYS = 14
BOOKED_DAYS = 30
CARE_DAYS = 30


def replied_at(facts: JourneyFacts) -> datetime | None:
    """When they wrote to us last."""
    return facts.last_reply_at


def offer_new_time(facts: JourneyFacts) -> str | None:
    """Why to offer a new time: they did not come, or it was cancelled."""
    why = did_not_come(facts) or cancelled(facts)
    return f"{why}, and {nobody_since(facts, 'been in touch since')}" if why else None


def fell_through_at(facts: JourneyFacts) -> datetime | None:
    """When they last missed an appointment, or it was cancelled."""
    return max(filter(None, (facts.last_missed_at, facts.last_cancelled_at)), default=None)


def prepare(facts: JourneyFacts) -> str | None:
    """Why to prepare an appointment: it is near."""
    until = _until_appointment(facts)
    if until is None or until > PREPARE_DAYS:
        return None
    return f"they have an appointment within {days_in_words(ceil(until))}"


def _until_appointment(facts: JourneyFacts) -> float | None:
    since = facts.days_since(facts.next_appointment_at)
    return -since if since is not None and since < 0 else None


def note_attendance(facts: JourneyFacts) -> str | None:
    """Why to note whether they came: it is over, and nobody did."""
    at = facts.unclosed_appointment_at
    since = facts.days_since(at)
    if since is None or since > UNCLOSED_DAYS or dealt_with(facts, at):
        return None
    return f"their appointment was {ago(since)}, and nobody noted whether they came"


def ask_next_step(facts: JourneyFacts) -> str | None:
    """Why to ask for the next step: they came."""
    return None if ended(facts) else came_lately(facts)


def came_back(facts: JourneyFacts) -> str | None:
    """How somebody whom we had given up showed up again, where nobody has been in touch since."""
    if not _returned(facts) or dealt_with(facts, facts.last_seen_at):
        return None
    left = facts.days_since(facts.stage_since)
    return f"{facts.stage} {ago(left)}, and back: {asks_for_prices(facts) or _seen(facts)}"


def _returned(facts: JourneyFacts) -> bool:
    """Whether somebody whom we had given up showed up again lately."""
    since = facts.days_since(facts.last_seen_at)
    lately = since is not None and since <= BACK_DAYS
    return lately and facts.is_over and not is_settled(facts, facts.last_seen_at)


def _seen(facts: JourneyFacts) -> str:
    intent_at = facts.last_high_intent_at
    if intent_at is not None and not is_settled(facts, intent_at):
        return f"{did(facts.last_high_intent)} {ago(facts.days_since(intent_at))}"
    return f"last seen {ago(facts.days_since(facts.last_seen_at))}"


def leave(facts: JourneyFacts) -> str | None:
    """Why to leave somebody alone: they were given up, and did not come back."""
    if not facts.is_over or _returned(facts):
        return None
    return f"{facts.stage}: no further contact unless they come back"


def call_now(facts: JourneyFacts) -> str | None:
    """Why to call at once."""
    if facts.last_in_touch_at is None and not ended(facts):
        if facts.score >= facts.qualified_at:
            return f"lead score {facts.score}, and {nobody_yet(facts)}"
        if not may_be_written_to(facts):
            return _nobody_answered(facts) or f"{nobody_yet(facts)}, and they may not be written to"
    return _woken(facts)


def _nobody_answered(facts: JourneyFacts) -> str | None:
    """When they sent a form or asked for a quote, where nobody has reached them."""
    since = facts.days_since(unanswered_request_at(facts))
    return (
        None if since is None else f"they left their details {ago(since)}, and {nobody_yet(facts)}"
    )


def _woken(facts: JourneyFacts) -> str | None:
    """Why to get in touch at once with those who did something that nobody has answered."""
    if not dealt_with(facts, facts.last_high_intent_at) and (why := silent_after_intent(facts)):
        return why
    silence = facts.last_silence
    if silence is None or dealt_with(facts, silence.ended_at) or _bought_since(facts, silence):
        return None
    why = revived(facts)
    return f"back {why}" if why else None


def _bought_since(facts: JourneyFacts, silence: Silence) -> bool:
    return facts.last_purchase_at is not None and facts.last_purchase_at >= silence.ended_at


def call_again(facts: JourneyFacts) -> str | None:
    """Why to call again: lately nobody answered."""
    since = facts.days_since(facts.last_unanswered_at)
    if not facts.unanswered_calls or since is None or since > CALL_AGAIN_DAYS or facts.is_over:
        return None
    if calls_in_vain(facts):  # it is advised only to those who may not be written to
        return f"{tried(facts)}, and they may not be written to"
    return tried(facts)


def make_offer(facts: JourneyFacts) -> str | None:
    """Why to make an offer: prices looked at since anything was arranged, or high engagement."""
    arranged = (facts.last_contact_at, facts.last_booked_at, facts.last_attended_at)
    if why := asks_for_prices(facts, max(filter(None, arranged), default=None)):
        return why
    since = facts.days_since(facts.last_in_touch_at)
    lately = since is not None and since < ANSWER_WITHIN_DAYS
    if lately or has_appointment(facts) or dealt_with(facts, facts.last_seen_at):
        return None
    return high_engagement(facts)


def unanswered_request_at(facts: JourneyFacts) -> datetime | None:
    """When they sent a form or asked for a quote that nobody has answered in person."""
    asked_at = facts.last_asked_at
    return None if dealt_with(facts, asked_at) else asked_at


def has_appointment(facts: JourneyFacts) -> bool:
    """Whether they have a time: one of ours, or one that was told of and not of what became."""
    if facts.next_appointment_at is not None:
        return True
    since = facts.days_since(facts.last_booked_at)
    if since is None or since > BOOKED_DAYS or facts.unclosed_appointment_at is not None:
        return False
    became = (facts.last_attended_at, facts.last_missed_at, facts.last_cancelled_at)
    return all(at is None or at < facts.last_booked_at for at in became)


def meet(facts: JourneyFacts) -> str | None:
    """Why to offer times for an appointment: the stage asks for one, and there is none."""
    if facts.stage not in ("qualified", "engaged") or has_appointment(facts):
        return None
    is_new = facts.stage_since is not None and not dealt_with(facts, facts.stage_since)
    if _pauses(facts) and not is_new:
        return None
    had = facts.last_booked_at or facts.last_attended_at or facts.unclosed_appointment_at
    return f"in stage {facts.stage}, and no {'new ' if had else ''}appointment yet"


def write(facts: JourneyFacts) -> str | None:
    """Why to write."""
    if facts.last_in_touch_at is None and not facts.is_customer:
        return _nobody_answered(facts) or nobody_yet(facts)
    return _woken(facts) or slipping(facts)


def slipping(facts: JourneyFacts) -> str | None:
    """Why to get in touch with those who are being lost; not right after a contact."""
    if not dealt_with(facts, facts.last_form_abandoned_at) and (why := abandoned_form(facts)):
        return why
    return None if _pauses(facts) else stalled(facts) or fading(facts)


def _pauses(facts: JourneyFacts) -> bool:
    """Whether somebody was in touch a short while ago, so that a mere state does not press."""
    since = facts.days_since(facts.last_in_touch_at)
    return since is not None and since < QUIET_AFTER_CONTACT_DAYS


def follow_up(facts: JourneyFacts) -> str | None:
    """Why to follow up: nobody was in touch for a while."""
    since = facts.days_since(facts.last_in_touch_at)
    if since is None or _pauses(facts) or ended(facts) or has_appointment(facts):
        return None
    seen, told = facts.days_since(facts.last_seen_at), f"the last contact was {ago(since)}"
    later = seen is not None and int(seen) < int(since)
    return f"{told}, and they were last seen {ago(seen)}" if later else told


def care(facts: JourneyFacts) -> str | None:
    """Why to ask a customer how it went: lately they bought, or came."""
    if not facts.is_customer:
        return None
    bought_at = facts.last_purchase_at or facts.stage_since
    at = max(filter(None, (bought_at, facts.last_attended_at)), default=None)
    since = facts.days_since(at)
    if since is None or since > CARE_DAYS or contacted(facts, at):
        return None
    if at != bought_at:
        return f"came to their appointment {ago(since)}"
    return f"{'bought' if facts.last_purchase_at else 'became a customer'} {ago(since)}"


def wait(facts: JourneyFacts) -> str | None:
    """Why there is nothing to do."""
    if not is_reachable(facts):
        return cannot_be_written_to(facts) or "no phone number, and no consent to be written to"
    until, since = _until_appointment(facts), facts.days_since(facts.last_in_touch_at)
    if until is not None:
        return f"nothing presses: their appointment is in {days_in_words(until)}"
    if since is None:
        return "nothing presses"
    told = f"nothing presses: the last contact was {ago(since)}"
    return (
        f"{told}; move them out of {facts.stage} if they are interested" if facts.is_over else told
    )
