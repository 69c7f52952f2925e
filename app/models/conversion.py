from datetime import date, datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import db
from app.models.types import Document, Instant
from app.tenancy import OrganizationOwned


class LeadAttribution(OrganizationOwned, db.Model):
    """One conversion's credit, shared among its touches by one model.

    `conversion_value` is whole minor units; `touchpoints` a list of {"interaction_id", "type",
    "channel", "source", "name", "occurred_at", "weight" (a decimal string), "value" (minor units)}.
    `summary` is app.domain.attribution.attribution.summary of them, and for the models that learn
    how many journeys they learned from.
    """

    __tablename__ = "lead_attribution"
    __table_args__ = (
        Index(None, "organization_id", "lead_id", "conversion_at"),
        Index(None, "organization_id", "conversion_type", "conversion_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    lead_id: Mapped[int] = mapped_column(ForeignKey("leads.id", ondelete="CASCADE"))
    conversion_type: Mapped[str]
    conversion_value: Mapped[int] = mapped_column(default=0)
    conversion_at: Mapped[datetime] = mapped_column(Instant)
    model: Mapped[str]
    touchpoints: Mapped[list] = mapped_column(Document)
    summary: Mapped[dict | None] = mapped_column(Document)
    calculated_at: Mapped[datetime] = mapped_column(Instant)


class AttributionCredit(OrganizationOwned, db.Model):
    """What one conversion credits to one channel and source by one model: the touches of a
    LeadAttribution added up, so that periods are summed by the database.

    `weight` is millionths of the conversion, `value` minor units.
    """

    __tablename__ = "attribution_credits"
    __table_args__ = (
        Index(None, "organization_id", "conversion_type", "conversion_at"),
        Index(None, "organization_id", "lead_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    lead_id: Mapped[int] = mapped_column(ForeignKey("leads.id", ondelete="CASCADE"))
    conversion_type: Mapped[str]
    conversion_at: Mapped[datetime] = mapped_column(Instant)
    model: Mapped[str]
    channel: Mapped[str]
    source: Mapped[str]
    weight: Mapped[int]
    value: Mapped[int] = mapped_column(BigInteger)


class ChannelWorth(OrganizationOwned, db.Model):
    """What a channel is worth by a model that learns (app.domain.attribution.data_driven): a
    removal effect, or conversions. `journeys` is how many it was learned from, `conversions` how
    many converted."""

    __tablename__ = "channel_worth"
    __table_args__ = (UniqueConstraint("organization_id", "conversion_type", "model", "channel"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    conversion_type: Mapped[str]
    model: Mapped[str]
    channel: Mapped[str]
    worth: Mapped[float]
    journeys: Mapped[int]
    conversions: Mapped[int]
    learned_at: Mapped[datetime] = mapped_column(Instant)


class Spend(OrganizationOwned, db.Model):
    """Money spent on a channel, or on one source of it, from the first day to the last, both
    included; `amount` is minor units, spread evenly over the days."""

    __tablename__ = "spend"
    __table_args__ = (
        Index(None, "organization_id", "ends_on"),
        CheckConstraint("starts_on <= ends_on", name="days"),
        CheckConstraint("amount > 0", name="amount"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    channel: Mapped[str]
    source: Mapped[str] = mapped_column(default="")
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    amount: Mapped[int] = mapped_column(BigInteger)
    note: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime] = mapped_column(Instant)
