"""Asking a visitor for contact, in place: what they used, what is asked next, and whose it is.

The signed session cookie remembers which uses of tools are this browser's and which lead they
became, so that the form works without tracking, and nobody answers for somebody else.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID, uuid5

from flask import abort, current_app, g, session
from itsdangerous import BadSignature, URLSafeSerializer

from app.clock import utc_now
from app.domain.contact_form import Decision, Field, Step, next_step
from app.models import Interaction, Lead
from app.models.types import from_millis, to_millis
from app.operations.record_interaction import record_interaction
from app.queries import contact, contact_form

USES = "uses"
LEAD = "lead_id"
DISMISSED = "form_dismissed"
MOST_USES = 6
FASTEST = timedelta(seconds=2)
OLDEST = timedelta(days=1)
PRIVACY = Field("consent_privacy", "I have read how my details are used", "consent")
PRIVACY_VERSION = "2026-03"
# A field that people do not see and programs fill in.
HONEYPOT = "homepage"


@dataclass
class Asked:
    """The contact form as it stands: a step with its values and errors, or the thanks.

    `known`: the visitor was a lead before this use of a tool.
    """

    event_id: UUID
    step: Step | None
    number: int
    total: int
    stamp: str
    known: bool
    lead: Lead | None = None
    values: dict = field(default_factory=dict)
    errors: dict = field(default_factory=dict)
    message: str = ""
    honeypot: str = HONEYPOT

    @property
    def done(self) -> bool:
        return self.step is None


def remember_use(interaction: Interaction, decision: Decision, now: datetime):
    """Makes a use of a tool this browser's own, and notes that the form is shown with it."""
    uses = [use for use in session.get(USES, []) if use["id"] != interaction.event_id.hex]
    shown = decision.show and not _is_dismissed(interaction)
    shown = shown and not contact_form.is_complete(_known_lead({}))
    uses.append({"id": interaction.event_id.hex, "shown": shown, "asked": []})
    session[USES] = uses[-MOST_USES:]
    if shown:
        record_once("form_shown", interaction, now=now)


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


def record_once(type: str, interaction: Interaction, *, now: datetime, lead_id: int | None = None):
    """Records what happened to the form, once for each use of a tool."""
    event_id = uuid5(interaction.event_id, type)
    if contact.interaction(event_id) is None:
        record_interaction(
            type,
            site=g.site,
            identity=g.identity,
            lead_id=lead_id,
            data={"form": interaction.type},
            event_id=event_id,
            now=now,
        )


def form_for(event_id: UUID) -> Asked | None:
    """The form to show beside a use of a tool now; None when nobody is asked."""
    use = own_use(event_id)
    if not use["shown"]:
        return None
    lead = known_lead(use)
    known = contact_form.known_fields(lead) | set(use["asked"])
    return asked_at(event_id, next_step(contact_form.steps(), known), lead)


def asked_at(event_id: UUID, step: Step | None, lead: Lead | None, **more) -> Asked:
    """The form at a step (None: all is answered)."""
    names = [each.name for each in contact_form.steps()]
    number = names.index(step.name) + 1 if step else len(names)
    more.setdefault("stamp", stamp(event_id, utc_now()))
    return Asked(
        event_id=event_id,
        step=with_privacy(step) if number == 1 and step else step,
        number=number,
        total=len(names),
        known=lead is not None and not own_use(event_id).get("lead"),
        lead=lead,
        **more,
    )


def with_privacy(step: Step) -> Step:
    """The step that makes a lead also offers the privacy notice."""
    if any(each.name == PRIVACY.name for each in step.fields):
        return step
    return Step(step.name, step.title, (*step.fields, PRIVACY), step.require_any)


def known_lead(use: dict) -> Lead | None:
    """Whom this browser is known as.

    By its own session; by the visitor's id only where that is the browser's own and not, as
    without cookies, shared by everybody behind one address.
    """
    if use.get("stranger"):
        return contact.lead(use.get("lead"))
    return _known_lead(use)


def _known_lead(use: dict) -> Lead | None:
    lead = contact.lead(use.get("lead") or session.get(LEAD))
    if lead is None and g.site.identity_mode != "cookieless" and g.identity:
        lead = contact.lead_of_visitor(g.identity.visitor_id)
    return lead


def remember_lead(use: dict, lead: Lead, step: Step):
    """Notes who this browser is now, and what they have been asked."""
    use["lead"] = session[LEAD] = lead.id
    use["asked"] = sorted({*use["asked"], *(each.name for each in step.fields)})
    session.modified = True


def finish(use: dict):
    """Nothing more is asked beside this use of a tool."""
    use["asked"] = [field.name for step in contact_form.steps() for field in step.fields]
    session.modified = True


def forget_lead(use: dict):
    """Somebody else is at this browser."""
    session.pop(LEAD, None)
    use.pop("lead", None)
    use.update(stranger=True, asked=[])
    session.modified = True


def dismiss():
    """The form is not shown again in this session."""
    session[DISMISSED] = True
    for use in session.get(USES, []):
        use["shown"] = False
    session.modified = True


def _is_dismissed(interaction: Interaction) -> bool:
    # Whoever is tracked has a visit, whose log says it; a session cookie may outlive the visit.
    return interaction.visitor_session_id is None and session.get(DISMISSED, False)


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
