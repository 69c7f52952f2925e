"""What an engagement does to its lead: moves it where it moves by itself, and scores it."""

from collections.abc import Sequence
from datetime import datetime

from app.domain.tracking.event import NOT_THEIRS
from app.models import Interaction, Lead
from app.operations.leads.lock_lead import lock_lead
from app.operations.leads.renew_lead import renew_lead


def follow_engagement(
    lead: Lead, acts: Sequence[Interaction], *, now: datetime, since: datetime | None = None
) -> None:
    """Takes a lead's new interactions into its stage, attribution, score and journey. `since` is
    from when on more of theirs came to light, if that is before the first of them."""
    if not acts:
        return
    lock_lead(lead)
    for act in acts:
        if act.type not in NOT_THEIRS:
            lead.last_engaged_at = max(lead.last_engaged_at or act.occurred_at, act.occurred_at)
    lead.updated_at = now
    types = dict.fromkeys(act.type for act in acts)
    oldest = min(act.occurred_at for act in acts)
    renew_lead(lead, since=min(since or oldest, oldest), reason=", ".join(types), now=now)
