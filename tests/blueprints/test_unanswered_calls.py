"""A call that nobody answered: an attempt, told as one, which counts as no contact."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select

from app.clock import utc_now
from app.extensions import db
from app.models import Consent, Interaction, Lead, LeadJourney, LeadLifecycle
from app.operations.leads.update_lead import update_lead
from app.operations.tracking.log_engagement import log_engagement
from app.queries.attribution.attribution import of_lead
from app.tenancy import acting_for
from tests.leads import address, make_lead, plain, send

DAY = timedelta(days=1)
OWNER = {"Authorization": "Bearer clinic-token"}
TRACKING = "/api/lead-tracking"
CALL = {"type": "call_unanswered", "note": "Voicemail"}


@pytest.fixture
def lead(cast) -> Lead:
    """Somebody with a phone, who came ten days ago."""
    lead = make_lead(cast, now=utc_now() - 10 * DAY)
    with acting_for(cast.clinic):
        update_lead(lead, {"phone": "+33612345678"}, user_id=None, now=utc_now() - 10 * DAY)
        db.session.commit()
    return lead


@pytest.fixture
def api(client, cast, lead):
    """api(method, path, body) -> (status, answer) as the clinic's owner; {} is the lead's id."""

    def call(method, path, body=None):
        address = TRACKING + path.format(lead.id)
        answer = client.open(address, method=method, json=body, headers=OWNER)
        return answer.status_code, answer.get_json()

    return call


def measured(cast, lead) -> dict:
    """All that a contact would change."""
    with acting_for(cast.clinic):
        db.session.refresh(lead)
        stays = select(LeadLifecycle.stage).where(LeadLifecycle.lead_id == lead.id)
        journey = db.session.scalar(select(LeadJourney).where(LeadJourney.lead_id == lead.id))
        return {
            "score": lead.lead_score,
            "last_engaged_at": lead.last_engaged_at,
            "stays": db.session.scalars(stays).all(),
            "milestones": journey.milestones,
            "engagement": journey.engagement,
            "touchpoints": journey.touchpoints,
            "credit": [(row.model, len(row.touchpoints)) for row in of_lead(lead.id)],
        }


def try_in_vain(cast, lead, *days_ago):
    with acting_for(cast.clinic):
        for days in days_ago:
            now = utc_now()
            at = {"occurred_at": now - days * DAY, "now": now}
            log_engagement(lead, "call_unanswered", user_id=None, **at)
        db.session.commit()


def test_it_is_noted_and_told_but_no_contact(alice, cast, lead):
    before = measured(cast, lead)
    assert send(alice, lead, {**CALL, "event_id": str(uuid4())}, "/engagements").status_code == 303
    page = alice.get(address(lead)).text
    assert "Unanswered call logged." in page
    line = plain(page[page.index('id="timeline"') :])
    assert "Called, no answer" in line
    assert "Voicemail Logged by Alice" in line
    assert measured(cast, lead) == before
    with acting_for(cast.clinic):
        call = db.session.scalar(select(Interaction).where(Interaction.type == CALL["type"]))
    assert call.channel == "phone"


def test_an_answered_call_is_all_that_it_was(alice, cast, lead):
    before = measured(cast, lead)
    send(alice, lead, CALL, "/engagements")
    send(alice, lead, {"type": "call_made"}, "/engagements")
    after = measured(cast, lead)
    assert all(before[name] != after[name] for name in ("score", "last_engaged_at", "stays"))
    assert after["stays"] == ["new", "contacted"]


def test_the_page_says_when_to_call_again_and_when_to_write(alice, cast, lead):
    try_in_vain(cast, lead, 3)
    said = plain(alice.get(address(lead)).text)
    assert "Call again, another day or time Called 3 days ago, and nobody answered." in said
    try_in_vain(cast, lead, 2, 1)
    page = alice.get(address(lead)).text
    said = plain(page)
    reason = "Called 3 times without an answer, the last time 1 day ago."
    assert f"Write {reason} Advised by the usual rules" in said
    assert f"Calls do not seem to reach them; try another way. {reason}" in said


def test_who_may_not_be_written_to_is_not_written_to(cast, lead, api):
    with acting_for(cast.clinic):
        words = {"text": "No more", "text_version": "1", "given_at": utc_now()}
        db.session.add(Consent(lead_id=lead.id, kind="email", granted=False, **words))
        db.session.commit()
    try_in_vain(cast, lead, 3, 2, 1)
    _, answer = api("GET", "/journey/{}")
    action = answer["journey"]["next_action"]
    assert (action["name"], action["channel"]) == ("call_again", "phone")
    assert action["reason"].endswith("and they may not be written to")


def test_who_was_only_tried_is_still_not_contacted(alice, cast, lead):
    try_in_vain(cast, lead, 1)
    with acting_for(cast.clinic):
        name = lead.name
    assert name in alice.get("/admin/leads?uncontacted=24").text
    assert send(alice, lead, {"type": "call_made"}, "/engagements").status_code == 303
    assert name not in alice.get("/admin/leads?uncontacted=24").text


def test_programs_tell_it_as_any_other(cast, lead, api):
    before = measured(cast, lead)
    body = {"engagement_type": "call_unanswered", "idempotency_key": "call 7"}
    status, answer = api("POST", "/engagement/{}", body)
    assert status == 201
    assert answer["engagement"]["engagement_channel"] == "phone"
    assert answer["lead"]["stage"] == "new"
    assert api("POST", "/engagement/{}", body)[0] == 200
    assert measured(cast, lead) == before
    _, history = api("GET", "/engagement/{}/history?type=call_unanswered&channel=phone")
    assert len(history["engagements"]) == 1
    _, answer = api("POST", "/engagement/{}", {"engagement_type": "telepathy"})
    assert "call_unanswered" in answer["error"]["fields"]["engagement_type"]


def test_it_is_an_attempt_in_the_activity_and_no_more_of_the_journey(cast, lead, api):
    try_in_vain(cast, lead, 0, 0)
    _, answer = api("GET", "/journey/{}?activity=monthly")
    journey = answer["journey"]
    assert sum(each["activities"].get("call_unanswered", 0) for each in journey["activity"]) == 2
    assert journey["engagements"]["call_unanswered"] == 2
    assert "phone" not in journey["channels"]
    assert journey["milestones"]["first_contact"] is None
    _, summary = api("GET", "/engagement/stats/summary?days=30")
    assert {"type": "call_unanswered", "count": 2, "revenue": 0.0} in summary["by_type"]


def test_nothing_of_its_points_stands_in_the_explained_score(cast, lead, api):
    _, before = api("POST", "/scoring/{}/calculate")
    try_in_vain(cast, lead, 2, 1)
    _, after = api("POST", "/scoring/{}/calculate")
    assert after["score"]["total_score"] == before["score"]["total_score"]
    assert after["score"]["explain"] == before["score"]["explain"]


def test_no_call_that_nobody_answered_earns_credit(cast, lead, api):
    try_in_vain(cast, lead, 2)
    conversion = {"conversion_type": "customer", "attribution_model": "linear"}
    status, answer = api("POST", "/attribution/{}/calculate", conversion)
    touches = answer.get("attribution", {}).get("touchpoints", [])
    assert "call_unanswered" not in {touch["engagement_type"] for touch in touches}
    assert status == (200 if touches else 422)


def test_its_key_and_its_words_stand_beside_the_call(alice, lead):
    page = alice.get(address(lead)).text
    options = re.findall(r'<option value="(call_\w+)"[^>]*>([^<]+)<', page)
    assert options == [("call_made", "Call"), ("call_unanswered", "Unanswered call")]
    assert 'data-key="u" data-choose="call_unanswered"' in page
    assert "<kbd>u</kbd></dt><dd>Log a call that nobody answered" in page
