"""Who calls, and what of the leads is theirs. Only inside a view with a role."""

from collections.abc import Callable
from functools import wraps

from flask import g
from flask_login import current_user

from app.access import may
from app.errors import ApiError
from app.models.user import ROLES
from app.queries.contact.contact import lead_with_email, lead_with_phone

NOBODY = 0  # the user of a program's token: no lead is assigned to it
READER = "analyst"  # sees all leads, and changes none


def caller_id() -> int | None:
    """The user who signed in, as the audit log names them; none for a program's token."""
    if g.get("token_id") or not current_user.is_authenticated:
        return None
    return current_user.id


def own_leads_of() -> int | None:
    """Whose leads the caller sees: an agent who signed in only their own; none when it is all of
    them. A token is nobody's: with the role agent it acts for all leads of its organization."""
    return None if may(READER) or g.get("token_id") else caller_id()


def may_change_leads() -> bool:
    """Admins and owners any lead, agents those they see; analysts only read."""
    return g.role != READER


def changes_leads(view: Callable) -> Callable:
    """Beside @role, and below it: analysts are refused, though they may read what agents may."""

    @wraps(view)
    def refusing(*args, **kwargs):
        if not may_change_leads():
            raise ApiError(403, "Analysts read; agents and admins change leads.")
        return view(*args, **kwargs)

    refusing.refused = (READER,)
    return refusing


def roles_for(view: Callable) -> tuple[str, ...]:
    """The roles whose tokens may call a view that names its least role."""
    least, refused = view.access[1], getattr(view, "refused", ())
    return tuple(name for name in ROLES[ROLES.index(least) :] if name not in refused)


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
