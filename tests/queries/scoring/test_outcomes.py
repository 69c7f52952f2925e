"""What became of visitors, and when."""

from datetime import timedelta
from uuid import UUID

import pytest

from app.extensions import db
from app.identity import Identity
from app.operations.leads.enter_stage import enter_stage
from app.operations.tracking.record_interaction import record_interaction
from app.queries.scoring.outcomes import of_leads, of_visitors
from app.tenancy import acting_for
from tests.conftest import NOW
from tests.leads import lead_by_form

DAY = timedelta(days=1)


@pytest.fixture
def clinic(cast):
    cast.site.identity_mode = "cookie"
    with acting_for(cast.clinic):
        yield cast


def gives_form(cast, visitor, email, at):
    identity = Identity(UUID(int=visitor), None)
    act = record_interaction("cost_calculator", site=cast.site, identity=identity, now=at)
    told = {"site": cast.site, "interaction": act, "identity": identity}
    lead = lead_by_form({"email": email}, now=at, **told)
    db.session.commit()
    return lead


def test_a_visitor_becomes_a_lead_when_they_say_who_they_are(clinic):
    lead = gives_form(clinic, 1, "mila@example.com", NOW)
    again = gives_form(clinic, 2, "mila@example.com", NOW + 3 * DAY)
    assert again.id == lead.id
    found = of_visitors([UUID(int=1), UUID(int=2), UUID(int=3)])
    assert {i.int: o.lead_at for i, o in found.items()} == {1: NOW, 2: NOW + 3 * DAY}
    assert found[UUID(int=2)].lead_id == lead.id


def test_a_customer_is_one_from_the_first_time_on(clinic):
    lead = gives_form(clinic, 1, "mila@example.com", NOW)
    for days, stage in ((2, "customer"), (5, "churned"), (9, "customer")):
        enter_stage(lead, stage, "so it was", now=NOW + days * DAY)
    db.session.commit()
    assert of_visitors([UUID(int=1)])[UUID(int=1)].customer_at == NOW + 2 * DAY
    assert of_leads([lead.id])[lead.id].customer_at == NOW + 2 * DAY


def test_of_two_people_at_one_browser_the_first_counts(clinic):
    first = gives_form(clinic, 1, "mila@example.com", NOW)
    second = gives_form(clinic, 1, "olga@example.com", NOW + DAY)
    enter_stage(second, "customer", "signed", now=NOW + 2 * DAY)
    db.session.commit()
    outcome = of_visitors([UUID(int=1)])[UUID(int=1)]
    assert (outcome.lead_id, outcome.lead_at) == (first.id, NOW)
    assert outcome.customer_at == NOW + 2 * DAY
