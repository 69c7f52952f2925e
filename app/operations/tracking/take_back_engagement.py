"""Take back an engagement that was noted by hand by mistake, with all that followed from it.

The log is otherwise never changed: what was noted stays in the audit log.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select

from app.extensions import db
from app.models import Interaction, Lead
from app.models.types import to_millis
from app.operations.audit import audit
from app.operations.leads.lock_lead import lock_lead
from app.operations.leads.rebuild_leads import rebuild_lead
from app.operations.tracking.counters import Counters
from app.operations.tracking.log_engagement import called
from app.operations.tracking.visit_book import VisitBook
from app.queries.scoring.lead_facts import last_signs_of_life
from app.queries.tracking.sites import facts_of, site
from app.tenancy import acting_organization_id


def take_back_engagement(
    lead: Lead, act: Interaction, *, user_id: int | None, now: datetime
) -> bool:
    """Takes an engagement of the lead that somebody noted out of the log, and brings stage,
    conversions, credit, score, journey and roll-ups in line with what is left of it; whether it
    was still there."""
    lock_lead(lead)
    if db.session.scalar(select(Interaction.id).where(Interaction.id == act.id)) is None:
        return False
    words = called(act.type)
    _keep_what_was_noted(lead, act, user_id, now)
    at = act.occurred_at
    _take_out([act, *_moves_noted_with(act)], now)
    if lead.last_engaged_at == at:
        lead.last_engaged_at = last_signs_of_life([lead.id]).get(lead.id)
    lead.updated_at = now
    rebuild_lead(lead, taken_at=at, reason=f"{words.lower()} taken back", now=now)
    return True


def _keep_what_was_noted(lead: Lead, act: Interaction, user_id: int | None, now: datetime):
    detail = {
        "type": act.type,
        "occurred_at": act.occurred_at.isoformat(),
        "revenue": act.revenue,
        **{name: (act.data or {}).get(name) for name in ("note", "user_id")},
    }
    told = {name: value for name, value in detail.items() if value not in (None, "")}
    audit("lead.engagement_taken_back", f"lead {lead.id}", told, user_id=user_id, now=now)


def _moves_noted_with(act: Interaction) -> Sequence[Interaction]:
    """The notes of the moves that the lead made by itself when this was noted."""
    noted = select(Interaction).where(
        Interaction.lead_id == act.lead_id,
        Interaction.type == "stage_changed",
        Interaction.received_at == act.received_at,
        Interaction.id > act.id,
    )
    return [move for move in db.session.scalars(noted) if (move.data or {}).get("trigger")]


def _take_out(gone: Sequence[Interaction], now: datetime):
    """Out of the log, the roll-ups and the visits that they were told of."""
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
