from datetime import datetime

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import db
from app.models.types import Instant
from app.tenancy import OrganizationOwned


class EngagementType(OrganizationOwned, db.Model):
    """A kind of engagement that an organization counts besides the built-in ones; `points` are
    those of the behavioral score, for each."""

    __tablename__ = "engagement_types"
    __table_args__ = (
        UniqueConstraint("organization_id", "name"),
        CheckConstraint("points BETWEEN 0 AND 100", name="points"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    label: Mapped[str]
    channel: Mapped[str]
    points: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(Instant)
