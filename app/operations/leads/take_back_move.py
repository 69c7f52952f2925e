"""Take back a move to a stage that somebody made by mistake, with all that followed from it."""

from datetime import datetime

from sqlalchemy import select

from app.extensions import db
from app.models import Interaction, Lead
from app.operations.audit import audit
from app.operations.leads.lock_lead import lock_lead
from app.operations.leads.rebuild_leads import rebuild_lead
from app.operations.tracking.take_out_acts import take_out_acts


def take_back_move(lead: Lead, move: Interaction, *, user_id: int | None, now: datetime) -> bool:
    """Takes a move that a person made (a `stage_changed` without a trigger) out of the log, and
    brings stays, conversions, credit, score and journey in line with what is left of it, as if it
    had not been made; whether it was still there. The audit log keeps both."""
    lock_lead(lead)
    if db.session.scalar(select(Interaction.id).where(Interaction.id == move.id)) is None:
        return False
    at, told = move.occurred_at, {"at": move.occurred_at.isoformat(), **(move.data or {})}
    audit("lead.stage_change_taken_back", f"lead {lead.id}", told, user_id=user_id, now=now)
    take_out_acts([move], now=now)
    lead.updated_at = now
    rebuild_lead(lead, taken_at=at, reason="move taken back", now=now)
    return True
