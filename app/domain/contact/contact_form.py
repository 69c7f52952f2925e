"""The contact form: when to ask a visitor for contact, and what to ask next.

Source: lead-capture, "Universal Interaction Tracker" (should_show_contact_form) and "Progressive
contact form integration".
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from app.domain.scoring.rules import DEFAULT_RULE_SET, RuleSet
from app.domain.tools.cost import BUDGETS, URGENCIES
from app.domain.validation import Draft, Invalid

FIELD_KINDS = ("text", "email", "tel", "choice", "longtext", "consent")
MOST_ASKED = 3
MOST_STEPS = 8
MOST_CONSENTS = 5
MOST_OPTIONS = 12
LONGEST_LABEL = 200
LONGEST_CONSENT = 600
LONGEST_INTRO = 500
CONSENT = "consent_"
WAYS = ("email", "phone")
OWN_QUESTION = "q_"
OWN_KINDS = ("text", "longtext", "choice")


NO_FIELD = f"must be a field of the lead, or begin with {OWN_QUESTION} or {CONSENT}"


class LeadField(NamedTuple):
    """A field of the lead that the form can fill: its label, the kinds it may be asked as, the
    first by default, and the HTML token by which browsers fill it in."""

    label: str
    kinds: tuple[str, ...]
    autocomplete: str = "off"


LEAD_FIELDS = {
    "email": LeadField("E-mail", ("email",), "email"),
    "phone": LeadField("Phone", ("tel",), "tel"),
    "first_name": LeadField("First name", ("text",), "given-name"),
    "last_name": LeadField("Last name", ("text",), "family-name"),
    "location": LeadField("City", ("text", "choice"), "address-level2"),
    "customer_type": LeadField("Type of customer", ("choice", "text")),
    "category": LeadField("Category", ("choice", "text")),
    "budget": LeadField("Budget", ("choice", "text")),
    "urgency": LeadField("Urgency", ("choice", "text")),
    "preferred_time": LeadField("Best time to reach you", ("choice", "text")),
    "notes": LeadField("Notes", ("longtext", "text")),
}


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
    choice. A consent is a box that is never ticked beforehand; `version` counts its words.

    A name of LEAD_FIELDS fills that field of the lead; one that begins with OWN_QUESTION is the
    organization's own, and its answer is kept with the words of the question.
    """

    name: str
    label: str
    kind: str = "text"
    autocomplete: str = "off"
    options: tuple[tuple[str, str], ...] = ()
    hint: str = ""
    version: int = 1

    @property
    def is_own(self) -> bool:
        """Whether it is a question that no field of the lead is there for."""
        return bool(self.name) and self.name.startswith(OWN_QUESTION)

    @classmethod
    def read(cls, draft: Draft) -> Field:
        kind = draft.choice("kind", FIELD_KINDS, "text")
        field = cls(
            draft.slug("name"),
            draft.text("label", longest=LONGEST_CONSENT if kind == "consent" else LONGEST_LABEL),
            kind,
            draft.text("autocomplete", "off", longest=60),
            draft.each("options", (), lambda d: (d.text("value"), d.text("label"))),
            draft.text("hint", "", longest=LONGEST_LABEL),
            draft.integer("version", 1, 1, 10_000),
        )
        for name, message in _field_problems(field):
            draft.problem(name, message)
        return field

    def to_json(self) -> dict[str, Any]:
        """As `read` takes it; what is as by default is left out."""
        told: dict[str, Any] = {"name": self.name, "label": self.label, "kind": self.kind}
        if self.autocomplete != "off":
            told["autocomplete"] = self.autocomplete
        if self.options:
            told["options"] = [{"value": value, "label": label} for value, label in self.options]
        if self.hint:
            told["hint"] = self.hint
        if self.version > 1:
            told["version"] = self.version
        return told


def _field_problems(field: Field) -> list[tuple[str, str]]:
    values = [value for value, _ in field.options]
    named = isinstance(field.name, str)
    checks = [
        ("options", "are needed for a choice", field.kind != "choice" or len(values) > 0),
        ("options", f"must be at most {MOST_OPTIONS}", len(values) <= MOST_OPTIONS),
        ("options", "must not hold an answer twice", len(set(values)) == len(values)),
        ("name", NO_FIELD, not named or _is_known(field.name)),
        ("kind", _kind_of(field.name), not named or field.kind in _kinds_of(field.name)),
    ]
    return [(name, message) for name, message, fine in checks if not fine]


def _is_known(name: str) -> bool:
    return name in LEAD_FIELDS or name.startswith((OWN_QUESTION, CONSENT))


def _kinds_of(name: str) -> tuple[str, ...]:
    """The kinds that a field of this name may be of."""
    if name.startswith(CONSENT):
        return ("consent",)
    return LEAD_FIELDS[name].kinds if name in LEAD_FIELDS else OWN_KINDS


def _kind_of(name: str) -> str:
    return "must be " + " or ".join(_kinds_of(name)) if isinstance(name, str) else ""


@dataclass(frozen=True, slots=True)
class Step:
    """Fields asked together: one to three, besides consents. When `require_any` names fields, one
    of them must be given, and one that is known is enough: the step is done."""

    name: str
    title: str
    fields: tuple[Field, ...]
    require_any: tuple[str, ...] = ()
    intro: str = ""

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
            draft.text("intro", "", longest=LONGEST_INTRO),
        )
        for name, message in _step_problems(step):
            draft.problem(name, message)
        return step

    def to_json(self) -> dict[str, Any]:
        """As `read` takes it."""
        told: dict[str, Any] = {"name": self.name, "title": self.title}
        told["fields"] = [field.to_json() for field in self.fields]
        if self.require_any:
            told["require_any"] = list(self.require_any)
        if self.intro:
            told["intro"] = self.intro
        return told


def _step_problems(step: Step) -> list[tuple[str, str]]:
    names = [field.name for field in step.fields]
    asked = {field.name for field in step.asked}
    checks = [
        ("fields", f"must ask 1..{MOST_ASKED} things", 1 <= len(step.asked) <= MOST_ASKED),
        (
            "fields",
            f"must offer at most {MOST_CONSENTS} consents",
            _consents(step) <= MOST_CONSENTS,
        ),
        ("fields", "must not name a field twice", len(set(names)) == len(names)),
        ("require_any", "must name asked fields of the step", set(step.require_any) <= asked),
    ]
    return [(name, message) for name, message, fine in checks if not fine]


def _consents(step: Step) -> int:
    return len(step.fields) - len(step.asked)


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
    steps = read_steps(draft)
    draft.check()
    return steps


def read_steps(draft: Draft) -> tuple[Step, ...]:
    """The steps under "steps", their problems noted in the draft."""
    steps = draft.each("steps", (), Step.read)
    if not steps or not set(steps[0].require_any) & set(WAYS):
        draft.problem("steps.0.require_any", "must name a way to reach the visitor")
    if len(steps) > MOST_STEPS:
        draft.problem("steps", f"must be at most {MOST_STEPS}")
    names = [step.name for step in steps]
    once = [f.name for step in steps for f in step.fields if f.is_own or is_consent(f)]
    for place, step in enumerate(steps):
        if names.index(step.name) != place:
            draft.problem(f"steps.{place}.name", "is another step's")
        for at, field in enumerate(step.fields):
            if field.name and once.count(field.name) > 1:
                draft.problem(f"steps.{place}.fields.{at}.name", "is asked twice")
    return steps


def is_consent(field: Field) -> bool:
    """Whether the field is a box to agree to something."""
    return field.kind == "consent"
