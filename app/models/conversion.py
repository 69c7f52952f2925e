from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import db
from app.models.types import Document, Instant
from app.tenancy import OrganizationOwned


class LeadAttribution(OrganizationOwned, db.Model):
    """One conversion's credit, shared among its touches by one model.

    `conversion_value` is whole minor units; `touchpoints` a list of
    {"interaction_id", "type", "channel", "source", "occurred_at", "weight" (a decimal string)}.
    """

    __tablename__ = "lead_attribution"
    __table_args__ = (
        Index(None, "organization_id", "lead_id", "conversion_at"),
        Index(None, "organization_id", "conversion_type", "conversion_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    lead_id: Mapped[int] = mapped_column(ForeignKey("leads.id", ondelete="CASCADE"))
    conversion_type: Mapped[str]
    conversion_value: Mapped[int] = mapped_column(default=0)
    conversion_at: Mapped[datetime] = mapped_column(Instant)
    model: Mapped[str]
    touchpoints: Mapped[list] = mapped_column(Document)
    calculated_at: Mapped[datetime] = mapped_column(Instant)
