"""Versioned rule sets; the one in force is the newest published."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.extensions import db
from app.models.types import Document, Instant
from app.tenancy import OrganizationOwned

RULE_SET_KINDS = ("interaction", "session")


class RuleSetVersion(OrganizationOwned, db.Model):
    """One published version of an organization's interaction rules or a site's session rules.

    `body` holds what is not a row of its own: thresholds and levels, or the session bands.
    A version is never changed; an edit publishes the next.
    """

    __tablename__ = "rule_sets"
    __table_args__ = (
        UniqueConstraint("organization_id", "kind", "site_id", "version"),
        Index(
            "uq_rule_sets_interaction_version",
            "organization_id",
            "version",
            unique=True,
            sqlite_where=text("site_id IS NULL"),
            postgresql_where=text("site_id IS NULL"),
        ),
        CheckConstraint(f"kind IN {RULE_SET_KINDS}", name="kind"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    site_id: Mapped[int | None] = mapped_column(ForeignKey("sites.id", ondelete="CASCADE"))
    version: Mapped[int]
    body: Mapped[dict] = mapped_column(Document, default=dict)
    note: Mapped[str] = mapped_column(default="")
    published_at: Mapped[datetime] = mapped_column(Instant)
    published_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))

    rules: Mapped[list["LeadScoringRule"]] = relationship(
        order_by="LeadScoringRule.position", cascade="all, delete-orphan", back_populates="rule_set"
    )


class LeadScoringRule(OrganizationOwned, db.Model):
    """One rule of an interaction rule set, as data (scoring.md 2)."""

    __tablename__ = "lead_scoring_rules"
    __table_args__ = (
        CheckConstraint("kind IN ('base', 'bonus')", name="kind"),
        CheckConstraint("points BETWEEN -100 AND 100", name="points"),
        Index(None, "organization_id", "rule_set_id", "position"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    rule_set_id: Mapped[int] = mapped_column(ForeignKey("rule_sets.id", ondelete="CASCADE"))
    code: Mapped[str]  # the same rule through all versions
    name: Mapped[str]
    kind: Mapped[str]
    interaction_type: Mapped[str | None]
    condition: Mapped[dict | None] = mapped_column(Document)
    points: Mapped[int]
    per_unit: Mapped[str | None]
    unit_cap: Mapped[int | None]
    active: Mapped[bool] = mapped_column(default=True)
    position: Mapped[int]

    rule_set: Mapped[RuleSetVersion] = relationship(back_populates="rules")


class RuleDraft(OrganizationOwned, db.Model):
    """Rules being edited, one draft for the interaction rules and one for each site's.

    `body` holds every value as it was typed, so that nothing is lost before it is right;
    `earlier` the last bodies by their revision, for undoing and for joining two people's edits.
    """

    __tablename__ = "rule_drafts"
    __table_args__ = (
        UniqueConstraint("organization_id", "kind", "site_id"),
        Index(
            "uq_rule_drafts_interaction",
            "organization_id",
            unique=True,
            sqlite_where=text("site_id IS NULL"),
            postgresql_where=text("site_id IS NULL"),
        ),
        CheckConstraint(f"kind IN {RULE_SET_KINDS}", name="kind"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    site_id: Mapped[int | None] = mapped_column(ForeignKey("sites.id", ondelete="CASCADE"))
    made_from: Mapped[int]
    revision: Mapped[int] = mapped_column(default=1)
    body: Mapped[dict] = mapped_column(Document)
    earlier: Mapped[list] = mapped_column(Document, default=list)
    created_at: Mapped[datetime] = mapped_column(Instant)
    updated_at: Mapped[datetime] = mapped_column(Instant)
    updated_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
