"""Conversions without a touch before them are counted: with the credited ones they are all."""

from datetime import timedelta

import pytest

from app.domain.period import last_days
from app.extensions import db
from app.identity import Identity
from app.models import Lead, LeadVisitor
from app.operations.attribution.attribute_conversion import attribute_conversion
from app.operations.attribution.attribute_leads import attribute_leads
from app.operations.leads.enter_stage import enter_stage
from app.operations.tracking.record_interaction import record_interaction
from app.queries.attribution.attribution import conversions
from app.queries.attribution.conversions import conversions_of
from app.queries.attribution.uncredited import uncredited
from app.tenancy import acting_for
from tests.conftest import NOW
from tests.places import VISITOR

DAY = timedelta(days=1)
PERIOD = last_days(30, NOW.date())


@pytest.fixture
def clinic(cast):
    with acting_for(cast.clinic):
        yield cast


def new_lead(days_ago=20) -> Lead:
    created_at = NOW - days_ago * DAY
    email = f"{db.session.query(Lead).count()}@example.com"
    lead = Lead(email=email, created_at=created_at, updated_at=created_at)
    db.session.add(lead)
    db.session.flush()
    enter_stage(lead, "new", at=created_at, now=created_at)
    return lead


def buy(lead, days_ago, revenue):
    told = {"occurred_at": NOW - days_ago * DAY, "now": NOW}
    record_interaction("purchase_made", site=None, lead_id=lead.id, revenue=revenue, **told)


def found(period=PERIOD):
    return {each.type: (each.count, each.value) for each in uncredited(period)}


def test_purchases_without_a_touch_are_told_with_their_value(clinic):
    lead = new_lead()
    buy(lead, 4, 60_00)
    buy(lead, 4, 40_00)  # at one moment, one conversion
    buy(lead, 2, None)
    assert found() == {"lead_created": (1, 0), "customer": (2, 100_00)}
    assert found(last_days(7, (NOW - 60 * DAY).date())) == {}


def test_what_is_credited_is_not_told(clinic):
    lead = new_lead()
    record_interaction(
        "email_opened", site=None, lead_id=lead.id, occurred_at=NOW - 25 * DAY, now=NOW
    )
    buy(lead, 4, 60_00)
    assert found().keys() == {"lead_created", "customer"}
    attribute_leads(0, 10, now=NOW)
    assert found() == {}


def test_a_stage_that_was_entered_counts_once_and_a_customer_by_the_purchase(clinic):
    lead = new_lead()
    for days, stage in ((9, "opportunity"), (8, "contacted"), (7, "opportunity"), (6, "customer")):
        enter_stage(lead, stage, "to and fro", at=NOW - days * DAY, now=NOW)
    assert found() == {"lead_created": (1, 0), "opportunity": (1, 0), "customer": (1, 0)}
    buy(lead, 1, 50_00)
    assert found()["customer"] == (1, 50_00)


def test_the_purchase_of_a_visitor_is_the_leads(clinic):
    lead = new_lead()
    db.session.add(LeadVisitor(lead_id=lead.id, visitor_id=VISITOR, starts_at=NOW - 20 * DAY))
    db.session.flush()
    record_interaction(
        "purchase_made",
        site=clinic.site,
        identity=Identity(VISITOR),
        revenue=70_00,
        occurred_at=NOW - DAY,
        now=NOW,
    )
    assert found()["customer"] == (1, 70_00)


def test_they_and_the_credited_are_all_that_happened(clinic):
    for n in range(6):
        lead = new_lead(20 - n)
        if n % 2:
            record_interaction(
                "email_opened", site=None, lead_id=lead.id, occurred_at=NOW - 5 * DAY, now=NOW
            )
        for purchase in range(n % 3):
            buy(lead, 8 * purchase + 1, 10_00 * n)
        if n > 2:
            enter_stage(lead, "customer", "yes", at=NOW - 3 * DAY, now=NOW)
    attribute_leads(0, 10, now=NOW)
    lead_ids = [lead.id for lead in db.session.query(Lead)]
    every = [(each.type, max(each.values.values())) for each in conversions_of(lead_ids)]
    shared = {each.type: (each.count, each.value) for each in conversions(PERIOD)}
    for kind in ("lead_created", "customer"):
        both = [each.get(kind, (0, 0)) for each in (shared, found())]
        values = [value for of, value in every if of == kind]
        assert (len(values), sum(values)) == tuple(map(sum, zip(*both, strict=True)))


def test_sales_of_one_lead_are_told_as_such(clinic):
    lead, other = new_lead(), new_lead()
    for each in (lead, other):
        record_interaction(
            "email_opened", site=None, lead_id=each.id, occurred_at=NOW - 25 * DAY, now=NOW
        )
    for days in (1, 2):
        attribute_conversion(lead, "customer", at=NOW - days * DAY, value=100, now=NOW)
    attribute_conversion(other, "customer", at=NOW - DAY, value=100, now=NOW)
    [customers] = conversions(PERIOD)
    assert (customers.count, customers.leads) == (3, 2)
