from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.extensions import db
from app.models.types import Document, Identifier, Instant
from app.tenancy import OrganizationOwned


class Quote(OrganizationOwned, db.Model):
    """A numbered quote: what a use of the calculator (`event_id`) was priced at, frozen, for the
    lead who asked for it.

    `sequence` counts up by one for each quote of the organization in a `year`, without gaps.
    `content` is what the document says (app.domain.tools.quote); `recipient` whom it is made out
    to, as they gave it. The last valid day is `valid_until`, in the organization's time zone. A
    quote that another one `replaces` is out of force; each is replaced at most once.
    """

    __tablename__ = "quotes"
    __table_args__ = (
        UniqueConstraint("organization_id", "year", "sequence"),
        UniqueConstraint("organization_id", "number"),
        UniqueConstraint("organization_id", "event_id", "lead_id"),
        UniqueConstraint("organization_id", "replaces_id"),
        Index(None, "organization_id", "lead_id"),
        Index(None, "organization_id", "issued_at"),
        CheckConstraint("sequence > 0", name="sequence"),
        CheckConstraint("total_low BETWEEN 0 AND total_high", name="total"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    year: Mapped[int]
    sequence: Mapped[int]
    number: Mapped[str]
    event_id: Mapped[UUID] = mapped_column(Identifier)
    lead_id: Mapped[int | None] = mapped_column(ForeignKey("leads.id", ondelete="SET NULL"))
    replaces_id: Mapped[int | None] = mapped_column(ForeignKey("quotes.id", ondelete="SET NULL"))
    logo_id: Mapped[int | None] = mapped_column(ForeignKey("logos.id", ondelete="SET NULL"))
    recipient: Mapped[dict] = mapped_column(Document, default=dict)
    content: Mapped[dict] = mapped_column(Document)
    currency: Mapped[str]
    total_low: Mapped[int] = mapped_column(BigInteger)
    total_high: Mapped[int] = mapped_column(BigInteger)
    issued_at: Mapped[datetime] = mapped_column(Instant)
    valid_until: Mapped[date]
    sent_at: Mapped[datetime | None] = mapped_column(Instant)
    views: Mapped[int] = mapped_column(default=0)
    first_viewed_at: Mapped[datetime | None] = mapped_column(Instant)
    last_viewed_at: Mapped[datetime | None] = mapped_column(Instant)
    downloads: Mapped[int] = mapped_column(default=0)

    lead = relationship("Lead", lazy="raise")
    logo = relationship("Logo", lazy="raise")
    replaces = relationship("Quote", remote_side=[id], lazy="raise")


class Logo(OrganizationOwned, db.Model):
    """A picture that stood at the head of documents; the newest one stands there now, and documents
    of then keep theirs. `png` is base64; empty: from here on there is none."""

    __tablename__ = "logos"
    __table_args__ = (Index(None, "organization_id", "added_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    png: Mapped[str]
    width: Mapped[int]
    height: Mapped[int]
    added_at: Mapped[datetime] = mapped_column(Instant)
