"""Move leads that have been silent for too long to churned."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from app.domain.leads.lifecycle import Fact, LifecycleRules, automatic_move, triggers
from app.models import Lead
from app.operations.leads.lock_lead import lock_lead
from app.operations.leads.tell_stages import chosen_at, tell_stages
from app.operations.scoring.score_lead import score_lead
from app.queries.leads.stage_facts import lifecycle_rules

DAY = timedelta(days=1)
SILENT = "silent"


def let_go_silent(leads: Sequence[Lead], *, now: datetime) -> int:
    """Moves those of the leads that have shown no sign of life for the organization's limit (180
    days, unless it has switched this off), and scores them; how many. Nobody is silent for longer
    than they have been a lead, or than a person has had them where they are."""
    rules, moved = lifecycle_rules(), 0
    for lead in leads:
        if _lets_go(lead, lead.last_engaged_at, rules, now) and _lets_go(
            lead, chosen_at(lead), rules, now
        ):
            lock_lead(lead)
            tell_stages(lead, since=now, now=now, more=[Fact(now, SILENT)])
            score_lead(lead, reason=f"stage {lead.stage}", now=now)
            moved += 1
    return moved


def _lets_go(lead: Lead, since: datetime | None, rules: LifecycleRules, now: datetime) -> bool:
    """Whether silence would move the lead, had they last been heard from then."""
    silent = (now - max(since or lead.created_at, lead.created_at)) / DAY
    return SILENT in triggers(silent_days=silent, rules=rules) and bool(
        automatic_move(lead.stage, SILENT)
    )
