"""All that one lead's page shows."""

from uuid import UUID

from sqlalchemy import and_, or_, select, union_all

from app.extensions import db
from app.models import (
    Consent,
    Interaction,
    Lead,
    LeadAttribution,
    LeadLifecycle,
    LeadNote,
    LeadScore,
    LeadVisitor,
    Task,
    VisitorSession,
)
from app.queries.cursor import Cursor
from app.tenancy import acting_organization_id

TIMELINE = 200
SCORES = 60


def made_by(lead: Lead) -> Interaction | None:
    """The act that made them a lead."""
    if lead.interaction_id is None:
        return None
    return db.session.scalar(select(Interaction).where(Interaction.id == lead.interaction_id))


def scores(lead_id: int) -> list[LeadScore]:
    """The newest scores, the current one first."""
    return list(
        db.session.scalars(
            select(LeadScore)
            .where(LeadScore.lead_id == lead_id)
            .order_by(
                LeadScore.is_current.desc(), LeadScore.calculated_at.desc(), LeadScore.id.desc()
            )
            .limit(SCORES)
        )
    )


def stays(lead_id: int) -> list[LeadLifecycle]:
    """Every stay in a stage, newest first."""
    return list(
        db.session.scalars(
            select(LeadLifecycle)
            .where(LeadLifecycle.lead_id == lead_id)
            .order_by(LeadLifecycle.entered_at.desc(), LeadLifecycle.id.desc())
        )
    )


def attributions(lead_id: int) -> list[LeadAttribution]:
    """The credit of the newest conversion, a row a model."""
    newest = (
        select(LeadAttribution.conversion_type, LeadAttribution.conversion_at)
        .where(
            LeadAttribution.organization_id == acting_organization_id(),
            LeadAttribution.lead_id == lead_id,
        )
        .order_by(LeadAttribution.conversion_at.desc(), LeadAttribution.id.desc())
        .limit(1)
        .subquery()
    )
    return list(
        db.session.scalars(
            select(LeadAttribution)
            .join(
                newest,
                and_(
                    LeadAttribution.conversion_type == newest.c.conversion_type,
                    LeadAttribution.conversion_at == newest.c.conversion_at,
                ),
            )
            .where(LeadAttribution.lead_id == lead_id)
        )
    )


def consents(lead_id: int) -> list[Consent]:
    """Every consent given or withdrawn, newest first."""
    return list(
        db.session.scalars(
            select(Consent)
            .where(Consent.lead_id == lead_id)
            .order_by(Consent.given_at.desc(), Consent.id.desc())
        )
    )


def acts(lead_id: int, before: Cursor | None = None) -> list[Interaction]:
    """What a lead did and was told, newest first: TIMELINE of them, and one more if any."""
    organization_id = acting_organization_id()
    told = select(Interaction.id).where(
        Interaction.organization_id == organization_id, Interaction.lead_id == lead_id
    )
    done = (
        select(Interaction.id)
        .join(VisitorSession, VisitorSession.id == Interaction.visitor_session_id)
        .join(LeadVisitor, LeadVisitor.visitor_id == VisitorSession.visitor_id)
        .where(
            Interaction.organization_id == organization_id,
            VisitorSession.organization_id == organization_id,
            LeadVisitor.organization_id == organization_id,
            LeadVisitor.lead_id == lead_id,
            Interaction.lead_id.is_(None),
            Interaction.occurred_at >= LeadVisitor.starts_at,
            or_(LeadVisitor.ends_at.is_(None), Interaction.occurred_at < LeadVisitor.ends_at),
        )
    )
    query = select(Interaction).where(Interaction.id.in_(union_all(told, done)))
    if before:
        query = query.where(before.follows(Interaction.occurred_at, Interaction.id))
    newest = query.order_by(Interaction.occurred_at.desc(), Interaction.id.desc())
    return list(db.session.scalars(newest.limit(TIMELINE + 1)))


def visits(visit_ids: set[UUID]) -> dict[UUID, VisitorSession]:
    """Visits by their id."""
    query = select(VisitorSession).where(VisitorSession.id.in_(visit_ids))
    return {visit.id: visit for visit in db.session.scalars(query)}


def note_of(lead_id: int, note_id: int) -> LeadNote | None:
    """A note about this lead, removed or not."""
    wanted = select(LeadNote).where(LeadNote.id == note_id, LeadNote.lead_id == lead_id)
    return db.session.scalar(wanted)


def task_of(lead_id: int, task_id: int) -> Task | None:
    """A task for this lead, done or not."""
    return db.session.scalar(select(Task).where(Task.id == task_id, Task.lead_id == lead_id))
