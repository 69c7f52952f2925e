"""Move a lead to a stage of its lifecycle."""

from datetime import datetime

from sqlalchemy import select

from app.domain.leads.lifecycle import Fact, move
from app.extensions import db
from app.models import Lead, LeadLifecycle
from app.models.types import from_millis, to_millis
from app.operations.audit import audit
from app.operations.leads.lock_lead import lock_lead
from app.operations.leads.tell_stages import tell_stages
from app.operations.tracking.record_interaction import record_interaction


def enter_stage(
    lead: Lead,
    stage: str,
    reason: str | None = None,
    *,
    now: datetime,
    at: datetime | None = None,
    user_id: int | None = None,
) -> LeadLifecycle:
    """Ends the current stay and begins one in `stage`, with the conversion that this may be; the
    current row. `at` is when somebody moved the lead elsewhere: it takes its place among the stays.

    Raises app.domain.leads.lifecycle.StageError for a move that is refused. The score depends on
    the stage: who moves a lead scores it afterwards (`score_lead`).
    """
    lock_lead(lead)
    current = _current(lead)
    made = move(current.stage if current else None, stage, reason)
    if current is None:
        return _begin(lead, stage, made.reason, at or now)
    at = from_millis(to_millis(at or max(now, current.entered_at)))
    detail = {"from": made.previous, "to": stage}
    audit(
        "lead.stage_changed",
        f"lead {lead.id}",
        {**detail, "reason": made.reason},
        user_id=user_id,
        now=now,
    )
    record_interaction(
        "stage_changed",
        site=None,
        lead_id=lead.id,
        label=stage,
        data=detail if user_id is None else {**detail, "user_id": user_id},
        occurred_at=at,
        now=now,
    )
    chosen = [Fact(at, stage=stage)]
    tell_stages(lead, since=at, now=now, more=chosen, reasons={(stage, at): made.reason})
    lead.updated_at = max(lead.updated_at, now)
    db.session.flush()
    return _current(lead)


def _current(lead: Lead) -> LeadLifecycle | None:
    return db.session.scalar(
        select(LeadLifecycle).where(
            LeadLifecycle.lead_id == lead.id, LeadLifecycle.is_current_stage
        )
    )


def _begin(lead: Lead, stage: str, reason: str, at: datetime) -> LeadLifecycle:
    stay = LeadLifecycle(
        lead_id=lead.id,
        stage=stage,
        previous_stage=None,
        entered_at=at,
        transition_reason=reason,
        is_current_stage=True,
    )
    db.session.add(stay)
    lead.stage = stage
    db.session.flush()
    return stay
