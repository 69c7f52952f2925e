"""What attribution counts, for one lead or for many: Core selects, each with its organization."""

from collections.abc import Sequence

from sqlalchemy import func, select

from app.domain.attribution.attribution import Touch
from app.extensions import db
from app.models import Interaction, LeadVisitor, VisitorSession
from app.queries.contact.contact import NO_TOUCH, is_the_leads
from app.queries.leads.lead_acts import AT, INTERACTIONS
from app.tenancy import acting_organization_id

VISIT = "visit"
DIRECT = "direct"


def touches_of(lead_ids: Sequence[int]) -> dict[int, list[Touch]]:
    """Each of these leads with its touches in order: a visit once, and every engagement outside
    visits. Two queries, however many leads."""
    touches: dict[int, list[Touch]] = {lead_id: [] for lead_id in lead_ids}
    for lead_id, touch in _visits(lead_ids):
        touches[lead_id].append(touch)
    for lead_id, touch in _engagements(lead_ids):
        touches[lead_id].append(touch)
    for found in touches.values():
        found.sort(key=_place)
    return touches


def _place(touch: Touch) -> tuple:
    """Of touches at one moment the order must not hang on which was heard of first."""
    said = (touch.channel, touch.source, touch.name, touch.source_type)
    return touch.at, touch.engagement_type, *said


def _visits(lead_ids: Sequence[int]):
    organization_id = acting_organization_id()
    first_act = (
        select(func.min(Interaction.id))
        .where(
            Interaction.organization_id == organization_id,
            Interaction.visitor_session_id == VisitorSession.id,
        )
        .correlate(VisitorSession)
        .scalar_subquery()
    )
    rows = db.session.execute(
        select(
            LeadVisitor.lead_id,
            VisitorSession.id,
            VisitorSession.started_at,
            VisitorSession.channel,
            VisitorSession.source,
            VisitorSession.entry_url,
            first_act,
        )
        .join(VisitorSession, is_the_leads())
        .where(LeadVisitor.organization_id == organization_id, LeadVisitor.lead_id.in_(lead_ids))
        .order_by(LeadVisitor.lead_id, VisitorSession.started_at, VisitorSession.id)
    )
    seen = None
    for lead_id, visit_id, started_at, channel, source, url, first in rows:
        if seen == (seen := (lead_id, visit_id)):
            continue  # a visit that two links of one lead hold
        yield (
            lead_id,
            Touch(
                at=started_at,
                id="" if first is None else str(first),
                channel=channel,
                source=source or DIRECT,
                name=url or "",
                engagement_type=VISIT,
                source_type="website",
            ),
        )


def _engagements(lead_ids: Sequence[int]):
    log = INTERACTIONS
    told = (log.lead_id, log.id, log.occurred_at, log.channel, log.type, log.label, log.data)
    rows = db.session.execute(
        select(*told, log.visitor_session_id)
        .where(
            log.organization_id == acting_organization_id(),
            log.lead_id.in_(lead_ids),
            log.type.not_in(NO_TOUCH),
        )
        .order_by(log.lead_id, AT, log.id)
    )
    for lead_id, act_id, at, channel, kind, label, data, visit_id in rows:
        if visit_id is not None:
            continue  # asked for in SQL, SQLite would begin with all that is outside visits
        told = data or {}
        name = told.get("source_name")
        yield (
            lead_id,
            Touch(
                at=at,
                id=str(act_id),
                channel=channel,
                source=name or channel,
                name=name or label or "",
                engagement_type=kind,
                source_type=told.get("source_type") or "",
            ),
        )
