"""Work that takes longer than a request: a row with a lease, so that a crash loses nothing."""

from datetime import datetime, timedelta

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import db
from app.models.types import Document, Instant
from app.tenancy import OrganizationOwned

JOB_STATES = ("waiting", "running", "done", "failed", "cancelled")
PATIENCE = timedelta(seconds=15)
OPEN = "state IN ('waiting', 'running')"


class Job(OrganizationOwned, db.Model):
    """Something a worker does in the background, and how far it is.

    A worker holds it until `leased_until` and renews that as it goes; a job whose lease ran out
    is taken up again, with what it `kept`. `attempts` counts who took it up, and tells a worker
    that lost its lease from the one that has it now.
    """

    __tablename__ = "jobs"
    __table_args__ = (
        CheckConstraint(f"state IN {JOB_STATES}", name="state"),
        CheckConstraint("done_steps >= 0 AND all_steps >= 0", name="steps"),
        Index(None, "organization_id", "kind", "created_at"),
        Index(
            "ix_jobs_open",
            "organization_id",
            "created_at",
            sqlite_where=text(OPEN),
            postgresql_where=text(OPEN),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    arguments: Mapped[dict] = mapped_column(Document)
    state: Mapped[str] = mapped_column(default="waiting")
    done_steps: Mapped[int] = mapped_column(default=0)
    all_steps: Mapped[int] = mapped_column(default=0)  # 0 while nobody has counted yet
    message: Mapped[str] = mapped_column(default="")
    kept: Mapped[dict | None] = mapped_column(Document)
    result: Mapped[dict | None] = mapped_column(Document)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    created_at: Mapped[datetime] = mapped_column(Instant)
    started_at: Mapped[datetime | None] = mapped_column(Instant)
    finished_at: Mapped[datetime | None] = mapped_column(Instant)
    leased_until: Mapped[datetime | None] = mapped_column(Instant)
    attempts: Mapped[int] = mapped_column(default=0)
    cancel_asked: Mapped[bool] = mapped_column(default=False)

    @property
    def is_over(self) -> bool:
        return self.state not in ("waiting", "running")

    @property
    def percent(self) -> int:
        """How much is done, 0..100; 0 while nobody has counted how much there is."""
        return min(100 * self.done_steps // self.all_steps, 100) if self.all_steps else 0

    def is_held(self, now: datetime) -> bool:
        """Whether a worker has it in hand."""
        return self.state == "running" and self.leased_until is not None and self.leased_until > now

    def is_forsaken(self, now: datetime) -> bool:
        """Whether it has waited longer than any running worker lets a job wait."""
        if self.is_over or self.is_held(now):
            return False
        since = max(self.created_at, self.leased_until or self.created_at)
        return now - since > PATIENCE
