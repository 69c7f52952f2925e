"""Everything an organization has, to take away."""

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import Table, select

from app.extensions import db
from app.models import Membership, Organization, User
from app.tenancy import OrganizationOwned, acting_organization_id

SECRETS = frozenset(("password_hash", "token_hash"))
AT_ONCE = 1000


def rows_of_organization() -> Iterator[tuple[str, dict]]:
    """(table, row) of the organization acted for, its people, and every table it owns.

    Moments are ISO 8601 UTC, decimals text.
    """
    organization_id = acting_organization_id()
    organizations, users = Organization.__table__, User.__table__
    yield from _rows(organizations, organizations.c.id == organization_id)
    memberships = Membership.__table__
    members = select(memberships.c.user_id).where(memberships.c.organization_id == organization_id)
    yield from _rows(users, users.c.id.in_(members))
    for table in _owned():
        yield from _rows(table, table.c.organization_id == organization_id)


def _owned() -> list[Table]:
    owned = {
        mapper.local_table
        for mapper in db.Model.registry.mappers
        if issubclass(mapper.class_, OrganizationOwned)
    }
    return [table for table in db.metadata.sorted_tables if table in owned]


def _rows(table: Table, condition) -> Iterator[tuple[str, dict]]:
    columns = [column for column in table.columns if column.name not in SECRETS]
    wanted = select(*columns).where(condition).order_by(*table.primary_key.columns)
    for row in db.session.execute(wanted.execution_options(yield_per=AT_ONCE)):
        names = (column.name for column in columns)
        yield table.name, {name: _plain(value) for name, value in zip(names, row, strict=True)}


def _plain(value):
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return str(value) if isinstance(value, UUID | Decimal) else value
