"""Asking a visitor for contact, in place: what they used, what is asked next, and whose it is.

The signed session cookie remembers which uses of tools are this browser's, which lead they became
and which answers were given here, so that the form works without tracking, and nobody answers for
somebody else. A typed address proves nothing: whoever types one that is known already is asked and
thanked like a new person, by what they gave here and never by what stands in the database.

It stands at the top of app/, beside hosting.py, because every tool's blueprint and the form's own
share it, and no blueprint imports another; it knows the request and its session, which operations
must not.
"""

import json
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from secrets import token_hex
from typing import NamedTuple
from uuid import UUID, uuid4, uuid5

from flask import abort, current_app, g, session
from itsdangerous import BadSignature, URLSafeSerializer

from app.clock import utc_now
from app.domain.contact.contact_form import Decision, Field, Step, next_step
from app.domain.contact.form import PRIVACY, ContactForm, Thanks, ToolWords, filled
from app.domain.tools.cost import BUDGETS
from app.models import Consent, Interaction, Lead
from app.models.types import from_millis, to_millis
from app.operations.contact.create_lead_from_form import ConsentGiven
from app.operations.contact.welcome_back import welcome_back
from app.operations.tools.use_tool import Browser
from app.operations.tracking.record_visit_act import record_visit_act
from app.queries.contact import contact, contact_form
from app.queries.tools import calculator

USES = "uses"
USED = "used"
PERSON = "person"
DISMISSED = "form_dismissed"
MOST_USES = 6
MOST_COUNTED = 20
MARK = 8  # characters of an id that tell a browser's few uses apart
LONGEST_NAME = 40
FASTEST = timedelta(seconds=2)
OLDEST = timedelta(days=1)
# Of the notice itself; the words of the box beside it are counted for themselves.
PRIVACY_VERSION = "2026-03"
# A field that people do not see and programs fill in.
HONEYPOT = "homepage"


class Person(NamedTuple):
    """Who is at this browser, by what they told it.

    `made`: the lead was new when this browser gave it; else somebody only typed its address.
    `given`: the names of the fields answered here; `first_name` as it was typed here; `agreed`:
    the consents given here.
    """

    lead: Lead
    made: bool
    given: frozenset[str]
    first_name: str = ""
    agreed: tuple[int, ...] = ()


@dataclass
class Asked:
    """The contact form as it stands: a step with its values and errors, or the thanks.

    `person`: who has answered here, if anybody; `known`: they had before this use of a tool.
    `meant`: the address that was probably meant. `place` is the id of the part in the page.
    """

    event_id: UUID
    step: Step | None
    number: int
    total: int
    stamp: str
    known: bool
    person: Person | None = None
    values: dict = field(default_factory=dict)
    errors: dict = field(default_factory=dict)
    message: str = ""
    meant: str | None = None
    words: ToolWords = field(default_factory=ToolWords)
    thanks: Thanks = field(default_factory=Thanks)
    receipts: list = field(default_factory=list)
    version: int = 0
    place: str = "contact"
    preview: bool = False
    honeypot: str = HONEYPOT

    @property
    def done(self) -> bool:
        return self.step is None

    @property
    def title(self) -> str:
        """What stands over the step."""
        return (self.number == 1 and self.words.title) or self.step.title

    @property
    def intro(self) -> str:
        return (self.number == 1 and self.words.intro) or self.step.intro


def browser() -> Browser:
    """What this browser remembers of whoever is at it, before another use of a tool."""
    if PERSON not in session and (lead := _lead_made_by_visitor()):
        given = sorted(contact_form.known_fields(lead))
        session[PERSON] = {"lead": lead.id, "made": True, "given": given}
    someone = _person(session.get(PERSON))
    dismissed = session.get(DISMISSED)
    return Browser(
        known=someone.given if someone else frozenset(),
        dismissed=dismissed is not None,
        dismissed_visit=UUID(dismissed) if dismissed else None,
        used=frozenset(session.get(USED, ())),
    )


def _lead_made_by_visitor() -> Lead | None:
    # Without cookies an id is shared by everybody behind one address: it says nothing of a person.
    if g.identity is None or g.site.identity_mode == "cookieless":
        return None
    return contact.lead_of_visitor(g.identity.visitor_id)


def remember_use(interaction: Interaction, decision: Decision, now: datetime):
    """Makes a use of a tool this browser's own, and notes that the form is shown with it."""
    uses = [use for use in session.get(USES, []) if use["id"] != interaction.event_id.hex]
    uses.append({"id": interaction.event_id.hex, "shown": decision.show, "asked": []})
    session[USES] = uses[-MOST_USES:]
    mark = interaction.event_id.hex[:MARK]
    session[USED] = [*(one for one in session.get(USED, ()) if one != mark), mark][-MOST_COUNTED:]
    if decision.show:
        record_once("form_shown", interaction, now=now)
    someone = _person(session.get(PERSON))
    if someone and someone.made:
        welcome_back(someone.lead, interaction, now=now)


def own_use(event_id: UUID) -> dict:
    """What this browser remembers of its use of a tool; 404 when it is not its own."""
    for use in session.get(USES, []):
        if use["id"] == event_id.hex:
            return use
    return abort(404, "This page belongs to another visit, or its time is over.")


def own_interaction(event_id: UUID) -> Interaction:
    """A use of a tool by this browser; 404 when it is not its own."""
    own_use(event_id)
    return contact.interaction(event_id) or abort(404)


def record_once(type: str, interaction: Interaction, *, now: datetime):
    """Records what happened to the form, once for each use of a tool."""
    event_id = uuid5(interaction.event_id, type)
    if contact.interaction(event_id) is None:
        record_visit_act(
            type,
            site=g.site,
            identity=g.identity,
            data={"form": interaction.type},
            event_id=event_id,
            now=now,
        )


def form_for(event_id: UUID) -> Asked | None:
    """The form to show beside a use of a tool now; None when nobody is asked."""
    use = own_use(event_id)
    if not use["shown"]:
        return None
    someone, form = person(use), contact_form.form()
    known = {*(someone.given if someone else ()), *use["asked"]}
    return asked_at(event_id, next_step(form.steps, known), someone, form=form)


def asked_at(
    event_id: UUID,
    step: Step | None,
    someone: Person | None,
    *,
    form: ContactForm | None = None,
    **more,
) -> Asked:
    """The form at a step (None: all is answered)."""
    form, step = form or contact_form.form(), step and with_own_budgets(step)
    names = [each.name for each in form.steps]
    number = names.index(step.name) + 1 if step else len(names)
    words = form.words_for(own_interaction(event_id).type)
    more.setdefault("stamp", stamp(event_id, utc_now()))
    return Asked(
        event_id=event_id,
        step=form.step_with_privacy(step) if number == 1 and step else step,
        number=number,
        total=len(names),
        known=someone is not None and not own_use(event_id).get(PERSON),
        person=someone,
        words=words,
        thanks=thanks_to(someone, form, words),
        receipts=receipts(someone),
        version=form.version,
        **more,
    )


def thanks_to(someone: Person | None, form: ContactForm, words: ToolWords) -> Thanks:
    """The thanks, by what was given here."""
    name = someone.first_name if someone else ""
    reach = "write to you" if someone and "email" in someone.given else "call you"
    thanks = form.thanks
    return Thanks(
        filled(thanks.title, name, reach),
        filled(words.thanks or thanks.text, name, reach),
        tuple(filled(point, name, reach) for point in thanks.points),
    )


def receipts(someone: Person | None) -> list[tuple[Consent, bool]]:
    """What was agreed to at this browser, and whether it is still in force."""
    if someone is None or not someone.agreed:
        return []
    in_force = contact.consents_in_force(someone.lead.id)
    given = contact.consents(someone.lead.id, someone.agreed)
    return [(one, one.kind in in_force) for one in given]


def with_privacy(step: Step) -> Step:
    """The step that makes a lead also offers the privacy notice."""
    return contact_form.form().step_with_privacy(step)


def with_own_budgets(step: Step) -> Step:
    """The step with the organization's own budgets where it has the usual ones."""
    usual = tuple(BUDGETS.items())
    if all(each.options != usual for each in step.fields):
        return step
    own = tuple(calculator.budgets().items())
    fields = (replace(each, options=own) if each.options == usual else each for each in step.fields)
    return replace(step, fields=tuple(fields))


def consent_given(box: Field) -> ConsentGiven:
    """The record of a box that was ticked: its words and their version."""
    version = f"{PRIVACY_VERSION}.{box.version}" if box.name == PRIVACY.name else str(box.version)
    return ConsentGiven(True, box.label, version)


def person(use: dict) -> Person | None:
    """Who answered this use of a tool; else who this browser is known as."""
    return _person(use.get(PERSON) or session.get(PERSON))


def _person(told: dict | None) -> Person | None:
    lead = contact.lead(told["lead"]) if told else None
    if lead is None:
        return None
    agreed = tuple(told.get("agreed", ()))
    given = frozenset(told["given"])
    return Person(lead, told["made"], given, told.get("first_name", ""), agreed)


def told_by(someone: Person) -> dict[str, str]:
    """How to reach and call somebody, by what they told this browser: never by what only the
    database knows."""
    told = {"first_name": someone.first_name}
    if "email" in someone.given:
        told["email"] = someone.lead.email
    return {name: value for name, value in told.items() if value}


def show_form(interaction: Interaction, now: datetime):
    """Shows the form beside a use of a tool because the visitor asked for it."""
    own_use(interaction.event_id)["shown"] = True
    session.modified = True
    record_once("form_shown", interaction, now=now)


def remember_answers(
    use: dict,
    step: Step,
    number: int,
    lead: Lead,
    created: bool,
    clean: dict,
    agreed: tuple[int, ...] = (),
):
    """Notes who this browser is now, what they have been asked, and which of it they answered;
    for some weeks, so that who comes back is not asked again.

    Whoever answers the first step begins anew, whether or not it led to the same lead: what is
    asked next must not tell whose address it is.
    """
    before = person(use)
    made = created or (before is not None and before.made and before.lead.id == lead.id)
    told = use.get(PERSON) or session.get(PERSON) if number > 1 else None
    told = told or {"given": []}
    asked = use["asked"] if number > 1 else []
    use["asked"] = sorted({*asked, *(each.name for each in step.fields)})
    use[PERSON] = session[PERSON] = {
        "lead": lead.id,
        "made": made,
        "given": sorted({*told["given"], *clean}),
        "first_name": clean.get("first_name", told.get("first_name", ""))[:LONGEST_NAME],
        "agreed": [*told.get("agreed", ()), *agreed][-MOST_COUNTED:],
    }
    session.permanent = session.modified = True


def finish(use: dict):
    """Nothing more is asked beside this use of a tool."""
    use["asked"] = [field.name for step in contact_form.steps() for field in step.fields]
    session.modified = True


def forget_person(use: dict):
    """Somebody else is at this browser."""
    session[PERSON] = None
    use.pop(PERSON, None)
    use["asked"] = []
    session.modified = True


def dismiss(interaction: Interaction):
    """The form is not shown again to this browser in this visit."""
    visit_id = interaction.visitor_session_id
    session[DISMISSED] = visit_id.hex if visit_id else ""
    for use in session.get(USES, []):
        use["shown"] = False
    session.modified = True


def begin_use() -> str:
    """What a tool's form carries, so that the same form sent again is the same use."""
    return _use_signer().dumps(uuid4().hex)


def use_id(begun: str, chosen) -> UUID:
    """The id of the use that `begin_use` began, with these choices (JSON); other choices are
    another use."""
    try:
        shown = UUID(_use_signer().loads(begun))
    except (BadSignature, ValueError, TypeError):
        return uuid4()
    return uuid5(shown, json.dumps(chosen, sort_keys=True))


def _use_signer() -> URLSafeSerializer:
    # Bound to the session, so that one browser's form cannot be sent as another's.
    key = session.setdefault("form_key", token_hex(8))
    return URLSafeSerializer(current_app.secret_key, salt=f"use {key}")


def stamp(event_id: UUID, shown_at: datetime) -> str:
    """Signs when the form of a use of a tool was shown."""
    return _signer().dumps([event_id.hex, to_millis(shown_at)])


def is_human_pace(stamped: str | None, event_id: UUID, now: datetime) -> bool:
    """Whether the stamp is true and the form came back no faster than people type."""
    shown_at = _shown_at(stamped, event_id)
    return shown_at is not None and FASTEST <= now - shown_at <= OLDEST


def is_stamp(stamped: str | None, event_id: UUID) -> bool:
    """Whether the stamp is one of ours for this use of a tool, and young enough to come back."""
    shown_at = _shown_at(stamped, event_id)
    return shown_at is not None and utc_now() - shown_at <= OLDEST


def _shown_at(stamped: str | None, event_id: UUID) -> datetime | None:
    try:
        shown, at = _signer().loads(stamped or "")
    except (BadSignature, ValueError, TypeError):
        return None
    return from_millis(at) if shown == event_id.hex else None


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.secret_key, salt="contact-form")
