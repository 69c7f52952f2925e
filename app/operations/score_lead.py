"""Work out a lead's five-component score again, and keep it with its reason."""

from datetime import datetime, timedelta

from sqlalchemy import func, select, update

from app.domain.event import OWN_TYPES
from app.domain.lead_score import LeadFacts, LeadRules
from app.domain.lead_score import score_lead as scored
from app.domain.visit import PASSIVE
from app.extensions import db
from app.models import Lead, LeadScore, Organization
from app.queries import contact
from app.tenancy import acting_organization_id

DAY = timedelta(days=1)
DAY_MILLIS = 86_400_000
# Contact that went either way between the lead and us.
CONTACTS = (
    "email_sent",
    "email_replied",
    "sms_sent",
    "sms_replied",
    "call_made",
    "meeting_scheduled",
    "appointment_booked",
)
# What we did, or what the machine noted: no sign of life of the lead.
NOT_THEIRS = OWN_TYPES | PASSIVE | {"email_sent", "sms_sent", "appointment_missed"}


def score_lead(lead: Lead, *, reason: str, now: datetime) -> LeadScore:
    """Appends the lead's score as it is now, marks it current and copies it to the lead.

    `reason` says which engagement, stage or change of rules made it (scoring.md 3).
    """
    score = scored(facts_of(lead, lead_rules(), now), lead_rules())
    db.session.execute(
        update(LeadScore)
        .where(LeadScore.lead_id == lead.id, LeadScore.is_current)
        .values(is_current=False)
    )
    row = LeadScore(
        lead_id=lead.id,
        total_score=score.total,
        undecayed_score=score.undecayed,
        grade=score.grade,
        temperature=score.temperature,
        score_factors=score.score_factors(),
        contributions=[part.to_json() for part in score.contributions],
        rules_version=score.version,
        reason=reason,
        calculated_at=now,
        is_current=True,
    )
    db.session.add(row)
    lead.lead_score, lead.grade, lead.temperature = score.shown, score.grade, score.temperature
    return row


def lead_rules() -> LeadRules:
    """How the organization acted for scores its leads."""
    organization = db.session.get(Organization, acting_organization_id())
    return LeadRules.from_json((organization.settings or {}).get("lead_rules", {}))


def facts_of(lead: Lead, rules: LeadRules, now: datetime) -> LeadFacts:
    """What the score depends on, in three queries."""
    acts = contact.acts_of(lead.id)
    windows = (rules.high_intent_window, rules.reply_window)
    by_type = {
        kind: (count, last, recent)
        for kind, count, last, *recent in db.session.execute(
            select(
                acts.c.type,
                func.count(),
                func.max(acts.c.occurred_at),
                *(func.count().filter(acts.c.occurred_at >= now - days * DAY) for days in windows),
            ).group_by(acts.c.type)
        )
    }
    consents = contact.consents_in_force(lead.id)
    theirs = [last for kind, (_, last, _) in by_type.items() if kind not in NOT_THEIRS]
    contacts = [by_type[kind][1] for kind in CONTACTS if kind in by_type]
    return LeadFacts(
        email=lead.email,
        first_name=lead.first_name,
        last_name=lead.last_name,
        phone=lead.phone,
        location=lead.location,
        customer_type=lead.customer_type,
        category=lead.category,
        interests=tuple(lead.interests or ()),
        source=lead.source,
        stage=lead.stage,
        counts={kind: count for kind, (count, _, _) in by_type.items()},
        active_days=_active_days(acts, now - rules.active_day_window * DAY),
        high_intent=_recent(by_type, rules.high_intent_types, 0),
        replies=_recent(by_type, rules.reply_types, 1),
        days_since_contact=_days_since(contacts, now),
        email_consent="email" in consents,
        sms_consent="sms" in consents,
        days_since_engagement=_days_since(theirs, now),
    )


def _recent(by_type: dict, kinds, window: int) -> int:
    return sum(by_type[kind][2][window] for kind in kinds if kind in by_type)


def _active_days(acts, since: datetime) -> int:
    """Distinct UTC days with a sign of life of the lead."""
    day = acts.c.occurred_at.op("/")(DAY_MILLIS)
    wanted = select(func.count(day.distinct())).where(
        acts.c.occurred_at >= since, acts.c.type.not_in(NOT_THEIRS)
    )
    return db.session.scalar(wanted)


def _days_since(moments: list[datetime], now: datetime) -> float | None:
    return max((now - max(moments)) / DAY, 0.0) if moments else None
