"""Who a visitor is, and what is known of a lead: its visits, its acts, its consents."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, func, or_, select

from app.domain.leads.lifecycle import EXITS
from app.domain.tracking.event import ATTEMPTS, NO_ENGAGEMENTS
from app.extensions import db
from app.models import (
    Consent,
    Interaction,
    Lead,
    LeadVisitor,
    Membership,
    User,
    VisitorSession,
)
from app.queries.leads.lead_acts import AT, INTERACTIONS
from app.tenancy import acting_organization_id

# A purchase is what attribution explains, and nobody comes by staying away or by not answering; the
# others are no engagements.
NO_TOUCH = (NO_ENGAGEMENTS | ATTEMPTS).union(
    ("purchase_made", "appointment_cancelled", "appointment_missed")
)


def lead(lead_id: int | None) -> Lead | None:
    """A lead of the organization acted for that has not been erased."""
    if lead_id is None:
        return None
    return db.session.scalar(select(Lead).where(Lead.id == lead_id, Lead.erased_at.is_(None)))


def leads(lead_ids: Collection[int]) -> list[Lead]:
    """Those of these leads that have not been erased."""
    wanted = select(Lead).where(Lead.id.in_(lead_ids), Lead.erased_at.is_(None))
    return list(db.session.scalars(wanted))


def lead_with_email(email: str) -> Lead | None:
    """The lead with this normalised address."""
    return db.session.scalar(select(Lead).where(Lead.email == email))


def lead_with_phone(phone: str) -> Lead | None:
    """The oldest lead with this E.164 number; those that have no e-mail first."""
    wanted = select(Lead).where(Lead.phone == phone)
    return db.session.scalar(wanted.order_by(Lead.email.is_not(None), Lead.id).limit(1))


def open_link(visitor_id: UUID) -> LeadVisitor | None:
    """The link that says whose the visitor's acts are now."""
    return db.session.scalar(
        select(LeadVisitor)
        .where(LeadVisitor.visitor_id == visitor_id, LeadVisitor.ends_at.is_(None))
        .order_by(LeadVisitor.starts_at.desc())
        .limit(1)
    )


def last_link(visitor_id: UUID) -> LeadVisitor | None:
    """The newest link of a visitor, open or ended."""
    return db.session.scalar(
        select(LeadVisitor)
        .where(LeadVisitor.visitor_id == visitor_id)
        .order_by(LeadVisitor.starts_at.desc())
        .limit(1)
    )


def lead_of_visitor(visitor_id: UUID) -> Lead | None:
    """The lead whose the visitor's acts are now, if this visitor made them a lead.

    A visitor who only typed the address of a lead that was known is linked too, but proves
    nothing by it. Not for ids that people share (cookieless).
    """
    link = open_link(visitor_id)
    if link is None:
        return None
    made = select(Interaction.id).where(
        Interaction.lead_id == link.lead_id,
        Interaction.visitor_id == visitor_id,
        Interaction.type == "lead_created",
    )
    return lead(link.lead_id) if db.session.scalar(made.limit(1)) else None


def interaction(event_id: UUID) -> Interaction | None:
    """The interaction with this id of its sender."""
    return db.session.scalar(select(Interaction).where(Interaction.event_id == event_id))


def links_of(lead_id: int) -> list[LeadVisitor]:
    """Every visitor who is or was this lead, oldest first."""
    wanted = select(LeadVisitor).where(LeadVisitor.lead_id == lead_id)
    return list(db.session.scalars(wanted.order_by(LeadVisitor.starts_at)))


def is_the_leads() -> ColumnElement[bool]:
    """Whether a visit is that of the lead of a link, by which to join the two: one within the time
    in which its visitor was the lead, or one that was somebody else's as well and in which the lead
    did something."""
    visit, link = VisitorSession, LeadVisitor
    theirs_alone = and_(
        visit.started_at >= link.starts_at,
        or_(link.ends_at.is_(None), visit.last_activity_at < link.ends_at),
    )
    meets = and_(
        visit.last_activity_at >= link.starts_at,
        or_(link.ends_at.is_(None), visit.started_at < link.ends_at),
    )
    return and_(
        visit.organization_id == acting_organization_id(),
        visit.visitor_id == link.visitor_id,
        or_(theirs_alone, and_(meets, _did_something())),
    )


def _did_something() -> ColumnElement[bool]:
    """Whether an act of the visit is a touch of the lead of the link."""
    act, visit, link = INTERACTIONS, VisitorSession.__table__.c, LeadVisitor.__table__.c
    then = and_(link.starts_at <= AT, or_(link.ends_at.is_(None), link.ends_at > AT))
    return (
        exists()
        .where(
            act.organization_id == acting_organization_id(),
            act.visitor_session_id == visit.id,
            act.type.not_in(NO_TOUCH),
            or_(act.lead_id == link.lead_id, and_(act.lead_id.is_(None), then)),
        )
        .correlate(VisitorSession, LeadVisitor)
    )


def visits_of(lead_id: int) -> list[VisitorSession]:
    """The visits of a lead, oldest first."""
    wanted = select(VisitorSession).join(LeadVisitor, is_the_leads())
    wanted = wanted.where(LeadVisitor.lead_id == lead_id)
    # Two links of one lead may hold one visit.
    return list(db.session.scalars(wanted.order_by(VisitorSession.started_at)).unique())


def consents_in_force(lead_id: int) -> set[str]:
    """The kinds of consent whose newest record was given and not withdrawn."""
    rows = db.session.execute(
        select(Consent.kind, Consent.granted)
        .where(Consent.organization_id == acting_organization_id(), Consent.lead_id == lead_id)
        .order_by(Consent.given_at, Consent.id)
    )
    latest = dict(rows.tuples().all())
    return {kind for kind, granted in latest.items() if granted}


def consents(lead_id: int, ids: Collection[int]) -> list[Consent]:
    """Those of a lead's consents that have these ids, oldest first."""
    wanted = select(Consent).where(Consent.lead_id == lead_id, Consent.id.in_(ids))
    return list(db.session.scalars(wanted.order_by(Consent.given_at, Consent.id)))


def consents_given_at(lead_id: int, moment: datetime) -> tuple[int, ...]:
    """The ids of the consents that a lead gave at a moment."""
    wanted = select(Consent.id).where(
        Consent.organization_id == acting_organization_id(),
        Consent.lead_id == lead_id,
        Consent.given_at == moment,
        Consent.granted,
    )
    return tuple(db.session.scalars(wanted.order_by(Consent.id)))


def last_words(lead_id: int, kind: str) -> Consent | None:
    """The newest record of a kind of consent."""
    wanted = select(Consent).where(Consent.lead_id == lead_id, Consent.kind == kind)
    newest = wanted.order_by(Consent.given_at.desc(), Consent.id.desc())
    return db.session.scalar(newest.limit(1))


def whose_consent(visitor_id: UUID | None, kind: str) -> int | None:
    """The lead whose a visitor's newest consent of a kind is."""
    wanted = select(Consent).where(Consent.visitor_id == visitor_id, Consent.kind == kind)
    newest = db.session.scalar(wanted.order_by(Consent.given_at.desc(), Consent.id.desc()).limit(1))
    return newest.lead_id if newest else None


def least_loaded_agent() -> int | None:
    """The id of the active agent with the fewest open leads; None without any agent."""
    organization_id = acting_organization_id()
    load = (
        select(func.count(Lead.id))
        .where(
            Lead.organization_id == organization_id,
            Lead.assignee_id == Membership.user_id,
            Lead.erased_at.is_(None),
            Lead.stage.not_in(("customer", *EXITS)),
        )
        .correlate(Membership)
        .scalar_subquery()
    )
    wanted = (
        select(Membership.user_id)
        .join(User, User.id == Membership.user_id)
        .where(
            Membership.organization_id == organization_id,
            Membership.role == "agent",
            User.active,
        )
        .order_by(load, Membership.user_id)
        .limit(1)
    )
    return db.session.scalar(wanted)


def visit(visit_id: UUID | None) -> VisitorSession | None:
    """A visit of the organization acted for."""
    if visit_id is None:
        return None
    return db.session.scalar(select(VisitorSession).where(VisitorSession.id == visit_id))
