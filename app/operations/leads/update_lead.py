"""Change a lead as a program asks: profile, source, assignee and stage, together or not at all."""

from datetime import datetime

from app.domain.leads.lifecycle import StageError
from app.domain.validation import Invalid
from app.extensions import db
from app.models import Lead, OutboxMessage
from app.operations.audit import audit
from app.operations.contact.read_contact import clean_text
from app.operations.leads.edit_lead import EDITABLE, edit_lead
from app.operations.leads.enter_stage import enter_stage
from app.operations.leads.lock_lead import lock_lead
from app.operations.leads.renew_lead import renew_lead
from app.queries.leads.lead_list import assignable

LONGEST_SOURCE = 60


def update_lead(lead: Lead, changes: dict, *, user_id: int | None, now: datetime) -> list[str]:
    """Takes `changes` (profile fields, source, assignee_id, stage with reason); the names changed.

    Raises Invalid naming each field that cannot be used, StageError for a move that is refused.
    """
    lock_lead(lead)
    profile = {name: changes[name] for name in EDITABLE if name in changes}
    chosen = "stage" in changes
    changed = list(edit_lead(lead, profile, user_id=user_id, now=now, moves=not chosen))
    changed += _set_plain(lead, _plain(changes), user_id, now)
    if chosen:
        _move(lead, changes["stage"], changes.get("reason"), user_id, now)
        changed.append("stage")
    if set(changed) & {"source", "stage"}:
        look_at = None if chosen else now
        renew_lead(lead, since=now, look_at=look_at, reason=", ".join(changed), now=now)
    if changed:
        lead.updated_at = now
        _tell(lead, changed, now)
    db.session.flush()
    return changed


def _plain(changes: dict) -> dict:
    """Source and assignee as they will be stored. Raises Invalid."""
    wanted, problems = {}, {}
    if "source" in changes:
        source = wanted["source"] = clean_text(changes["source"])
        if not 0 < len(source) <= LONGEST_SOURCE:
            problems["source"] = f"Give a text of 1 to {LONGEST_SOURCE} characters."
    if "assignee_id" in changes:
        assignee = wanted["assignee_id"] = changes["assignee_id"]
        if assignee is not None and assignee not in {user.id for user in assignable()}:
            problems["assignee_id"] = "No active member of this organization has this id."
    if problems:
        raise Invalid(problems)
    return wanted


def _set_plain(lead: Lead, wanted: dict, user_id: int | None, now: datetime) -> list[str]:
    before = {name: getattr(lead, name) for name in wanted}
    changed = [name for name, value in wanted.items() if before[name] != value]
    for name in changed:
        setattr(lead, name, wanted[name])
        detail = {"before": before[name], "after": wanted[name]}
        audit(f"lead.{name}_changed", f"lead {lead.id}", detail, user_id=user_id, now=now)
    return changed


def _move(lead: Lead, stage: str | None, reason: str | None, user_id: int | None, now: datetime):
    if not stage:
        raise StageError("unknown_stage", "a stage is needed")
    enter_stage(lead, stage, reason, user_id=user_id, now=now)


def _tell(lead: Lead, changed: list[str], now: datetime):
    payload = {"lead_id": lead.id, "stage": lead.stage, "fields": changed, "at": now.isoformat()}
    db.session.add(OutboxMessage(kind="lead.updated", payload=payload, due_at=now))
