"""The one thing to do next with a lead, by rules or by what has worked.

Source: scoring.md 7.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from math import ceil
from typing import Any, NamedTuple

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
    unanswered_reply,
)
from app.domain.journeys.journey import days_in_words
from app.domain.proportion import surely

CALL_AGAIN_DAYS = 7
QUIET_AFTER_CONTACT_DAYS = 7
PREPARE_DAYS = 3
UNCLOSED_DAYS = 14
BACK_DAYS = 14
BOOKED_DAYS = 30
CARE_DAYS = 30
FEWEST_CASES = 200
LEAST_CASES_EACH = 20
MOVES_ON_DAYS = 14
# In place of a channel: the one on which they wrote.
THEIRS = "theirs"


def _nothing(facts: JourneyFacts) -> datetime | None:
    return None


class Action(NamedTuple):
    """Something to do with a lead, `name` for programs, by the first of its `channels` (phone,
    email, sms; none where nobody is to be reached) that is possible. `applies` gives the reason in
    words where rules advise it, else None; `asked_at` when they asked for it themselves: what
    somebody asked for may be written without consent, unless they took it back since."""

    name: str
    channels: tuple[str, ...]
    label: str
    applies: Callable[[JourneyFacts], str | None]
    asked_at: Callable[[JourneyFacts], datetime | None] = _nothing

    def channel(self, facts: JourneyFacts) -> str | None:
        """How it is done with this lead: empty where nobody is to be reached, None where there is
        no way that is known and agreed to. Who does not answer calls is called last."""
        asked_at = self.asked_at(facts)
        ways = [facts.last_reply_channel if way == THEIRS else way for way in self.channels]
        if calls_in_vain(facts):
            ways.sort(key=lambda way: way == "phone")
        possible = (way for way in ways if _is_possible(way, facts, asked_at))
        return next(possible, None) if ways else ""


def _is_possible(channel: str, facts: JourneyFacts, asked_at: datetime | None = None) -> bool:
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


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of an action in comparable cases: how often it was done, and how often the lead
    moved on within MOVES_ON_DAYS."""

    cases: int
    moved_on: int

    @property
    def surely(self) -> float:
        """What the rate surely is, 0 to 1 (app.domain.proportion)."""
        return surely(self.moved_on, self.cases)


@dataclass(frozen=True, slots=True)
class NextAction:
    """The one thing to do next, why, and whether `rules` or `history` say so."""

    name: str
    channel: str
    label: str
    reason: str
    learned_from: str

    def to_json(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__slots__}


def _offer_new_time(facts: JourneyFacts) -> str | None:
    why = did_not_come(facts) or cancelled(facts)
    return f"{why}, and {nobody_since(facts, 'been in touch since')}" if why else None


def _their_appointment(facts: JourneyFacts) -> datetime | None:
    return max(filter(None, (facts.last_missed_at, facts.last_cancelled_at)), default=None)


def _prepare(facts: JourneyFacts) -> str | None:
    until = _until_appointment(facts)
    if until is None or until > PREPARE_DAYS:
        return None
    return f"they have an appointment within {days_in_words(ceil(until))}"


def _until_appointment(facts: JourneyFacts) -> float | None:
    since = facts.days_since(facts.next_appointment_at)
    return -since if since is not None and since < 0 else None


def _note_attendance(facts: JourneyFacts) -> str | None:
    at = facts.unclosed_appointment_at
    since = facts.days_since(at)
    if since is None or since > UNCLOSED_DAYS or dealt_with(facts, at):
        return None
    return f"their appointment was {ago(since)}, and nobody noted whether they came"


def _ask_next_step(facts: JourneyFacts) -> str | None:
    return None if ended(facts) else came_lately(facts)


def _back(facts: JourneyFacts) -> str | None:
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


def _leave(facts: JourneyFacts) -> str | None:
    if not facts.is_over or _returned(facts):
        return None
    return f"{facts.stage}: no further contact unless they come back"


def _call_now(facts: JourneyFacts) -> str | None:
    if facts.last_in_touch_at is None and not ended(facts):
        if facts.score >= facts.qualified_at:
            return f"lead score {facts.score}, and {nobody_yet(facts)}"
        if not _may_be_written_to(facts):
            return _nobody_answered(facts) or f"{nobody_yet(facts)}, and they may not be written to"
    return _woken(facts)


def _nobody_answered(facts: JourneyFacts) -> str | None:
    """When they sent a form or asked for a quote, where nobody has reached them."""
    since = facts.days_since(_unanswered_request(facts))
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


def _call_again(facts: JourneyFacts) -> str | None:
    since = facts.days_since(facts.last_unanswered_at)
    if not facts.unanswered_calls or since is None or since > CALL_AGAIN_DAYS or facts.is_over:
        return None
    if calls_in_vain(facts):  # it is advised only to those who may not be written to
        return f"{tried(facts)}, and they may not be written to"
    return tried(facts)


def _offer(facts: JourneyFacts) -> str | None:
    arranged = (facts.last_contact_at, facts.last_booked_at, facts.last_attended_at)
    if why := asks_for_prices(facts, max(filter(None, arranged), default=None)):
        return why
    since = facts.days_since(facts.last_in_touch_at)
    lately = since is not None and since < ANSWER_WITHIN_DAYS
    if lately or _has_appointment(facts) or dealt_with(facts, facts.last_seen_at):
        return None
    return high_engagement(facts)


def _unanswered_request(facts: JourneyFacts) -> datetime | None:
    """When they sent a form or asked for a quote that nobody has answered in person."""
    asked_at = facts.last_asked_at
    return None if dealt_with(facts, asked_at) else asked_at


def _has_appointment(facts: JourneyFacts) -> bool:
    """Whether they have a time: one of ours, or one that was told of and not of what became."""
    if facts.next_appointment_at is not None:
        return True
    since = facts.days_since(facts.last_booked_at)
    if since is None or since > BOOKED_DAYS or facts.unclosed_appointment_at is not None:
        return False
    became = (facts.last_attended_at, facts.last_missed_at, facts.last_cancelled_at)
    return all(at is None or at < facts.last_booked_at for at in became)


def _meet(facts: JourneyFacts) -> str | None:
    if facts.stage not in ("qualified", "engaged") or _has_appointment(facts):
        return None
    is_new = facts.stage_since is not None and not dealt_with(facts, facts.stage_since)
    if _pauses(facts) and not is_new:
        return None
    had = facts.last_booked_at or facts.last_attended_at or facts.unclosed_appointment_at
    return f"in stage {facts.stage}, and no {'new ' if had else ''}appointment yet"


def _write(facts: JourneyFacts) -> str | None:
    if facts.last_in_touch_at is None and not facts.is_customer:
        return _nobody_answered(facts) or nobody_yet(facts)
    return _woken(facts) or _slipping(facts)


def _slipping(facts: JourneyFacts) -> str | None:
    """Why to get in touch with those who are being lost; not right after a contact."""
    if not dealt_with(facts, facts.last_form_abandoned_at) and (why := abandoned_form(facts)):
        return why
    return None if _pauses(facts) else stalled(facts) or fading(facts)


def _pauses(facts: JourneyFacts) -> bool:
    """Whether somebody was in touch a short while ago, so that a mere state does not press."""
    since = facts.days_since(facts.last_in_touch_at)
    return since is not None and since < QUIET_AFTER_CONTACT_DAYS


def _follow_up(facts: JourneyFacts) -> str | None:
    since = facts.days_since(facts.last_in_touch_at)
    if since is None or _pauses(facts) or ended(facts) or _has_appointment(facts):
        return None
    seen, told = facts.days_since(facts.last_seen_at), f"the last contact was {ago(since)}"
    later = seen is not None and int(seen) < int(since)
    return f"{told}, and they were last seen {ago(seen)}" if later else told


def _care(facts: JourneyFacts) -> str | None:
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


def _wait(facts: JourneyFacts) -> str | None:
    if not _is_reachable(facts):
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


def _may_be_written_to(facts: JourneyFacts) -> bool:
    return any(_is_possible(channel, facts) for channel in ("email", "sms"))


def _is_reachable(facts: JourneyFacts) -> bool:
    return facts.has_phone or _may_be_written_to(facts)


def _replied_at(facts: JourneyFacts) -> datetime | None:
    return facts.last_reply_at


# What they did last, and what is soon: it comes before what history teaches.
PRESSING: tuple[Action, ...] = (
    Action(
        "answer",
        (THEIRS, "phone", "email", "sms"),
        "Answer the reply",
        unanswered_reply,
        _replied_at,
    ),
    Action(
        "rebook", ("phone", "email", "sms"), "Offer a new time", _offer_new_time, _their_appointment
    ),
    Action("prepare_appointment", (), "Prepare the appointment", _prepare),
    Action("note_attendance", (), "Note whether they came", _note_attendance),
    Action("ask_next_step", ("phone", "email", "sms"), "Ask for the next step", _ask_next_step),
    Action("call", ("phone",), "Call", _back),
    Action("write", ("email",), "Write", _back),
    Action("text", ("sms",), "Send a text message", _back),
    Action("leave_alone", (), "Leave it", _leave),
)
CALL_AGAIN = Action("call_again", ("phone",), "Call again, another day or time", _call_again)
# The last: nobody agreed to be written to, but they are answered.
WRITING = (
    Action("write", ("email",), "Write", _write),
    Action("text", ("sms",), "Send a text message", _write),
    Action("write", ("email",), "Write", _write, _unanswered_request),
)
ADVISED: tuple[Action, ...] = (
    Action("call", ("phone",), "Call", _call_now),
    CALL_AGAIN,
    Action("send_offer", ("email", "phone", "sms"), "Make an offer", _offer, _unanswered_request),
    Action("book_meeting", ("phone", "email"), "Offer two times for an appointment", _meet),
    *WRITING,
    Action("call", ("phone",), "Call", _slipping),
    Action("follow_up", ("phone", "email", "sms"), "Follow up", _follow_up),
    Action("ask_how_it_went", ("phone", "email", "sms"), "Ask how it went", _care),
    Action("wait", (), "Wait", _wait),
)
ACTIONS = PRESSING + ADVISED
# What the history of an organization can teach: contacts made by the team, and the action that each
# of them was. Who calls cannot know whether anybody will answer, so both kinds of call are calls.
TEACHES = {
    "call_made": "call",
    "call_unanswered": "call",
    "email_sent": "write",
    "sms_sent": "text",
    "meeting_scheduled": "book_meeting",
}
LEARNED = frozenset(TEACHES.values())


def next_action(facts: JourneyFacts, history: Mapping[str, Outcome] | None = None) -> NextAction:
    """The one action for a lead now.

    What presses (a reply, an appointment that is near or was, somebody who came back, a closed
    lead) comes first; then what follows calls that nobody answered: another call, after three of
    them writing to those who agreed to it. Then, where `history` (action name -> outcome among
    leads in the same stage) has at least 200 cases in all and nobody has been in touch for a day,
    the possible action after which most leads moved on; else the first that rules advise. None is
    advised that was done since it was called for, or on a channel that is not known or agreed to.
    """
    chosen = (
        _first(PRESSING, facts)
        or _after_no_answer(facts)
        or _learned(facts, history or {})
        or _first(ADVISED, facts)
    )
    if chosen is None:
        raise AssertionError("waiting is always possible")
    return chosen


def _first(actions: Iterable[Action], facts: JourneyFacts) -> NextAction | None:
    advised = (_advised(action, facts) for action in actions)
    return next(filter(None, advised), None)


def _advised(action: Action, facts: JourneyFacts) -> NextAction | None:
    """The action, if rules advise it and there is a way to do it."""
    reason = action.applies(facts)
    return _by(action, facts, reason, "rules") if reason else None


def _by(action: Action, facts: JourneyFacts, reason: str, learned_from: str) -> NextAction | None:
    channel = action.channel(facts)
    if channel is None:
        return None
    return NextAction(action.name, channel, action.label, reason, learned_from)


def _after_no_answer(facts: JourneyFacts) -> NextAction | None:
    if why := calls_in_vain(facts):
        for action in WRITING:
            if instead := _by(action, facts, why, "rules"):
                return instead
    return _advised(CALL_AGAIN, facts)


def _learned(facts: JourneyFacts, history: Mapping[str, Outcome]) -> NextAction | None:
    if ended(facts) or sum(outcome.cases for outcome in history.values()) < FEWEST_CASES:
        return None
    since = facts.days_since(facts.last_contact_at)
    if since is not None and since < ANSWER_WITHIN_DAYS:
        return None
    known = [
        (history[action.name], action)
        for action in ADVISED
        if action.name in LEARNED
        and action.channel(facts) is not None
        and history.get(action.name, Outcome(0, 0)).cases >= LEAST_CASES_EACH
        and not (action.name == "book_meeting" and _has_appointment(facts))
    ]
    if not known:
        return None
    outcome, action = max(known, key=lambda each: each[0].surely)
    reason = (
        f"in {outcome.moved_on} of {outcome.cases} cases a lead in this stage moved on within "
        f"{MOVES_ON_DAYS} days of it"
    )
    return _by(action, facts, reason, "history")
