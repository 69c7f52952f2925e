from datetime import datetime
from urllib.parse import urlsplit

from sqlalchemy import CheckConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import db
from app.models.types import Document, Instant
from app.tenancy import OrganizationOwned

IDENTITY_MODES = ("cookieless", "cookie", "consent")


class Site(OrganizationOwned, db.Model):
    """A website with a key. `hosted` marks the one whose public pages and tools we serve."""

    __tablename__ = "sites"
    __table_args__ = (
        CheckConstraint(f"identity_mode IN {IDENTITY_MODES}", name="identity_mode"),
        CheckConstraint("resume_minutes BETWEEN 1 AND 720", name="resume_minutes"),
        Index(None, "organization_id", "domain"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    domain: Mapped[str]
    allowed_origins: Mapped[list] = mapped_column(Document, default=list)
    identity_mode: Mapped[str] = mapped_column(default="cookieless")
    honours_do_not_track: Mapped[bool] = mapped_column(default=True)
    resume_minutes: Mapped[int] = mapped_column(default=30)
    hosted: Mapped[bool] = mapped_column(default=False)
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime] = mapped_column(Instant)

    @property
    def hosts(self) -> frozenset[str]:
        """Every host name (port left out) whose pages may send events."""
        named = [self.domain, *self.allowed_origins]
        return frozenset((urlsplit(n if "//" in n else f"//{n}").hostname or "") for n in named)
