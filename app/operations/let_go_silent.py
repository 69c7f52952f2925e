"""Move leads that have been silent for too long to churned."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from app.domain.lifecycle import LifecycleRules, automatic_move, triggers
from app.extensions import db
from app.models import Lead, Organization
from app.operations.enter_stage import enter_stage
from app.operations.score_lead import score_lead
from app.tenancy import acting_organization_id

DAY = timedelta(days=1)


def let_go_silent(leads: Sequence[Lead], *, now: datetime) -> int:
    """Moves those of the leads that have shown no sign of life for the organization's limit (180
    days, unless it has switched this off), and scores them; how many."""
    organization = db.session.get(Organization, acting_organization_id())
    rules = LifecycleRules.from_json((organization.settings or {}).get("lifecycle", {}))
    moved = 0
    for lead in leads:
        silent = (now - (lead.last_engaged_at or lead.created_at)) / DAY
        for trigger in triggers(silent_days=silent, rules=rules):
            if made := automatic_move(lead.stage, trigger, rules):
                enter_stage(lead, made.stage, made.reason, now=now)
                score_lead(lead, reason=made.reason, now=now)
                moved += 1
    return moved
