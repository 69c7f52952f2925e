"""Change how the organization takes appointments."""

from datetime import datetime

from app.domain.appointments.slots import BookingRules
from app.operations.audit import audit
from app.operations.hold_organization import hold_organization


def set_booking_rules(rules: BookingRules, *, user_id: int | None, now: datetime) -> bool:
    """Whether anything changed; the audit log keeps what was before."""
    organization = hold_organization()
    settings = organization.settings or {}
    before, after = BookingRules.from_json(settings.get("appointments", {})), rules
    changed = {
        name: [old, after.to_json()[name]]
        for name, old in before.to_json().items()
        if old != after.to_json()[name]
    }
    if not changed:
        return False
    organization.settings = {**settings, "appointments": after.to_json()}
    subject = f"organization {organization.id}"
    audit("appointments.settings", subject, {"changed": changed}, user_id=user_id, now=now)
    return True
