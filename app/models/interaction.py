from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import db
from app.models.types import Document, Identifier, Instant, SerialKey
from app.tenancy import OrganizationOwned


class Interaction(OrganizationOwned, db.Model):
    """One thing that happened. Written once by the tracker, never changed.

    `id` is the order of arrival, `event_id` the sender's own id (a retry is stored once).
    No foreign keys: the log is what everything else is derived from.
    `data` is what the sender told; `context` what we know around it: title, target, name, whether
    its time was clamped, and with the first of a visit its `origin`
    (app.domain.tracking.visit.Origin). `score` and `contributions` belong to high-intent acts;
    their `context` has the `rules_version` that gave the score, and the `facts` of session and
    visitor that it was given by.
    """

    __tablename__ = "interactions"
    __table_args__ = (
        UniqueConstraint("organization_id", "event_id"),
        Index(None, "organization_id", "occurred_at"),
        Index(None, "organization_id", "visitor_session_id"),
        Index(None, "organization_id", "type", "occurred_at"),
        Index(
            "ix_interactions_of_leads",  # all that counting the acts of every lead reads
            "organization_id",
            "lead_id",
            "type",
            "occurred_at",
            sqlite_where=text("lead_id IS NOT NULL"),
            postgresql_where=text("lead_id IS NOT NULL"),
        ),
        Index(
            "ix_interactions_scored",
            "organization_id",
            "visitor_id",
            sqlite_where=text("score IS NOT NULL"),
            postgresql_where=text("score IS NOT NULL"),
        ),
        CheckConstraint("score BETWEEN 0 AND 100", name="score"),
    )

    id: Mapped[int] = mapped_column(SerialKey, primary_key=True)
    site_id: Mapped[int | None]
    event_id: Mapped[UUID] = mapped_column(Identifier)
    visitor_id: Mapped[UUID | None] = mapped_column(Identifier)
    visitor_session_id: Mapped[UUID | None] = mapped_column(Identifier)
    lead_id: Mapped[int | None]
    type: Mapped[str]
    channel: Mapped[str]
    occurred_at: Mapped[datetime] = mapped_column(Instant)
    received_at: Mapped[datetime] = mapped_column(Instant)
    url: Mapped[str | None]
    label: Mapped[str | None]
    important: Mapped[bool] = mapped_column(default=False)
    engaged_seconds: Mapped[int | None]
    revenue: Mapped[int | None]
    score: Mapped[int | None]
    contributions: Mapped[list | None] = mapped_column(Document)
    data: Mapped[dict | None] = mapped_column(Document)
    context: Mapped[dict | None] = mapped_column(Document)
