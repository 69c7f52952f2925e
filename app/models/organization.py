from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import db
from app.models.types import Document, Instant


class Organization(db.Model):
    """A tenant. `settings` overrides defaults: lead rules, contact form steps, automatic moves."""

    __tablename__ = "organizations"

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    timezone: Mapped[str] = mapped_column(default="UTC")
    currency: Mapped[str] = mapped_column(default="EUR")
    settings: Mapped[dict] = mapped_column(Document, default=dict)
    created_at: Mapped[datetime] = mapped_column(Instant)
