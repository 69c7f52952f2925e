"""What activity summaries are made of."""

from collections import defaultdict
from datetime import UTC, date, datetime

from sqlalchemy import func, select

from app.domain.period import Period
from app.domain.score import round_half_up
from app.domain.tracking.event import NO_ENGAGEMENTS
from app.extensions import db
from app.models import LeadLifecycle, LeadScore, Rollup
from app.queries.tracking.engagements import of_lead_since

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


def by_day(period: Period) -> tuple[dict[str, dict[date, int]], dict[date, int]]:
    """The engagements of all leads and visitors by type and day (UTC), and the new leads by day:
    from roll-ups, whatever the log holds."""
    rows = db.session.execute(
        select(Rollup.measure, Rollup.key, Rollup.starts_at, func.sum(Rollup.count))
        .where(
            Rollup.grain == "day",
            Rollup.measure.in_(("interactions", "leads")),
            Rollup.starts_at >= period.starts_at,
            Rollup.starts_at < period.ends_at,
        )
        .group_by(Rollup.measure, Rollup.key, Rollup.starts_at)
    )
    acts: dict[str, dict[date, int]] = defaultdict(dict)
    leads: dict[date, int] = defaultdict(int)
    for measure, key, starts_at, count in rows:
        day = starts_at.astimezone(UTC).date()
        if measure == "leads":
            leads[day] += int(count)
        elif key not in NO_ENGAGEMENTS:
            acts[key][day] = int(count)
    return dict(acts), dict(leads)
