"""Many rows at once, straight to the driver: the tracker's fast path.

Rows are dicts of stored values: moments as milliseconds, UUIDs as UUID, documents as JSON text.
Nothing here is filtered or stamped: callers pass the organization in every row.
"""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from uuid import UUID

from sqlalchemy import JSON, Connection, Table

from app.models.types import Identifier

AT_ONCE = 400  # values in one IN list


def insert(connection: Connection, table: Table, rows: Sequence[dict], columns: tuple[str, ...]):
    """Inserts the rows; a double raises IntegrityError."""
    _run(connection, _insert_sql(table, columns, connection.dialect.name), table, rows, columns)


def put(connection: Connection, table: Table, rows: Sequence[dict], columns: tuple[str, ...]):
    """Inserts the rows, replacing all but the key of those that are there."""
    name = connection.dialect.name
    keys = _keys(table)
    updates = tuple(f"{c} = excluded.{c}" for c in columns if c not in keys)
    _run(connection, _upsert_sql(table, columns, updates, name), table, rows, columns)


def add(connection: Connection, table: Table, rows: Sequence[dict], amount: str):
    """Inserts the counters, adding `amount` to those that are there."""
    columns = (*_keys(table), amount)
    updates = (f"{amount} = {table.name}.{amount} + excluded.{amount}",)
    sql = _upsert_sql(table, columns, updates, connection.dialect.name)
    _run(connection, sql, table, rows, columns)


def fetch(
    connection: Connection,
    table: Table,
    columns: tuple[str, ...],
    organization_id: int,
    key: str,
    values: Iterable,
    condition: str = "",
) -> list[tuple]:
    """The organization's rows whose `key` is one of `values`; UUID columns come back as UUID."""
    values = list(values)
    found = []
    for start in range(0, len(values), AT_ONCE):
        part = values[start : start + AT_ONCE]
        found += _fetch_part(connection, table, columns, organization_id, key, part, condition)
    return found


def _fetch_part(connection, table, columns, organization_id, key, values, condition):
    sqlite = connection.dialect.name == "sqlite"
    mark = "?" if sqlite else "%s"
    sql = (
        f"SELECT {', '.join(columns)} FROM {table.name} WHERE organization_id = {mark} "
        f"AND {key} IN ({', '.join([mark] * len(values))}) {condition}"
    )
    if sqlite:
        values = [v.bytes if isinstance(v, UUID) else v for v in values]
    rows = connection.exec_driver_sql(sql, (organization_id, *values)).fetchall()
    if not sqlite:
        return [tuple(row) for row in rows]
    binary = [place for place, c in enumerate(columns) if c in _binary(table)]
    return [_with_uuids(row, binary) for row in rows]


def _with_uuids(row, places):
    row = list(row)
    for place in places:
        if row[place] is not None:
            row[place] = UUID(bytes=row[place])
    return tuple(row)


def _run(connection, sql, table, rows, columns):
    if not rows:
        return
    binary = _binary(table) if connection.dialect.name == "sqlite" else ()
    if binary:
        values = [
            tuple([row[c].bytes if c in binary and row[c] is not None else row[c] for c in columns])
            for row in rows
        ]
    else:
        values = [tuple([row[c] for c in columns]) for row in rows]
    connection.exec_driver_sql(sql, values)


@lru_cache
def _binary(table: Table) -> frozenset[str]:
    return frozenset(c.name for c in table.columns if isinstance(c.type, Identifier))


@lru_cache
def _keys(table: Table) -> tuple[str, ...]:
    return tuple(column.name for column in table.primary_key.columns)


@lru_cache
def _insert_sql(table: Table, columns: tuple[str, ...], dialect: str) -> str:
    marks = ", ".join(_mark(table, name, dialect) for name in columns)
    return f"INSERT INTO {table.name} ({', '.join(columns)}) VALUES ({marks})"


@lru_cache
def _upsert_sql(table: Table, columns: tuple[str, ...], updates: tuple[str, ...], dialect: str):
    keys = ", ".join(_keys(table))
    insert_sql = _insert_sql(table, columns, dialect)
    return f"{insert_sql} ON CONFLICT ({keys}) DO UPDATE SET {', '.join(updates)}"


def _mark(table: Table, name: str, dialect: str) -> str:
    if dialect == "sqlite":
        return "?"
    return "%s::jsonb" if isinstance(table.c[name].type, JSON) else "%s"
