"""Take acts out of the log that are taken back, and out of what was counted of them."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete

from app.extensions import db
from app.models import Interaction
from app.models.types import to_millis
from app.operations.tracking.counters import Counters
from app.operations.tracking.visit_book import VisitBook
from app.queries.tracking.sites import facts_of, site
from app.tenancy import acting_organization_id


def take_out_acts(gone: Sequence[Interaction], *, now: datetime) -> None:
    """Takes acts out of the log, the roll-ups and the visits that they were told of. Their lead is
    brought in line by whoever takes them back."""
    counted, visits = Counters(), {act.visitor_session_id for act in gone} - {None}
    for act in gone:
        counted.count_interaction(
            act.type,
            to_millis(act.occurred_at),
            act.site_id or 0,
            act.url,
            act.score,
            act.data or {},
        )
    ids = [act.id for act in gone]
    db.session.execute(delete(Interaction).where(Interaction.id.in_(ids)))
    _tell_anew(visits, counted, now)


def _tell_anew(visit_ids: set[UUID], counted: Counters, now: datetime):
    connection = db.session.connection()
    book = VisitBook(acting_organization_id())
    book.begin(to_millis(now))
    wanted = [visit_id.bytes for visit_id in visit_ids]
    book.load_visits(connection, wanted)
    for visit in map(book.visits.get, wanted):
        book.touch(visit, facts_of(site(visit.site_id)))
        book.tell_anew(visit)
    for place, amount in counted.items():
        book.counters[place] -= amount
    book.save(connection)
