"""Strike out what somebody of the team recorded of a consent by mistake.

What people said themselves stays. What was recorded stays in the audit log.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select

from app.extensions import db
from app.models import AuditLog, Consent, Interaction, Lead
from app.operations.audit import audit
from app.operations.leads.lock_lead import lock_lead
from app.operations.leads.rebuild_leads import rebuild_lead
from app.operations.leads.tell_stages import SCORE
from app.operations.tools.analyse_face import KEEP
from app.operations.tracking.take_out_acts import take_out_acts

RECORDED = ("consent.recorded", "consent.withdrawn")


def consent_noted(lead: Lead, consent_id: int) -> tuple[Consent, AuditLog] | None:
    """A consent, or its taking back, that somebody of the team noted of the lead, with the line of
    the audit log that says who and when; None where it is no such record. What was measured of a
    face is gone when its consent is taken back, so that this is none, either."""
    wanted = select(Consent).where(Consent.id == consent_id, Consent.lead_id == lead.id)
    consent = db.session.scalar(wanted)
    if consent is None or consent.kind == KEEP:
        return None
    line = db.session.scalar(
        select(AuditLog).where(
            AuditLog.subject == f"lead {lead.id}",
            AuditLog.action.in_(RECORDED),
            AuditLog.detail["consent_id"].as_integer() == consent_id,
            AuditLog.user_id.is_not(None),
        )
    )
    return (consent, line) if line else None


def strike_consent(
    lead: Lead, consent: Consent, line: AuditLog, *, user_id: int | None, now: datetime
) -> bool:
    """Takes the record out, and brings stage, score and journey in line with what is left; whether
    it was still there."""
    lock_lead(lead)
    if db.session.scalar(select(Consent.id).where(Consent.id == consent.id)) is None:
        return False
    given, kind = consent.granted, consent.kind
    detail = {
        "consent_id": consent.id,
        "kind": kind,
        "granted": given,
        "words": consent.text,
        "version": consent.text_version,
        "given_at": consent.given_at.isoformat(),
    }
    audit("consent.struck_out", f"lead {lead.id}", detail, user_id=user_id, now=now)
    db.session.delete(consent)
    db.session.flush()
    take_out_acts(_moves_noted_with(lead, line), now=now)
    lead.updated_at = now
    said = "given" if given else "withdrawn"
    reason = f"consent {said} struck out: {kind}"
    rebuild_lead(lead, taken_at=line.at, reason=reason, now=now)
    return True


def _moves_noted_with(lead: Lead, line: AuditLog) -> Sequence[Interaction]:
    """The notes of the moves that the lead made by its score when this was recorded."""
    noted = select(Interaction).where(
        Interaction.lead_id == lead.id,
        Interaction.type == "stage_changed",
        Interaction.received_at == line.at,
    )
    return [move for move in db.session.scalars(noted) if (move.data or {}).get("trigger") == SCORE]
