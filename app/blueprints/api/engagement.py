"""Engagements of leads for programs (api.md, "Lead tracking")."""

from datetime import datetime

import msgspec
from flask import request

from app.access import role
from app.blueprints.api import blueprint
from app.blueprints.api.analytics import asked_period
from app.blueprints.api.body import (
    Line,
    asked_cursor,
    asked_limit,
    asked_moment,
    commit,
    iso,
    read_body,
)
from app.blueprints.api.own_lead import (
    held_or_404,
    lead_or_404,
    major,
    minor,
    or_422,
)
from app.caller import changes_leads
from app.clock import utc_now
from app.domain.tracking.event import CHANNELS, NO_ENGAGEMENTS
from app.errors import ApiError, invalid
from app.models import Interaction
from app.operations.tracking.track_engagement import track_engagement
from app.queries.tracking import engagement_types, engagements

PREFIX = "/api/lead-tracking/engagement"
CONTEXT = (
    "source_type",
    "source_id",
    "source_name",
    "title",
    "engagement_value",
    "device_type",
    "location",
    "metadata",
)


class Engagement(msgspec.Struct):
    """Something that happened between a lead and us."""

    engagement_type: str
    engagement_channel: str | None = None
    source_type: str | None = None
    source_id: int | Line | None = None
    source_name: Line | None = None
    title: Line | None = None
    engagement_value: float | None = None
    revenue: float | None = None
    device_type: str | None = None
    location: Line | None = None
    metadata: dict | None = None
    occurred_at: datetime | None = None
    idempotency_key: Line | None = None


@blueprint.post(f"{PREFIX}/<int:lead_id>")
@role("agent")
@changes_leads
def engage(lead_id):
    """Tracks an engagement: 201, or 200 when its idempotency key is known already; 409 when the key
    was that of another type, channel or revenue."""
    lead, body = held_or_404(lead_id), read_body(Engagement)
    revenue = minor(body.revenue, "revenue")
    act, is_new = or_422(
        track_engagement,
        lead,
        body.engagement_type,
        now=utc_now(),
        channel=body.engagement_channel,
        context={name: getattr(body, name) for name in CONTEXT},
        revenue=revenue,
        occurred_at=body.occurred_at,
        idempotency_key=body.idempotency_key,
    )
    if not is_new and _differs(act, body, revenue):
        message = "This idempotency key was given to another engagement of this lead."
        raise ApiError(409, message, "key_used")
    answer = {
        "success": True,
        "lead_id": lead_id,
        "engagement": told(act),
        "lead": {
            "lead_score": lead.lead_score,
            "grade": lead.grade,
            "temperature": lead.temperature,
            "stage": lead.stage,
        },
    }
    commit()
    return answer, 201 if is_new else 200


def _differs(act: Interaction, body: Engagement, revenue: int | None) -> bool:
    channel = body.engagement_channel or act.channel
    return (act.type, act.channel, act.revenue) != (body.engagement_type, channel, revenue)


@blueprint.get(f"{PREFIX}/<int:lead_id>/history")
@role("agent")
def engagement_history(lead_id):
    """A lead's engagements, the newest first; by type, channel and time: `from` a day or moment on,
    `to` the end of a day or before a moment."""
    lead_or_404(lead_id)
    wanted = _wanted()
    rows, cursor = engagements.page(lead_id, wanted, asked_cursor(), asked_limit())
    return {
        "success": True,
        "lead_id": lead_id,
        "engagements": [told(row) for row in rows],
        "next_cursor": cursor,
    }


@blueprint.get(f"{PREFIX}/stats/summary")
@role("analyst")
def engagement_summary():
    """The engagements of all leads over a period: by type, by channel, with their revenue."""
    period = asked_period()
    found = engagements.summary(period)
    return {
        "success": True,
        "from": period.first.isoformat(),
        "to": period.last.isoformat(),
        "total_engagements": sum(row.count for row in found),
        "total_revenue": major(sum(row.revenue for row in found)),
        "by_type": _summed(found, "type"),
        "by_channel": _summed(found, "channel"),
    }


def _summed(found, name: str) -> list[dict]:
    sums: dict[str, list[int]] = {}
    for row in found:
        each = sums.setdefault(getattr(row, name), [0, 0])
        each[0] += row.count
        each[1] += row.revenue
    ordered = sorted(sums.items(), key=lambda item: (-item[1][0], item[0]))
    return [{name: key, "count": n, "revenue": major(value)} for key, (n, value) in ordered]


def _wanted() -> engagements.Wanted:
    asked, problems = request.args, {}
    known = engagement_types.channels()
    if (kind := asked.get("type")) and kind not in known and not _was_known(kind):
        problems["type"] = f"The types are {', '.join(sorted(known))}."
    if (channel := asked.get("channel")) and channel not in CHANNELS:
        problems["channel"] = f"The channels are {', '.join(CHANNELS)}."
    moments = {
        "from": asked_moment("from", problems, lambda day: day.starts_at),
        "to": asked_moment("to", problems, lambda day: day.ends_at),
    }
    if problems:
        raise invalid(problems)
    return engagements.Wanted(kind or None, channel or None, moments["from"], moments["to"])


def _was_known(kind: str) -> bool:
    """Whether the log has engagements of a type that is not known, or not any more."""
    return kind not in NO_ENGAGEMENTS and engagement_types.uses_of([kind])[kind] > 0


def told(act: Interaction) -> dict:
    """An engagement as programs get it; `note` is what a user wrote who logged it."""
    data = act.data or {}
    return {
        "id": act.id,
        "engagement_type": act.type,
        "engagement_channel": act.channel,
        "title": act.label,
        **{name: data.get(name) for name in CONTEXT if name != "title"},
        "revenue": major(act.revenue),
        "note": data.get("note"),
        "occurred_at": iso(act.occurred_at),
        "received_at": iso(act.received_at),
    }
