"""Change what is known of a lead by hand."""

from datetime import datetime

from app.domain.validation import Invalid
from app.extensions import db
from app.models import Lead, Organization
from app.operations.audit import audit
from app.operations.contact.read_contact import READERS, read_contact
from app.operations.leads.lock_lead import lock_lead
from app.operations.leads.renew_lead import renew_lead
from app.queries.contact.contact import lead_with_email

EDITABLE = tuple(READERS)
LISTS = ("interests",)


def edit_lead(
    lead: Lead, given: dict, *, user_id: int | None, now: datetime, moves: bool = True
) -> dict:
    """Takes the fields in `given` (a blank one is emptied); what changed as (before, after).

    Audited, and scored again when anything changed; the score may move the lead, unless its stage
    is being chosen (not `moves`). Raises Invalid naming each field: not readable, an e-mail that
    another lead has, nothing left to reach the lead by.
    """
    lock_lead(lead)
    asked = {name: given[name] for name in EDITABLE if name in given}
    organization = db.session.get(Organization, lead.organization_id)
    clean = read_contact(asked, (organization.settings or {}).get("region", "FR"))
    wanted = {name: clean.get(name, [] if name in LISTS else None) for name in asked}
    if problems := _problems(lead, wanted):
        raise Invalid(problems)
    changed = {
        name: (getattr(lead, name), value)
        for name, value in wanted.items()
        if (getattr(lead, name) or None) != (value or None)
    }
    if not changed:
        return {}
    for name, (_, value) in changed.items():
        setattr(lead, name, value)
    lead.updated_at = now
    detail = {name: {"before": old, "after": new} for name, (old, new) in changed.items()}
    audit("lead.edited", f"lead {lead.id}", detail, user_id=user_id, now=now)
    look_at = now if moves else None
    renew_lead(lead, since=now, look_at=look_at, reason="profile edited", now=now)
    return changed


def _problems(lead: Lead, wanted: dict) -> dict[str, str]:
    email = wanted.get("email", lead.email)
    if not email and not wanted.get("phone", lead.phone):
        return {"email": "Keep an e-mail address or a phone number, or nobody can reach them."}
    other = lead_with_email(email) if email and email != lead.email else None
    if other is not None and other.id != lead.id:
        return {"email": f"{other.name} has this address already (lead {other.id})."}
    return {}
