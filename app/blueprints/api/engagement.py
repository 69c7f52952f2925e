"""Engagements of leads for programs (api.md, "Lead tracking")."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from app.access import role
from app.blueprints.api import blueprint
from app.blueprints.api.body import Amount, Line, Moment, commit, iso, read_body
from app.blueprints.api.own_lead import held_or_404, lead_or_404, major, minor, or_422
from app.blueprints.api.parameters import (
    CURSOR,
    DAY_OR_MOMENT,
    LIMIT,
    Query,
    among,
    asked,
    asked_period,
    begins,
    ends,
    takes,
    up_to,
    usual_period,
)
from app.caller import changes_leads
from app.clock import utc_now
from app.domain.tracking.event import (
    CHANNELS,
    DATA_BYTES,
    DATA_DEPTH,
    ENGAGEMENT_TYPES,
    NO_ENGAGEMENTS,
)
from app.errors import ApiError, invalid
from app.models import Interaction
from app.operations.tracking.track_engagement import (
    AHEAD,
    DEVICES,
    OLDEST,
    SOURCE_TYPES,
    track_engagement,
)
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

    engagement_type: Annotated[
        Line,
        Meta(
            description=f"One of {', '.join(ENGAGEMENT_TYPES)}; or one of the organization's own. "
            "call_unanswered is an attempt: it moves nobody, scores nothing and is no contact."
        ),
    ]
    engagement_channel: Annotated[
        Literal[CHANNELS] | None, Meta(description="The usual one of the type, if left out.")
    ] = None
    source_type: Literal[SOURCE_TYPES] | None = None
    source_id: Annotated[int, Meta(ge=-(2**63), le=2**63 - 1)] | Line | None = None
    source_name: Line | None = None
    title: Line | None = None
    engagement_value: Annotated[float, Meta(ge=0, le=100)] | None = None
    revenue: Annotated[
        Amount | None,
        Meta(
            description="An amount of the organization's currency, such as 250.5. A purchase "
            "without it is one whose amount nobody told: it makes a customer and adds no revenue."
        ),
    ] = None
    device_type: Literal[DEVICES] | None = None
    location: Line | None = None
    metadata: Annotated[
        dict | None,
        Meta(description=f"At most {DATA_BYTES:,} bytes of JSON, {DATA_DEPTH} levels deep."),
    ] = None
    occurred_at: Annotated[
        Moment | None,
        Meta(
            description=f"With its time zone; from the year {OLDEST.year} on, and not still to "
            f"come: {AHEAD.seconds // 60} minutes are forgiven to a clock. Now, if left out."
        ),
    ] = None
    idempotency_key: Annotated[
        Annotated[str, Meta(min_length=1, max_length=500)] | None,
        Meta(
            description="A name of yours for this engagement: told again, it is not counted again."
        ),
    ] = None


@blueprint.post(f"{PREFIX}/<int:lead_id>")
@role("agent")
@changes_leads
def engage(lead_id):
    """Tracks an engagement: 201, or 200 when its idempotency key is known already; 409 when the key
    was that of another type, channel or revenue."""
    lead, body = held_or_404(lead_id), read_body(Engagement)
    revenue = minor(body.revenue)
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
@takes(
    Query("type", "One type of engagement.", up_to(100)),
    Query("channel", "One channel.", among(*CHANNELS)),
    Query(
        "from", "The first day (UTC), or the earliest moment.", DAY_OR_MOMENT, example="2026-01-01"
    ),
    Query("to", "The last day, or a moment before which.", DAY_OR_MOMENT, example="2026-03-31"),
    CURSOR,
    LIMIT,
)
def engagement_history(lead_id):
    """A lead's engagements, the newest first; by type, channel and time: `from` a day or moment on,
    `to` the end of a day or before a moment."""
    lead_or_404(lead_id)
    wanted = _wanted()
    rows, cursor = engagements.page(lead_id, wanted, asked("cursor"), asked("limit"))
    return {
        "success": True,
        "lead_id": lead_id,
        "engagements": [told(row) for row in rows],
        "next_cursor": cursor,
    }


@blueprint.get(f"{PREFIX}/stats/summary")
@role("analyst")
@takes(*usual_period(30))
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
    kind, known = asked("type"), engagement_types.channels()
    if kind and kind not in known and not _was_known(kind):
        raise invalid({"type": f"The types are {', '.join(sorted(known))}."})
    return engagements.Wanted(kind, asked("channel"), begins(asked("from")), ends(asked("to")))


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
