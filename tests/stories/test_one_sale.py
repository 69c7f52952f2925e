"""Everybody tells of one sale at once: it is one conversion, and everybody is answered.

Several connections to a real database; the barrier lets all of them go at the same moment.
"""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from app.clock import utc_now
from app.domain.attribution.attribution import MODELS
from app.extensions import db
from app.models import LeadAttribution
from app.tenancy import acting_for
from tests.races import OWNER, all_at_once, by_api

MANY = 10


@pytest.fixture
def lead_id(client, cast):
    made = client.post("/api/leads", json={"email": "sofia@example.com"}, headers=OWNER)
    lead_id = made.get_json()["lead"]["id"]
    at = (utc_now() - timedelta(days=2)).isoformat()
    body = {"engagement_type": "email_opened", "occurred_at": at}
    path = f"/api/lead-tracking/engagement/{lead_id}"
    assert client.post(path, json=body, headers=OWNER).status_code == 201
    db.session.rollback()
    return lead_id


@pytest.fixture
def told_at_once(app):
    """told_at_once([(path, body)]) -> the statuses, each asked in a thread of its own."""

    def go(asked):
        found = all_at_once(app, [("told", by_api(app, "POST", *each)) for each in asked])
        return sorted(status for _, status in found)

    return go


def sales(cast):
    """(when, value, by how many models) of each conversion to customer."""
    with acting_for(cast.clinic):
        kept = LeadAttribution
        rows = db.session.execute(
            select(kept.conversion_at, kept.conversion_value, func.count())
            .where(kept.organization_id == cast.clinic.id, kept.conversion_type == "customer")
            .group_by(kept.conversion_at, kept.conversion_value)
        ).all()
    db.session.rollback()
    return rows


def calculation(lead_id, model="u_shaped", value=5000):
    body = {"conversion_type": "customer", "conversion_value": value, "attribution_model": model}
    return f"/api/lead-tracking/attribution/{lead_id}/calculate", body


def test_the_same_call_many_times_at_once_is_one_conversion(cast, lead_id, told_at_once):
    assert told_at_once([calculation(lead_id)] * MANY) == [200] * MANY
    assert [(value, models) for _, value, models in sales(cast)] == [(500_000, len(MODELS))]


def test_a_call_for_each_model_at_once_is_one_conversion(cast, lead_id, told_at_once):
    asked = [calculation(lead_id, model) for model in MODELS]
    assert told_at_once(asked) == [200] * len(MODELS)
    assert [(value, models) for _, value, models in sales(cast)] == [(500_000, len(MODELS))]


def test_told_and_bought_at_once_it_is_one_conversion(cast, lead_id, told_at_once):
    bought = {"engagement_type": "purchase_made", "revenue": 5000, "idempotency_key": "order 1"}
    engage = (f"/api/lead-tracking/engagement/{lead_id}", bought)
    found = told_at_once([calculation(lead_id)] * 4 + [engage] + [calculation(lead_id)] * 4)
    assert found == [200] * 8 + [201]
    assert [(value, models) for _, value, models in sales(cast)] == [(500_000, len(MODELS))]
