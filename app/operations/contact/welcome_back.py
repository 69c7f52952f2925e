"""A known lead uses a tool again: it is theirs, also where the visitor has a new id."""

from datetime import datetime

from app.models import Interaction, Lead
from app.operations.tracking.follow_engagement import follow_engagement
from app.operations.tracking.link_visitor import recognise_visitor


def welcome_back(lead: Lead, interaction: Interaction, *, now: datetime) -> None:
    """Takes a use of a tool into the score and stage of the lead whom this browser is known as.
    Once for each use."""
    if lead.last_engaged_at and interaction.occurred_at <= lead.last_engaged_at:
        return
    visitor_id, since = interaction.visitor_id, None
    if visitor_id:
        since = recognise_visitor(lead, visitor_id, acted_at=interaction.occurred_at)
    follow_engagement(lead, [interaction], now=now, since=since)
