"""Move leads whose score has come to qualify them without an act of theirs: other rules count."""

from collections.abc import Sequence
from datetime import datetime

from app.domain.leads.lifecycle import Fact, automatic_move, triggers
from app.models import Lead
from app.operations.leads.lock_lead import lock_lead
from app.operations.leads.tell_stages import chosen_at, tell_stages
from app.operations.scoring.score_lead import score_lead
from app.queries.leads.stage_facts import lifecycle_rules

REACHED = "score_reached"


def move_reached(leads: Sequence[Lead], *, now: datetime) -> int:
    """Moves those of the leads that wait below the stage which their score has reached, and scores
    them; how many. Where a person put a lead it stays, until it does something."""
    rules, moved = lifecycle_rules(), 0
    for lead in leads:
        reached = REACHED in triggers(score=lead.lead_score, rules=rules)
        if reached and automatic_move(lead.stage, REACHED) and not chosen_at(lead):
            lock_lead(lead)
            tell_stages(lead, since=now, now=now, more=[Fact(now, REACHED)])
            score_lead(lead, reason=f"stage {lead.stage}", now=now)
            moved += 1
    return moved
