"""Interactions from servers and old records."""

import json
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from app.clock import utc_now
from app.extensions import db
from app.models import Interaction, Lead, LeadAttribution, VisitorSession
from app.tenancy import acting_for
from tests.conftest import NOW

OWNER = {"Authorization": "Bearer clinic-token"}
STRANGER = {"Authorization": "Bearer other-token"}


@pytest.fixture
def send(client, cast):
    """send(body) -> the answer; times are before NOW, which is long ago."""

    def post(body, headers=OWNER):
        return client.post("/api/interactions", json=body, headers=headers)

    return post


def event(type="page_viewed", ago=60, before=NOW, **more):
    occurred_at = (before - timedelta(seconds=ago)).isoformat()
    return {"type": type, "occurred_at": occurred_at, "visitor": str(uuid4()), **more}


def rows(cast, query):
    with acting_for(cast.clinic):
        db.session.expire_all()
        found = db.session.scalars(query).all()
        db.session.rollback()
        return found


def stored(cast) -> int:
    return rows(cast, select(func.count()).select_from(Interaction))[0]


def test_one_event_is_stored_in_a_visit_of_its_time(send, cast):
    answer = send(event(url="https://clinic.example/laser?utm_source=news", label="x"))
    assert answer.status_code == 202
    assert answer.json["accepted"] == 1
    assert answer.json["dropped"] == []
    visit = rows(cast, select(VisitorSession))[0]
    assert str(visit.id) == answer.json["session"]
    assert str(visit.visitor_id) == answer.json["visitor"]
    assert visit.started_at == NOW - timedelta(seconds=60)
    assert visit.source == "news"
    assert visit.state == "ended"  # it has been silent ever since


def test_a_batch_makes_one_visit_with_its_score(send, cast):
    visitor = str(uuid4())
    events = [
        event("page_viewed", 480, visitor=visitor, url="https://clinic.example/"),
        event("click", 400, visitor=visitor, label="get a  DEMO"),
        event("click", 300, visitor=visitor, label="Menu"),
        event("leave", 0, visitor=visitor, engaged=50),
    ]
    assert send({"events": events[::-1]}).json["accepted"] == 4
    visits = rows(cast, select(VisitorSession))
    assert len(visits) == 1
    assert (visits[0].important_clicks, visits[0].regular_clicks) == (1, 1)
    assert visits[0].lead_score == 35 + 5 + 7


def test_the_same_events_again_are_duplicates_also_without_ids(send, cast):
    batch = {"events": [event(id=str(uuid4())), event("click")]}
    assert send(batch).json["accepted"] == 2
    again = send(batch).json
    assert (again["accepted"], again["duplicates"]) == (0, 2)
    assert stored(cast) == 2


def test_the_good_beside_the_bad_is_kept_and_each_bad_one_named(send, cast):
    given = str(uuid4())
    future = {"occurred_at": "2999-01-01T00:00:00Z"}
    bad = [
        (event("nonsense", id=given), "unknown_type"),
        (event("lead_created"), "unknown_type"),
        (event("event"), "name_required"),
        (event(visitor=None), "nobody"),
        (event(lead_id=999_999), "unknown_lead"),
        (event(lead_id=10**30), "unknown_lead"),
        (event(site="other-key"), "unknown_site"),
        (event(channel="pigeon"), "unknown_channel"),
        (event(revenue=-1), "invalid_revenue"),
        (event(revenue=-0.01), "invalid_revenue"),
        (event(revenue=1e300), "invalid_revenue"),
        (event(revenue_minor=-1), "invalid_revenue"),
        (event(revenue=1, revenue_minor=100), "invalid_revenue"),
        (event(revenue_minor=1.5), "invalid_event"),
        (event(revenue="250"), "invalid_event"),
        ({**event(), **future}, "in_the_future"),
        ({**event(), "occurred_at": "1999-12-31T23:59:59Z"}, "too_old"),
        ({**event(), "occurred_at": "2026-01-01T00:00:00"}, "no_time_zone"),
        ({**event(), "occurred_at": "yesterday"}, "invalid_event"),
        (event(colour="red"), "invalid_event"),
        (event(id="x"), "invalid_event"),
        ({"type": "click"}, "invalid_event"),
        ("text", "invalid_event"),
        (None, "invalid_event"),
        (event(data={"x": "y" * 5000}), "data_too_large"),
        (event(data={"a": {"b": {"c": {"d": {}}}}}), "data_too_deep"),
        (event(engaged=-1), "invalid_engaged"),
    ]
    answer = send({"events": [event(), *(told for told, _ in bad), event()]})
    assert answer.status_code == 202
    assert answer.json["accepted"] == 2
    dropped = answer.json["dropped"]
    assert [(d["place"], d["reason"]) for d in dropped] == [
        (place, reason) for place, (_, reason) in enumerate(bad, start=1)
    ]
    assert dropped[0]["id"] == given
    assert all(d["message"] for d in dropped if d["reason"] == "unknown_type")
    assert stored(cast) == 2


def test_what_is_no_batch_is_refused_whole(client, cast):
    def post(data):
        return client.post("/api/interactions", data=data, headers=OWNER).status_code

    assert post("{") == 400
    assert post("[]") == 422
    assert post('{"events": []}') == 422
    assert post('{"events": {}}') == 422
    assert post(json.dumps({"events": [1] * 1001})) == 413
    assert stored(cast) == 0


def test_an_engagement_moves_and_scores_its_lead(client, send, cast):
    lead = client.post("/api/leads", json={"email": "a@example.com"}, headers=OWNER).json["lead"]
    of_lead = {"visitor": None, "lead_id": lead["id"], "before": utc_now()}
    told = [
        event("email_sent", 3000, **of_lead),
        event("email_replied", 2000, **of_lead),
        event("purchase_made", 1000, revenue=1250.00, **of_lead),
    ]
    assert send({"events": told}).json["accepted"] == 3
    after = client.get(f"/api/leads/{lead['id']}", headers=OWNER).json["lead"]
    assert after["stage"] == "customer"
    assert after["lead_score"] > lead["lead_score"]
    kept = rows(cast, select(Interaction).where(Interaction.revenue.is_not(None)))
    assert [(act.channel, act.revenue, act.lead_id) for act in kept] == [
        ("web", 125_000, lead["id"])
    ]
    won = rows(cast, select(LeadAttribution).where(LeadAttribution.conversion_type == "customer"))
    assert {row.conversion_value for row in won} == {125_000}
    assert send({"events": told}).json["duplicates"] == 3
    again = client.get(f"/api/leads/{lead['id']}", headers=OWNER).json["lead"]
    assert again["lead_score"] == after["lead_score"]


def test_money_means_the_same_wherever_it_is_told(client, send, cast):
    made = client.post("/api/leads", json={"email": "a@example.com"}, headers=OWNER)
    lead_id = made.json["lead"]["id"]
    of_lead = {"visitor": None, "lead_id": lead_id, "before": utc_now()}
    told = [
        event("purchase_made", 3000, revenue=250.5, **of_lead),
        event("purchase_made", 2000, revenue=0.005, **of_lead),
        event("purchase_made", 1000, revenue_minor=25_050, **of_lead),
    ]
    assert send({"events": told}).json["accepted"] == 3
    tracking = "/api/lead-tracking/engagement"
    bought = {"engagement_type": "purchase_made", "revenue": 250.5}
    assert client.post(f"{tracking}/{lead_id}", json=bought, headers=OWNER).status_code == 201
    history = client.get(f"{tracking}/{lead_id}/history", headers=OWNER).json["engagements"]
    assert [each["revenue"] for each in history] == [250.5, 250.5, 0.01, 250.5]


def test_a_strangers_lead_and_site_are_unknown(client, send, cast):
    lead = client.post("/api/leads", json={"email": "a@example.com"}, headers=OWNER).json["lead"]
    answer = send(
        {"events": [event(lead_id=lead["id"]), event(site="clinic-key")]}, headers=STRANGER
    )
    assert answer.json["accepted"] == 0
    assert [d["reason"] for d in answer.json["dropped"]] == ["unknown_lead", "unknown_site"]
    assert rows(cast, select(Lead.last_engaged_at)) == [None]


def test_a_visitors_home_is_the_site_they_were_seen_on(send, cast):
    visitor = str(uuid4())
    assert send(event(visitor=visitor, site="clinic-key")).json["accepted"] == 1
    assert send(event("click", 30, visitor=visitor)).json["accepted"] == 1
    assert {act.site_id for act in rows(cast, select(Interaction))} == {cast.site.id}


def test_a_number_of_any_length_is_stored_and_scored(send, cast):
    """However long: as a floating-point number it is none at all."""
    told = event("cost_calculator", data={"budget": 10**400})
    assert send(told).json["accepted"] == 1
    assert [act.score for act in rows(cast, select(Interaction))] == [70]


def test_foreign_scripts_and_emoji_are_kept_as_they_are(send, cast):
    send(event("search", label="皺紋 😀 שלום", data={"query": "皺紋 😀"}))
    act = rows(cast, select(Interaction))[0]
    assert act.label == "皺紋 😀 שלום"
    assert act.data == {"query": "皺紋 😀"}
