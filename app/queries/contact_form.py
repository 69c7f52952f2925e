"""The contact form of the organization acted for, and how far a lead has answered it."""

from collections.abc import Collection

from sqlalchemy import select

from app.domain.contact_form import DEFAULT_STEPS, Step, next_step, steps_from_json
from app.extensions import db
from app.models import Lead, Organization
from app.tenancy import acting_organization_id


def steps() -> tuple[Step, ...]:
    """The form's steps: the organization's own, else the defaults."""
    wanted = select(Organization.settings).where(Organization.id == acting_organization_id())
    own = (db.session.scalar(wanted) or {}).get("contact_form")
    return steps_from_json(own) if own else DEFAULT_STEPS


def known_fields(lead: Lead) -> set[str]:
    """The names of the fields a lead has a value for."""
    asked = {field.name for step in steps() for field in step.asked}
    return {name for name in asked if getattr(lead, name, None)}


def is_complete(known: Collection[str]) -> bool:
    """Whether there is nothing left to ask somebody who gave these fields."""
    return next_step(steps(), known) is None
