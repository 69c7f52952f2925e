"""Take in what leads did on the website, and what came late."""

from collections.abc import Mapping
from datetime import datetime

from app.extensions import db
from app.models import Lead
from app.operations.attribution.set_touches import set_touches
from app.operations.journeys.refresh_journeys import refresh_journeys
from app.operations.leads.lock_lead import lock_lead
from app.operations.leads.note_signs_of_life import note_signs_of_life
from app.operations.leads.tell_stages import tell_stages
from app.operations.scoring.score_leads import keep_changed_scores
from app.queries.contact import contact

REASON = "visited the website"


def catch_up(seen: Mapping[int, datetime], *, now: datetime) -> int:
    """Brings stages, attribution, scores and journeys of these leads in line with what came in of
    them, each with when the oldest of that happened; how many leads. A visit that began before its
    oldest new act counts from its beginning."""
    if not seen:
        return 0
    leads = sorted(contact.leads(seen), key=lambda lead: lead.id)
    for lead in leads:
        lock_lead(lead)
    note_signs_of_life(leads)
    for lead in leads:
        set_touches(lead)
        tell_stages(lead, since=_begins(lead, seen[lead.id]), now=now)
    db.session.flush()
    keep_changed_scores(leads, reason=REASON, now=now)
    refresh_journeys(leads, now=now)
    return len(leads)


def _begins(lead: Lead, at: datetime) -> datetime:
    holding = (
        visit.started_at
        for visit in contact.visits_of(lead.id)
        if visit.started_at <= at <= visit.last_activity_at
    )
    return min(holding, default=at)
