"""Take back an engagement that was noted by hand by mistake, with all that followed from it.

The log is otherwise never changed: what was noted stays in the audit log.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select

from app.extensions import db
from app.models import Interaction, Lead
from app.operations.audit import audit
from app.operations.leads.lock_lead import lock_lead
from app.operations.leads.rebuild_leads import rebuild_lead
from app.operations.tracking.log_engagement import called
from app.operations.tracking.take_out_acts import take_out_acts
from app.queries.scoring.lead_facts import last_signs_of_life


def take_back_engagement(
    lead: Lead, act: Interaction, *, user_id: int | None, now: datetime
) -> bool:
    """Takes an engagement of the lead that somebody noted out of the log, and brings stage,
    conversions, credit, score, journey and roll-ups in line with what is left of it; whether it
    was still there."""
    lock_lead(lead)
    if db.session.scalar(select(Interaction.id).where(Interaction.id == act.id)) is None:
        return False
    words = called(act.type)
    _keep_what_was_noted(lead, act, user_id, now)
    at = act.occurred_at
    take_out_acts([act, *_moves_noted_with(act)], now=now)
    if lead.last_engaged_at == at:
        lead.last_engaged_at = last_signs_of_life([lead.id]).get(lead.id)
    lead.updated_at = now
    rebuild_lead(lead, taken_at=at, reason=f"{words.lower()} taken back", now=now)
    return True


def _keep_what_was_noted(lead: Lead, act: Interaction, user_id: int | None, now: datetime):
    detail = {
        "type": act.type,
        "occurred_at": act.occurred_at.isoformat(),
        "revenue": act.revenue,
        **{name: (act.data or {}).get(name) for name in ("note", "user_id")},
    }
    told = {name: value for name, value in detail.items() if value not in (None, "")}
    audit("lead.engagement_taken_back", f"lead {lead.id}", told, user_id=user_id, now=now)


def _moves_noted_with(act: Interaction) -> Sequence[Interaction]:
    """The notes of the moves that the lead made by itself when this was noted."""
    noted = select(Interaction).where(
        Interaction.lead_id == act.lead_id,
        Interaction.type == "stage_changed",
        Interaction.received_at == act.received_at,
        Interaction.id > act.id,
    )
    return [move for move in db.session.scalars(noted) if (move.data or {}).get("trigger")]
