"""Appointments, and bookings that were begun and not finished."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.orm import contains_eager

from app.extensions import db
from app.models import Appointment, BookingAttempt, Interaction, Lead, LeadVisitor, VisitorSession
from app.queries.cursor import Cursor
from app.tenancy import acting_organization_id

ORIGIN = ("channel", "source", "medium", "campaign", "term", "content", "click_id", "referrer")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which appointments: from one moment up to another, and of whom. `owner_id`: only of the
    leads assigned to this user."""

    starts_at: datetime
    ends_at: datetime
    clinic_id: int | None = None
    practitioner_id: int | None = None
    state: str | None = None
    owner_id: int | None = None


def appointment(appointment_id: int, owner_id: int | None = None) -> Appointment | None:
    """An appointment with its lead; with `owner_id`, only of a lead assigned to that user."""
    wanted = _with_lead().where(Appointment.id == appointment_id)
    return db.session.scalar(_owned(wanted, owner_id))


def booked_by(event_id: UUID) -> Appointment | None:
    """The appointment that an interaction booked."""
    return db.session.scalar(_with_lead().where(Appointment.event_id == event_id))


def listed(wanted: Wanted) -> list[Appointment]:
    """The appointments wanted, by time."""
    query = _with_lead().where(
        Appointment.starts_at >= wanted.starts_at, Appointment.starts_at < wanted.ends_at
    )
    same = {
        Appointment.clinic_id: wanted.clinic_id,
        Appointment.practitioner_id: wanted.practitioner_id,
        Appointment.state: wanted.state,
    }
    query = query.where(*(column == value for column, value in same.items() if value is not None))
    ordered = _owned(query, wanted.owner_id).order_by(Appointment.starts_at, Appointment.id)
    return list(db.session.scalars(ordered))


def next_after(moment: datetime, owner_id: int | None = None) -> datetime | None:
    """When the first appointment from a moment on begins."""
    wanted = select(func.min(Appointment.starts_at)).where(
        Appointment.organization_id == acting_organization_id(),
        Appointment.starts_at >= moment,
        Appointment.state == "booked",
    )
    if owner_id is not None:
        mine = select(Lead.id).where(
            Lead.organization_id == acting_organization_id(), Lead.assignee_id == owner_id
        )
        wanted = wanted.where(Appointment.lead_id.in_(mine))
    return db.session.scalar(wanted)


def of_lead(lead_id: int) -> list[Appointment]:
    """A lead's appointments, the newest first."""
    wanted = select(Appointment).where(Appointment.lead_id == lead_id)
    return list(db.session.scalars(wanted.order_by(Appointment.starts_at.desc(), Appointment.id)))


def _with_lead() -> Select:
    joined = select(Appointment).outerjoin(Lead, Lead.id == Appointment.lead_id)
    return joined.options(contains_eager(Appointment.lead))


def _owned(query: Select, owner_id: int | None) -> Select:
    return query if owner_id is None else query.where(Lead.assignee_id == owner_id)


def attempt(attempt_id: UUID) -> BookingAttempt | None:
    """A booking that was begun."""
    return db.session.scalar(select(BookingAttempt).where(BookingAttempt.attempt_id == attempt_id))


def abandoned(
    since: datetime, before: Cursor | None = None, limit: int = 50
) -> tuple[list[BookingAttempt], Cursor | None]:
    """Bookings begun and not finished, the newest first, and the cursor of those before."""
    wanted = select(BookingAttempt).where(
        BookingAttempt.appointment_id.is_(None), BookingAttempt.updated_at >= since
    )
    if before:
        wanted = wanted.where(before.follows(BookingAttempt.updated_at, BookingAttempt.id))
    newest = wanted.order_by(BookingAttempt.updated_at.desc(), BookingAttempt.id.desc())
    found = list(db.session.scalars(newest.limit(limit + 1)))
    if len(found) <= limit:
        return found, None
    return found[:limit], Cursor(found[limit - 1].updated_at, found[limit - 1].id)


def begun_counts(since: datetime) -> dict[str, int]:
    """How many bookings begun since then were finished, and how far the others came."""
    rows = db.session.execute(
        select(BookingAttempt.step, BookingAttempt.appointment_id.is_not(None), func.count())
        .where(
            BookingAttempt.organization_id == acting_organization_id(),
            BookingAttempt.updated_at >= since,
        )
        .group_by(BookingAttempt.step, BookingAttempt.appointment_id.is_not(None))
    ).all()
    counts = {"booked": 0, "times": 0, "details": 0}
    for step, finished, count in rows:
        counts["booked" if finished else step] += count
    return counts


def source_of(interaction: Interaction) -> dict:
    """How the visitor of this interaction came to that visit, as it is kept with a booking."""
    if interaction.visitor_session_id is None:
        return {}
    visit = db.session.scalar(
        select(VisitorSession).where(VisitorSession.id == interaction.visitor_session_id)
    )
    if visit is None:
        return {}
    told = {name: getattr(visit, name) for name in ORIGIN}
    told["landing_page"] = visit.entry_url or interaction.url
    return {name: value for name, value in told.items() if value}


def leads_of_visitors(visitor_ids: Collection[UUID]) -> dict[UUID, Lead]:
    """The leads that these visitors are now, as far as they told."""
    rows = db.session.execute(
        select(LeadVisitor.visitor_id, Lead)
        .join(Lead, Lead.id == LeadVisitor.lead_id)
        .where(
            LeadVisitor.visitor_id.in_(visitor_ids),
            LeadVisitor.ends_at.is_(None),
            Lead.erased_at.is_(None),
        )
    )
    return dict(rows.tuples().all())
