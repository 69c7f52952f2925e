"""End the visits that fell silent."""

from app.clock import utc_now
from app.extensions import db
from app.operations.tracking.sweep import sweep


def run() -> int:
    """Sweeps until nothing is left, committing part by part; how many visits ended."""
    ended = 0
    while some := sweep(now=utc_now()):
        db.session.commit()
        ended += some
    db.session.rollback()
    return ended
