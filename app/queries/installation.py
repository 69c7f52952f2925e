"""Whether a site's snippet works: what came last, and what was dropped."""

from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import func, select

from app.extensions import db
from app.models import Interaction, Rollup
from app.queries.dashboard import dropped_since


class Installation(NamedTuple):
    """`latest` is the newest page view, `dropped` today's count by reason (UTC)."""

    latest: Interaction | None
    dropped: dict[str, int]


def installation(site_id: int, now: datetime) -> Installation:
    """What arrives from a site. Finds the hour in the roll-ups first, so never scans the log."""
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    return Installation(_latest_page_view(site_id), dropped_since(site_id, today))


def _latest_page_view(site_id: int) -> Interaction | None:
    hour = db.session.scalar(
        select(func.max(Rollup.starts_at)).where(
            Rollup.grain == "hour",
            Rollup.measure == "interactions",
            Rollup.site_id == site_id,
            Rollup.key == "page_viewed",
        )
    )
    if hour is None:
        return None
    return db.session.scalar(
        select(Interaction)
        .where(
            Interaction.type == "page_viewed",
            Interaction.site_id == site_id,
            Interaction.occurred_at >= hour,
            Interaction.occurred_at < hour + timedelta(hours=1),
        )
        .order_by(Interaction.occurred_at.desc(), Interaction.id.desc())
        .limit(1)
    )
