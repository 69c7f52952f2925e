"""Record what a visitor did on our own pages, as the snippet would have sent it."""

from datetime import datetime
from uuid import UUID

from app.identity import Identity
from app.models import Interaction, Site
from app.operations.tracking.follow_visits import follow_visits
from app.operations.tracking.record_interaction import record_interaction
from app.queries.tracking.returning import leads_of_acts


def record_visit_act(
    type: str,
    *,
    site: Site,
    identity: Identity | None,
    now: datetime,
    data: dict | None = None,
    label: str | None = None,
    url: str | None = None,
    event_id: UUID | None = None,
) -> Interaction:
    """The stored interaction, uncommitted, as `record_interaction`; the visitor's lead, if there
    is one, is brought in line with it."""
    act = record_interaction(
        type,
        site=site,
        identity=identity,
        now=now,
        data=data,
        label=label,
        url=url,
        event_id=event_id,
    )
    if identity:
        follow_visits(leads_of_acts([act.event_id]), now=now)
    return act
