from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, PrimaryKeyConstraint, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.extensions import db
from app.models.types import Document, Identifier, Instant
from app.tenancy import OrganizationOwned

STATES = ("booked", "cancelled", "attended", "missed")


class Appointment(OrganizationOwned, db.Model):
    """A time that somebody holds with a practitioner at a clinic.

    `event_id` is that of the interaction that booked it; signed, it is the link in the mails.
    `treatments` are slugs; names, places and the time zone are kept as they were when it was
    booked. `contact` is who comes, as told when booking. `source` is how they came to book:
    channel, the five UTM parameters, click id, referrer, landing page.
    """

    __tablename__ = "appointments"
    __table_args__ = (
        UniqueConstraint("organization_id", "event_id"),
        Index(None, "organization_id", "starts_at"),
        Index(None, "organization_id", "lead_id"),
        Index(None, "organization_id", "practitioner_id", "starts_at"),
        CheckConstraint(f"state IN {STATES}", name="state"),
        CheckConstraint("starts_at < ends_at AND ends_at <= held_until", name="times"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[UUID] = mapped_column(Identifier)
    lead_id: Mapped[int | None] = mapped_column(ForeignKey("leads.id", ondelete="SET NULL"))
    clinic_id: Mapped[int | None] = mapped_column(ForeignKey("clinics.id", ondelete="SET NULL"))
    practitioner_id: Mapped[int | None] = mapped_column(
        ForeignKey("practitioners.id", ondelete="SET NULL")
    )
    treatments: Mapped[list] = mapped_column(Document, default=list)
    title: Mapped[str]
    clinic_name: Mapped[str]
    address: Mapped[str] = mapped_column(default="")
    practitioner_name: Mapped[str]
    timezone: Mapped[str]
    visitor_timezone: Mapped[str] = mapped_column(default="")
    starts_at: Mapped[datetime] = mapped_column(Instant)
    ends_at: Mapped[datetime] = mapped_column(Instant)
    held_until: Mapped[datetime] = mapped_column(Instant)
    state: Mapped[str] = mapped_column(default="booked")
    contact: Mapped[dict] = mapped_column(Document, default=dict)
    note: Mapped[str] = mapped_column(default="")
    source: Mapped[dict] = mapped_column(Document, default=dict)
    visitor_id: Mapped[UUID | None] = mapped_column(Identifier)
    visitor_session_id: Mapped[UUID | None] = mapped_column(Identifier)
    booked_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    sequence: Mapped[int] = mapped_column(default=0)
    reminder_id: Mapped[int | None]
    created_at: Mapped[datetime] = mapped_column(Instant)
    updated_at: Mapped[datetime] = mapped_column(Instant)
    cancelled_at: Mapped[datetime | None] = mapped_column(Instant)
    cancelled_by: Mapped[str] = mapped_column(default="")  # "them" or "us"
    cancel_reason: Mapped[str] = mapped_column(default="")

    lead = relationship("Lead", lazy="raise")

    @property
    def minutes(self) -> int:
        """How long the treatment takes."""
        return int((self.ends_at - self.starts_at).total_seconds() // 60)

    @property
    def person(self) -> str:
        """Who comes, as they said; else how to reach them."""
        names = (self.contact.get("first_name"), self.contact.get("last_name"))
        full = " ".join(name for name in names if name)
        return full or self.contact.get("email") or self.contact.get("phone") or "Somebody"


class AppointmentSlot(OrganizationOwned, db.Model):
    """Five minutes of a practitioner that an appointment holds: its key is why nobody is booked
    twice, whatever the code does."""

    __tablename__ = "appointment_slots"
    __table_args__ = (
        PrimaryKeyConstraint("organization_id", "practitioner_id", "starts_at"),
        Index(None, "organization_id", "appointment_id"),
        {"sqlite_with_rowid": False},
    )

    practitioner_id: Mapped[int] = mapped_column(ForeignKey("practitioners.id", ondelete="CASCADE"))
    starts_at: Mapped[datetime] = mapped_column(Instant)
    appointment_id: Mapped[int] = mapped_column(ForeignKey("appointments.id", ondelete="CASCADE"))


class BookingAttempt(OrganizationOwned, db.Model):
    """A booking that was begun: how far it came and how its visitor had come. With an appointment
    it was finished, without one abandoned."""

    __tablename__ = "booking_attempts"
    __table_args__ = (
        UniqueConstraint("organization_id", "attempt_id"),
        Index(None, "organization_id", "updated_at"),
        CheckConstraint("step IN ('times', 'details')", name="step"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    attempt_id: Mapped[UUID] = mapped_column(Identifier)
    visitor_id: Mapped[UUID | None] = mapped_column(Identifier)
    visitor_session_id: Mapped[UUID | None] = mapped_column(Identifier)
    step: Mapped[str]
    treatments: Mapped[list] = mapped_column(Document, default=list)
    title: Mapped[str]
    clinic_name: Mapped[str]
    practitioner_name: Mapped[str] = mapped_column(default="")
    timezone: Mapped[str]
    starts_at: Mapped[datetime | None] = mapped_column(Instant)
    source: Mapped[dict] = mapped_column(Document, default=dict)
    begun_at: Mapped[datetime] = mapped_column(Instant)
    updated_at: Mapped[datetime] = mapped_column(Instant)
    appointment_id: Mapped[int | None] = mapped_column(
        ForeignKey("appointments.id", ondelete="SET NULL")
    )
