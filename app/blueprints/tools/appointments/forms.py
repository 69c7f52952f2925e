"""Who comes, as it was sent, and what is wrong with it."""

from dataclasses import dataclass, field

from werkzeug.datastructures import MultiDict

from app.asking import Person, consent_given, with_privacy
from app.domain.contact.contact_form import Field, Step
from app.domain.validation import Invalid
from app.operations.contact.create_lead_from_form import UNREACHABLE
from app.operations.contact.read_contact import read_contact
from app.queries.contact import contact_form

CONSENT = "consent_"
NAMELESS = "Tell us your first name, so that we know whom to expect."
FIELDS = (
    Field("first_name", "First name", "text", "given-name"),
    Field("last_name", "Last name", "text", "family-name"),
    Field("email", "E-mail", "email", "email"),
    Field("phone", "Phone", "tel", "tel"),
)
NOTES = Field("notes", "Anything we should know?", "longtext")
# What the booking has asked: the contact form does not ask it again.
ASKED = Step("booking", "Who is coming?", (*FIELDS, NOTES), ("email", "phone"))


@dataclass
class Sent:
    """Texts by field, consents given, and what is wrong. `clean`: in their normal form."""

    values: dict = field(default_factory=dict)
    consents: dict = field(default_factory=dict)
    errors: dict = field(default_factory=dict)
    clean: dict = field(default_factory=dict)


def consent_fields() -> tuple[Field, ...]:
    """The boxes that the organization's contact form offers first; none is ever ticked."""
    return tuple(
        each for each in with_privacy(contact_form.steps()[0]).fields if each.kind == "consent"
    )


def read(form: MultiDict) -> Sent:
    """The fields as they were sent; a box is given only when it was ticked."""
    sent = Sent({each.name: form.get(each.name, "")[:5000].strip() for each in (*FIELDS, NOTES)})
    for each in consent_fields():
        if form.get(each.name):
            kind = each.name.removeprefix(CONSENT)
            sent.consents[kind] = consent_given(each)
    return sent


def check(sent: Sent, region: str, someone: Person | None):
    """Notes what is wrong, by field. `someone` gave a name or an address here before."""
    given = someone.given if someone else frozenset()
    try:
        sent.clean = read_contact(sent.values, region)
    except Invalid as invalid:
        sent.errors |= invalid.fields
    told = sent.clean.keys() | sent.errors.keys() | given
    if "first_name" not in told:
        sent.errors["first_name"] = NAMELESS
    if told.isdisjoint(("email", "phone")):
        sent.errors["email"] = UNREACHABLE
