"""Track an engagement of a lead, on any channel, with its whole context."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid5

import msgspec
from sqlalchemy import select

from app.domain.money import MOST_MONEY
from app.domain.tracking.event import CHANNELS, REASONS, Dropped, check_data
from app.domain.validation import Invalid
from app.extensions import db
from app.models import Interaction, Lead
from app.operations.contact.read_contact import clean_text
from app.operations.leads.lock_lead import lock_lead
from app.operations.tracking.follow_engagement import follow_engagement
from app.operations.tracking.record_interaction import record_interaction
from app.queries.tracking import engagement_types

SOURCE_TYPES = ("campaign", "sequence", "automation", "form", "manual", "website", "integration")
DEVICES = ("desktop", "mobile", "tablet")
OLDEST = datetime(2000, 1, 1, tzinfo=UTC)
AHEAD = timedelta(minutes=5)  # how far another system's clock may be before ours
# An idempotency key is a text of the sender; with the lead it makes the event's id.
KEYS = UUID("5d1f8a3e-8d0b-5b61-9c5e-2a6f4f1d7c42")


def track_engagement(
    lead: Lead,
    engagement_type: str,
    *,
    now: datetime,
    channel: str | None = None,
    context: dict | None = None,
    revenue: int | None = None,
    occurred_at: datetime | None = None,
    idempotency_key: str | None = None,
) -> tuple[Interaction, bool]:
    """The stored engagement with all that follows for the lead, and whether it is new.

    `context`: source_type, source_id, source_name, title, engagement_value (0 to 100), device_type,
    location, metadata (an object), each optional. `revenue` is minor units. The same key again for
    the same lead stores nothing. Raises Invalid naming each field.
    """
    context = {name: value for name, value in (context or {}).items() if value is not None}
    at = occurred_at or now
    known = engagement_types.channels()
    if problems := _problems(engagement_type, channel, context, revenue, at, known, now):
        raise Invalid(problems)
    data = _data(context)
    lock_lead(lead)
    event_id = uuid5(KEYS, f"{lead.id} {idempotency_key}") if idempotency_key else None
    if event_id and (stored := _stored(event_id)):
        return stored, False
    act = record_interaction(
        engagement_type,
        site=None,
        now=now,
        lead_id=lead.id,
        channel=channel or known[engagement_type],
        label=clean_text(context.get("title", "")) or None,
        data=data,
        revenue=revenue,
        occurred_at=min(at, now),
        event_id=event_id,
    )
    follow_engagement(lead, [act], now=now)
    return act, True


def _problems(kind, channel, context, revenue, at, known, now) -> dict[str, str]:
    value = context.get("engagement_value")
    checks = (
        (
            "engagement_type",
            f"This type is not known. The types are {', '.join(sorted(known))}.",
            kind in known,
        ),
        (
            "engagement_channel",
            f"The channels are {', '.join(CHANNELS)}.",
            channel is None or channel in CHANNELS,
        ),
        (
            "source_type",
            f"The source types are {', '.join(SOURCE_TYPES)}.",
            context.get("source_type", "manual") in SOURCE_TYPES,
        ),
        (
            "device_type",
            f"The devices are {', '.join(DEVICES)}.",
            context.get("device_type", "mobile") in DEVICES,
        ),
        ("engagement_value", "Give a number from 0 to 100.", value is None or 0 <= value <= 100),
        (
            "revenue",
            f"Give an amount from 0 to {MOST_MONEY // 100:,}.",
            revenue is None or 0 <= revenue <= MOST_MONEY,
        ),
        ("occurred_at", "This needs a time zone, such as Z or +02:00.", at.tzinfo is not None),
    )
    problems = {name: message for name, message, fine in checks if not fine}
    if "occurred_at" not in problems and not OLDEST <= at <= now + AHEAD:
        early = at < OLDEST
        problems["occurred_at"] = "This is before the year 2000." if early else "Still to come."
    return problems


def _data(context: dict) -> dict | None:
    """The context as the log keeps it: texts without what no database can hold, and metadata of at
    most 4 KiB, four deep."""
    clean = {
        name: clean_text(value) if isinstance(value, str) else value
        for name, value in context.items()
    }
    if metadata := clean.get("metadata"):
        try:
            clean["metadata"] = check_data(metadata, len(msgspec.json.encode(metadata)))
        except Dropped as dropped:
            raise Invalid({"metadata": f"{REASONS[dropped.reason]}."}) from None
    return clean or None


def _stored(event_id: UUID) -> Interaction | None:
    return db.session.scalar(select(Interaction).where(Interaction.event_id == event_id))
