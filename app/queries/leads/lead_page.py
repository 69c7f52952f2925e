"""All that one lead's page shows, in a handful of queries however long the history is.

What is alike is asked together: one union a kind of thing. Core selects, so each names its
organization.
"""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from sqlalchemy import (
    Integer,
    Row,
    and_,
    cast,
    func,
    literal,
    null,
    select,
    union_all,
)

from app.domain.contact.form import DEFAULT_FORM, ContactForm
from app.extensions import db
from app.models import (
    AuditLog,
    Consent,
    ContactFormVersion,
    Interaction,
    Lead,
    LeadJourney,
    LeadLifecycle,
    LeadScore,
    User,
    VisitorSession,
)
from app.models.types import Instant
from app.queries.cursor import Cursor
from app.queries.leads.lead_acts import acts as lead_acts
from app.queries.leads.stays import within
from app.tenancy import acting_organization_id

TIMELINE = 200
SCORES = 60


class Whole(NamedTuple):
    """A lead with what there is one of: their journey, the act that made them a lead, the current
    score, the name of whom they are assigned to; and what the contact form in force asks."""

    lead: Lead
    journey: LeadJourney | None
    made_by: Interaction | None
    score: LeadScore | None
    assignee: str | None
    asked: ContactForm


def whole(lead_id: int, owner_id: int | None = None) -> Whole | None:
    """A lead that was not erased; with `owner_id`, only when it is assigned to that user."""
    query = (
        select(Lead, LeadJourney, Interaction, LeadScore, User.name, _newest_form())
        .outerjoin(LeadJourney, _of(LeadJourney))
        .outerjoin(LeadScore, and_(_of(LeadScore), LeadScore.is_current))
        .outerjoin(
            Interaction,
            and_(
                Interaction.organization_id == Lead.organization_id,
                Interaction.id == Lead.interaction_id,
            ),
        )
        .outerjoin(User, User.id == Lead.assignee_id)
        .where(Lead.id == lead_id, Lead.erased_at.is_(None))
    )
    if owner_id is not None:
        query = query.where(Lead.assignee_id == owner_id)
    found = db.session.execute(query).first()
    if found is None:
        return None
    *one, body = found
    return Whole(*one, ContactForm.from_json(body) if body else DEFAULT_FORM)


def _newest_form():
    return (
        select(ContactFormVersion.body)
        .where(ContactFormVersion.organization_id == acting_organization_id())
        .order_by(ContactFormVersion.version.desc())
        .limit(1)
        .scalar_subquery()
    )


def _of(model):
    return and_(model.organization_id == Lead.organization_id, model.lead_id == Lead.id)


class Scored(NamedTuple):
    """A score of then, without what it was made of."""

    calculated_at: datetime
    total_score: Decimal
    undecayed_score: Decimal
    grade: str
    reason: str


def scores(lead_id: int) -> list[Scored]:
    """The newest scores, the current one first."""
    columns = (getattr(LeadScore, name) for name in Scored._fields)
    rows = db.session.execute(
        select(*columns)
        .where(LeadScore.organization_id == acting_organization_id(), LeadScore.lead_id == lead_id)
        .order_by(LeadScore.is_current.desc(), LeadScore.calculated_at.desc(), LeadScore.id.desc())
        .limit(SCORES)
    )
    return [Scored(*row) for row in rows]


@dataclass(slots=True)
class Record:
    """What stays on record of a lead, the newest first: rows (kind, id, name, at, until, text,
    version, flag, touches, points, user_id). A stay's name is its stage and its text why, with the
    touches and the points of its engagements in it; a consent's flag whether it was given, and
    user_id who of the team noted just then that it was taken back."""

    stays: list[Row] = field(default_factory=list)
    consents: list[Row] = field(default_factory=list)

    @property
    def in_force(self) -> dict[str, Row]:
        """The consents in force, by kind."""
        newest: dict[str, Row] = {}
        for one in self.consents:
            newest.setdefault(one.name, one)
        return {kind: one for kind, one in newest.items() if one.flag}


def record(lead_id: int) -> Record:
    """Every stay in a stage, and every consent given or withdrawn."""
    inside = within(lead_id)
    stays = select(
        literal("stays").label("kind"),
        LeadLifecycle.id.label("id"),
        LeadLifecycle.stage.label("name"),
        LeadLifecycle.entered_at.label("at"),
        LeadLifecycle.exited_at.label("until"),
        LeadLifecycle.transition_reason.label("text"),
        literal("").label("version"),
        LeadLifecycle.is_current_stage.label("flag"),
        func.coalesce(inside.c.touches, 0).label("touches"),
        func.coalesce(cast(inside.c.points, Integer), 0).label("points"),
        cast(null(), Integer).label("user_id"),
    )
    stays = stays.outerjoin(inside, inside.c.stay_id == LeadLifecycle.id)
    stays = stays.where(_theirs(LeadLifecycle, lead_id))
    consents = select(
        literal("consents"),
        Consent.id,
        Consent.kind,
        Consent.given_at,
        cast(null(), Instant),
        Consent.text,
        Consent.text_version,
        Consent.granted,
        literal(0),
        literal(0),
        _noted_by(lead_id),
    ).where(_theirs(Consent, lead_id))
    every = union_all(stays, consents).subquery()
    found = Record()
    for row in db.session.execute(select(every).order_by(every.c.at.desc(), every.c.id.desc())):
        getattr(found, row.kind).append(row)
    return found


def _noted_by(lead_id: int):
    """Who of the team noted a consent at the moment that it bears."""
    return (
        select(AuditLog.user_id)
        .where(
            AuditLog.organization_id == acting_organization_id(),
            AuditLog.at == Consent.given_at,
            AuditLog.subject == f"lead {lead_id}",
            AuditLog.action.in_(("consent.withdrawn", "consent.recorded")),
            AuditLog.detail["consent_id"].as_integer() == Consent.id,
        )
        .limit(1)
        .scalar_subquery()
    )


def _theirs(model, lead_id: int):
    return and_(model.organization_id == acting_organization_id(), model.lead_id == lead_id)


def acts(
    lead_id: int, before: Cursor | None = None
) -> list[tuple[Interaction, VisitorSession | None]]:
    """What a lead did and was told, newest first, each with its visit: TIMELINE of them, and one
    more if any."""
    every = lead_acts([lead_id])
    query = (
        select(Interaction, VisitorSession)
        .join(every, every.c.id == Interaction.id)
        .outerjoin(
            VisitorSession,
            and_(
                VisitorSession.organization_id == Interaction.organization_id,
                VisitorSession.id == Interaction.visitor_session_id,
            ),
        )
    )
    if before:
        query = query.where(before.follows(every.c.occurred_at, every.c.id))
    newest = query.order_by(every.c.occurred_at.desc(), every.c.id.desc())
    return list(db.session.execute(newest.limit(TIMELINE + 1)).tuples())
