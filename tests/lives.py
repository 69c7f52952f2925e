"""Leads of every kind, by chance, made through the tracker: for what is told of their
conversions."""

import random
from datetime import timedelta
from uuid import UUID

from app.domain.tracking.event import Event
from app.domain.tracking.visit import Origin
from app.domain.uuid7 import uuid7
from app.extensions import db
from app.models import Lead, LeadLifecycle, LeadVisitor
from app.models.types import to_millis
from app.operations.tracking.track import Hit, track
from app.queries.tracking.sites import facts_of
from tests.conftest import NOW

DAY = timedelta(days=1)
ENGAGED = (("email_clicked", "email"), ("call_made", "phone"), ("sms_sent", "sms"))
LEADS = 12


def happen(site, seed=3, leads=LEADS):
    """Leads of every kind, by chance: with and without visits, engagements, purchases, stages; on
    several browsers, on one browser twice."""
    chance, site = random.Random(seed), facts_of(site)
    for number in range(leads):
        lead = Lead(
            email=f"{seed}-{number}@example.com",
            created_at=NOW - chance.randrange(1, 60) * DAY,
            updated_at=NOW,
        )
        db.session.add(lead)
        db.session.flush()
        for browser in range(chance.randrange(3)):
            _visits(site, lead, bytes([seed, number, browser]) * 5 + b"x", chance)
        engage(site, lead, chance)
        at = lead.created_at
        for stage in ("new", "qualified", "opportunity", "customer")[: chance.randrange(5)]:
            stay = LeadLifecycle(
                lead_id=lead.id, stage=stage, entered_at=at, is_current_stage=False
            )
            db.session.add(stay)
            at += chance.randrange(1, 200) * DAY / 24
    db.session.flush()


def _visits(site, lead, visitor, chance):
    moments = sorted(NOW - chance.random() * 90 * DAY for _ in range(chance.randrange(1, 6)))
    middle = chance.choice(moments)
    spans = [(moments[0], middle), (middle, None)] if chance.random() < 0.4 else [(middle, None)]
    for starts_at, ends_at in spans:
        if starts_at != ends_at:
            link = LeadVisitor(lead_id=lead.id, visitor_id=UUID(bytes=visitor))
            link.starts_at, link.ends_at = starts_at, ends_at
            db.session.add(link)
    hits = []
    for at in map(to_millis, moments):
        url = f"https://clinic.example/{chance.randrange(3)}"
        events = [Event(uuid7(at + n, visitor), "page_viewed", at + n, url=url) for n in range(2)]
        source = chance.choice((None, "news", "google"))
        origin = Origin(channel=chance.choice(("email", "direct", "social")), source=source)
        hits.append(
            Hit(site.organization_id, at, events, site=site, visitor_id=visitor, origin=origin)
        )
    db.session.flush()
    track(hits, now=NOW)


def engage(site, lead, chance):
    events = []
    for number in range(chance.randrange(6)):
        at = to_millis(NOW - chance.random() * 90 * DAY)
        seed = f"{lead.id} {number}".encode()
        kind, channel = chance.choice(ENGAGED)
        told = chance.choice((None, {"source_name": "Spring letter", "source_type": "campaign"}))
        more = {"channel": channel, "lead_id": lead.id, "data": told}
        events.append(Event(uuid7(at, seed), kind, at, **more))
        if chance.random() < 0.3:
            more = {"lead_id": lead.id, "revenue": chance.randrange(100_000)}
            events.append(Event(uuid7(at, seed + b"b"), "purchase_made", at + 60_000, **more))
    track([Hit(site.organization_id, to_millis(NOW), events)], now=NOW)
