"""One organization at a time: the filter on every read, the stamp on every new row.

`with acting_for(organization)` is entered at four doors: a signed-in user, an API token,
a site key, a job. Inside, the session's own events filter every ORM statement on an
OrganizationOwned class and stamp every new row. Outside any, such a statement is an error.
"""

from contextlib import contextmanager
from contextvars import ContextVar

from sqlalchemy import ForeignKey, event
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Mapped, Session, declared_attr, mapped_column, with_loader_criteria

EVERYONE = "everyone"
_acting: ContextVar[int | str | None] = ContextVar("organization", default=None)


class NoOrganization(RuntimeError):
    """A query or a new row of an owned table outside `acting_for`."""


class ForeignRow(RuntimeError):
    """A row of one organization was about to be written while acting for another."""


class OrganizationOwned:
    """Marks a table whose every row belongs to one organization."""

    @declared_attr
    def organization_id(cls) -> Mapped[int]:
        return mapped_column(ForeignKey("organizations.id", ondelete="CASCADE"), nullable=False)


@contextmanager
def acting_for(organization):
    """Inside, owned tables hold this organization's rows only. Takes an Organization or its id."""
    token = _acting.set(organization if isinstance(organization, int) else organization.id)
    try:
        yield
    finally:
        _acting.reset(token)


@contextmanager
def across_organizations():
    """Inside, reads cross organizations: for a door finding out whose request it is, and sweeps."""
    token = _acting.set(EVERYONE)
    try:
        yield
    finally:
        _acting.reset(token)


def acting_organization_id() -> int:
    """The organization acted for; NoOrganization outside `acting_for`."""
    organization_id = _acting.get()
    if not isinstance(organization_id, int):
        raise NoOrganization("This needs one organization: enter acting_for(organization) first.")
    return organization_id


@event.listens_for(Session, "do_orm_execute")
def _filter(state):
    if not (state.is_select or state.is_update or state.is_delete) or state.is_column_load:
        return
    acting = _acting.get()
    if acting == EVERYONE:
        return
    if acting is None:
        owned = [
            m.class_.__name__ for m in state.all_mappers if issubclass(m.class_, OrganizationOwned)
        ]
        if owned:
            raise NoOrganization(f"{owned[0]} was queried outside acting_for(organization).")
        acting = -1  # hidden uses, in a subquery say, find nothing rather than everything
    state.statement = state.statement.options(
        with_loader_criteria(
            OrganizationOwned,
            lambda cls: cls.organization_id == acting,
            include_aliases=True,
            track_closure_variables=True,
        )
    )


@event.listens_for(Session, "before_flush")
def _stamp(session, flush_context, instances):
    acting = _acting.get()
    for row in session.new:
        if isinstance(row, OrganizationOwned) and row.organization_id is None:
            if not isinstance(acting, int):
                raise NoOrganization(
                    f"A new {type(row).__name__} outside acting_for(organization)."
                )
            row.organization_id = acting
    if isinstance(acting, int):
        for row in (*session.new, *session.dirty, *session.deleted):
            if isinstance(row, OrganizationOwned) and row.organization_id != acting:
                raise ForeignRow(f"{type(row).__name__} of another organization.")


@event.listens_for(Engine, "before_cursor_execute")
def _tell_postgres(connection, cursor, statement, parameters, context, executemany):
    """Tells PostgreSQL whom we act for: its row-level security says the same once more, also of
    statements that the filter above never sees."""
    if connection.dialect.name != "postgresql":
        return
    acting = _acting.get()
    told = str(acting) if isinstance(acting, int) else ""
    if connection.info.get("organization", "") != told:
        cursor.execute("SELECT set_config('leadlight.organization', %s, false)", (told,))
        connection.info["organization"] = told


@event.listens_for(Engine, "rollback")
def _told_nothing(connection):
    # The setting is rolled back too, to one that nobody remembers.
    connection.info["organization"] = None
