"""The one thing to do next with a lead, by rules or by what has worked.

Source: scoring.md 7.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from app.domain.journeys.insight import (
    ANSWER_WITHIN_DAYS,
    JourneyFacts,
    abandoned_form,
    ago,
    asks_for_prices,
    calls_in_vain,
    cannot_be_written_to,
    ended,
    fading,
    high_engagement,
    nobody_yet,
    silent_after_intent,
    stalled,
    tried,
    unanswered_reply,
)
from app.domain.journeys.journey import days_in_words
from app.domain.proportion import surely

CALL_AGAIN_DAYS = 7
QUIET_AFTER_CONTACT_DAYS = 7
FEWEST_CASES = 200
LEAST_CASES_EACH = 20
MOVES_ON_DAYS = 14


class Action(NamedTuple):
    """Something to do with a lead, `name` for programs, `channel` how. `applies` gives the reason
    in words where rules advise it, else None; `possible` whether it can be done at all."""

    name: str
    channel: str
    label: str
    applies: Callable[[JourneyFacts], str | None]
    possible: Callable[[JourneyFacts], bool] = lambda facts: True


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


def _call_now(facts: JourneyFacts) -> str | None:
    if facts.last_in_touch_at is None and not ended(facts):
        if facts.score >= facts.qualified_at:
            return f"lead score {facts.score}, and {nobody_yet(facts)}"
        if not _may_be_written_to(facts):
            return f"{nobody_yet(facts)}, and they may not be written to"
    return silent_after_intent(facts)


def _call_again(facts: JourneyFacts) -> str | None:
    since = facts.days_since(facts.last_unanswered_at)
    if not facts.unanswered_calls or since is None or since > CALL_AGAIN_DAYS or facts.is_over:
        return None
    if calls_in_vain(facts):  # it is advised only to those who may not be written to
        return f"{tried(facts)}, and they may not be written to"
    return tried(facts)


def _prepare(facts: JourneyFacts) -> str | None:
    until = facts.days_since(facts.next_appointment_at)
    if until is None or until > 0:
        return None
    return f"they have an appointment in {days_in_words(-until)}"


def _offer(facts: JourneyFacts) -> str | None:
    return asks_for_prices(facts) or high_engagement(facts)


def _meet(facts: JourneyFacts) -> str | None:
    if facts.stage in ("qualified", "engaged") and facts.next_appointment_at is None:
        return f"in stage {facts.stage}, and no appointment yet"
    return None


def _write(facts: JourneyFacts) -> str | None:
    if facts.last_in_touch_at is None and not facts.is_customer:
        return nobody_yet(facts)
    return _slipping(facts)


def _slipping(facts: JourneyFacts) -> str | None:
    return abandoned_form(facts) or stalled(facts) or fading(facts)


def _follow_up(facts: JourneyFacts) -> str | None:
    """Why to call those who may not be written to; not right after a contact."""
    since = facts.days_since(facts.last_in_touch_at)
    pauses = since is not None and since < QUIET_AFTER_CONTACT_DAYS
    return None if pauses else _slipping(facts)


def _care(facts: JourneyFacts) -> str | None:
    return "they have become a customer" if facts.is_customer else None


def _wait(facts: JourneyFacts) -> str | None:
    since = facts.days_since(facts.last_in_touch_at)
    if since is None:
        return cannot_be_written_to(facts) or "no phone number, and no consent to be written to"
    return f"nothing presses: the last contact was {ago(since)}"


def _leave(facts: JourneyFacts) -> str | None:
    return f"{facts.stage}: no further contact unless they come back" if facts.is_over else None


def _may_be_mailed(facts: JourneyFacts) -> bool:
    return facts.has_email and facts.may_email


def _may_be_texted(facts: JourneyFacts) -> bool:
    return facts.has_phone and facts.may_text


def _may_be_written_to(facts: JourneyFacts) -> bool:
    return _may_be_mailed(facts) or _may_be_texted(facts)


def _is_reachable(facts: JourneyFacts) -> bool:
    return facts.has_phone or _may_be_mailed(facts)


ACTIONS: tuple[Action, ...] = (
    Action("leave_alone", "", "Leave it", _leave),
    Action("answer", "email", "Answer the reply", unanswered_reply),
    Action("prepare_appointment", "", "Prepare the appointment", _prepare),
    Action("call", "phone", "Call", _call_now, lambda facts: facts.has_phone),
    Action(
        "call_again",
        "phone",
        "Call again, another day or time",
        _call_again,
        lambda facts: facts.has_phone,
    ),
    Action("send_offer", "email", "Send an offer", _offer, lambda facts: facts.has_email),
    Action("book_meeting", "phone", "Offer two times for an appointment", _meet, _is_reachable),
    Action("write", "email", "Write", _write, _may_be_mailed),
    Action("text", "sms", "Send a text message", _write, _may_be_texted),
    Action("call", "phone", "Call", _follow_up, lambda facts: facts.has_phone),
    Action("ask_how_it_went", "phone", "Ask how it went", _care, _is_reachable),
    Action("wait", "", "Wait", _wait),
)
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
INSTEAD_OF_CALLS = frozenset({"write", "text"})
PRESSING = frozenset({"leave_alone", "answer", "prepare_appointment"})


def next_action(facts: JourneyFacts, history: Mapping[str, Outcome] | None = None) -> NextAction:
    """The one action for a lead now.

    What presses (a reply, an appointment, a closed lead) comes first; then what follows calls that
    nobody answered: another call, after three of them writing to those who agreed to it. Then,
    where `history` (action name -> outcome among leads in the same stage) has at least 200 cases in
    all and nobody has been in touch for a day, the possible action after which most leads moved on;
    else the first that rules advise.
    """
    for action in ACTIONS:
        if action.name in PRESSING and (reason := _advised(action, facts)):
            return _next(action, facts, reason, "rules")
    if instead := _after_no_answer(facts):
        return instead
    if learned := _learned(facts, history or {}):
        return learned
    for action in ACTIONS:
        if reason := _advised(action, facts):
            return _next(action, facts, reason, "rules")
    raise AssertionError("waiting is always possible")


def _next(action: Action, facts: JourneyFacts, reason: str, learned_from: str) -> NextAction:
    """The action by its usual channel, or by mail to who left no phone number."""
    by_mail = action.channel == "phone" and not facts.has_phone
    channel = "email" if by_mail else action.channel
    return NextAction(action.name, channel, action.label, reason, learned_from)


def _advised(action: Action, facts: JourneyFacts) -> str | None:
    return action.applies(facts) if action.possible(facts) else None


def _after_no_answer(facts: JourneyFacts) -> NextAction | None:
    if why := calls_in_vain(facts):
        for action in ACTIONS:
            if action.name in INSTEAD_OF_CALLS and action.possible(facts):
                return _next(action, facts, why, "rules")
    again = next(action for action in ACTIONS if action.name == "call_again")
    reason = _advised(again, facts)
    return _next(again, facts, reason, "rules") if reason else None


def _learned(facts: JourneyFacts, history: Mapping[str, Outcome]) -> NextAction | None:
    if facts.is_customer or sum(outcome.cases for outcome in history.values()) < FEWEST_CASES:
        return None
    since = facts.days_since(facts.last_contact_at)
    if since is not None and since < ANSWER_WITHIN_DAYS:
        return None
    known = [
        (history[action.name], action)
        for action in ACTIONS
        if action.name in LEARNED
        and action.possible(facts)
        and history.get(action.name, Outcome(0, 0)).cases >= LEAST_CASES_EACH
    ]
    if not known:
        return None
    outcome, action = max(known, key=lambda each: each[0].surely)
    reason = (
        f"in {outcome.moved_on} of {outcome.cases} cases a lead in this stage moved on within "
        f"{MOVES_ON_DAYS} days of it"
    )
    return _next(action, facts, reason, "history")
