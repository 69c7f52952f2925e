from datetime import datetime

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import db
from app.models.types import Document, Instant
from app.tenancy import OrganizationOwned


class OutboxMessage(OrganizationOwned, db.Model):
    """Something to tell the world, written in the transaction in which it became true."""

    __tablename__ = "outbox"
    __table_args__ = (Index(None, "organization_id", "done_at", "due_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    payload: Mapped[dict] = mapped_column(Document)
    due_at: Mapped[datetime] = mapped_column(Instant)
    leased_until: Mapped[datetime | None] = mapped_column(Instant)
    attempts: Mapped[int] = mapped_column(default=0)
    done_at: Mapped[datetime | None] = mapped_column(Instant)
