"""Tell the team by mail that a lead came in."""

from datetime import datetime, timedelta

from sqlalchemy import select

from app.domain.tracking.event import TOOLS
from app.domain.wording import type_in_words
from app.extensions import db
from app.models import Interaction, Lead, Membership, Organization
from app.operations.queue_mail import BadMail, queue_mail
from app.queries.contact import contact
from app.queries.users import members
from app.tenancy import acting_organization_id

# The form's later steps come within minutes of the first: the mail waits for them.
PATIENCE = timedelta(minutes=2)
# What came to light later than this is no news.
STALE = timedelta(days=1)


def tell_of_lead(lead_id: int, *, came_at: datetime, base: str, now: datetime) -> int:
    """Queues a mail to the lead's assignee, else to the owners, of those who want to be told; how
    many. `base` is the address of this installation."""
    lead = contact.lead(lead_id)
    if lead is None or now - came_at > STALE:
        return 0
    facts = _facts(lead, base)
    return sum(_queued(one, facts, now) for one in _to_tell(lead))


def _to_tell(lead: Lead) -> list[Membership]:
    if lead.assignee_id:
        people = [one for one in members() if one.user_id == lead.assignee_id]
    else:
        people = [one for one in members() if one.role == "owner"]
    return [one for one in people if one.told_of_leads and one.user.active]


def _queued(one: Membership, facts: dict, now: datetime) -> bool:
    try:
        queue_mail("lead_created", one.user.email, facts, due_at=now, now=now)
    except BadMail:  # somebody who signs in with an address that no mail reaches
        return False
    return True


def _facts(lead: Lead, base: str) -> dict:
    organization = db.session.get(Organization, acting_organization_id())
    used = select(Interaction).where(Interaction.id == lead.interaction_id)
    interaction = db.session.scalar(used) if lead.interaction_id else None
    score = interaction.score if interaction else None
    return {
        "lead_id": lead.id,
        "organization": organization.name,
        "who": lead.name,
        "email": lead.email,
        "phone": lead.phone,
        "source": lead.source,
        "assigned": lead.assignee_id is not None,
        "tool": type_in_words(interaction.type) if interaction else None,
        "score": score,
        "reasons": [_reason(part) for part in (interaction.contributions or [])] if score else [],
        "lead_score": lead.lead_score,
        "grade": lead.grade,
        "temperature": lead.temperature,
        "link": f"{base}/admin/leads/{lead.id}",
        "account_link": f"{base}/settings/account",
    }


def _reason(part: dict) -> str:
    """{"name": "High budget range", "points": 20} -> +20 High budget range"""
    told = part.get("detail")
    detail = f" ({told})" if told and told not in TOOLS else ""
    return f"{part['points']:+} {part['name']}{detail}"
