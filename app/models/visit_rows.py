"""`app.domain.visit.Visit` as rows of visitor_sessions and back, for the tracker's fast path."""

from dataclasses import fields

from app.domain.visit import Origin, Visit
from app.models.visitor_session import VisitorSession

TABLE = VisitorSession.__table__
ORIGIN = tuple(field.name for field in fields(Origin))
PLAIN = tuple(field.name for field in fields(Visit) if field.name != "origin")
COLUMNS = (*PLAIN, *ORIGIN)
STORED = ("organization_id", *COLUMNS)


def row_of(visit: Visit, organization_id: int) -> dict:
    """A row for `app.models.bulk`."""
    row = {name: getattr(visit, name) for name in PLAIN}
    origin = visit.origin
    for name in ORIGIN:
        row[name] = getattr(origin, name)
    row["organization_id"] = organization_id
    return row


def visit_of(values: tuple) -> Visit:
    """The visit of a row fetched with COLUMNS."""
    split = len(PLAIN)
    return Visit(
        **dict(zip(PLAIN, values[:split], strict=True)),
        origin=Origin(**dict(zip(ORIGIN, values[split:], strict=True))),
    )
