"""Hold the organization acted for while its settings are written."""

from sqlalchemy import select

from app.extensions import db
from app.models import Organization
from app.tenancy import acting_organization_id


def hold_organization() -> Organization:
    """The organization as it is now, which nobody else changes until the transaction ends: its
    settings are one document, and whoever sets a part of it writes the others too."""
    wanted = select(Organization).where(Organization.id == acting_organization_id())
    # As a key it stays free: whatever is stored meanwhile names its organization.
    held = wanted.with_for_update(key_share=True).execution_options(populate_existing=True)
    return db.session.scalars(held).one()
