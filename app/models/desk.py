"""What those who work with leads write down for themselves and each other."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.extensions import db
from app.models.types import Instant
from app.models.user import User
from app.tenancy import OrganizationOwned


class LeadNote(OrganizationOwned, db.Model):
    """A note about a lead, by a user. One that was taken away keeps its row until it is forgotten,
    so that taking it away can be undone."""

    __tablename__ = "lead_notes"
    __table_args__ = (Index(None, "organization_id", "lead_id", "created_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    lead_id: Mapped[int] = mapped_column(ForeignKey("leads.id", ondelete="CASCADE"))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    text: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(Instant)
    edited_at: Mapped[datetime | None] = mapped_column(Instant)
    removed_at: Mapped[datetime | None] = mapped_column(Instant)

    user: Mapped[User | None] = relationship(lazy="raise")


class Task(OrganizationOwned, db.Model):
    """Something to do for a lead: whose it is, and until when, if there is a time."""

    __tablename__ = "tasks"
    __table_args__ = (
        Index(None, "organization_id", "lead_id"),
        Index(None, "organization_id", "assignee_id", "done_at", "due_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    lead_id: Mapped[int] = mapped_column(ForeignKey("leads.id", ondelete="CASCADE"))
    title: Mapped[str]
    assignee_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    due_at: Mapped[datetime | None] = mapped_column(Instant)
    created_at: Mapped[datetime] = mapped_column(Instant)
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    done_at: Mapped[datetime | None] = mapped_column(Instant)
    done_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))

    lead = relationship("Lead", lazy="raise")
    assignee: Mapped[User | None] = relationship(lazy="raise", foreign_keys=[assignee_id])


class SavedView(OrganizationOwned, db.Model):
    """A way of looking at the leads that a user keeps: the filters and the sort of its address, as
    a query string. One that is `shared` everybody of the organization sees."""

    __tablename__ = "saved_views"
    __table_args__ = (UniqueConstraint("organization_id", "user_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    name: Mapped[str]
    query: Mapped[str]
    shared: Mapped[bool] = mapped_column(default=False, server_default=false())
    created_at: Mapped[datetime] = mapped_column(Instant)
