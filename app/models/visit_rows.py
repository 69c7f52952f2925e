"""`app.domain.tracking.visit.Visit` as rows of visitor_sessions and back, for the tracker's fast
path."""

from dataclasses import fields
from operator import attrgetter

from app.domain.tracking.visit import Origin, Visit
from app.models.visitor_session import VisitorSession

TABLE = VisitorSession.__table__
ORIGIN = tuple(field.name for field in fields(Origin))
PLAIN = tuple(field.name for field in fields(Visit) if field.name != "origin")
COLUMNS = (*PLAIN, *ORIGIN)
STORED = ("organization_id", *COLUMNS)
_plain = attrgetter(*PLAIN)
_origin = attrgetter(*ORIGIN)


def row_of(visit: Visit, organization_id: int) -> tuple:
    """A row of STORED for `app.models.bulk`."""
    return (organization_id, *_plain(visit), *_origin(visit.origin))


def visit_of(values: tuple) -> Visit:
    """The visit of a row fetched with COLUMNS."""
    split = len(PLAIN)
    plain = dict(zip(PLAIN, values[:split], strict=True))
    return Visit(**plain, origin=Origin(*values[split:]))
