"""The whole contact form of an organization: its steps and every word around them, as data.

Source: lead-capture, "Progressive contact form integration"; what the document leaves open (texts
for each tool, own questions, versions of consents) is ours.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from app.domain.contact.contact_form import (
    DEFAULT_STEPS,
    LONGEST_CONSENT,
    LONGEST_INTRO,
    Field,
    FormError,
    Step,
    is_consent,
    read_steps,
)
from app.domain.tracking.event import TOOLS
from app.domain.validation import Draft

MOST_POINTS = 6
# What the texts may hold in braces: who is thanked, and how they are reached.
NAME, REACH = "{name}", "{reach}"
NAMELESS = re.compile(r",?\s*\{name\}")
WORDS = ("eyebrow", "title", "intro", "thanks")


@dataclass(frozen=True, slots=True)
class Thanks:
    """What is said when all is answered: {name} is the visitor's first name, {reach} how they are
    reached ("write to you" or "call you")."""

    title: str = "Thank you, {name}."
    text: str = "We have what we need. What happens next:"
    points: tuple[str, ...] = (
        "A doctor looks at what you told us.",
        "We {reach} within one working day.",
        "You decide, with a written price and without hurry.",
    )

    @classmethod
    def read(cls, draft: Draft) -> Thanks:
        points = draft.texts("points", ())
        if len(points) > MOST_POINTS:
            draft.problem("points", f"must be at most {MOST_POINTS}")
        return cls(draft.text("title"), draft.text("text", "", longest=LONGEST_INTRO), points)

    def to_json(self) -> dict[str, Any]:
        told: dict[str, Any] = {"title": self.title, "points": list(self.points)}
        return told | ({"text": self.text} if self.text else {})


@dataclass(frozen=True, slots=True)
class ToolWords:
    """What one tool says otherwise than the form does by itself; empty: as the form does.

    `eyebrow`, `title` and `intro` stand over the first step, `thanks` is the text of the thanks.
    """

    eyebrow: str = ""
    title: str = ""
    intro: str = ""
    thanks: str = ""

    @classmethod
    def read(cls, draft: Draft) -> ToolWords:
        return cls(**{name: draft.text(name, "", longest=LONGEST_INTRO) for name in WORDS})

    def to_json(self) -> dict[str, str]:
        return {name: words for name in WORDS if (words := getattr(self, name))}


DEFAULT_TOOLS = {
    "ai_recommendation": ToolWords("Talk it over", "Where may a doctor answer you?"),
    "face_analysis": ToolWords("Talk it over", "Where may a doctor answer you?"),
    "cost_calculator": ToolWords("Send me this"),
    "appointment_booked": ToolWords("Before you come"),
}
PRIVACY = Field("consent_privacy", "I have read how my details are used", "consent")


@dataclass(frozen=True, slots=True)
class ContactForm:
    """The form. `version` 0 is the default of everybody who has published none."""

    steps: tuple[Step, ...] = DEFAULT_STEPS
    thanks: Thanks = Thanks()
    tools: dict[str, ToolWords] = field(default_factory=lambda: dict(DEFAULT_TOOLS))
    privacy: Field = PRIVACY
    version: int = 0

    @classmethod
    def from_json(cls, data: Any, version: int = 0) -> ContactForm:
        """Raises FormError with paths such as `steps.0.fields.1.label` or `thanks.title`."""
        draft = Draft(data, FormError)
        steps = read_steps(draft)
        thanks = Thanks.read(draft.part("thanks"))
        tools = draft.part("tools")
        words = {name: ToolWords.read(tools.part(name)) for name in TOOLS if name in tools.data}
        privacy = draft.part("privacy")
        label = privacy.text("label", longest=LONGEST_CONSENT)
        number = privacy.integer("version", 1, 1, 10_000)
        draft.check()
        return cls(steps, thanks, words, replace(PRIVACY, label=label, version=number), version)

    def to_json(self) -> dict[str, Any]:
        return {
            "steps": [step.to_json() for step in self.steps],
            "thanks": self.thanks.to_json(),
            "tools": {
                name: told for name, words in self.tools.items() if (told := words.to_json())
            },
            "privacy": {"label": self.privacy.label, "version": self.privacy.version},
        }

    @property
    def consents(self) -> tuple[Field, ...]:
        """Every box of the form, the privacy notice's last."""
        boxes = (each for step in self.steps for each in step.fields if is_consent(each))
        return (*boxes, self.privacy)

    def step_with_privacy(self, step: Step) -> Step:
        """The step that makes a lead also offers the privacy notice."""
        if any(each.name == PRIVACY.name for each in step.fields):
            return step
        return replace(step, fields=(*step.fields, self.privacy))

    def words_for(self, tool: str) -> ToolWords:
        """What the form says beside a tool."""
        return self.tools.get(tool, ToolWords())


DEFAULT_FORM = ContactForm()


def filled(text: str, name: str, reach: str) -> str:
    """A text of the thanks with the visitor's name and how they are reached; without a name the
    comma before it goes too."""
    text = text.replace(REACH, reach)
    return text.replace(NAME, name) if name else NAMELESS.sub("", text)


def numbered(form: ContactForm, earlier: Iterable[ContactForm]) -> ContactForm:
    """The form with its consents' versions: words that were shown before keep their number, new
    words get the next one. So that a version of a consent always means the same words."""
    known: dict[str, dict[str, int]] = {}
    for one in (DEFAULT_FORM, *earlier):
        for box in one.consents:
            known.setdefault(box.name, {}).setdefault(box.label, box.version)

    def number(box: Field) -> Field:
        if not is_consent(box):
            return box
        words = known.get(box.name, {})
        return replace(box, version=words.get(box.label) or max(words.values(), default=0) + 1)

    steps = tuple(replace(s, fields=tuple(map(number, s.fields))) for s in form.steps)
    return replace(form, steps=steps, privacy=number(form.privacy))


def changes(old: ContactForm, new: ContactForm) -> list[str]:
    """What the new form does otherwise, in sentences for people."""
    told = []
    before, after = ({step.name: step for step in one.steps} for one in (old, new))
    told += [f"Step “{before[name].title}” taken out" for name in before if name not in after]
    told += [f"Step “{step.title}” added" for name, step in after.items() if name not in before]
    for name, step in after.items():
        if name in before:
            told += _step_changes(before[name], step)
    kept = [name for name in before if name in after]
    if kept != [name for name in after if name in before]:
        told.append("Steps in another order")
    if old.thanks != new.thanks:
        told.append("Thanks reworded")
    if old.privacy.label != new.privacy.label:
        told.append("Words beside the privacy notice changed")
    told += [
        f"Words beside the {name.replace('_', ' ')} changed"
        for name in TOOLS
        if old.words_for(name) != new.words_for(name)
    ]
    return told


def _step_changes(old: Step, new: Step) -> list[str]:
    before, after = ({each.name: each for each in one.fields} for one in (old, new))
    told = []
    if (old.title, old.intro) != (new.title, new.intro):
        told.append(f"Step “{new.title}” reworded")
    for name, each in after.items():
        if name not in before:
            told.append(f"“{each.label}” asked in “{new.title}”")
        elif replace(before[name], version=1) != replace(each, version=1):
            told.append(f"“{each.label}” changed")
    told += [f"“{b.label}” no longer in “{new.title}”" for n, b in before.items() if n not in after]
    if list(before) != list(after) and before.keys() == after.keys():
        told.append(f"“{new.title}” asks in another order")
    if set(old.require_any) != set(new.require_any):
        told.append(f"“{new.title}” requires something else")
    return told
