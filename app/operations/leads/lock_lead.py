"""Let one transaction at a time change leads."""

from app.extensions import db
from app.models import Lead
from app.operations.tracking.track import lock_log
from app.tenancy import acting_organization_id


def lock_lead(lead: Lead) -> None:
    """Waits for whoever changes leads of the organization now, and reads what they left.

    Before anything of the lead is changed, or two that wait for each other are both refused.
    """
    lock_log(db.session.connection(), lead.organization_id)
    db.session.flush()
    db.session.refresh(lead)


def lock_leads() -> None:
    """The same for whoever changes many, before they are read."""
    lock_log(db.session.connection(), acting_organization_id())
