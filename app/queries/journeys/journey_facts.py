"""What is known of the journeys of leads: the same few queries for one lead or for many."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import and_, func, or_, select

from app.domain.journeys.insight import PRICE_DAYS, Silence, last_silence
from app.domain.journeys.journey import Stay
from app.domain.journeys.journey_rules import DEFAULT_JOURNEY_RULES, JourneyRules
from app.domain.tracking.event import ATTEMPTS, NO_ENGAGEMENTS, NOT_THEIRS, TOOLS
from app.extensions import db
from app.models import Appointment, Consent, LeadLifecycle
from app.queries.contact.contact import NO_TOUCH
from app.queries.leads.lead_acts import acts
from app.tenancy import acting_organization_id

DAY = timedelta(days=1)
DAY_MILLIS = 86_400_000
CONTACTS = frozenset(("email_sent", "sms_sent", "call_made", "meeting_scheduled"))
REPLIES = frozenset(("email_replied", "sms_replied"))
NOBODY = NO_ENGAGEMENTS | ATTEMPTS
# After one of these, calls that nobody answers are counted anew.
REACHED = CONTACTS | REPLIES | {"appointment_booked", "appointment_attended"}
HIGH_INTENT = frozenset(
    (*TOOLS, "form_submitted", "meeting_scheduled", "purchase_made", "content_downloaded")
)
PRICES = frozenset(("cost_calculator", "quote_requested", "quote_viewed"))
ASKED = frozenset(("form_submitted", "quote_requested"))
# Nobody who was given up is back by one of these: machines open mails too.
NO_RETURN = (NOT_THEIRS | CONTACTS) | {
    "email_opened",
    "form_dismissed",
    "consent",
    "appointment_cancelled",
}


@dataclass(slots=True)
class Known:
    """What the log says of one lead's journey. Counts are whole, moments None: never."""

    counts: dict[str, int] = field(default_factory=dict)
    last: dict[str, datetime] = field(default_factory=dict)
    channels: set[str] = field(default_factory=set)
    first_at: datetime | None = None
    first_contact_at: datetime | None = None
    unanswered_calls: int = 0  # since anything of REACHED
    price_looks: list[datetime] = field(default_factory=list)
    revenue: int = 0
    touchpoints: int = 0
    touches_recent: int = 0
    touches_before: int = 0
    last_act_at: datetime | None = None
    silence: Silence | None = None
    stays: list[Stay] = field(default_factory=list)
    consents: set[str] = field(default_factory=set)
    refused: dict[str, datetime] = field(default_factory=dict)  # taken back, by kind
    next_appointment_at: datetime | None = None
    unclosed_appointment_at: datetime | None = None

    @property
    def engagements(self) -> dict[str, int]:
        """The counts of engagements alone, by type."""
        return {k: n for k, n in sorted(self.counts.items()) if k not in NO_ENGAGEMENTS}

    @property
    def interactions(self) -> int:
        return sum(self.engagements.values())

    @property
    def reached(self) -> int:
        """The interactions but those in which nobody was reached."""
        return self.interactions - sum(self.counts.get(kind, 0) for kind in ATTEMPTS)

    def newest(self, types) -> datetime | None:
        """When one of these types last happened."""
        return max((at for kind, at in self.last.items() if kind in types), default=None)

    @property
    def last_seen_at(self) -> datetime | None:
        """When they last did something that somebody who was given up would come back by."""
        return max((at for kind, at in self.last.items() if kind not in NO_RETURN), default=None)


def known_of(
    lead_ids: Sequence[int], now: datetime, rules: JourneyRules = DEFAULT_JOURNEY_RULES
) -> dict[int, Known]:
    """What is known of each of these leads; the `rules` say how far back touches are recent."""
    known = {lead_id: Known() for lead_id in lead_ids}
    for take in (_acts, _moments, _days, _stays, _consents, _appointments):
        take(known, now)
    _touches(known, now, rules.trend_days * DAY)
    return known


def _acts(known: dict[int, Known], now: datetime):
    every = acts(list(known))
    rows = db.session.execute(
        select(
            every.c.lead_id,
            every.c.type,
            every.c.channel,
            func.count(),
            func.min(every.c.occurred_at),
            func.max(every.c.occurred_at),
            func.sum(every.c.revenue),
        ).group_by(every.c.lead_id, every.c.type, every.c.channel)
    )
    for lead_id, kind, channel, count, first, last, revenue in rows:
        lead = known[lead_id]
        lead.counts[kind] = lead.counts.get(kind, 0) + count
        lead.last[kind] = max(last, lead.last.get(kind, last))
        lead.first_at = min(first, lead.first_at or first)
        if kind not in NOBODY:
            lead.channels.add(channel)
        if kind in CONTACTS:
            lead.first_contact_at = min(first, lead.first_contact_at or first)
        if kind == "purchase_made":
            lead.revenue += int(revenue or 0)


def _moments(known: dict[int, Known], now: datetime):
    """The calls that nobody answered since anybody was reached, and the latest looks at prices;
    asked where there are any."""
    recent = now - PRICE_DAYS * DAY
    some = [
        lead_id
        for lead_id, lead in known.items()
        if lead.newest(ATTEMPTS) or ((last := lead.newest(PRICES)) and last >= recent)
    ]
    if not some:
        return
    every = acts(some)
    priced = and_(every.c.type.in_(PRICES), every.c.occurred_at >= recent)
    rows = db.session.execute(
        select(every.c.lead_id, every.c.type, every.c.occurred_at)
        .where(or_(every.c.type.in_(ATTEMPTS), priced))
        .order_by(every.c.occurred_at)
    )
    for lead_id, kind, at in rows:
        lead = known[lead_id]
        if kind in PRICES:
            lead.price_looks.append(at)
        else:
            reached_at = lead.newest(REACHED)
            lead.unanswered_calls += reached_at is None or at > reached_at


def _touches(known: dict[int, Known], now: datetime, window: timedelta):
    """A visit is one touch, and so is each engagement outside visits."""
    every = acts(list(known))
    alone = every.c.visitor_session_id.is_(None)
    recent = every.c.occurred_at >= now - window
    before = and_(every.c.occurred_at < now - window, every.c.occurred_at >= now - 2 * window)
    counted = []
    for when in (every.c.occurred_at <= now, recent, before):
        counted += [
            func.count(every.c.visitor_session_id.distinct()).filter(when),
            func.count().filter(when, alone),
        ]
    rows = db.session.execute(
        select(every.c.lead_id, *counted)
        .where(every.c.type.not_in(NO_TOUCH))
        .group_by(every.c.lead_id)
    )
    for lead_id, *counts in rows:
        lead = known[lead_id]
        sums = [visits + others for visits, others in zip(counts[::2], counts[1::2], strict=True)]
        lead.touchpoints, lead.touches_recent, lead.touches_before = sums


def _days(known: dict[int, Known], now: datetime):
    """The last sign of life, and the last long silence before it."""
    every = acts(list(known))
    day = every.c.occurred_at.op("/")(DAY_MILLIS)
    rows = db.session.execute(
        select(every.c.lead_id, func.min(every.c.occurred_at), func.max(every.c.occurred_at))
        .where(every.c.type.not_in(NOT_THEIRS))
        .group_by(every.c.lead_id, day)
    )
    days = defaultdict(list)
    for lead_id, first, last in rows:
        days[lead_id].append((first, last))
    for lead_id, told in days.items():
        known[lead_id].last_act_at = max(last for _, last in told)
        known[lead_id].silence = last_silence(told)


def _stays(known: dict[int, Known], now: datetime):
    rows = db.session.execute(
        select(
            LeadLifecycle.lead_id,
            LeadLifecycle.stage,
            LeadLifecycle.entered_at,
            LeadLifecycle.exited_at,
        )
        .where(
            LeadLifecycle.organization_id == acting_organization_id(),
            LeadLifecycle.lead_id.in_(list(known)),
        )
        .order_by(LeadLifecycle.entered_at, LeadLifecycle.id)
    )
    for lead_id, *stay in rows:
        known[lead_id].stays.append(Stay(*stay))


def _consents(known: dict[int, Known], now: datetime):
    rows = db.session.execute(
        select(Consent.lead_id, Consent.kind, Consent.granted, Consent.given_at)
        .where(
            Consent.organization_id == acting_organization_id(), Consent.lead_id.in_(list(known))
        )
        .order_by(Consent.given_at, Consent.id)
    )
    for lead_id, kind, granted, at in rows:
        lead = known[lead_id]
        if granted:
            lead.consents.add(kind)
            lead.refused.pop(kind, None)
        else:
            lead.consents.discard(kind)
            lead.refused[kind] = at


def _appointments(known: dict[int, Known], now: datetime):
    """Of those that are booked the next one, and the last that is over."""
    rows = db.session.execute(
        select(
            Appointment.lead_id,
            func.min(Appointment.starts_at).filter(Appointment.starts_at > now),
            func.max(Appointment.starts_at).filter(Appointment.ends_at <= now),
        )
        .where(
            Appointment.organization_id == acting_organization_id(),
            Appointment.lead_id.in_(list(known)),
            Appointment.state == "booked",
        )
        .group_by(Appointment.lead_id)
    )
    for lead_id, next_at, unclosed_at in rows:
        known[lead_id].next_appointment_at = next_at
        known[lead_id].unclosed_appointment_at = unclosed_at
