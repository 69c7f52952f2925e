from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import db
from app.models.types import Document, Instant
from app.tenancy import OrganizationOwned


class AuditLog(OrganizationOwned, db.Model):
    """Who did what to what, and what it was before."""

    __tablename__ = "audit_logs"
    __table_args__ = (Index(None, "organization_id", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    action: Mapped[str]
    subject: Mapped[str]
    detail: Mapped[dict | None] = mapped_column(Document)
    at: Mapped[datetime] = mapped_column(Instant)
