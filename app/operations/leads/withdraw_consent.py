"""Take a consent back: by whoever gave it, or by the team on their word."""

from datetime import datetime

from app.extensions import db
from app.models import Consent, Lead
from app.operations.audit import audit
from app.operations.leads.lock_lead import lock_lead
from app.operations.leads.renew_lead import renew_lead
from app.operations.tools.analyse_face import KEEP, take_out_all_measurements
from app.queries.contact import contact


def withdraw_consent(
    lead: Lead, kind: str, *, user_id: int | None, now: datetime
) -> Consent | None:
    """Records that the lead's consent of this kind is withdrawn, with the words it was given for;
    the record of its giving stays. None when there is none in force."""
    lock_lead(lead)
    if kind not in contact.consents_in_force(lead.id):
        return None
    given = contact.last_words(lead.id, kind)
    withdrawn = Consent(
        lead_id=lead.id,
        visitor_id=given.visitor_id,
        kind=kind,
        granted=False,
        text=given.text,
        text_version=given.text_version,
        given_at=now,
    )
    db.session.add(withdrawn)
    db.session.flush()
    detail = {"consent_id": withdrawn.id, "kind": kind, "version": given.text_version}
    audit("consent.withdrawn", f"lead {lead.id}", detail, user_id=user_id, now=now)
    if kind == KEEP:
        take_out_all_measurements(lead)
    renew_lead(lead, since=now, reason=f"consent withdrawn: {kind}", now=now)
    return withdrawn
