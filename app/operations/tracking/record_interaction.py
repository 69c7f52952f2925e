"""Record one interaction that is not sent by a snippet: a tool used, a form sent, a call made."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import select

from app.domain.tracking.event import ENGAGEMENT_TYPES, Event, text
from app.domain.tracking.visit import PASSIVE
from app.extensions import db
from app.identity import Identity
from app.models import Interaction, Lead, Site
from app.models.types import to_millis
from app.operations.tracking.track import Hit, track
from app.queries.tracking import sites
from app.queries.tracking.sites import facts_of
from app.tenancy import acting_organization_id


def record_interaction(
    type: str,
    *,
    site: Site | None,
    now: datetime,
    identity: Identity | None = None,
    lead_id: int | None = None,
    data: dict | None = None,
    label: str | None = None,
    url: str | None = None,
    occurred_at: datetime | None = None,
    event_id: UUID | None = None,
    channel: str | None = None,
    revenue: int | None = None,
) -> Interaction:
    """The stored interaction, through the tracker and uncommitted; `revenue` in minor units.

    With an identity it belongs to the visitor's visit (which needs the site). An `event_id`
    known already stores nothing again: the row of then is returned.
    """
    event_id = event_id or uuid4()
    event = Event(
        id=event_id.bytes,
        type=type,
        occurred_at=to_millis(occurred_at or now),
        url=url,
        label=text(label),
        data=data,
        channel=channel or ENGAGEMENT_TYPES.get(type, "web"),
        lead_id=lead_id,
        revenue=revenue,
    )
    hit = Hit(
        organization_id=acting_organization_id(),
        received_at=to_millis(now),
        events=[event],
        site=facts_of(site) if site else None,
        origin=identity.origin if identity else None,
    )
    if identity and site:
        hit.visitor_id, hit.earlier_id = identity.as_bytes
    elif type in PASSIVE and lead_id and (act := _act_that_made(lead_id)) and act.site_id:
        hit.site = facts_of(sites.site(act.site_id))
        hit.visit_id = act.visitor_session_id and act.visitor_session_id.bytes
    db.session.flush()
    track([hit], now=now)
    return db.session.scalars(select(Interaction).where(Interaction.event_id == event_id)).one()


def _act_that_made(lead_id: int) -> Interaction | None:
    """The act that made the lead: what becomes of the lead is the end of that visit's funnel."""
    return db.session.scalar(
        select(Interaction)
        .join(Lead, Lead.interaction_id == Interaction.id)
        .where(Lead.id == lead_id)
    )
