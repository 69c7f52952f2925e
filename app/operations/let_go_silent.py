"""Move leads that have been silent for too long to churned."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from app.domain.lifecycle import Fact, automatic_move, triggers
from app.models import Lead
from app.operations.lock_lead import lock_lead
from app.operations.score_lead import score_lead
from app.operations.tell_stages import tell_stages
from app.queries.stage_facts import lifecycle_rules

DAY = timedelta(days=1)
SILENT = "silent"


def let_go_silent(leads: Sequence[Lead], *, now: datetime) -> int:
    """Moves those of the leads that have shown no sign of life for the organization's limit (180
    days, unless it has switched this off), and scores them; how many."""
    rules, moved = lifecycle_rules(), 0
    for lead in leads:
        silent = (now - (lead.last_engaged_at or lead.created_at)) / DAY
        if SILENT in triggers(silent_days=silent, rules=rules) and automatic_move(
            lead.stage, SILENT
        ):
            lock_lead(lead)
            tell_stages(lead, since=now, now=now, more=[Fact(now, SILENT)])
            score_lead(lead, reason=f"stage {lead.stage}", now=now)
            moved += 1
    return moved
