"""Note what happened with a lead away from the website: a call, a meeting, an e-mail, a message."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from app.domain.event import ENGAGEMENT_TYPES
from app.domain.validation import Invalid
from app.extensions import db
from app.models import Interaction, Lead
from app.operations.audit import audit
from app.operations.follow_engagement import follow_engagement
from app.operations.read_contact import clean_text
from app.operations.record_interaction import record_interaction

# What can be logged by hand, in the order it is offered.
LOGGED = {
    "call_made": "Call",
    "meeting_scheduled": "Meeting",
    "email_sent": "E-mail to them",
    "email_replied": "E-mail from them",
    "sms_sent": "Text message to them",
    "sms_replied": "Text message from them",
}
LONGEST_NOTE = 500


def log_engagement(
    lead: Lead,
    type: str,
    *,
    note: str = "",
    occurred_at: datetime | None = None,
    event_id: UUID | None = None,
    user_id: int | None,
    now: datetime,
) -> Interaction:
    """Records the engagement, with all that follows for the lead's stage and score.

    `occurred_at` is now unless given; `event_id` makes a form sent twice one engagement. Raises
    Invalid: a type that is not logged by hand, a time to come, a note that is too long.
    """
    at, note = occurred_at or now, clean_text(note, keep_lines=True)
    if problems := _problems(type, note, at, now):
        raise Invalid(problems)
    if event_id and (known := _known(lead, event_id)):
        return known
    interaction = record_interaction(
        type,
        site=None,
        now=now,
        lead_id=lead.id,
        channel=ENGAGEMENT_TYPES[type],
        data={"source_type": "manual", "note": note, "user_id": user_id},
        occurred_at=at,
        event_id=event_id,
    )
    detail = {"type": type, "interaction_id": interaction.id}
    audit("lead.engagement_logged", f"lead {lead.id}", detail, user_id=user_id, now=now)
    follow_engagement(lead, [interaction], now=now)
    return interaction


def _problems(type: str, note: str, at: datetime, now: datetime) -> dict[str, str]:
    checks = (
        ("type", f"Choose one of {', '.join(LOGGED.values())}.", type in LOGGED),
        ("note", f"Shorten this to {LONGEST_NOTE} characters.", len(note) <= LONGEST_NOTE),
        ("occurred_at", "This is still to come.", at <= now),
    )
    return {name: message for name, message, fine in checks if not fine}


def _known(lead: Lead, event_id: UUID) -> Interaction | None:
    return db.session.scalar(
        select(Interaction).where(Interaction.event_id == event_id, Interaction.lead_id == lead.id)
    )
