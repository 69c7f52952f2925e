"""Whether a site's snippet works: what came last, and what was dropped."""

from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import func, select

from app.extensions import db
from app.models import Interaction, Rollup
from app.queries.tracking.dashboard import dropped_since


class Installation(NamedTuple):
    """`latest` is the newest page view, `dropped` today's count by reason (UTC)."""

    latest: Interaction | None
    dropped: dict[str, int]


def installation(site_id: int, now: datetime) -> Installation:
    """What arrives from a site. Finds the hour in the roll-ups first, so never scans the log."""
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    return Installation(_latest_page_view(site_id), dropped_since(site_id, today))


def _latest_page_view(site_id: int) -> Interaction | None:
    day = _latest(site_id, Rollup.grain == "day")
    hour = day and _latest(site_id, Rollup.grain == "hour", Rollup.starts_at >= day)
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


def _latest(site_id: int, *conditions) -> datetime | None:
    """The newest hour or day in which a page view was counted."""
    wanted = select(func.max(Rollup.starts_at)).where(
        Rollup.measure == "interactions",
        Rollup.site_id == site_id,
        Rollup.key == "page_viewed",
        *conditions,
    )
    return db.session.scalar(wanted)
