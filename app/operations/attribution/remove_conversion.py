"""Take back a conversion that somebody told of, and nothing logged says."""

from datetime import datetime

from app.domain.attribution.attribution import LEAD_CREATED
from app.domain.attribution.conversion import CUSTOMER
from app.extensions import db
from app.models import AuditLog, Lead
from app.operations.attribution.keep_conversions import forget_conversions
from app.operations.attribution.share_credit import share_credit
from app.operations.audit import audit
from app.operations.leads.lock_lead import lock_lead
from app.queries.attribution.conversions import Conversion, conversions_of, logged, stored_since

REMOVED, PUT_BACK = "attribution.removed", "attribution.put_back"


class FollowsFromLogError(ValueError):
    """The conversion follows from what happened, so that it would come again."""


def remove_conversion(
    lead: Lead, conversion_type: str, at: datetime, *, user_id: int | None, now: datetime
) -> AuditLog | None:
    """Takes away every calculation of a conversion; the line that says so, None where there is no
    calculation of it.

    What is logged and was told of as this conversion counts from now on as what it is. Raises
    FollowsFromLogError for one that is logged itself.
    """
    lock_lead(lead)
    key = (conversion_type, at)
    stored = {(each.type, each.at): each.values for each in stored_since(lead.id)}
    if key not in stored:
        return None
    if key in (known := logged(lead.id)):
        raise FollowsFromLogError(why(conversion_type, known[key]))
    forget_conversions(lead.id, [key])
    instead = conversions_of([lead.id], again=())
    without = share_credit(instead, now=now) if instead else []
    told = {
        "conversion_type": conversion_type,
        "conversion_at": at.isoformat(),
        "values": stored[key],
        "instead": [[c.type, c.at.isoformat()] for c in instead if c not in without],
    }
    line = audit(REMOVED, f"lead {lead.id}", told, user_id=user_id, now=now)
    db.session.flush()
    return line


def why(conversion_type: str, value: int) -> str:
    """Why a conversion that is logged, with this value, stays."""
    if conversion_type == CUSTOMER and value:
        return "A purchase is logged at this moment: what was paid is not taken back here."
    if conversion_type == CUSTOMER:
        told = "Becoming a customer, or a purchase without an amount, is logged at this moment"
    elif conversion_type == LEAD_CREATED:
        told = "This is when they became a lead"
    else:
        told = "It is logged that they came to this stage at this moment"
    return f"{told}. A value that was told of it can be corrected, to 0 too."


def put_back(lead: Lead, line: AuditLog, *, user_id: int | None, now: datetime) -> bool:
    """Puts back what a line of the audit log says was removed from a lead; whether it was not there
    again already."""
    lock_lead(lead)
    told = line.detail or {}
    at = datetime.fromisoformat(told["conversion_at"])
    kind = told["conversion_type"]
    if (kind, at) in {(each.type, each.at) for each in stored_since(lead.id)}:
        return False
    instead = {(of, datetime.fromisoformat(when)) for of, when in told["instead"]}
    forget_conversions(lead.id, instead)
    share_credit([Conversion(lead.id, kind, at, told["values"])], now=now)
    audit(PUT_BACK, f"lead {lead.id}", {**told, "undoes": line.id}, user_id=user_id, now=now)
    db.session.flush()
    return True
