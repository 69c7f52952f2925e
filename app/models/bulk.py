"""Many rows at once, straight to the driver: the tracker's fast path.

Rows are tuples of stored values in the order of `columns`: moments as milliseconds, ids as 16
bytes, documents as JSON text. Nothing here is filtered or stamped: callers give the organization
in every row.
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from uuid import UUID

from sqlalchemy import JSON, Connection, Table

from app.models.types import Identifier

AT_ONCE = 400  # values in one IN list
# SQLite gets many rows in one statement: it then runs without Python's lock from the first row to
# the last. A few sizes, so that the statements stay prepared.
SIZES = (256, 64, 16, 4, 1)
Columns = tuple[str, ...]


def insert(connection: Connection, table: Table, rows: Sequence[tuple], columns: Columns):
    """Inserts the rows; a double raises IntegrityError."""
    _run(connection, table, rows, columns, "")


def put(connection: Connection, table: Table, rows: Sequence[tuple], columns: Columns):
    """Inserts the rows, replacing all but the key of those that are there."""
    _run(connection, table, rows, columns, _replacing(table, columns))


def add(connection: Connection, table: Table, rows: Sequence[tuple], columns: Columns, amount: str):
    """Inserts the counters, adding the column `amount` to those that are there."""
    adding = f"{amount} = {table.name}.{amount} + excluded.{amount}"
    _run(connection, table, rows, columns, f"{_on_conflict(table)} {adding}")


def fetch(
    connection: Connection,
    table: Table,
    columns: Columns,
    organization_id: int,
    key: str,
    values: Iterable,
    condition: str = "",
) -> list[tuple]:
    """The organization's rows whose `key` is one of `values`; ids come back as 16 bytes."""
    found = []
    for part in in_parts(values):
        found += _fetch_part(connection, table, columns, organization_id, key, part, condition)
    return found


def in_parts(values: Iterable) -> Iterator[list]:
    """The values, no more together than stand in one IN list."""
    values = list(values)
    for start in range(0, len(values), AT_ONCE):
        yield values[start : start + AT_ONCE]


def _fetch_part(connection, table, columns, organization_id, key, values, condition):
    sqlite = connection.dialect.name == "sqlite"
    mark = "?" if sqlite else "%s"
    marks = ", ".join([mark] * len(values))
    sql = (
        f"SELECT {', '.join(columns)} FROM {table.name} "
        f"WHERE organization_id = {mark} AND {key} IN ({marks}) {condition}"
    )
    if sqlite:
        cursor = connection.connection.driver_connection.execute(sql, (organization_id, *values))
        return cursor.fetchall()
    if key in _ids(table):
        values = [UUID(bytes=value) for value in values]
    rows = connection.exec_driver_sql(sql, (organization_id, *values))
    return [tuple(v.bytes if isinstance(v, UUID) else v for v in row) for row in rows]


def _run(connection, table, rows, columns, conflict):
    if connection.dialect.name == "sqlite":
        driver = connection.connection.driver_connection
        for part in _parts(rows):
            values = [value for row in part for value in row]
            driver.execute(_insert_sql(table, columns, "?", len(part)) + conflict, values)
    elif rows:
        ids = [place for place, name in enumerate(columns) if name in _ids(table)]
        sql = _insert_sql(table, columns, "%s", 1) + conflict
        connection.exec_driver_sql(sql, [_with_uuids(row, ids) for row in rows])


def _parts(rows: Sequence[tuple]) -> Iterator[Sequence[tuple]]:
    start, left = 0, len(rows)
    for size in SIZES:
        while left >= size:
            yield rows[start : start + size]
            start, left = start + size, left - size


def _with_uuids(row: tuple, places: list[int]) -> tuple:
    values = list(row)
    for place in places:
        if values[place] is not None:
            values[place] = UUID(bytes=values[place])
    return tuple(values)


@lru_cache
def _ids(table: Table) -> frozenset[str]:
    return frozenset(c.name for c in table.columns if isinstance(c.type, Identifier))


@lru_cache
def _on_conflict(table: Table) -> str:
    keys = ", ".join(column.name for column in table.primary_key.columns)
    return f" ON CONFLICT ({keys}) DO UPDATE SET"


@lru_cache
def _replacing(table: Table, columns: Columns) -> str:
    keys = {column.name for column in table.primary_key.columns}
    updates = ", ".join(f"{c} = excluded.{c}" for c in columns if c not in keys)
    return f"{_on_conflict(table)} {updates}"


@lru_cache
def _insert_sql(table: Table, columns: Columns, mark: str, rows: int) -> str:
    documents = {c.name for c in table.columns if isinstance(c.type, JSON)}
    cast = dict.fromkeys(documents, "::jsonb") if mark == "%s" else {}
    row = "(" + ", ".join(mark + cast.get(name, "") for name in columns) + ")"
    return f"INSERT INTO {table.name} ({', '.join(columns)}) VALUES " + ", ".join([row] * rows)
