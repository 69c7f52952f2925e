"""Counters bumped in the transaction that stores what they count; dashboards read only these."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, Index, PrimaryKeyConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import db
from app.models.types import Identifier, Instant
from app.tenancy import OrganizationOwned


class Rollup(OrganizationOwned, db.Model):
    """How often `key` of `measure` was seen in the hour or day (UTC) from `starts_at`."""

    __tablename__ = "rollups"
    __table_args__ = (
        PrimaryKeyConstraint("organization_id", "grain", "measure", "starts_at", "site_id", "key"),
        {"sqlite_with_rowid": False},
    )

    grain: Mapped[str]  # hour or day
    measure: Mapped[str]
    starts_at: Mapped[datetime] = mapped_column(Instant)
    site_id: Mapped[int] = mapped_column(default=0)  # 0: no site, an offline engagement say
    key: Mapped[str] = mapped_column(default="")
    count: Mapped[int] = mapped_column(BigInteger, default=0)


class VisitorDay(OrganizationOwned, db.Model):
    """Which funnel steps a visitor reached in the visits they began on a day (UTC)."""

    __tablename__ = "visitor_days"
    __table_args__ = (
        PrimaryKeyConstraint("organization_id", "day", "site_id", "visitor_id"),
        Index(None, "organization_id", "visitor_id"),
        {"sqlite_with_rowid": False},
    )

    day: Mapped[datetime] = mapped_column(Instant)
    site_id: Mapped[int]
    visitor_id: Mapped[UUID] = mapped_column(Identifier)
    reached: Mapped[int] = mapped_column(default=0)
