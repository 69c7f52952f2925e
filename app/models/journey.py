from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import db
from app.models.types import Document, Instant
from app.tenancy import OrganizationOwned


class LeadJourney(OrganizationOwned, db.Model):
    """Where a lead's journey stands: one row a lead, renewed with every engagement and every night.

    `engagement` and `churn_risk` are ten-thousandths; the Scores of app.domain.journeys.journey
    that they came from are in `parts`. Money is minor units. `milestones` are ISO moments by name,
    `deviation` {"skipped", "back"}, `insights` a list of app.domain.journeys.insight, `next_action`
    one of app.domain.journeys.next_action.
    """

    __tablename__ = "lead_journeys"
    __table_args__ = (
        UniqueConstraint("organization_id", "lead_id"),
        Index(None, "organization_id", "churn_risk"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    lead_id: Mapped[int] = mapped_column(ForeignKey("leads.id", ondelete="CASCADE"))
    started_at: Mapped[datetime] = mapped_column(Instant)
    last_activity_at: Mapped[datetime | None] = mapped_column(Instant)
    interactions: Mapped[int]
    touchpoints: Mapped[int]
    counts: Mapped[dict] = mapped_column(Document)
    channels: Mapped[list] = mapped_column(Document)
    engagement: Mapped[int]
    trend: Mapped[str]
    churn_risk: Mapped[int]
    parts: Mapped[dict] = mapped_column(Document)
    milestones: Mapped[dict] = mapped_column(Document)
    deviation: Mapped[dict] = mapped_column(Document)
    total_revenue: Mapped[int] = mapped_column(BigInteger)
    predicted_value: Mapped[int | None] = mapped_column(BigInteger)
    predicted_because: Mapped[str]
    insights: Mapped[list] = mapped_column(Document)
    next_action: Mapped[dict] = mapped_column(Document)
    updated_at: Mapped[datetime] = mapped_column(Instant)

    @property
    def lifetime_value(self) -> int:
        """What they brought and, where it can be told, may still bring; minor units."""
        return self.total_revenue + (self.predicted_value or 0)


class LearnedHistory(OrganizationOwned, db.Model):
    """What an organization's own past says of winning (app.queries.journeys.won.Won as JSON); one
    row an organization, learned every night."""

    __tablename__ = "learned_histories"
    __table_args__ = (UniqueConstraint("organization_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    history: Mapped[dict] = mapped_column(Document)
    learned_at: Mapped[datetime] = mapped_column(Instant)
