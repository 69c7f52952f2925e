from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import db
from app.models.types import Identifier, Instant
from app.tenancy import OrganizationOwned


class Consent(OrganizationOwned, db.Model):
    """What somebody agreed to or withdrew, when, and the very words they were shown."""

    __tablename__ = "consents"
    __table_args__ = (Index(None, "organization_id", "lead_id", "kind", "given_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    lead_id: Mapped[int | None] = mapped_column(ForeignKey("leads.id", ondelete="CASCADE"))
    visitor_id: Mapped[UUID | None] = mapped_column(Identifier)
    kind: Mapped[str]  # email, sms, privacy, analytics
    granted: Mapped[bool]
    text_version: Mapped[str]
    text: Mapped[str]
    given_at: Mapped[datetime] = mapped_column(Instant)
