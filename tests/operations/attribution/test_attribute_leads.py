"""Everybody's conversions at once: the same as conversion by conversion, however often."""

import random
from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.domain.attribution.attribution import HEURISTIC, MODELS
from app.extensions import db
from app.models import AttributionCredit, ChannelWorth, Lead, LeadAttribution
from app.operations.attribution.attribute_conversion import attribute_conversion
from app.operations.attribution.attribute_leads import attribute_leads
from app.queries.attribution.attribution import of_lead
from app.queries.attribution.conversions import conversions_of
from app.queries.tracking.sites import facts_of
from app.tenancy import acting_for
from tests.conftest import NOW
from tests.lives import DAY, LEADS, engage, happen

LEARNING = tuple(name for name, model in MODELS.items() if model.learns)


@pytest.fixture
def clinic(cast):
    with acting_for(cast.clinic):
        yield cast


def learn():
    for kind in ("customer", "lead_created"):
        for model, channel, worth in (("markov", "email", 0.4), ("shapley", "phone", 2.5)):
            row = ChannelWorth(conversion_type=kind, model=model, channel=channel, worth=worth)
            row.journeys = row.conversions = 5
            row.learned_at = NOW
            db.session.add(row)
    db.session.flush()


@pytest.fixture(autouse=True)
def small_steps(monkeypatch):
    monkeypatch.setattr("app.operations.attribution.attribute_leads.STEP", 2)


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
    happen(clinic.site, seed)
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
    assert everybody(count=1000) == attributed + Counter(leads=LEADS)  # and again, all in one
    assert kept() == one_by_one


def test_what_was_calculated_keeps_its_value_and_its_models(clinic):
    happen(clinic.site, leads=1)
    [lead] = db.session.scalars(select(Lead))
    engage(facts_of(clinic.site), lead, random.Random(11))
    asked_at = NOW + DAY
    attribute_conversion(lead, "opportunity", now=NOW, at=asked_at, value=70, models=["linear"])
    everybody()
    asked = [row for row in of_lead(lead.id) if row.conversion_at == asked_at]
    assert [(row.model, row.conversion_value) for row in asked] == [("linear", 70)]
    opportunities = [row for row in of_lead(lead.id) if row.conversion_type == "opportunity"]
    assert opportunities == asked  # the stage is not counted a second time


def test_models_named_are_calculated_again_and_the_others_only_where_they_are_missing(clinic):
    happen(clinic.site)
    everybody()
    before = {(r.lead_id, r.conversion_at, r.model): r for r in db.session.scalars(_all())}
    learn()
    happen(clinic.site, seed=9, leads=2)
    later = NOW + timedelta(hours=1)
    attribute_leads(0, 1000, now=later, again=LEARNING)
    rows = db.session.scalars(_all()).all()
    for row in rows:
        known = (row.lead_id, row.conversion_at, row.model) in before
        assert (row.calculated_at == later) is (not known or row.model in LEARNING)
    assert len(rows) > len(before)
    assert any(row.summary.get("learned") for row in rows)


def _all():
    return select(LeadAttribution).execution_options(populate_existing=True)


def test_only_the_types_and_the_time_asked_for(clinic):
    happen(clinic.site)
    since = NOW - 30 * DAY
    everybody(types=("customer",), since=since)
    rows = db.session.scalars(_all()).all()
    assert {row.conversion_type for row in rows} == {"customer"}
    assert min(row.conversion_at for row in rows) >= since
    assert {row.model for row in rows} == {*HEURISTIC, *LEARNING}


def test_nobody_elses_leads_are_touched(clinic):
    happen(clinic.site)
    with acting_for(clinic.other):
        happen(clinic.other_site, seed=4)
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
    happen(clinic.site)
    everybody()
    before = kept()
    for number, lead in enumerate(db.session.scalars(select(Lead)).all()):
        if number % 2:
            lead.erased_at = NOW
    db.session.flush()
    counts, after = attribute_leads(0, 1000, now=NOW + DAY)
    assert (counts["leads"], after) == (LEADS / 2, None)
    gone = set(db.session.scalars(select(Lead.id).where(Lead.erased_at.is_not(None))))
    for row in db.session.scalars(_all()):
        assert (row.calculated_at == NOW) is (row.lead_id in gone)
    assert kept()[1] == before[1]
