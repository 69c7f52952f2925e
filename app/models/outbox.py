from datetime import datetime

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import db
from app.models.types import Document, Instant
from app.tenancy import OrganizationOwned


class OutboxMessage(OrganizationOwned, db.Model):
    """Something to tell the world, written in the transaction in which it became true.

    `done_at`: nothing more is to be done. It was sent then (`sent_at`), or given up (`failed_at`,
    with the last `error`), or dropped as no longer wanted (neither of the two).
    """

    __tablename__ = "outbox"
    __table_args__ = (Index(None, "organization_id", "done_at", "due_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    payload: Mapped[dict] = mapped_column(Document)
    due_at: Mapped[datetime] = mapped_column(Instant)
    leased_until: Mapped[datetime | None] = mapped_column(Instant)
    attempts: Mapped[int] = mapped_column(default=0)
    done_at: Mapped[datetime | None] = mapped_column(Instant)
    sent_at: Mapped[datetime | None] = mapped_column(Instant)
    failed_at: Mapped[datetime | None] = mapped_column(Instant)
    error: Mapped[str] = mapped_column(default="", server_default="")

    @property
    def state(self) -> str:
        """waiting, trying (failed at least once, tried again), sent, failed or dropped."""
        if self.done_at is None:
            return "trying" if self.error else "waiting"
        if self.sent_at:
            return "sent"
        return "failed" if self.failed_at else "dropped"

    def send_again(self, now: datetime):
        """Due at once, with all its attempts before it."""
        self.due_at, self.attempts, self.error = now, 0, ""
        self.done_at = self.sent_at = self.failed_at = self.leased_until = None

    def drop(self, now: datetime):
        """No longer wanted; what was sent or is done stays as it is."""
        self.done_at = self.done_at or now
