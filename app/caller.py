"""Who calls, and what of the leads is theirs. Only inside a view with a role."""

from flask import g
from flask_login import current_user

from app.access import may
from app.queries.contact.contact import lead_with_email, lead_with_phone

NOBODY = 0  # the user of a program's token: no lead is assigned to it


def caller_id() -> int | None:
    """The user who signed in, as the audit log names them; none for a program's token."""
    if g.get("token_id") or not current_user.is_authenticated:
        return None
    return current_user.id


def own_leads_of() -> int | None:
    """Whose leads the caller sees: an agent only their own; none when it is all of them."""
    return None if may("analyst") else caller_id() or NOBODY


def may_change_leads() -> bool:
    """Admins and owners any lead, agents those they see; analysts only read."""
    return g.role == "agent" or may("admin")


def is_anothers(contact: dict) -> bool:
    """Whether the e-mail, else the phone, in its normal form is that of a lead the caller does not
    see: an agent completes their own only, and learns nothing of others'."""
    mine = own_leads_of()
    if mine is None:
        return False
    found = lead_with_email(contact["email"]) if contact.get("email") else None
    if found is None and contact.get("phone"):
        found = lead_with_phone(contact["phone"])
    return found is not None and found.assignee_id != mine
