"""Note what happened with a lead away from the website: a call, a meeting, a purchase..."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from app.domain.money import MOST_MONEY
from app.domain.tracking.event import ENGAGEMENT_TYPES
from app.domain.validation import Invalid
from app.extensions import db
from app.models import Interaction, Lead
from app.operations.audit import audit
from app.operations.contact.read_contact import clean_text
from app.operations.leads.lock_lead import lock_lead
from app.operations.tracking.follow_engagement import follow_engagement
from app.operations.tracking.record_interaction import record_interaction
from app.operations.tracking.track_engagement import OLDEST
from app.queries.tracking.engagement_types import custom_types, own_label

# What can be logged by hand, in the order it is offered.
LOGGED = {
    "call_made": "Call",
    "call_unanswered": "Unanswered call",
    "meeting_scheduled": "Meeting",
    "email_sent": "E-mail to them",
    "email_replied": "E-mail from them",
    "sms_sent": "Text message to them",
    "sms_replied": "Text message from them",
    "purchase_made": "Purchase",
}
LONGEST_NOTE = 500


def log_engagement(
    lead: Lead,
    type: str,
    *,
    note: str = "",
    revenue: int | None = None,
    occurred_at: datetime | None = None,
    event_id: UUID | None = None,
    user_id: int | None,
    now: datetime,
) -> Interaction:
    """Records the engagement, with all that follows for the lead's stage and score.

    `type` is one of LOGGED or of the organization's own; `revenue` is minor units, of a purchase
    only. `occurred_at` is now unless given; `event_id` makes a form sent twice one engagement.
    Raises Invalid: a type that is not logged by hand, a purchase without its amount, a time to
    come, a note that is too long.
    """
    at, note = occurred_at or now, clean_text(note, keep_lines=True)
    own = {each.name: each for each in custom_types()}
    if problems := _problems(type, own, note, revenue, at, now):
        raise Invalid(problems)
    lock_lead(lead)
    if event_id and (known := _known(lead, event_id)):
        return known
    interaction = record_interaction(
        type,
        site=None,
        now=now,
        lead_id=lead.id,
        channel=own[type].channel if type in own else ENGAGEMENT_TYPES[type],
        data={"source_type": "manual", "note": note, "user_id": user_id},
        revenue=revenue,
        occurred_at=at,
        event_id=event_id,
    )
    detail = {"type": type, "interaction_id": interaction.id}
    audit("lead.engagement_logged", f"lead {lead.id}", detail, user_id=user_id, now=now)
    follow_engagement(lead, [interaction], now=now)
    return interaction


def called(type: str) -> str:
    """What people call a type of engagement."""
    return LOGGED.get(type) or own_label(type) or type


def _problems(type, own, note, revenue, at, now) -> dict[str, str]:
    kinds = LOGGED | {each.name: each.label for each in own.values()}
    paid = revenue is not None
    checks = (
        ("type", f"Choose one of {', '.join(kinds.values())}.", type in kinds),
        ("note", f"Shorten this to {LONGEST_NOTE} characters.", len(note) <= LONGEST_NOTE),
        ("revenue", "Say how much they paid.", paid or type != "purchase_made"),
        ("revenue", "Only a purchase has an amount.", not paid or type == "purchase_made"),
        ("revenue", "This is more than can be.", not paid or 0 <= revenue <= MOST_MONEY),
        ("occurred_at", "This is still to come.", at <= now),
        ("occurred_at", "This is before the year 2000.", at >= OLDEST),
    )
    return {name: message for name, message, fine in checks if not fine}


def _known(lead: Lead, event_id: UUID) -> Interaction | None:
    return db.session.scalar(
        select(Interaction).where(Interaction.event_id == event_id, Interaction.lead_id == lead.id)
    )
