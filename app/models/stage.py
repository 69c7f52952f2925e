from datetime import datetime

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import db
from app.models.types import Instant
from app.tenancy import OrganizationOwned


class LeadLifecycle(OrganizationOwned, db.Model):
    """One stay of a lead in a stage; at most one is current."""

    __tablename__ = "lead_lifecycle"
    __table_args__ = (
        Index(None, "organization_id", "lead_id", "entered_at"),
        Index(
            "uq_lead_lifecycle_current",
            "organization_id",
            "lead_id",
            unique=True,
            sqlite_where=text("is_current_stage"),
            postgresql_where=text("is_current_stage"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    lead_id: Mapped[int] = mapped_column(ForeignKey("leads.id", ondelete="CASCADE"))
    stage: Mapped[str]
    previous_stage: Mapped[str | None]
    entered_at: Mapped[datetime] = mapped_column(Instant)
    exited_at: Mapped[datetime | None] = mapped_column(Instant)
    transition_reason: Mapped[str] = mapped_column(default="")
    is_current_stage: Mapped[bool] = mapped_column(default=True)
