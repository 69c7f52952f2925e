"""What activity summaries are made of."""

from datetime import datetime

from sqlalchemy import select

from app.domain.event import NO_ENGAGEMENTS
from app.domain.score import round_half_up
from app.extensions import db
from app.models import LeadLifecycle, LeadScore
from app.queries.engagements import of_lead_since

Acts = list[tuple[str, datetime]]


def known_of_lead(
    lead_id: int, since: datetime
) -> tuple[Acts, list[tuple[datetime, int]], list[tuple[datetime, str]]]:
    """A lead's engagements since a moment; its scores and its stages, each from when on; the oldest
    first."""
    scores = db.session.execute(
        select(LeadScore.calculated_at, LeadScore.total_score)
        .where(LeadScore.lead_id == lead_id)
        .order_by(LeadScore.calculated_at, LeadScore.id)
    )
    stages = db.session.execute(
        select(LeadLifecycle.entered_at, LeadLifecycle.stage)
        .where(LeadLifecycle.lead_id == lead_id)
        .order_by(LeadLifecycle.entered_at, LeadLifecycle.id)
    )
    return (
        [act for act in of_lead_since(lead_id, since) if act[0] not in NO_ENGAGEMENTS],
        [(at, round_half_up(total)) for at, total in scores],
        list(stages.tuples()),
    )
