"""Erase a person: who they are goes, what is counted stays."""

from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy import (
    ColumnElement,
    Select,
    delete,
    exists,
    false,
    func,
    or_,
    select,
    update,
)

from app.domain.tracking.event import OWN_TYPES, TOOLS
from app.extensions import db
from app.models import (
    AuditLog,
    Consent,
    Interaction,
    Lead,
    LeadLifecycle,
    LeadNote,
    LeadScore,
    LeadVisitor,
    OutboxMessage,
    Quote,
    Task,
)
from app.models.types import to_millis
from app.operations.appointments.forget_appointments import forget_appointments
from app.operations.attribution.attribute_conversion import attribute_again
from app.operations.audit import audit
from app.operations.leads.lock_lead import lock_lead
from app.operations.tools.analyse_face import TYPE as FACE_ANALYSIS
from app.operations.tools.analyse_face import take_out_measurements
from app.operations.tools.take_out_words import TYPE as RECOMMENDATION
from app.operations.tools.take_out_words import take_out_words
from app.queries.leads.lead_acts import AT, INTERACTIONS, LINKS, VISITS

# What says who somebody is, or was written by or about them in free words.
PERSONAL = (
    "external_id",
    "email",
    "phone",
    "first_name",
    "last_name",
    "location",
    "notes",
    "preferred_time",
)
LOCATION = "Target location"  # its part of a score names the place
AT_ONCE = 1000  # ids in one UPDATE
EVER = datetime(1970, 1, 1, tzinfo=UTC)
# Interactions in which somebody says who they are, or what they want in words of their own.
TELLING_TYPES = ("identify", "form_submitted", "search")
# Interactions whose data counts and scores are made of; it names nobody, once this is taken out.
COUNTED_TYPES = (*OWN_TYPES, *TOOLS)
# An expression has no index: by that of types SQLite would read everybody's acts.
TYPE = INTERACTIONS.type.concat("")
TAKEN_OUT = {FACE_ANALYSIS: take_out_measurements, RECOMMENDATION: take_out_words}


def erase_lead(lead: Lead, *, user_id: int | None, now: datetime) -> None:
    """Takes the identity out of the lead, its consents, stages, interactions and the audit log.

    The row stays, without the person, so that every count of the past stays true; so do scores,
    stages and attribution. The visitor's browser is a stranger from now on.
    """
    lock_lead(lead)
    _forget_in_interactions(lead)
    _forget_in_audit(lead)
    _forget_in_scores(lead)
    forget_appointments(lead, now=now)
    _forget_in_mail(lead, now)
    for name in PERSONAL:
        setattr(lead, name, None)
    lead.interests = []
    lead.answers = {}
    lead.assignee_id = None
    lead.erased_at = lead.updated_at = now
    db.session.execute(
        update(Consent).where(Consent.lead_id == lead.id).values(lead_id=None, visitor_id=None)
    )
    db.session.execute(
        update(LeadLifecycle).where(LeadLifecycle.lead_id == lead.id).values(transition_reason="")
    )
    db.session.execute(
        update(LeadVisitor)
        .where(LeadVisitor.lead_id == lead.id, LeadVisitor.ends_at.is_(None))
        .values(ends_at=now)
    )
    db.session.execute(update(Quote).where(Quote.lead_id == lead.id).values(recipient={}))
    for written in (LeadNote, Task):
        db.session.execute(delete(written).where(written.lead_id == lead.id))
    # Touches had the titles and names of what was said; they are told anew from the log without.
    attribute_again(lead, EVER, now=now)
    audit("lead.erased", f"lead {lead.id}", user_id=user_id, now=now)
    payload = {"lead_id": lead.id, "at": now.isoformat()}
    db.session.add(OutboxMessage(kind="lead.erased", payload=payload, due_at=now))
    db.session.flush()


def _forget_in_interactions(lead: Lead):
    """The log's only change: what somebody told of themselves, and notes about them."""
    words = [*_ids(_acts_of(lead), TYPE.not_in(COUNTED_TYPES))]
    words += _ids(_acts_by(lead), TYPE.in_(TELLING_TYPES))
    for start in range(0, len(words), AT_ONCE):
        some = Interaction.id.in_(words[start : start + AT_ONCE])
        db.session.execute(update(Interaction).where(some).values(data=None, label=None))
    for type, take_out in TAKEN_OUT.items():
        uses = {*_ids(_acts_of(lead), type == TYPE), *_ids(_acts_by(lead), type == TYPE)}
        for use in db.session.scalars(select(Interaction).where(Interaction.id.in_(uses))):
            take_out(use)


def _ids(acts: Select, of_type: ColumnElement[bool]) -> Sequence[int]:
    return db.session.scalars(acts.where(of_type)).all()


def _acts_of(lead: Lead) -> Select:
    """The ids of the acts that name the lead."""
    return select(INTERACTIONS.id).where(
        INTERACTIONS.organization_id == lead.organization_id, INTERACTIONS.lead_id == lead.id
    )


def _acts_by(lead: Lead) -> Select:
    """The ids of what was done at the lead's browsers, but for what somebody else did there: that
    is not ours to erase. By way of visits, because visitors' acts have no index."""
    links = select(LINKS.visitor_id).where(
        LINKS.organization_id == lead.organization_id, LINKS.lead_id == lead.id
    )
    visits = select(VISITS.id).where(
        VISITS.organization_id == lead.organization_id, VISITS.visitor_id.in_(links)
    )
    anothers = exists().where(
        LINKS.organization_id == INTERACTIONS.organization_id,
        LINKS.visitor_id == INTERACTIONS.visitor_id,
        LINKS.lead_id != lead.id,
        LINKS.starts_at <= AT,
        or_(LINKS.ends_at.is_(None), LINKS.ends_at > AT),
    )
    return select(INTERACTIONS.id).where(
        INTERACTIONS.organization_id == lead.organization_id,
        INTERACTIONS.visitor_session_id.in_(visits),
        ~anothers,
    )


def _forget_in_mail(lead: Lead, now: datetime):
    """Mails to them and about them: what waits is not sent, what was sent loses its words."""
    about = OutboxMessage.payload["lead_id"].as_integer() == lead.id
    to = OutboxMessage.payload["to"].as_string() == lead.email if lead.email else false()
    db.session.execute(
        update(OutboxMessage)
        .where(OutboxMessage.kind.startswith("mail."), or_(about, to))
        .values(
            payload={"to": "erased"}, done_at=func.coalesce(OutboxMessage.done_at, to_millis(now))
        )
    )


def _forget_in_scores(lead: Lead):
    """Why a score was what it was held where they live."""
    for row in db.session.scalars(select(LeadScore).where(LeadScore.lead_id == lead.id)):
        row.contributions = [
            part | {"detail": ""} if part["name"] == LOCATION else part
            for part in row.contributions
        ]


def _forget_in_audit(lead: Lead):
    """What was changed held what it was before."""
    db.session.execute(
        update(AuditLog).where(AuditLog.subject == f"lead {lead.id}").values(detail=None)
    )
