"""Interactions from servers and old records, with absolute times (api.md)."""

import msgspec

from app.access import role
from app.blueprints.api import blueprint
from app.blueprints.api.body import commit, read_json
from app.clock import utc_now
from app.errors import ApiError, invalid
from app.operations.tracking.import_interactions import import_interactions

MOST_EVENTS = 1000


@blueprint.post("/api/interactions")
@role("admin")
def record_interactions():
    """Stores one event, or {"events": [...]}; 202 once they are committed."""
    receipt = import_interactions(_events(read_json()), now=utc_now())
    commit()
    visit_id, visitor_id = receipt.last
    return {
        "accepted": receipt.accepted,
        "duplicates": receipt.duplicates,
        "dropped": [msgspec.to_builtins(refused) for refused in receipt.refused],
        "session": visit_id and str(visit_id),
        "visitor": visitor_id and str(visitor_id),
    }, 202


def _events(body) -> list:
    if not isinstance(body, dict):
        raise invalid({"body": "Send an event, or an object with a list of events."})
    if "events" not in body:
        return [body]
    events = body["events"]
    if not isinstance(events, list) or not events:
        raise invalid({"events": "Send a list of at least one event."})
    if len(events) > MOST_EVENTS:
        raise ApiError(413, f"Send at most {MOST_EVENTS} events at once.", "too_many_events")
    return events
