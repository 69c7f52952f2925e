"""One step of the contact form, as it was sent."""

from dataclasses import dataclass, field

from werkzeug.datastructures import MultiDict

from app.asking import HONEYPOT, PRIVACY_VERSION
from app.domain.contact_form import Step
from app.domain.validation import Invalid
from app.operations.create_lead_from_form import UNREACHABLE, ConsentGiven
from app.operations.read_contact import read_contact

CONSENT = "consent_"
NOT_OFFERED = "Choose one of the answers, or leave this open."


@dataclass
class Sent:
    """What came in: texts by field, consents given, and what is wrong with it.

    `clean`: the texts that have a value, in their normal form, once checked.
    """

    values: dict
    consents: dict
    errors: dict = field(default_factory=dict)
    clean: dict = field(default_factory=dict)

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
            kind = each.name.removeprefix(CONSENT)
            consents[kind] = ConsentGiven(True, each.label, PRIVACY_VERSION)
    return Sent(values, consents)


def check(sent: Sent, step: Step, region: str, reachable: bool):
    """Notes what is wrong, by field. `reachable`: the visitor gave an address or number before."""
    for each in step.fields:
        value = sent.values.get(each.name)
        if each.kind == "choice" and value and value not in dict(each.options):
            sent.errors[each.name] = NOT_OFFERED
    try:
        sent.clean = read_contact(sent.values, region)
    except Invalid as invalid:
        sent.errors |= invalid.fields
    told = sent.clean.keys() | sent.errors.keys()
    if step.require_any and not reachable and told.isdisjoint(step.require_any):
        sent.errors.setdefault(step.require_any[0], UNREACHABLE)


def is_trapped(form: MultiDict) -> bool:
    """Whether the field that people do not see was filled in."""
    return bool(form.get(HONEYPOT))
