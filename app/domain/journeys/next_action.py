"""The one thing to do next with a lead, by rules or by what has worked.

Source: scoring.md 7.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from app.domain.journeys import advice
from app.domain.journeys.insight import (
    ANSWER_WITHIN_DAYS,
    JourneyFacts,
    calls_in_vain,
    ended,
    unanswered_reply,
)
from app.domain.journeys.reach import is_possible
from app.domain.proportion import surely

FEWEST_CASES = 200
LEAST_CASES_EACH = 20
MOVES_ON_DAYS = 14
ANYHOW = ("phone", "email", "sms")
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
        possible = (way for way in ways if is_possible(way, facts, asked_at))
        return next(possible, None) if ways else ""


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


# What they did last, and what is soon: it comes before what history teaches.
PRESSING: tuple[Action, ...] = (
    Action(
        "answer",
        (THEIRS, "phone", "email", "sms"),
        "Answer the reply",
        unanswered_reply,
        advice.replied_at,
    ),
    Action("rebook", ANYHOW, "Offer a new time", advice.offer_new_time, advice.fell_through_at),
    Action("prepare_appointment", (), "Prepare the appointment", advice.prepare),
    Action("note_attendance", (), "Note whether they came", advice.note_attendance),
    Action("ask_next_step", ANYHOW, "Ask for the next step", advice.ask_next_step),
    Action("call", ("phone",), "Call", advice.came_back),
    Action("write", ("email",), "Write", advice.came_back),
    Action("text", ("sms",), "Send a text message", advice.came_back),
    Action("leave_alone", (), "Leave it", advice.leave),
)
CALL_AGAIN = Action("call_again", ("phone",), "Call again, another day or time", advice.call_again)
# The last: nobody agreed to be written to, but they are answered.
WRITING = (
    Action("write", ("email",), "Write", advice.write),
    Action("text", ("sms",), "Send a text message", advice.write),
    Action("write", ("email",), "Write", advice.write, advice.unanswered_request_at),
)
ADVISED: tuple[Action, ...] = (
    Action("call", ("phone",), "Call", advice.call_now),
    CALL_AGAIN,
    Action(
        "send_offer",
        ("email", "phone", "sms"),
        "Make an offer",
        advice.make_offer,
        advice.unanswered_request_at,
    ),
    Action("book_meeting", ("phone", "email"), "Offer two times for an appointment", advice.meet),
    *WRITING,
    Action("call", ("phone",), "Call", advice.slipping),
    Action("follow_up", ANYHOW, "Follow up", advice.follow_up),
    Action("ask_how_it_went", ANYHOW, "Ask how it went", advice.care),
    Action("wait", (), "Wait", advice.wait),
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
        and not (action.name == "book_meeting" and advice.has_appointment(facts))
    ]
    if not known:
        return None
    outcome, action = max(known, key=lambda each: each[0].surely)
    reason = (
        f"in {outcome.moved_on} of {outcome.cases} cases a lead in this stage moved on within "
        f"{MOVES_ON_DAYS} days of it"
    )
    return _by(action, facts, reason, "history")
