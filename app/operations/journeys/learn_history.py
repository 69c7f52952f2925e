"""Learn from the organization's past what winning looks like, for predictions and advice."""

from datetime import datetime

from app.extensions import db
from app.models import LearnedHistory
from app.queries.journeys.won import Won, count_won, learned


def learn_history(*, now: datetime, history: Won | None = None) -> Won:
    """Replaces what was learned by what the whole past says now: `count_won`, unless given."""
    history = history or count_won(now)
    row = learned() or LearnedHistory()
    row.history, row.learned_at = history.to_json(), now
    db.session.add(row)
    db.session.flush()
    return history
