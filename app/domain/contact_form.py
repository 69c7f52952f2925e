"""The contact form: when to ask a visitor for contact, and what to ask next.

Source: lead-capture, "Universal Interaction Tracker" (should_show_contact_form) and "Progressive
contact form integration".
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Any

from app.domain.cost import BUDGETS, URGENCIES
from app.domain.rules import DEFAULT_RULE_SET, RuleSet
from app.domain.validation import Draft, Invalid

FIELD_KINDS = ("text", "email", "tel", "choice", "longtext", "consent")
MOST_ASKED = 3


class FormError(Invalid):
    """Form steps that cannot be used; `fields` says why."""


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether to show the form, and why."""

    show: bool
    reasons: tuple[str, ...]


def should_show(
    score: int,
    interaction_type: str,
    high_intent_count: int,
    dismissed_in_session: bool,
    completed: bool,
    rule_set: RuleSet = DEFAULT_RULE_SET,
) -> Decision:
    """Ask when the score reaches the type's threshold or the visitor made enough high-intent
    interactions (this one included), unless the form was dismissed in this session or has nothing
    left to ask. A type without a threshold never asks by its score."""
    vetoes = {"form completed": completed, "dismissed in this session": dismissed_in_session}
    if against := tuple(reason for reason, holds in vetoes.items() if holds):
        return Decision(False, against)
    causes = _causes(score, interaction_type, high_intent_count, rule_set)
    met = tuple(reason for reason, holds in causes if holds)
    return Decision(bool(met), met or tuple(_unmet(score, interaction_type, rule_set)))


def _causes(score: int, kind: str, count: int, rule_set: RuleSet) -> list[tuple[str, bool]]:
    threshold = rule_set.thresholds.get(kind)
    reached = threshold is not None and score >= threshold
    return [
        (f"score {score} reaches {threshold}, the threshold of {kind}", reached),
        (f"{count} high-intent interactions", count >= rule_set.high_intent_limit),
    ]


def _unmet(score: int, kind: str, rule_set: RuleSet) -> list[str]:
    threshold = rule_set.thresholds.get(kind)
    if threshold is None:
        return [f"{kind} has no threshold"]
    return [f"score {score} is below {threshold}, the threshold of {kind}"]


@dataclass(frozen=True, slots=True)
class Field:
    """One thing to ask. `autocomplete` is the HTML token; `options` are (value, label) pairs of a
    choice. A consent is a box that is never ticked beforehand."""

    name: str
    label: str
    kind: str = "text"
    autocomplete: str = "off"
    options: tuple[tuple[str, str], ...] = ()

    @classmethod
    def read(cls, draft: Draft) -> Field:
        field = cls(
            draft.slug("name"),
            draft.text("label"),
            draft.choice("kind", FIELD_KINDS, "text"),
            draft.text("autocomplete", "off", longest=60),
            draft.each("options", (), lambda d: (d.text("value"), d.text("label"))),
        )
        if field.kind == "choice" and not field.options:
            draft.problem("options", "are needed for a choice")
        return field


@dataclass(frozen=True, slots=True)
class Step:
    """Fields asked together: one to three, besides consents. When `require_any` names fields, one
    of them must be given, and one that is known is enough: the step is done."""

    name: str
    title: str
    fields: tuple[Field, ...]
    require_any: tuple[str, ...] = ()

    @property
    def asked(self) -> tuple[Field, ...]:
        return tuple(field for field in self.fields if field.kind != "consent")

    def left(self, known: Collection[str]) -> Step | None:
        """The step with only what is still unknown; None when there is nothing left to ask."""
        if any(name in known for name in self.require_any):
            return None
        rest = replace(self, fields=tuple(f for f in self.fields if f.name not in known))
        return rest if rest.asked else None

    @classmethod
    def read(cls, draft: Draft) -> Step:
        step = cls(
            draft.slug("name"),
            draft.text("title"),
            draft.each("fields", (), Field.read),
            draft.texts("require_any", ()),
        )
        for name, message in _step_problems(step):
            draft.problem(name, message)
        return step


def _step_problems(step: Step) -> list[tuple[str, str]]:
    names = [field.name for field in step.fields]
    asked = {field.name for field in step.asked}
    checks = [
        ("fields", f"must ask 1..{MOST_ASKED} things", 1 <= len(step.asked) <= MOST_ASKED),
        ("fields", "must not name a field twice", len(set(names)) == len(names)),
        ("require_any", "must name asked fields of the step", set(step.require_any) <= asked),
    ]
    return [(name, message) for name, message, fine in checks if not fine]


_PHONE = Field("phone", "Phone", "tel", "tel")
_TIMES = (("morning", "Morning"), ("afternoon", "Afternoon"), ("evening", "Evening"))

DEFAULT_STEPS = (
    Step(
        "contact",
        "Where may we send it?",
        (
            Field("email", "E-mail", "email", "email"),
            _PHONE,
            Field("consent_email", "You may write to me by e-mail", "consent"),
            Field("consent_sms", "You may send me text messages", "consent"),
        ),
        require_any=("email", "phone"),
    ),
    Step(
        "name",
        "What is your name?",
        (
            Field("first_name", "First name", "text", "given-name"),
            Field("last_name", "Last name", "text", "family-name"),
            _PHONE,
        ),
    ),
    Step(
        "plans",
        "What do you have in mind?",
        (
            Field("budget", "Budget", "choice", options=tuple(BUDGETS.items())),
            Field("urgency", "When would you like it?", "choice", options=tuple(URGENCIES.items())),
            Field("preferred_time", "Best time to reach you", "choice", options=_TIMES),
        ),
    ),
    Step("notes", "Anything else?", (Field("notes", "Notes", "longtext"),)),
)


def next_step(steps: Collection[Step], known: Collection[str]) -> Step | None:
    """The next step to show, with only its unknown fields; None when nothing is left to ask.

    `known` holds the names of fields that have a value, and of those the visitor has already been
    asked and left blank on this visit.
    """
    return next((rest for step in steps if (rest := step.left(known))), None)


def steps_from_json(data: Any) -> tuple[Step, ...]:
    """Steps from their JSON list. Raises FormError with paths such as `steps.0.fields.1.kind`.
    The first step must require a way to reach the visitor."""
    draft = Draft({"steps": data}, FormError)
    steps = draft.each("steps", (), Step.read)
    if not steps or not steps[0].require_any:
        draft.problem("steps.0.require_any", "must name a way to reach the visitor")
    draft.check()
    return steps
