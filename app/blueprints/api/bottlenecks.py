"""The bottlenecks of the journeys of leads, as programs get them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from app.blueprints.api.own_lead import major
from app.queries.journeys.bottlenecks import stalls
from app.queries.journeys.lead_analytics import Standing


def bottlenecks_told(standing: Sequence[Standing], now: datetime) -> list[dict[str, Any]]:
    """Each stage with too high a drop-off; `enough` says whether of enough leads."""
    return [
        {
            "stage": each.stage,
            "drop_off": round(float(each.drop_off), 4),
            "decided": each.decided,
            "lost": each.lost,
            "waiting": each.waiting,
            "too_early": each.early,
            "usual_days": round(usual_days, 2),
            "enough": each.enough,
            "recommendation": each.recommendation,
            "value_at_stake": major(each.value_at_stake),
        }
        for each, usual_days in stalls(standing, now)
    ]
