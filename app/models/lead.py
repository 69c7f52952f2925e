from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.extensions import db
from app.models.types import Document, Identifier, Instant
from app.tenancy import OrganizationOwned


class Lead(OrganizationOwned, db.Model):
    """A person who told us who they are.

    `external_id` is what another system calls them (flask import).
    `email` is normalised (lower case, as email-validator does), `phone` is E.164.
    `interaction_id` is the act that made them a lead; its score stands there.
    `scored_interaction_id` is the act on which they last gave the form: `interaction_score` and
    `engagement_level` are of that act by the rules in force now, whatever it scored then.
    `lead_score` is the five-component score after decay, rounded (history: lead_scores).
    `answers` holds what they answered to the organization's own questions: name of the field ->
    {"label": the question, "answer": the words} (app.domain.contact.contact_form).
    `first_touch` and `last_touch` are Source dicts (app.domain.tracking.channel).
    """

    __tablename__ = "leads"
    __table_args__ = (
        Index(
            "uq_leads_organization_id_email",
            "organization_id",
            "email",
            unique=True,
            sqlite_where=text("email IS NOT NULL"),
            postgresql_where=text("email IS NOT NULL"),
        ),
        Index(
            "uq_leads_organization_id_external_id",
            "organization_id",
            "external_id",
            unique=True,
            sqlite_where=text("external_id IS NOT NULL"),
            postgresql_where=text("external_id IS NOT NULL"),
        ),
        Index(None, "organization_id", "phone"),
        Index(None, "organization_id", "created_at"),
        Index(None, "organization_id", "lead_score"),
        Index(None, "organization_id", "stage", "lead_score"),
        Index(None, "organization_id", "assignee_id", "lead_score"),
        CheckConstraint("lead_score BETWEEN 0 AND 100", name="lead_score"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    external_id: Mapped[str | None]
    email: Mapped[str | None]
    phone: Mapped[str | None]
    first_name: Mapped[str | None]
    last_name: Mapped[str | None]
    location: Mapped[str | None]
    customer_type: Mapped[str | None]
    category: Mapped[str | None]
    interests: Mapped[list] = mapped_column(Document, default=list)
    budget: Mapped[str | None]
    urgency: Mapped[str | None]
    preferred_time: Mapped[str | None]
    notes: Mapped[str | None]
    answers: Mapped[dict] = mapped_column(Document, default=dict, server_default="{}")
    source: Mapped[str] = mapped_column(default="website")
    stage: Mapped[str] = mapped_column(default="new")
    lead_score: Mapped[int] = mapped_column(default=0)
    grade: Mapped[str] = mapped_column(default="D")
    temperature: Mapped[str] = mapped_column(default="cold")
    engagement_level: Mapped[str | None]
    interaction_id: Mapped[int | None]
    interaction_score: Mapped[int | None]
    scored_interaction_id: Mapped[int | None]
    first_touch: Mapped[dict | None] = mapped_column(Document)
    last_touch: Mapped[dict | None] = mapped_column(Document)
    assignee_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    created_at: Mapped[datetime] = mapped_column(Instant)
    updated_at: Mapped[datetime] = mapped_column(Instant)
    last_engaged_at: Mapped[datetime | None] = mapped_column(Instant)
    erased_at: Mapped[datetime | None] = mapped_column(Instant)

    assignee = relationship("User", lazy="raise")

    @property
    def name(self) -> str:
        """What to call them: the name, else the e-mail, else the phone."""
        full = " ".join(part for part in (self.first_name, self.last_name) if part)
        return full or self.email or self.phone or f"Lead {self.id}"


class LeadVisitor(OrganizationOwned, db.Model):
    """A visitor's past is this lead's, from `starts_at` to `ends_at` (open when none).

    A second person identified on the same browser ends the first link and begins another.
    `recognised`: nobody said so on this visit, the browser remembered it.
    """

    __tablename__ = "lead_visitors"
    __table_args__ = (
        UniqueConstraint("organization_id", "visitor_id", "starts_at"),
        Index(None, "organization_id", "lead_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    lead_id: Mapped[int] = mapped_column(ForeignKey("leads.id", ondelete="CASCADE"))
    visitor_id: Mapped[UUID] = mapped_column(Identifier)
    starts_at: Mapped[datetime] = mapped_column(Instant)
    ends_at: Mapped[datetime | None] = mapped_column(Instant)
    recognised: Mapped[bool] = mapped_column(default=False, server_default=false())
