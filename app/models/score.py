from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, Numeric, text
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import db
from app.models.types import Document, Instant
from app.tenancy import OrganizationOwned


class LeadScore(OrganizationOwned, db.Model):
    """A lead's score as it was once; one row a change, the newest marked current."""

    __tablename__ = "lead_scores"
    __table_args__ = (
        Index(None, "organization_id", "lead_id", "calculated_at"),
        Index(
            "uq_lead_scores_current",
            "organization_id",
            "lead_id",
            unique=True,
            sqlite_where=text("is_current"),
            postgresql_where=text("is_current"),
        ),
        CheckConstraint("total_score BETWEEN 0 AND 100", name="total_score"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    lead_id: Mapped[int] = mapped_column(ForeignKey("leads.id", ondelete="CASCADE"))
    total_score = mapped_column(Numeric(5, 2), nullable=False)
    undecayed_score = mapped_column(Numeric(5, 2), nullable=False)
    grade: Mapped[str]
    temperature: Mapped[str]
    score_factors: Mapped[dict] = mapped_column(Document)
    contributions: Mapped[list] = mapped_column(Document)
    rules_version: Mapped[int]
    reason: Mapped[str]
    calculated_at: Mapped[datetime] = mapped_column(Instant)
    is_current: Mapped[bool] = mapped_column(default=True)
