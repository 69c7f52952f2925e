"""Every minute: what leads did on the website reaches their stages, credit, scores and journeys,
where the transaction that stored it could not wait for that
(`app.operations.tracking.follow_visits`)."""

from datetime import timedelta

from flask import current_app
from sqlalchemy import select

from app.clock import utc_now
from app.extensions import db
from app.models import Organization
from app.operations.tracking.catch_up import catch_up
from app.queries.tracking.returning import leads_seen_after, leads_seen_since, newest_act
from app.tenancy import acting_for

AT_ONCE = 50
# Where nobody remembers how far it was looked: an offline queue is a day old at most, and a worker
# is not away for longer than a night without the nightly job telling everything anew.
LOOK_BACK = timedelta(days=2)


def run() -> int:
    """How many leads were brought up to date, committed part by part."""
    looked: dict[int, int] = current_app.extensions.setdefault("leadlight_caught_up", {})
    count = 0
    for organization_id in db.session.scalars(select(Organization.id)).all():
        with acting_for(organization_id):
            before = looked.get(organization_id)
            newest = newest_act(before or 0)
            if before is None:
                seen = leads_seen_since(utc_now() - LOOK_BACK)
            else:
                seen = leads_seen_after(before, newest)
            count += _bring(seen)
        looked[organization_id] = newest
    db.session.rollback()
    return count


def _bring(seen: dict) -> int:
    ids = sorted(seen)
    for start in range(0, len(ids), AT_ONCE):
        some = {lead_id: seen[lead_id] for lead_id in ids[start : start + AT_ONCE]}
        catch_up(some, now=utc_now())
        db.session.commit()
    return len(ids)
