"""What one address counts of a lead, the others count too."""

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select

from app.clock import utc_now
from app.domain.journeys.journey_rules import JourneyRules
from app.extensions import db, writing
from app.models import EngagementType, Lead, LeadScore
from app.operations.tracking.edit_engagement_type import remove_engagement_type
from app.operations.tracking.log_engagement import log_engagement
from app.queries.journeys.journey_rules import JOURNEYS
from app.queries.journeys.won import count_won
from app.tenancy import acting_for
from tests.conftest import NOW
from tests.leads import plain

OWNER = {"Authorization": "Bearer clinic-token"}
TRACKING = "/api/lead-tracking"


@pytest.fixture
def api(client, cast):
    """api(method, path, body) -> the answer."""

    def call(method, path, body=None):
        db.session.rollback()
        answer = client.open(path, method=method, json=body, headers=OWNER)
        assert answer.status_code in (200, 201, 202), answer.get_json()
        return answer.get_json()

    return call


@pytest.fixture
def visitor():
    return str(uuid4())


@pytest.fixture
def lead_id(api, visitor):
    seen_at = (utc_now() - timedelta(hours=2)).isoformat()
    api("POST", "/api/interactions", {"type": "click", "visitor": visitor, "occurred_at": seen_at})
    told = {"email": "sofia@example.com", "visitor": visitor}
    return api("POST", "/api/leads", told)["lead"]["id"]


def buy(api, visitor, revenue):
    bought = {"type": "purchase_made", "visitor": visitor, "revenue": revenue}
    api("POST", "/api/interactions", {**bought, "occurred_at": utc_now().isoformat()})


def test_a_purchase_of_a_leads_visitor_counts_in_cohorts_as_in_the_journey(
    api, cast, lead_id, visitor
):
    buy(api, visitor, 250.5)
    assert api("GET", f"{TRACKING}/journey/{lead_id}")["journey"]["total_revenue"] == 250.5
    cohort = api("GET", f"{TRACKING}/analytics/cohort?cohort_type=monthly")
    assert cohort["totals"]["revenue"] == 250.5
    assert [each["revenue"] for each in cohort["sources"]] == [250.5]
    attribution = api("GET", f"{TRACKING}/attribution/stats/summary")
    assert attribution["total_revenue"] == 250.5
    with acting_for(cast.clinic):
        assert count_won(utc_now()).mean_value == 25_050


def test_what_is_at_high_risk_is_what_the_organization_calls_so(api, cast, lead_id):
    def at_risk():
        return api("GET", f"{TRACKING}/journey/stats/overview")["high_risk"]

    risk = api("GET", f"{TRACKING}/journey/{lead_id}")["journey"]["risk_of_churn"]
    for limit, count in ((int(risk * 100) - 1, 1), (int(risk * 100) + 1, 0)):
        kept = {**JourneyRules().to_json(), "high_risk": limit}
        cast.clinic.settings = {**(cast.clinic.settings or {}), JOURNEYS: kept}
        db.session.commit()
        assert at_risk() == count


def test_what_happened_stays_told_when_its_type_is_removed(api, cast, lead_id):
    with acting_for(cast.clinic):
        own = EngagementType(
            name="webinar", label="Webinar", channel="web", points=5, created_at=NOW
        )
        db.session.add(own)
        db.session.commit()
    path = f"{TRACKING}/engagement/{lead_id}"
    api("POST", path, {"engagement_type": "webinar"})
    with acting_for(cast.clinic):
        row = db.session.scalar(select(EngagementType))
        remove_engagement_type(row, user_id=None, now=utc_now())
        db.session.commit()
    for asked in ("", "?type=webinar"):
        [told] = api("GET", f"{path}/history{asked}")["engagements"][:1]
        assert told["engagement_type"] == "webinar"
    summary = api("GET", f"{TRACKING}/engagement/stats/summary")
    assert {"type": "webinar", "count": 1, "revenue": 0} in summary["by_type"]
    assert api("GET", f"{TRACKING}/journey/{lead_id}")["journey"]["engagements"]["webinar"] == 1


def test_a_history_is_asked_for_by_days_and_by_moments(api, client, lead_id):
    path = f"{TRACKING}/engagement/{lead_id}"
    today = utc_now().date()
    for days_ago in (1, 2, 3):
        noon = f"{today - timedelta(days=days_ago)}T12:00:00Z"
        api("POST", path, {"engagement_type": "email_opened", "occurred_at": noon})
    days = [today - timedelta(days=n) for n in range(5)]

    def count(asked):
        return len(api("GET", f"{path}/history?type=email_opened&{asked}")["engagements"])

    assert count(f"from={days[2]}") == 2
    assert count(f"to={days[2]}") == 2
    assert count(f"from={days[2]}&to={days[2]}") == 1
    assert count(f"from={days[2]}T12:00:00Z&to={days[1]}") == 2
    assert count(f"to={days[2]}T12:00:00Z") == 1
    for bad in ("2026-02-30", "2026-13-01", "1999-12-31", "0000000000", "2026-03-02T10:00:00"):
        answer = client.get(f"{path}/history?from={bad}", headers=OWNER)
        assert answer.status_code == 422
        assert "from" in answer.get_json()["error"]["fields"]


def test_scores_that_are_what_they_were_add_nothing_to_the_history(api, cast, lead_id):
    first = api("POST", f"{TRACKING}/scoring/bulk-calculate", {})
    again = api("POST", f"{TRACKING}/scoring/bulk-calculate", {"lead_ids": [lead_id]})
    assert first["scores"] == again["scores"] != []
    with acting_for(cast.clinic):
        before = len(db.session.scalars(select(LeadScore)).all())
    api("POST", f"{TRACKING}/scoring/bulk-calculate", {})
    with acting_for(cast.clinic):
        assert len(db.session.scalars(select(LeadScore)).all()) == before


def test_a_note_of_a_call_is_told_to_programs_too(api, cast, lead_id):
    with writing(), acting_for(cast.clinic):
        lead = db.session.scalar(select(Lead).where(Lead.id == lead_id))
        log_engagement(lead, "call_made", note="Wants a price", user_id=None, now=utc_now())
        db.session.commit()
    history = api("GET", f"{TRACKING}/engagement/{lead_id}/history")["engagements"]
    newest = history[0]
    assert (newest["engagement_type"], newest["note"]) == ("call_made", "Wants a price")


def test_a_purchase_of_an_amount_not_told_says_so(api, alice, lead_id):
    told = api("POST", f"{TRACKING}/engagement/{lead_id}", {"engagement_type": "purchase_made"})
    assert (told["engagement"]["revenue"], told["lead"]["stage"]) == (None, "customer")
    words = plain(alice.get(f"/admin/leads/{lead_id}").text)
    assert "Purchase of an amount that was not told; it adds no revenue" in words
    assert "Revenue so far €0" in words
