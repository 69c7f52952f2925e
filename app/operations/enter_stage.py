"""Move a lead to a stage of its lifecycle."""

from datetime import datetime

from sqlalchemy import select

from app.domain.lifecycle import move
from app.extensions import db
from app.models import Lead, LeadLifecycle
from app.operations.audit import audit
from app.operations.record_interaction import record_interaction


def enter_stage(
    lead: Lead,
    stage: str,
    reason: str | None = None,
    *,
    now: datetime,
    user_id: int | None = None,
) -> LeadLifecycle:
    """Ends the current stay and begins one in `stage`; the new current row.

    Raises app.domain.lifecycle.StageError for a move that is refused. The score depends on the
    stage: who moves a lead scores it afterwards (`score_lead`).
    """
    current = db.session.scalar(
        select(LeadLifecycle).where(
            LeadLifecycle.lead_id == lead.id, LeadLifecycle.is_current_stage
        )
    )
    made = move(current.stage if current else None, stage, reason)
    if current:
        current.exited_at = now
        current.is_current_stage = False
        db.session.flush()
    stay = LeadLifecycle(
        lead_id=lead.id,
        stage=stage,
        previous_stage=made.previous,
        entered_at=now,
        transition_reason=made.reason,
        is_current_stage=True,
    )
    db.session.add(stay)
    lead.stage = stage
    lead.updated_at = now
    if made.previous:
        audit(
            "lead.stage_changed",
            f"lead {lead.id}",
            {"from": made.previous, "to": stage, "reason": made.reason},
            user_id=user_id,
            now=now,
        )
        record_interaction(
            "stage_changed",
            site=None,
            lead_id=lead.id,
            label=stage,
            data={"from": made.previous, "to": stage},
            now=now,
        )
    db.session.flush()
    return stay
