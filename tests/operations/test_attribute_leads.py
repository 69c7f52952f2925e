"""Everybody's conversions at once: the same as conversion by conversion, however often."""

import random
from collections import Counter
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from app.domain.attribution import HEURISTIC, MODELS
from app.domain.event import Event
from app.domain.uuid7 import uuid7
from app.domain.visit import Origin
from app.extensions import db
from app.models import (
    AttributionCredit,
    ChannelWorth,
    Lead,
    LeadAttribution,
    LeadLifecycle,
    LeadVisitor,
)
from app.models.types import to_millis
from app.operations.attribute_conversion import attribute_conversion
from app.operations.attribute_leads import attribute_leads
from app.operations.track import Hit, track
from app.queries.attribution import of_lead
from app.queries.conversions import conversions_of
from app.queries.sites import facts_of
from app.tenancy import acting_for
from tests.conftest import NOW

DAY = timedelta(days=1)
LEARNING = tuple(name for name, model in MODELS.items() if model.learns)
ENGAGED = (("email_clicked", "email"), ("call_made", "phone"), ("sms_sent", "sms"))
LEADS = 12


@pytest.fixture
def clinic(cast):
    with acting_for(cast.clinic):
        yield cast


def happen(cast, seed=3, leads=LEADS):
    """Leads of every kind, by chance: with and without visits, engagements, purchases, stages; on
    several browsers, on one browser twice."""
    chance, site = random.Random(seed), facts_of(cast.site)
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
        _engagements(site, lead, chance)
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


def _engagements(site, lead, chance):
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


def learn():
    for kind in ("customer", "lead_created"):
        for model, channel, worth in (("markov", "email", 0.4), ("shapley", "phone", 2.5)):
            row = ChannelWorth(conversion_type=kind, model=model, channel=channel, worth=worth)
            row.journeys = row.conversions = 5
            row.learned_at = NOW
            db.session.add(row)
    db.session.flush()


def everybody(count=5, **more) -> Counter:
    after, counts = 0, Counter()
    while after is not None:
        some, after = attribute_leads(after, count, now=NOW, **more)
        counts += some
    return counts


def kept() -> list[list[tuple]]:
    """All that is stored, but for ids."""
    return [
        sorted(
            [
                tuple(getattr(row, c.key) for c in table.__mapper__.columns if c.key != "id")
                for row in db.session.scalars(
                    select(table).execution_options(populate_existing=True)
                )
            ],
            key=str,
        )
        for table in (LeadAttribution, AttributionCredit)
    ]


@pytest.mark.parametrize("seed", range(6))
def test_all_at_once_is_the_same_as_conversion_by_conversion(clinic, seed):
    happen(clinic, seed)
    learn()
    leads = {lead.id: lead for lead in db.session.scalars(select(Lead))}
    attributed = Counter()
    for each in conversions_of(list(leads)):
        [value] = set(each.values.values())
        try:
            attribute_conversion(leads[each.lead_id], each.type, now=NOW, at=each.at, value=value)
            attributed["conversions"] += 1
        except ValueError:
            attributed["without_touches"] += 1
    one_by_one = kept()
    assert len(one_by_one[0]) == attributed["conversions"] * len(MODELS) > 0
    for table in (LeadAttribution, AttributionCredit):
        db.session.query(table).delete()
    assert everybody() == attributed + Counter(leads=LEADS)
    assert kept() == one_by_one
    assert everybody(count=100) == attributed + Counter(leads=LEADS)  # and again, all in one
    assert kept() == one_by_one


def test_what_was_calculated_keeps_its_value_and_its_models(clinic):
    happen(clinic, leads=1)
    [lead] = db.session.scalars(select(Lead))
    _engagements(facts_of(clinic.site), lead, random.Random(11))
    asked_at = NOW + DAY
    attribute_conversion(lead, "opportunity", now=NOW, at=asked_at, value=70, models=["linear"])
    everybody()
    asked = [row for row in of_lead(lead.id) if row.conversion_at == asked_at]
    assert [(row.model, row.conversion_value) for row in asked] == [("linear", 70)]
    opportunities = [row for row in of_lead(lead.id) if row.conversion_type == "opportunity"]
    assert opportunities == asked  # the stage is not counted a second time


def test_models_named_are_calculated_again_and_the_others_only_where_they_are_missing(clinic):
    happen(clinic)
    everybody()
    before = {(r.lead_id, r.conversion_at, r.model): r for r in db.session.scalars(_all())}
    learn()
    happen(clinic, seed=9, leads=2)
    later = NOW + timedelta(hours=1)
    attribute_leads(0, 100, now=later, again=LEARNING)
    rows = db.session.scalars(_all()).all()
    for row in rows:
        known = (row.lead_id, row.conversion_at, row.model) in before
        assert (row.calculated_at == later) is (not known or row.model in LEARNING)
    assert len(rows) > len(before)
    assert any(row.summary.get("learned") for row in rows)


def _all():
    return select(LeadAttribution).execution_options(populate_existing=True)


def test_only_the_types_and_the_time_asked_for(clinic):
    happen(clinic)
    since = NOW - 30 * DAY
    everybody(types=("customer",), since=since)
    rows = db.session.scalars(_all()).all()
    assert {row.conversion_type for row in rows} == {"customer"}
    assert min(row.conversion_at for row in rows) >= since
    assert {row.model for row in rows} == {*HEURISTIC, *LEARNING}


def test_nobody_elses_leads_are_touched(clinic):
    happen(clinic)
    with acting_for(clinic.other):
        clinic.site, own = clinic.other_site, clinic.site
        happen(clinic, seed=4)
        clinic.site = own
    everybody()
    with acting_for(clinic.other):
        assert kept() == [[], []]
        everybody()
        theirs = kept()
        assert theirs[0]
    mine = kept()
    everybody()
    assert kept() == mine
    with acting_for(clinic.other):
        assert kept() == theirs


def test_an_erased_lead_stays_as_it_was(clinic):
    happen(clinic)
    everybody()
    before = kept()
    for number, lead in enumerate(db.session.scalars(select(Lead)).all()):
        if number % 2:
            lead.erased_at = NOW
    db.session.flush()
    counts = Counter()
    some, after = attribute_leads(0, 100, now=NOW + DAY)
    counts += some
    assert counts["leads"] == LEADS / 2
    gone = set(db.session.scalars(select(Lead.id).where(Lead.erased_at.is_not(None))))
    for row in db.session.scalars(_all()):
        assert (row.calculated_at == NOW) is (row.lead_id in gone)
    assert kept()[1] == before[1]
    assert attribute_leads(after, 100, now=NOW) == (Counter(), None)
