"""One step of the contact form, as it was sent."""

from dataclasses import dataclass, field

from werkzeug.datastructures import MultiDict

from app.asking import HONEYPOT, consent_given
from app.domain.contact.contact_form import CONSENT, Field, Step
from app.domain.contact.typo import meant_address
from app.domain.validation import Invalid
from app.operations.contact.create_lead_from_form import UNREACHABLE
from app.operations.contact.read_contact import clean_text, read_contact

NOT_OFFERED = "Choose one of the answers, or leave this open."
LONGEST = {"text": 300, "longtext": 2000}
MEANT = "Is this address right? It looks like {}. Change it, or send it again as it is."


@dataclass
class Sent:
    """What came in: texts by field, consents given, and what is wrong with it.

    `clean`: the texts that have a value, in their normal form, once checked; `answers` those of
    the organization's own questions, with their words. `meant`: the address that was probably
    meant, when it was not asked about before.
    """

    values: dict
    consents: dict
    errors: dict = field(default_factory=dict)
    clean: dict = field(default_factory=dict)
    answers: dict = field(default_factory=dict)
    meant: str | None = None

    @property
    def is_blank(self) -> bool:
        return not self.consents and not any(self.values.values())


def read(form: MultiDict, step: Step) -> Sent:
    """The step's fields as they were sent; a box is given only when it was ticked."""
    values, consents = {}, {}
    for each in step.fields:
        if each.kind != "consent":
            values[each.name] = form.get(each.name, "")[:5000].strip()
        elif form.get(each.name):
            consents[each.name.removeprefix(CONSENT)] = consent_given(each)
    if form.get("use_meant") and "email" in values:
        values["email"] = form["use_meant"][:5000].strip()
    return Sent(values, consents)


def check(sent: Sent, step: Step, region: str, reachable: bool, confirmed: str = ""):
    """Notes what is wrong, by field. `reachable`: the visitor gave an address or number before;
    `confirmed`: the address that they were asked about already."""
    for each in step.fields:
        value = sent.values.get(each.name)
        if each.kind == "choice" and value and value not in dict(each.options):
            sent.errors[each.name] = NOT_OFFERED
    try:
        sent.clean = read_contact(sent.values, region)
    except Invalid as invalid:
        sent.errors |= invalid.fields
    for each in step.fields:
        if each.is_own:
            _read_own(sent, each)
    told = sent.clean.keys() | sent.errors.keys()
    if step.require_any and not reachable and told.isdisjoint(step.require_any):
        sent.errors.setdefault(step.require_any[0], UNREACHABLE)
    _doubt(sent, confirmed)


def _read_own(sent: Sent, question: Field):
    """The answer to a question that no field of the lead is there for, in words."""
    text = clean_text(sent.values.get(question.name), keep_lines=question.kind == "longtext")
    longest = LONGEST.get(question.kind)
    if longest and len(text) > longest:
        sent.errors[question.name] = f"Shorten this to {longest} characters."
    elif text and question.name not in sent.errors:
        words = dict(question.options).get(text, text)
        sent.clean[question.name] = text
        sent.answers[question.name] = {"label": question.label, "answer": words}


def _doubt(sent: Sent, confirmed: str):
    """An address with a slip in its domain is asked about, once."""
    email = sent.clean.get("email")
    meant = meant_address(email) if email and email != confirmed else None
    if meant:
        sent.meant = meant
        sent.errors["email"] = MEANT.format(meant)


def is_trapped(form: MultiDict) -> bool:
    """Whether the field that people do not see was filled in."""
    return bool(form.get(HONEYPOT))
