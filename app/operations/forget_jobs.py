"""Take away jobs that are long over; what they changed stays."""

from datetime import datetime, timedelta

from sqlalchemy import delete

from app.extensions import db
from app.models import Job

KEPT = timedelta(days=90)


def forget_jobs(*, now: datetime) -> int:
    """Deletes the jobs that ended 90 days ago or earlier, of every organization; how many."""
    gone = db.session.execute(delete(Job).where(Job.finished_at <= now - KEPT))
    return gone.rowcount
