"""Make or complete a lead from what somebody gave, with all that follows, in one transaction."""

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple
from uuid import uuid5

from sqlalchemy.exc import IntegrityError

from app.domain.validation import Invalid
from app.extensions import db
from app.identity import Identity
from app.models import (
    Consent,
    Interaction,
    Lead,
    Organization,
    OutboxMessage,
    Site,
)
from app.operations.attribution.set_touches import set_touches
from app.operations.audit import audit
from app.operations.contact.adopt_consents import adopt_consents
from app.operations.contact.read_contact import read_contact
from app.operations.contact.tell_of_lead import PATIENCE
from app.operations.leads.enter_stage import enter_stage
from app.operations.leads.renew_lead import renew_lead
from app.operations.scoring.rescore_leads import take_scored_act
from app.operations.tracking.link_visitor import link_visitor
from app.operations.tracking.record_interaction import record_interaction
from app.operations.tracking.track import lock_log
from app.queries.contact import contact
from app.queries.scoring.judge import Judge
from app.queries.scoring.rules import interaction_rules
from app.tenancy import acting_organization_id

UNREACHABLE = "Give an e-mail address or a phone number."
# What people want now; who they are is only filled in where it was blank.
WISHES = ("budget", "urgency", "preferred_time")


class ConsentGiven(NamedTuple):
    """A consent with the very words that were shown."""

    granted: bool
    text: str
    version: str


def create_lead_from_form(
    given: dict,
    *,
    site: Site | None,
    interaction: Interaction | None,
    identity: Identity | None,
    source: str,
    utm: Mapping[str, str] | None,
    consents: Mapping[str, ConsentGiven | bool],
    now: datetime,
    lead: Lead | None = None,
    user_id: int | None = None,
    trusted: bool = True,
    answers: Mapping[str, Mapping] | None = None,
) -> tuple[Lead, bool]:
    """The lead with this e-mail, else this phone, completed; or a new one. And whether it is new.

    Known values are kept: blanks are filled, wishes renewed, and another phone or name given is
    written to the notes. `lead` is whom the visitor was known as before the form; another e-mail
    makes them somebody else. Where only a typed address says who gives this (not `trusted`), wishes
    are kept as well and go to the notes with the date. `answers` are those to the organization's
    own questions: name -> {"label", "answer"}. Raises Invalid naming each field that cannot be
    used.
    """
    organization = db.session.get(Organization, acting_organization_id())
    lock_log(db.session.connection(), organization.id)
    if lead:
        db.session.refresh(lead)
    clean = read_contact(given, (organization.settings or {}).get("region", "FR"))
    known = lead
    lead, created = _lead_for(clean, known, source, now)
    trusted = created or (trusted and known in (None, lead))
    filled = _fill(lead, clean, trusted, now)
    filled += _answer(lead, answers or {}, trusted, now)
    shared = not trusted or _is_shared(site)
    since = _link_visitors(lead, shared, identity, interaction, now)
    if trusted:
        adopt_consents(lead)
    _record_consents(lead, identity, consents, now)
    if created:
        enter_stage(lead, "new", f"came by {source}", now=now, user_id=user_id)
    _record(lead, created, site, interaction, identity, now)
    set_touches(lead, utm)
    _take_interaction(lead, interaction, now)
    lead.assignee_id = lead.assignee_id or contact.least_loaded_agent()
    db.session.flush()
    reason = "lead created" if created else _news(filled, consents)
    renew_lead(lead, since=since, look_at=now, reason=reason, now=now)
    _tell(lead, created, interaction, filled, user_id, now)
    db.session.flush()
    return lead, created


def _lead_for(clean: dict, known: Lead | None, source: str, now: datetime) -> tuple[Lead, bool]:
    email = clean.get("email")
    if known and email and known.email and known.email != email:
        known = None  # somebody else at the same browser
    # Whoever is known and gives a number is not the other person who has it too.
    found = known if known and not email else _find(clean) or known
    if found:
        return found, False
    if not email and not clean.get("phone"):
        raise Invalid({"email": UNREACHABLE, "phone": UNREACHABLE})
    lead = Lead(
        email=email,
        phone=clean.get("phone"),
        interests=[],
        source=source,
        created_at=now,
        updated_at=now,
    )
    try:
        with db.session.begin_nested():
            db.session.add(lead)
    except IntegrityError:  # the same address came in by another transaction just now
        found = _find(clean)
        if found is None:
            raise
        return found, False
    return lead, True


def _find(clean: dict) -> Lead | None:
    email, phone = clean.get("email"), clean.get("phone")
    found = contact.lead_with_email(email) if email else None
    if found is None and phone:
        found = contact.lead_with_phone(phone)
        if found and email and found.email:
            return None  # one phone, two people
    return found


def _fill(lead: Lead, clean: dict, trusted: bool, now: datetime) -> list[str]:
    """Names of the fields that changed."""
    changed, others = [], []
    for name, given in clean.items():
        known = getattr(lead, name)
        value = _with(known, name, given, trusted)
        if value != known:
            setattr(lead, name, value)
            changed.append(name)
        elif not _says(known, name, given):
            told = ", ".join(given) if isinstance(given, list) else given
            others.append(f"{name.replace('_', ' ')} {told}")
    changed += _note_others(lead, others, now)
    if changed:
        lead.updated_at = now
    return changed


def _note_others(lead: Lead, others: list[str], now: datetime) -> list[str]:
    line = f"{now:%Y-%m-%d} also given: {', '.join(others)}"
    if not others or line in (lead.notes or ""):
        return []
    lead.notes = f"{lead.notes}\n{line}" if lead.notes else line
    return ["notes"]


def _answer(lead: Lead, answers: Mapping[str, Mapping], trusted: bool, now: datetime) -> list[str]:
    """Names of the own questions whose answer changed; a typed address answers nothing anew."""
    known, others = dict(lead.answers or {}), []
    for name, told in answers.items():
        if name in known and not trusted and known[name]["answer"] != told["answer"]:
            others.append(f"{told['label']} {told['answer']}")
        elif name not in known or trusted:
            known[name] = dict(told)
    changed = [name for name in known if known[name] != (lead.answers or {}).get(name)]
    changed += _note_others(lead, others, now)
    if changed:
        lead.answers, lead.updated_at = known, now
    return changed


def _with(known, name: str, given, trusted: bool):
    """What a field holds once this was given."""
    if not known:
        return given
    if not trusted or _says(known, name, given):
        return known
    if name == "interests":
        return list(dict.fromkeys([*known, *given]))
    if name == "notes":
        return f"{known}\n{given}"
    return given if name in WISHES else known


def _says(known, name: str, given) -> bool:
    """Whether what is known holds what was given."""
    if name == "interests":
        return set(given) <= set(known)
    return given in known if name == "notes" else given == known


def _link_visitors(
    lead: Lead,
    shared: bool,
    identity: Identity | None,
    interaction: Interaction | None,
    now: datetime,
) -> datetime:
    """From when on there is something new of the lead."""
    ids = {identity.visitor_id if identity else None}
    ids.add(interaction.visitor_id if interaction else None)
    acted_at = min(interaction.occurred_at, now) if interaction else now
    begun = [
        link_visitor(lead, visitor_id, shared=shared, acted_at=acted_at)
        for visitor_id in ids - {None}
    ]
    return min([acted_at, *filter(None, begun)])


def _is_shared(site: Site | None) -> bool:
    """Whether the site's visitor ids may be several people's."""
    return site is not None and site.identity_mode == "cookieless"


def _record_consents(lead: Lead, identity: Identity | None, consents: Mapping, now: datetime):
    for kind, consent in consents.items():
        if isinstance(consent, bool):
            consent = ConsentGiven(consent, "Passed on without its words", "unknown")
        db.session.add(
            Consent(
                lead_id=lead.id,
                visitor_id=identity.visitor_id if identity else None,
                kind=kind,
                granted=consent.granted,
                text=consent.text,
                text_version=consent.version,
                given_at=now,
            )
        )


def _news(filled: list[str], consents: Mapping[str, ConsentGiven | bool]) -> str:
    """What is new of somebody known, as the reason of their score."""
    told = ["profile completed"] if filled else []
    for kind, consent in consents.items():
        granted = consent if isinstance(consent, bool) else consent.granted
        told.append(f"consent {'given' if granted else 'refused'}: {kind}")
    return ", ".join(told) or "came again"


def _record(lead, created, site, interaction, identity, now):
    """What the log says of it: the form, once for each use of a tool, and a new lead."""
    shared = {"site": site, "identity": identity, "lead_id": lead.id, "now": now}
    if interaction:
        event_id = uuid5(interaction.event_id, "form_submitted")
        if contact.interaction(event_id) is None:
            data = {"form": interaction.type}
            record_interaction("form_submitted", data=data, event_id=event_id, **shared)
    if created:
        data = {"source": lead.source, "tool": interaction.type if interaction else None}
        record_interaction("lead_created", data=data, **shared)


def _take_interaction(lead: Lead, interaction: Interaction | None, now: datetime):
    if interaction is None:
        return
    lead.interaction_id = lead.interaction_id or interaction.id
    lead.last_engaged_at = now
    if interaction.score is not None:
        take_scored_act(lead, interaction, Judge(interaction_rules()))


def _tell(lead, created, interaction, filled, user_id, now):
    kind = "lead.created" if created else "lead.updated"
    detail = {"source": lead.source, "fields": filled}
    audit(kind, f"lead {lead.id}", detail, user_id=user_id, now=now)
    payload = {
        "lead_id": lead.id,
        "stage": lead.stage,
        "source": lead.source,
        "lead_score": lead.lead_score,
        "grade": lead.grade,
        "assignee_id": lead.assignee_id,
        "interaction": interaction and {"type": interaction.type, "score": interaction.score},
        "fields": filled,
        "at": now.isoformat(),
    }
    db.session.add(OutboxMessage(kind=kind, payload=payload, due_at=now))
    if created and user_id is None:  # whoever makes a lead by hand knows it
        told = {"lead_id": lead.id}
        db.session.add(
            OutboxMessage(kind="notice.lead_created", payload=told, due_at=now + PATIENCE)
        )
