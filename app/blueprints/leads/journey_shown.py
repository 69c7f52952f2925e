"""Where a lead's journey stands and what to do next, as their page shows it."""

from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from app.domain.journeys.insight import GOOD, NEWS, URGENT, WARNING
from app.domain.journeys.journey import is_high_risk
from app.domain.journeys.journey_rules import JourneyRules
from app.domain.score import round_half_up
from app.models import Lead, LeadJourney

SCALE = 10_000
SOME_RISK = 0.4
TONES = {URGENT: ("red", "Urgent"), WARNING: ("orange", "Look out")} | {
    GOOD: ("green", "Good sign"),
    NEWS: ("blue", "To know"),
}
TRENDS = {"increasing": "is-up", "declining": "is-down"}
MILESTONES = {
    "first_contact": "First contact",
    "qualified": "Qualified",
    "opportunity": "Opportunity",
    "customer": "Customer",
}


class Way(NamedTuple):
    """How an action is done: what it opens (call, write, text, book, appointment, task), the
    action's own channel first, then the first that is possible; and the words of its button, where
    they are not those of what it opens."""

    opens: tuple[str, ...]
    label: str = ""


OPENED = {"phone": "call", "email": "write", "sms": "text"}
BUTTONS = {"call": "Call now", "write": "Write an e-mail", "text": "Write a message"}
REACH = ("call", "write", "text")
WAYS = {
    "answer": Way(("write", "text", "call"), "Answer now"),
    "rebook": Way(REACH),
    "prepare_appointment": Way(("appointment",), "See the appointment"),
    "note_attendance": Way(("appointment",), "See the appointment"),
    "ask_next_step": Way(REACH),
    "call": Way(("call",)),
    "call_again": Way(("call",), "Call again"),
    "send_offer": Way(("write", "call", "text")),
    "book_meeting": Way(("book",), "Book an appointment"),
    "write": Way(("write",)),
    "text": Way(("text",)),
    "follow_up": Way(REACH),
    "ask_how_it_went": Way(REACH),
    "wait": Way(("task",), "Plan a reminder"),
}


def next_step(journey: LeadJourney | None, lead: Lead) -> dict[str, Any] | None:
    """The next action with its reason, where it comes from, and the one way to do it (None: there
    is nothing to do)."""
    if journey is None:
        return None
    action = journey.next_action
    way, opens = WAYS.get(action["name"]), opened_by(action, lead)
    return {
        "name": action["name"],
        "label": action["label"],
        "reason": sentence(action["reason"]),
        "learned": action["learned_from"] == "history",
        "opens": opens,
        "button": (way and way.label) or BUTTONS.get(opens, ""),
        "at": journey.updated_at,
    }


def opened_by(action: dict[str, Any], lead: Lead) -> str | None:
    """The first way to do an action that is possible with this lead."""
    way = WAYS.get(action["name"])
    if way is None:
        return None
    best = OPENED.get(action["channel"])
    possible = {"call": lead.phone, "text": lead.phone, "write": lead.email}
    ways = sorted(way.opens, key=lambda one: one != best)
    return next((one for one in ways if possible.get(one, True)), None)


def insights(journey: LeadJourney | None) -> list[dict[str, str]]:
    """What the journey tells, the most urgent first, with its evidence."""
    told = []
    for one in journey.insights if journey else ():
        colour, tone = TONES.get(one["tone"], TONES[NEWS])
        evidence = sentence(one["evidence"])
        told.append({"colour": colour, "tone": tone, "text": one["text"], "evidence": evidence})
    return told


def risk(journey: LeadJourney, rules: JourneyRules) -> dict[str, Any]:
    """The churn risk in percent and in a word, and what it rests on, the heaviest first."""
    value = Decimal(journey.churn_risk) / SCALE
    high = is_high_risk(value, rules)
    parts = [part for part in journey.parts["churn_risk"]["contributions"] if part["points"]]
    heaviest = sorted(parts, key=lambda part: -part["points"])
    causes = [part["detail"] for part in heaviest]
    return {
        "percent": round_half_up(value * 100),
        "word": "high" if high else "some" if value > SOME_RISK else "low",
        "reason": sentence("; ".join(causes)) if causes else "",
    }


def milestones(journey: LeadJourney) -> list[tuple[str, datetime | None]]:
    """Each milestone with when it was reached, if it was."""
    reached = journey.milestones
    return [
        (label, datetime.fromisoformat(reached[name]) if reached.get(name) else None)
        for name, label in MILESTONES.items()
    ]


def sentence(words: str) -> str:
    """A few words with a capital at their head and a stop at their end."""
    words = words.strip()
    if not words:
        return ""
    return words[0].upper() + words[1:] + ("" if words[-1] in ".!?" else ".")
