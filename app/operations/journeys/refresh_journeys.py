"""Work out where leads' journeys stand, from the log and the organization's history."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select

from app.domain.journeys import insight, journey
from app.domain.journeys.insight import JourneyFacts
from app.domain.journeys.journey_rules import JourneyRules
from app.domain.journeys.next_action import next_action
from app.domain.leads.segment import segment
from app.domain.score import Score
from app.domain.tracking.event import ATTEMPTS, ENGAGEMENT_TYPES
from app.extensions import db
from app.models import Lead, LeadJourney, LeadScore
from app.queries.journeys.journey_facts import (
    ASKED,
    CONTACTS,
    HIGH_INTENT,
    REPLIES,
    Known,
    known_of,
)
from app.queries.journeys.journey_rules import journey_rules
from app.queries.journeys.won import Won, won
from app.queries.leads.stage_facts import lifecycle_rules
from app.queries.scoring.lead_facts import IN_TOUCH

DAY = timedelta(days=1)
SCALE = 10_000


def refresh_journeys(leads: Sequence[Lead], *, now: datetime, history: Won | None = None) -> None:
    """Renews the rows of these leads, in the same few queries however many they are.

    `history` is what the organization's past says; read when not given.
    """
    if not leads:
        return
    history = history or won()
    rules, qualified_at = journey_rules(), lifecycle_rules().qualified_at
    known = known_of([lead.id for lead in leads], now, rules)
    rows = _rows(known)
    factors = _factors(known)
    for lead in leads:
        row = rows.get(lead.id) or LeadJourney(lead_id=lead.id)
        _renew(
            row, lead, known[lead.id], history, factors.get(lead.id, {}), rules, qualified_at, now
        )
        db.session.add(row)
    db.session.flush()


def _rows(known: dict[int, Known]) -> dict[int, LeadJourney]:
    wanted = select(LeadJourney).where(LeadJourney.lead_id.in_(list(known)))
    return {row.lead_id: row for row in db.session.scalars(wanted)}


def _factors(known: dict[int, Known]) -> dict[int, dict]:
    """The current score factors, for the segment."""
    wanted = select(LeadScore).where(LeadScore.lead_id.in_(list(known)), LeadScore.is_current)
    return {row.lead_id: row.score_factors for row in db.session.scalars(wanted)}


def _renew(
    row: LeadJourney,
    lead: Lead,
    known: Known,
    history: Won,
    factors: dict,
    rules: JourneyRules,
    qualified_at: int,
    now: datetime,
):
    since = (now - known.last_act_at) / DAY if known.last_act_at else None
    engagement = journey.engagement_score(since, known.reached, len(known.channels), rules)
    trend = journey.trend(known.touches_recent, known.touches_before, rules)
    silent = since if since is not None else max((now - lead.created_at) / DAY, 0)
    risk = journey.churn_risk(silent, trend, engagement, rules)
    path = [stay.stage for stay in known.stays]
    departed = journey.deviation(path, history.usual)
    group = segment(lead.lead_score, factors.get("engagement", 0))
    predicted = journey.predicted_value(
        history.likelihood(lead.stage), *history.by_segment.get(group, (0, 0)), lead.stage, rules
    )
    facts = _facts(lead, known, engagement, trend, risk, rules, qualified_at, now)
    row.started_at = min(known.first_at or lead.created_at, lead.created_at)
    row.last_activity_at = known.last_act_at
    row.interactions, row.touchpoints = known.interactions, known.touchpoints
    row.counts, row.channels = known.engagements, sorted(known.channels)
    row.engagement, row.churn_risk = int(engagement.points * SCALE), int(risk.points * SCALE)
    row.trend = trend
    row.parts = {"engagement": engagement.to_json(), "churn_risk": risk.to_json()}
    row.milestones = {
        name: at and at.isoformat()
        for name, at in journey.milestones(known.stays, known.first_contact_at).items()
    }
    row.deviation = {"skipped": list(departed.skipped), "back": [list(b) for b in departed.back]}
    row.total_revenue = known.revenue
    row.predicted_value, row.predicted_because = predicted.value, predicted.because
    row.insights = [each.to_json() for each in insight.insights(facts)]
    row.next_action = next_action(facts, history.outcomes.get(lead.stage)).to_json()
    row.updated_at = now


def _facts(
    lead: Lead,
    known: Known,
    engagement: Score,
    trend: str,
    risk: Score,
    rules: JourneyRules,
    qualified_at: int,
    now: datetime,
) -> JourneyFacts:
    intents = {kind: at for kind, at in known.last.items() if kind in HIGH_INTENT}
    newest = max(intents, key=lambda kind: (intents[kind], kind), default="")
    replies = {kind: at for kind, at in known.last.items() if kind in REPLIES}
    reply = max(replies, key=lambda kind: (replies[kind], kind), default="")
    return JourneyFacts(
        now=now,
        stage=lead.stage,
        stage_since=known.stays[-1].entered_at if known.stays else None,
        score=lead.lead_score,
        temperature=lead.temperature,
        qualified_at=qualified_at,
        engagement=engagement.points,
        trend=trend,
        churn_risk=risk.points,
        channels=frozenset(known.channels),
        last_act_at=known.last_act_at,
        last_seen_at=known.last_seen_at,
        last_silence=known.silence,
        last_contact_at=known.newest(CONTACTS),
        last_in_touch_at=known.newest(IN_TOUCH),
        unanswered_calls=known.unanswered_calls,
        last_unanswered_at=known.newest(ATTEMPTS),
        last_high_intent_at=intents.get(newest),
        last_high_intent=newest,
        last_reply_at=replies.get(reply),
        last_reply_channel=ENGAGEMENT_TYPES.get(reply, ""),
        last_asked_at=known.newest(ASKED),
        last_form_abandoned_at=known.last.get("form_abandoned"),
        last_form_submitted_at=known.last.get("form_submitted"),
        price_looks=tuple(known.price_looks),
        emails_sent=known.counts.get("email_sent", 0),
        emails_opened=known.counts.get("email_opened", 0),
        emails_answered=known.counts.get("email_replied", 0),
        purchases=known.counts.get("purchase_made", 0),
        last_purchase_at=known.last.get("purchase_made"),
        last_booked_at=known.last.get("appointment_booked"),
        last_attended_at=known.last.get("appointment_attended"),
        last_missed_at=known.last.get("appointment_missed"),
        last_cancelled_at=known.last.get("appointment_cancelled"),
        next_appointment_at=known.next_appointment_at,
        unclosed_appointment_at=known.unclosed_appointment_at,
        may_email="email" in known.consents,
        may_text="sms" in known.consents,
        email_refused_at=known.refused.get("email"),
        text_refused_at=known.refused.get("sms"),
        has_email=bool(lead.email),
        has_phone=bool(lead.phone),
        rules=rules,
    )
