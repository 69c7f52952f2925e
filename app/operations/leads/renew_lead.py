"""Bring all that follows from a lead's log in line with it: stages, attribution, score, journey."""

from datetime import datetime

from app.domain.leads.lifecycle import Fact
from app.models import Lead
from app.operations.journeys.refresh_journeys import refresh_journeys
from app.operations.leads.tell_stages import tell_stages
from app.operations.scoring.score_lead import score_lead


def renew_lead(
    lead: Lead, *, since: datetime, reason: str, now: datetime, look_at: datetime | None = None
) -> None:
    """Takes in what came to light of the lead at or after `since`; `reason` is that of the new
    score. At `look_at` the score may have been reached without an act: who they are, or what they
    agreed to, has changed. To be called by whoever holds the lead (`lock_lead`)."""
    looks = [Fact(look_at, "score_reached", look=True)] if look_at else []
    if tell_stages(lead, since=since, now=now, more=looks):
        reason = f"{reason}, stage {lead.stage}"
    score_lead(lead, reason=reason, now=now)
    refresh_journeys([lead], now=now)
