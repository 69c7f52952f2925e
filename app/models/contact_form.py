from datetime import datetime

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import db
from app.models.types import Document, Instant
from app.tenancy import OrganizationOwned


class ContactFormVersion(OrganizationOwned, db.Model):
    """One published version of an organization's contact form (app.domain.contact.form); the newest
    is in force. A version is never changed: consents point to the words that it held."""

    __tablename__ = "contact_forms"
    __table_args__ = (UniqueConstraint("organization_id", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    version: Mapped[int]
    body: Mapped[dict] = mapped_column(Document)
    note: Mapped[str] = mapped_column(default="")
    published_at: Mapped[datetime] = mapped_column(Instant)
    published_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
