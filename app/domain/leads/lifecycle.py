"""The lifecycle: the stages of a lead and the moves between them.

Source: lead-tracking-analytics, "Lead Lifecycle Management".
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from app.domain.validation import Draft

PATH = ("new", "contacted", "qualified", "engaged", "opportunity", "customer")
EXITS = ("churned", "lost")
STAGES = PATH + EXITS
LABELS = {stage: stage.capitalize() for stage in STAGES}


def _kind(current: str | None, to: str) -> str:
    if current is None:
        return "enter"
    if to in EXITS:
        return "exit"
    if current in EXITS:
        return "return"
    step = PATH.index(to) - PATH.index(current)
    return {1: "next"}.get(step, "skip" if step > 0 else "back")


# (from, to) -> the kind of move; from None is a lead's first stage.
MOVES = {(a, b): _kind(a, b) for a in (None, *STAGES) for b in STAGES if a != b}
NEEDS_REASON = frozenset({"skip", "back", "return"})
FORWARD = frozenset({"enter", "next", "skip", "exit"})


class StageError(ValueError):
    """A move that is refused; `code` is same_stage, unknown_stage or reason_needed."""

    def __init__(self, code: str, message: str):
        self.code = code
        super().__init__(message)


@dataclass(frozen=True, slots=True)
class Move:
    """A change of stage: `kind` is enter, next, skip, back, exit or return (from churned, lost)."""

    previous: str | None
    stage: str
    kind: str
    reason: str = ""


def move(current: str | None, to: str, reason: str | None = None) -> Move:
    """The move from `current` (None: no stage yet) to `to`. Skipping, going back and returning
    need a reason. Raises StageError."""
    for stage in filter(None, (to, current)):
        if stage not in STAGES:
            names = ", ".join(STAGES)
            raise StageError("unknown_stage", f"{stage} is not a stage; the stages are {names}")
    if current == to:
        raise StageError("same_stage", f"the lead is in stage {to} already")
    kind, why = MOVES.get((current, to)), (reason or "").strip()
    if kind is None:
        raise StageError("unknown_stage", "a stage is needed")
    if kind in NEEDS_REASON and not why:
        raise StageError("reason_needed", f"a move from {current} to {to} needs a reason")
    return Move(current, to, kind, why)


@dataclass(frozen=True, slots=True)
class AutomaticMove:
    """What a trigger does; `revives` moves leads that were churned or lost too."""

    stage: str
    reason: str
    revives: bool = False


AUTOMATIC = {
    "outbound_contact": AutomaticMove("contacted", "first outbound contact"),
    "score_reached": AutomaticMove("qualified", "the lead score reached the threshold"),
    "reply": AutomaticMove("engaged", "the lead replied"),
    "meeting": AutomaticMove("engaged", "a meeting was scheduled"),
    "purchase": AutomaticMove("customer", "a purchase was made", revives=True),
    "silent": AutomaticMove("churned", "silent for too long"),
}
TRIGGERS = {
    "email_sent": "outbound_contact",
    "sms_sent": "outbound_contact",
    "call_made": "outbound_contact",
    "email_replied": "reply",
    "sms_replied": "reply",
    "meeting_scheduled": "meeting",
    "appointment_booked": "meeting",
    "purchase_made": "purchase",
}


@dataclass(frozen=True, slots=True)
class LifecycleRules:
    """When leads move by themselves: the score that qualifies, the silent days that churn, and the
    triggers switched off."""

    qualified_at: int = 60
    silent_days: int = 180
    switched_off: frozenset[str] = field(default_factory=frozenset)

    def to_json(self) -> dict[str, Any]:
        return {
            "qualified_at": self.qualified_at,
            "silent_days": self.silent_days,
            "switched_off": sorted(self.switched_off),
        }

    @classmethod
    def from_json(cls, data: Any) -> LifecycleRules:
        """Rules from their JSON; absent fields keep their defaults. Raises Invalid."""
        draft = Draft(data)
        qualified_at = draft.integer("qualified_at", 60, low=1)
        silent_days = draft.integer("silent_days", 180, low=1, high=3650)
        switched_off = frozenset(draft.texts("switched_off", ()))
        if not switched_off <= set(AUTOMATIC):
            draft.problem("switched_off", "must be among " + ", ".join(AUTOMATIC))
        draft.check()
        return cls(qualified_at, silent_days, switched_off)


DEFAULT_LIFECYCLE_RULES = LifecycleRules()


def triggers(
    engagement_type: str | None = None,
    score: int = 0,
    silent_days: float = 0,
    rules: LifecycleRules = DEFAULT_LIFECYCLE_RULES,
) -> tuple[str, ...]:
    """The triggers that an engagement, a lead score (whole) or a silence sets off."""
    conditions = (
        (TRIGGERS.get(engagement_type), engagement_type in TRIGGERS),
        ("score_reached", score >= rules.qualified_at),
        ("silent", silent_days >= rules.silent_days),
    )
    return tuple(name for name, holds in conditions if holds and name not in rules.switched_off)


def automatic_move(
    current: str | None,
    trigger: str,
    rules: LifecycleRules = DEFAULT_LIFECYCLE_RULES,
) -> Move | None:
    """The move that a trigger makes, or None: never back, never to the same stage, and out of
    churned or lost only where the trigger revives."""
    automatic = AUTOMATIC[trigger]
    if trigger in rules.switched_off or current == automatic.stage:
        return None
    kind = MOVES[current, automatic.stage]
    if current in EXITS:
        return move(current, automatic.stage, automatic.reason) if automatic.revives else None
    return move(current, automatic.stage, automatic.reason) if kind in FORWARD else None


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that may move a lead at a moment: a trigger of AUTOMATIC, or the stage that a
    person chose. A `look` moves only if the score is found to be reached then."""

    at: datetime
    trigger: str | None = None
    stage: str | None = None
    look: bool = False


@dataclass(frozen=True, slots=True)
class Entered:
    """The beginning of a stay: what made it is a trigger, or None: a person, or the first stay."""

    at: datetime
    stage: str
    previous: str | None = None
    trigger: str | None = None


# At one moment: what happened, along the path; then what the score says; then what people chose, in
# the order in which they did.
ORDER = ("outbound_contact", "reply", "meeting", "purchase", "score_reached", "silent", None)
RANKS = {trigger: place for place, trigger in enumerate(ORDER)}


def tell(
    first: Entered, facts: Iterable[Fact], reached: Callable[[datetime, str], bool]
) -> list[Entered]:
    """Every stay of a lead, a fold of its facts by time, whatever the order in which they were
    heard of. What happened before the first stay counts from its beginning on; what a person chose
    keeps its date. `reached(at, stage)` says whether the score was reached at a moment."""
    told = [first]
    for fact in sorted(facts, key=lambda fact: _place(fact, first)):
        current = told[-1].stage
        if fact.trigger is None:
            if fact.stage != current:
                told.append(Entered(fact.at, fact.stage, current))
            continue
        at = max(fact.at, first.at)
        made = automatic_move(current, fact.trigger)
        if made and (not fact.look or reached(at, current)):
            told.append(Entered(at, made.stage, current, fact.trigger))
    return told


def _place(fact: Fact, first: Entered) -> tuple[datetime, int]:
    if fact.trigger is None:
        return fact.at, RANKS[None]
    return max(fact.at, first.at), RANKS[fact.trigger]
