from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, PrimaryKeyConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import db
from app.models.types import Identifier, Instant
from app.tenancy import OrganizationOwned


class VisitorSession(OrganizationOwned, db.Model):
    """A visit. Derived from the log by `app.domain.tracking.visit`; ids are UUID version 7, in time
    order.

    Engaged seconds: `engaged_before` of the pages left, `engaged_page` of the page still shown.
    `reached` is the bit set of funnel steps (`app.domain.tracking.visit.STEPS`).
    """

    __tablename__ = "visitor_sessions"
    __table_args__ = (
        PrimaryKeyConstraint("organization_id", "id"),
        Index(None, "organization_id", "visitor_id", "last_activity_at"),
        Index(
            "ix_visitor_sessions_open",
            "organization_id",
            "last_activity_at",
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
        CheckConstraint("lead_score BETWEEN 0 AND 100", name="lead_score"),
        {"sqlite_with_rowid": False},
    )

    id: Mapped[UUID] = mapped_column(Identifier)
    site_id: Mapped[int]
    visitor_id: Mapped[UUID] = mapped_column(Identifier)
    started_at: Mapped[datetime] = mapped_column(Instant)
    last_activity_at: Mapped[datetime] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)
    interactions: Mapped[int] = mapped_column(default=0)
    page_views: Mapped[int] = mapped_column(default=0)
    regular_clicks: Mapped[int] = mapped_column(default=0)
    important_clicks: Mapped[int] = mapped_column(default=0)
    engaged_before: Mapped[int] = mapped_column(default=0)
    engaged_page: Mapped[int] = mapped_column(default=0)
    reached: Mapped[int] = mapped_column(default=0)
    lead_score: Mapped[int | None]
    entry_url: Mapped[str | None]
    exit_url: Mapped[str | None]
    referrer: Mapped[str | None]
    channel: Mapped[str] = mapped_column(default="direct")
    source: Mapped[str | None]
    medium: Mapped[str | None]
    campaign: Mapped[str | None]
    term: Mapped[str | None]
    content: Mapped[str | None]
    click_id: Mapped[str | None]
    device: Mapped[str | None]
    browser: Mapped[str | None]
    os: Mapped[str | None]
    language: Mapped[str | None]

    @property
    def state(self) -> str:
        return "open" if self.ended_at is None else "ended"

    @property
    def engaged_seconds(self) -> int:
        """Seconds the tab was visible and recently used."""
        return self.engaged_before + self.engaged_page

    @property
    def duration_seconds(self) -> int:
        """Whole seconds from the first to the last activity."""
        return int((self.last_activity_at - self.started_at).total_seconds())
