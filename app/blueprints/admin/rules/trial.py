"""What would this score? A few examples, and one's own from the address."""

from typing import Any, NamedTuple

from flask import request

from app.blueprints.admin.rules.interaction_form import TYPE_NAMES
from app.blueprints.admin.rules.kinds import Rules
from app.domain.contact.contact_form import should_show
from app.domain.score import Score
from app.domain.scoring.interaction_score import engagement_level, score_interaction
from app.domain.scoring.rules import TOOL_TYPES, RuleSet
from app.domain.scoring.session_score import SessionFacts, SessionRules, score_session
from app.domain.tools.cost import BUDGETS, URGENCIES
from app.domain.tracking.visit import score_band

MOST = 100_000


class Given(NamedTuple):
    """A use of a tool, as far as rules ask of it."""

    tool: str
    procedures: int = 1
    budget: str = ""
    urgency: str = ""
    engaged: int = 0
    earlier: int = 0
    sessions: int = 1


class Visit(NamedTuple):
    """A visit, as far as rules ask of it."""

    seconds: int
    pages: int
    regular: int
    important: int


class Tried(NamedTuple):
    """A score with its sum, its level, and whether and why it asks for contact (None: visits)."""

    score: Score
    level: str
    asks: bool | None = None
    reasons: tuple[str, ...] = ()

    @property
    def sum(self) -> str:
        """The contributions as a sum: 60 + 20 + 5."""
        parts = [part.points for part in self.score.contributions if part.points]
        signs = ["−" if points < 0 else "+" for points in parts]
        told = "".join(f" {sign} {abs(points)}" for sign, points in zip(signs, parts, strict=True))
        return told.removeprefix(" + ").strip() or "0"


# Those of the specification, and each tool by itself.
EXAMPLES = {
    "interaction": (
        (
            "AI recommendation, high budget, one earlier interaction",
            Given(TOOL_TYPES[0], budget="high", earlier=1),
        ),
        ("Cost calculator with two procedures", Given(TOOL_TYPES[2], procedures=2)),
        (
            "Face analysis, immediate, high budget",
            Given(TOOL_TYPES[1], budget="high", urgency="immediate"),
        ),
        *((f"{TYPE_NAMES[kind]}, nothing else", Given(kind)) for kind in TOOL_TYPES),
    ),
    "session": (
        ("480 s, 4 pages, 3 clicks and an important one", Visit(480, 4, 3, 1)),
        ("720 s, 6 pages, 5 clicks and 2 important ones", Visit(720, 6, 5, 2)),
        ("45 s, 1 page, 1 click", Visit(45, 1, 1, 0)),
    ),
}


def examples(of: Rules, *rules: Any) -> list[tuple[str, list[Tried]]]:
    """Each example by each of these rules."""
    return [
        (words, [score_of(given, each) for each in rules]) for words, given in EXAMPLES[of.kind]
    ]


def own_example(of: Rules) -> Given | Visit:
    """The example in the address."""
    if of.kind == "session":
        return Visit(
            seconds=whole("seconds", 480),
            pages=whole("pages", 4),
            regular=whole("regular", 3),
            important=whole("important", 1),
        )
    return Given(
        tool=request.args.get("tool", TOOL_TYPES[2]),
        procedures=whole("procedures", 1),
        budget=request.args.get("budget", ""),
        urgency=request.args.get("urgency", ""),
        engaged=whole("engaged", 0),
        earlier=whole("earlier", 0),
        sessions=whole("sessions", 1),
    )


def asked_for(given: Given | Visit) -> dict[str, list]:
    """The panel's fields: choices as (name, label, options, value), numbers as (name, label,
    value)."""
    if isinstance(given, Visit):
        labels = ("Seconds", "Pages", "Regular clicks", "Important clicks")
        numbers = zip(given._fields, labels, given, strict=True)
        return {"choices": [], "numbers": list(numbers)}
    choices = [
        ("tool", "Tool", {kind: TYPE_NAMES[kind] for kind in TOOL_TYPES}, given.tool),
        ("budget", "Budget", {"": "Not said", **BUDGETS}, given.budget),
        ("urgency", "Urgency", {"": "Not said", **URGENCIES}, given.urgency),
    ]
    numbers = [
        ("procedures", "Procedures", given.procedures),
        ("engaged", "Engaged seconds", given.engaged),
        ("earlier", "Earlier high-intent", given.earlier),
        ("sessions", "Sessions so far", given.sessions),
    ]
    return {"choices": choices, "numbers": numbers}


def score_of(given: Given | Visit, rules: RuleSet | SessionRules) -> Tried:
    """What the rules give to it."""
    if isinstance(given, Visit):
        score = score_session(SessionFacts(*given), rules).score()
        return Tried(score, f"band {score_band(score.points)}")
    facts = {
        "interaction": {
            "type": given.tool,
            "procedures": [f"procedure {n}" for n in range(min(given.procedures, 50))],
            "budget": given.budget or None,
            "urgency": given.urgency or None,
        },
        "session": {"engaged_seconds": given.engaged},
        "visitor": {"earlier_high_intent": given.earlier, "sessions": given.sessions},
    }
    score = score_interaction(facts, rules)
    decision = should_show(score.points, given.tool, given.earlier + 1, False, False, rules)
    level = f"{engagement_level(score.points, rules)} engagement"
    return Tried(score, level, decision.show, decision.reasons)


def whole(name: str, default: int) -> int:
    """A whole number from the address, 0..MOST."""
    return min(max(request.args.get(name, default, type=int), 0), MOST)
