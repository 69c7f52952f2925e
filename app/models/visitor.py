from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, PrimaryKeyConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import db
from app.models.types import Identifier, Instant
from app.tenancy import OrganizationOwned


class Visitor(OrganizationOwned, db.Model):
    """Who is tracked: a browser, in cookieless mode a browser for a day. Derived from the log."""

    __tablename__ = "visitors"
    __table_args__ = (
        PrimaryKeyConstraint("organization_id", "id"),
        CheckConstraint("lead_score BETWEEN 0 AND 100", name="lead_score"),
        {"sqlite_with_rowid": False},
    )

    id: Mapped[UUID] = mapped_column(Identifier)
    site_id: Mapped[int]
    first_seen_at: Mapped[datetime] = mapped_column(Instant)
    last_seen_at: Mapped[datetime] = mapped_column(Instant)
    sessions_count: Mapped[int] = mapped_column(default=0)
    lead_score: Mapped[int | None]  # none until a visit has been scored
