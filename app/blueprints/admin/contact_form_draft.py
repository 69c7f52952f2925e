"""The contact form as a form to edit it: every value a text as typed, so that nothing is lost."""

import re
import secrets
from dataclasses import dataclass, field
from typing import Any

from app.addresses import row_number
from app.domain.contact.contact_form import (
    CONSENT,
    LEAD_FIELDS,
    MOST_STEPS,
    OWN_KINDS,
    OWN_QUESTION,
    Field,
    FormError,
    Step,
)
from app.domain.contact.form import PRIVACY, WORDS, ContactForm, Thanks, ToolWords
from app.domain.tracking.event import TOOLS

MOST_FIELDS = 12  # of a step; what the domain allows is less, and it says so
LONGEST = 4000
KINDS = {"text": "Short text", "longtext": "Long text", "choice": "Choice"}
CONSENTS = {
    "consent_email": "Agree to e-mails",
    "consent_sms": "Agree to text messages",
    "consent_phone": "Agree to calls",
    "consent_newsletter": "Agree to a newsletter",
}
CONSENT_WORDS = {
    "consent_email": "You may write to me by e-mail",
    "consent_sms": "You may send me text messages",
    "consent_phone": "You may call me",
    "consent_newsletter": "Send me your newsletter",
}
OWN = "own"


@dataclass(slots=True)
class Draft:
    """A form being edited, made from version `made_from`.

    A step is {"name", "title", "intro", "fields"}; a field {"name", "label", "kind", "options",
    "hint", "required"}, its options one a line.
    """

    made_from: int
    steps: list[dict[str, Any]]
    thanks: dict[str, str]
    tools: dict[str, dict[str, str]]
    privacy: str
    note: str = ""
    errors: dict[str, str] = field(default_factory=dict)

    def error(self, name: str) -> str:
        return self.errors.get(name, "")


def draft_of(form: ContactForm) -> Draft:
    """The draft of a form as it stands."""
    return Draft(
        made_from=form.version,
        steps=[_step_draft(step) for step in form.steps],
        thanks={
            "title": form.thanks.title,
            "text": form.thanks.text,
            "points": "\n".join(form.thanks.points),
        },
        tools={
            tool: {name: getattr(form.words_for(tool), name) for name in WORDS} for tool in TOOLS
        },
        privacy=form.privacy.label,
    )


def _step_draft(step: Step) -> dict[str, Any]:
    fields = [
        {
            "name": each.name,
            "label": each.label,
            "kind": each.kind,
            "options": "\n".join(_option_line(each, *option) for option in each.options),
            "hint": each.hint,
            "required": "on" if each.name in step.require_any else "",
        }
        for each in step.fields
    ]
    return {"name": step.name, "title": step.title, "intro": step.intro, "fields": fields}


def _option_line(each: Field, value: str, label: str) -> str:
    return label if value == label else f"{value} = {label}"


def read(form) -> Draft:
    """What was sent, as typed. Raises ValueError when it is not this form at all."""
    steps, place = [], 0
    while f"steps-{place}-name" in form and place <= MOST_STEPS:
        steps.append(_read_step(form, f"steps-{place}-"))
        place += 1
    return Draft(
        made_from=row_number(form["made_from"]),
        steps=steps,
        thanks={name: _text(form, f"thanks-{name}") for name in ("title", "text", "points")},
        tools={
            tool: {name: _text(form, f"tools-{tool}-{name}") for name in WORDS} for tool in TOOLS
        },
        privacy=_text(form, "privacy-label"),
        note=_text(form, "note"),
    )


def _read_step(form, at: str) -> dict[str, Any]:
    fields, place = [], 0
    while f"{at}fields-{place}-name" in form and place <= MOST_FIELDS:
        start = f"{at}fields-{place}-"
        names = ("name", "label", "kind", "options", "hint", "required")
        fields.append(_named({name: _text(form, start + name) for name in names}))
        place += 1
    told = {name: _text(form, at + name) for name in ("name", "title", "intro")}
    return {**told, "fields": fields}


def _text(form, name: str) -> str:
    return form.get(name, "")[:LONGEST].replace("\x00", "").replace("\r\n", "\n").strip()


def _named(each: dict[str, str]) -> dict[str, str]:
    """The field with a name of its own, of a kind that fits what it fills."""
    if each["name"] == OWN:
        each["name"] = OWN_QUESTION + secrets.token_hex(4)
    allowed = _kinds_of(each["name"])
    if each["kind"] not in allowed:
        each["kind"] = allowed[0]
    return each


def _kinds_of(name: str) -> tuple[str, ...]:
    if name.startswith(CONSENT):
        return ("consent",)
    return LEAD_FIELDS[name].kinds if name in LEAD_FIELDS else OWN_KINDS


def arrange(draft: Draft, do: str) -> str | None:
    """Does what a button says, such as "add-step", "up-field-0-1" or "move-field-0-1-2-0" (the
    field to that place); the id of what is in hand then."""
    what, _, rest = do.partition("-")
    thing, _, places = rest.partition("-")
    at = [int(one) for one in places.split("-") if one.isdecimal() and len(one) < 4]
    act = ACTS.get((what, thing))
    try:
        return act(draft, *at) if act else None
    except (IndexError, TypeError):  # a place that is none
        return None


def _add_step(draft: Draft) -> str | None:
    if len(draft.steps) >= MOST_STEPS:
        return None
    name = f"step_{secrets.token_hex(3)}"
    draft.steps.append({"name": name, "title": "", "intro": "", "fields": []})
    return f"steps-{len(draft.steps) - 1}"


def _delete_step(draft: Draft, step: int) -> str | None:
    del draft.steps[step]
    return None


def _move_step(draft: Draft, step: int, to: int) -> str:
    to = min(max(to, 0), len(draft.steps) - 1)
    draft.steps.insert(to, draft.steps.pop(step))
    return f"steps-{to}"


def _delete_field(draft: Draft, step: int, place: int) -> str:
    del draft.steps[step]["fields"][place]
    return f"steps-{step}"


def _move_field(draft: Draft, step: int, place: int, to_step: int, to: int) -> str:
    target = draft.steps[to_step]["fields"]
    moved = draft.steps[step]["fields"].pop(place)
    to = min(max(to, 0), len(target))
    target.insert(to, moved)
    return f"steps-{to_step}-fields-{to}"


def _up_field(draft: Draft, step: int, place: int) -> str:
    if place > 0:
        return _move_field(draft, step, place, step, place - 1)
    if step == 0:
        return f"steps-{step}-fields-{place}"
    return _move_field(draft, step, place, step - 1, len(draft.steps[step - 1]["fields"]))


def _down_field(draft: Draft, step: int, place: int) -> str:
    if place + 1 < len(draft.steps[step]["fields"]):
        return _move_field(draft, step, place, step, place + 1)
    if step + 1 == len(draft.steps):
        return f"steps-{step}-fields-{place}"
    return _move_field(draft, step, place, step + 1, 0)


ACTS = {
    ("add", "step"): _add_step,
    ("delete", "step"): _delete_step,
    ("up", "step"): lambda draft, step: _move_step(draft, step, step - 1),
    ("down", "step"): lambda draft, step: _move_step(draft, step, step + 1),
    ("move", "step"): _move_step,
    ("delete", "field"): _delete_field,
    ("up", "field"): _up_field,
    ("down", "field"): _down_field,
    ("move", "field"): _move_field,
}


def add_field(draft: Draft, step: int, what: str) -> str | None:
    """Asks one thing more: a field of the lead, a consent, or a question of one's own."""
    if step >= len(draft.steps) or len(draft.steps[step]["fields"]) >= MOST_FIELDS:
        return None
    if what not in (OWN, *LEAD_FIELDS, *CONSENTS):
        return None
    label = LEAD_FIELDS[what].label if what in LEAD_FIELDS else CONSENT_WORDS.get(what, "")
    texts = {"name": what, "label": label, "kind": "", "options": "", "hint": "", "required": ""}
    fields = draft.steps[step]["fields"]
    fields.append(_named(texts))
    return f"steps-{step}-fields-{len(fields) - 1}"


def checked(draft: Draft) -> ContactForm | None:
    """The form that was typed; None, and the draft's errors filled, when it is none."""
    try:
        return ContactForm.from_json(_unchecked(draft).to_json(), draft.made_from)
    except FormError as error:
        draft.errors = _by_input(error.fields)
        return None


def as_typed(draft: Draft) -> ContactForm:
    """The form as far as it was typed, for the preview: also what could not be published."""
    return _unchecked(draft)


def _unchecked(draft: Draft) -> ContactForm:
    thanks = draft.thanks
    return ContactForm(
        steps=tuple(_step(step) for step in draft.steps),
        thanks=Thanks(thanks["title"], thanks["text"], _lines(thanks["points"])),
        tools={tool: ToolWords(**words) for tool, words in draft.tools.items()},
        privacy=Field(PRIVACY.name, draft.privacy, "consent"),
        version=draft.made_from,
    )


def _step(step: dict[str, Any]) -> Step:
    required = tuple(each["name"] for each in step["fields"] if each["required"])
    fields = tuple(_field(each) for each in step["fields"])
    return Step(step["name"], step["title"], fields, required, step["intro"])


def _field(each: dict[str, str]) -> Field:
    name, kind = each["name"], each["kind"]
    token = LEAD_FIELDS[name].autocomplete if name in LEAD_FIELDS else "off"
    lines = _lines(each["options"]) if kind == "choice" else ()
    options = tuple(_option(line, name) for line in lines)
    return Field(name, each["label"], kind, token, options, each["hint"])


def _option(line: str, name: str) -> tuple[str, str]:
    """ "high = Over €1,000" -> ("high", "Over €1,000"). Without a value it is the words themselves,
    of a field of the lead a short form of them."""
    value, equals, label = line.partition(" = ")
    if equals and value.strip() and label.strip():
        return value.strip(), label.strip()
    if name in LEAD_FIELDS:
        return re.sub(r"\W+", "_", line.casefold()).strip("_")[:60] or line, line
    return line, line


def _lines(text: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in text.splitlines() if line.strip())


def _by_input(problems: dict[str, str]) -> dict[str, str]:
    """The domain's paths as the ids of inputs: steps.0.fields.1.label -> steps-0-fields-1-label."""
    named = {}
    for path, message in problems.items():
        parts = path.split(".")
        for whole in ("options", "points"):
            if whole in parts:
                parts = parts[: parts.index(whole) + 1]
        named.setdefault("-".join(parts), message)
    return named
