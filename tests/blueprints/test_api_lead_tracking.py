"""The seventeen addresses of lead tracking, as programs call them."""

import sys
import threading
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from app.clock import utc_now
from app.extensions import db
from app.jobs import work
from app.models import EngagementType, Interaction, Lead, LeadLifecycle, LeadScore
from app.tenancy import acting_for

OWNER = {"Authorization": "Bearer clinic-token"}
STRANGER = {"Authorization": "Bearer other-token"}
PREFIX = "/api/lead-tracking"
DAY = timedelta(days=1)


def engage(api, lead_id, type, days_ago=0, **more):
    at = (utc_now() - days_ago * DAY).isoformat()
    body = {"engagement_type": type, "occurred_at": at, **more}
    status, answer = api("POST", f"/engagement/{lead_id}", body)
    assert status == 201, answer
    return answer


# The source document's own calls


def test_the_documents_engagement_is_answered_and_scores(api, lead_id):
    body = {
        "engagement_type": "form_submitted",
        "engagement_channel": "web",
        "source_type": "form",
        "source_id": 456,
        "source_name": "Contact Form",
        "title": "Contact Form Submission",
        "engagement_value": 85,
        "device_type": "desktop",
    }
    status, answer = api("POST", f"/engagement/{lead_id}", body)
    assert status == 201
    told = answer["engagement"]
    assert {name: told[name] for name in body} == body
    assert answer["lead"]["lead_score"] > 0
    _, history = api("GET", f"/engagement/{lead_id}/history")
    assert [each["id"] for each in history["engagements"]] == [told["id"]]


def test_the_documents_score_has_its_shape_and_explains_itself(api, lead_id):
    engage(api, lead_id, "email_replied")
    status, answer = api("POST", f"/scoring/{lead_id}/calculate")
    assert status == 200
    assert answer["lead_id"] == lead_id
    score = answer["score"]
    names = {"demographic", "behavioral", "firmographic", "engagement", "intent"}
    assert set(score["components"]) == names
    assert score["score_factors"]["weights"] == {
        "demographic": 0.2,
        "behavioral": 0.25,
        "firmographic": 0.15,
        "engagement": 0.25,
        "intent": 0.15,
    }
    weighted = sum(
        score["components"][n] * weight for n, weight in score["score_factors"]["weights"].items()
    )
    assert score["total_score"] == pytest.approx(weighted, abs=0.006)
    assert sum(part["points"] for part in score["explain"]) == pytest.approx(score["total_score"])
    status, stored = api("GET", f"/scoring/{lead_id}")
    assert (status, stored["score"]) == (200, score)


def test_the_documents_attribution_has_its_shape(api, lead_id):
    engage(api, lead_id, "email_clicked", 45, source_type="campaign", source_name="Email Campaign")
    for days_ago in (40, 30, 20, 10, 5, 3):
        engage(api, lead_id, "email_opened", days_ago, source_name="Newsletter")
    engage(
        api, lead_id, "email_replied", 0, source_type="sequence", source_name="Outreach Sequence"
    )
    body = {
        "conversion_type": "customer",
        "conversion_value": 5000.00,
        "attribution_model": "u_shaped",
    }
    status, answer = api("POST", f"/attribution/{lead_id}/calculate", body)
    assert status == 200
    told = answer["attribution"]
    assert told["conversion_type"] == "customer"
    assert told["conversion_value"] == 5000.00
    assert told["attribution_model"] == "u_shaped"
    assert told["total_touchpoints"] == 8
    assert told["journey_duration_days"] == pytest.approx(45, abs=0.01)
    assert told["first_touch"] == {"source": "campaign", "name": "Email Campaign", "weight": 0.4}
    assert told["last_touch"] == {"source": "sequence", "name": "Outreach Sequence", "weight": 0.4}
    weights = [touch["weight"] for touch in told["touchpoints"]]
    assert weights[1:-1] == pytest.approx([0.2 / 6] * 6, abs=1e-6)
    assert sum(round(w * 1_000_000) for w in weights) == 1_000_000
    assert sum(touch["value"] for touch in told["touchpoints"]) == pytest.approx(5000)
    assert [t["engagement_type"] for t in told["touchpoints"]][::7] == [
        "email_clicked",
        "email_replied",
    ]
    _, kept = api("GET", f"/attribution/{lead_id}")
    assert told in kept["attributions"]


# Lifecycle


def test_what_came_before_somebody_was_a_lead_is_told_of_the_first_stay(api, lead_id):
    engage(api, lead_id, "email_clicked", days_ago=3)
    engage(api, lead_id, "ad_clicked", days_ago=2)
    _, current = api("GET", f"/lifecycle/{lead_id}/current")
    assert (current["stage"], current["current"]["touchpoints_count"]) == ("new", 2)


def test_a_transition_is_kept_with_its_reason_and_durations(api, lead_id):
    assert api("POST", f"/lifecycle/{lead_id}/transition", {"stage": "contacted"})[0] == 200
    status, answer = api(
        "POST",
        f"/lifecycle/{lead_id}/transition",
        {"stage": "opportunity", "reason": "asked for it"},
    )
    assert status == 200
    assert answer["lifecycle"]["previous_stage"] == "contacted"
    assert answer["lifecycle"]["transition_reason"] == "asked for it"
    engage(api, lead_id, "email_clicked")
    _, current = api("GET", f"/lifecycle/{lead_id}/current")
    assert (current["stage"], current["current"]["is_current_stage"]) == ("opportunity", True)
    assert current["current"]["touchpoints_count"] == 1
    assert current["current"]["engagement_score"] == 5
    _, history = api("GET", f"/lifecycle/{lead_id}/history")
    assert [stay["stage"] for stay in history["history"]] == ["new", "contacted", "opportunity"]
    assert [stay["is_current_stage"] for stay in history["history"]] == [False, False, True]
    assert all(stay["duration_days"] >= 0 for stay in history["history"])


@pytest.mark.parametrize(
    ("body", "status", "named"),
    [
        ({"stage": "new"}, 409, None),
        ({"stage": "customer"}, 422, "reason"),
        ({"stage": "friend"}, 422, "stage"),
        ({}, 422, "stage"),
        ({"stage": 7}, 422, "stage"),
        ({"stage": "contacted", "why": 1}, 422, "why"),
        ({"stage": "contacted", "previous_stage": "friend"}, 422, "previous_stage"),
        ({"stage": "contacted", "previous_stage": ""}, 422, "previous_stage"),
        ({"stage": "contacted", "previous_stage": 7}, 422, "previous_stage"),
        ({"stage": "friend", "previous_stage": "new"}, 422, "stage"),
        ({"stage": "new", "previous_stage": "new"}, 409, None),
    ],
)
def test_a_transition_that_is_refused_says_why(api, lead_id, body, status, named):
    found, answer = api("POST", f"/lifecycle/{lead_id}/transition", body)
    assert (found, answer["success"]) == (status, False)
    if named:
        assert named in answer["error"]["fields"]


def test_a_move_decided_on_a_stage_that_the_lead_has_left_is_refused(api, lead_id):
    path = f"/lifecycle/{lead_id}/transition"
    decided = {"stage": "qualified", "reason": "fits", "previous_stage": "new"}
    engage(api, lead_id, "call_made")  # meanwhile a colleague has called
    status, answer = api("POST", path, decided)
    assert (status, answer["success"]) == (409, False)
    assert answer["error"] == {
        "code": "moved",
        "message": "The lead has moved on: it is in stage contacted, no longer in new.",
    }
    _, history = api("GET", f"/lifecycle/{lead_id}/history")
    assert [stay["stage"] for stay in history["history"]] == ["new", "contacted"]
    status, answer = api("POST", path, {**decided, "previous_stage": "contacted"})
    assert (status, answer["lifecycle"]["previous_stage"]) == (200, "contacted")


def test_a_move_sent_twice_finds_the_lead_there_already(api, lead_id):
    decided = {"stage": "contacted", "previous_stage": "new"}
    found = [api("POST", f"/lifecycle/{lead_id}/transition", decided) for _ in range(2)]
    assert [status for status, _ in found] == [200, 409]
    assert found[1][1]["error"]["code"] == "same_stage"


def test_without_the_stage_it_was_decided_on_a_move_is_made_from_any(api, lead_id):
    path = f"/lifecycle/{lead_id}/transition"
    assert api("POST", path, {"stage": "contacted", "previous_stage": None})[0] == 200
    assert api("POST", path, {"stage": "qualified"})[0] == 200


def test_two_transitions_at_once_leave_one_current_stage(app, api, cast, lead_id):
    answers = []

    def move(stage):
        with app.app_context():
            answers.append(
                app.test_client()
                .post(
                    f"{PREFIX}/lifecycle/{lead_id}/transition",
                    json={"stage": stage, "reason": "at once"},
                    headers=OWNER,
                )
                .status_code
            )

    threads = [
        threading.Thread(target=move, args=(stage,)) for stage in ("contacted", "qualified") * 3
    ]
    db.session.rollback()  # what the request before left open here
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(answers) <= {200, 409}
    assert 200 in answers
    with acting_for(cast.clinic):
        current = select(LeadLifecycle.stage).where(LeadLifecycle.is_current_stage)
        stages = db.session.scalars(current.where(LeadLifecycle.lead_id == lead_id)).all()
        assert stages == [db.session.scalar(select(Lead.stage).where(Lead.id == lead_id))]


# Scoring


def test_many_leads_are_scored_at_once(api, client, lead_id):
    for n in range(3):
        client.post("/api/leads", json={"email": f"lead{n}@example.com"}, headers=OWNER)
    status, answer = api("POST", "/scoring/bulk-calculate")
    assert (status, answer["calculated"]) == (200, 4)
    status, answer = api("POST", "/scoring/bulk-calculate", {"lead_ids": [lead_id]})
    assert [each["lead_id"] for each in answer["scores"]] == [lead_id]
    status, answer = api("POST", "/scoring/bulk-calculate", {"lead_ids": [lead_id, 999_999]})
    assert status == 422
    assert "999999" in answer["error"]["fields"]["lead_ids"]


def test_beyond_a_thousand_it_is_a_job_with_progress(api, client, cast, monkeypatch, lead_id):
    monkeypatch.setattr(sys.modules["app.blueprints.api.scoring"], "AT_ONCE", 0)
    with acting_for(cast.clinic):
        before = db.session.scalar(select(func.count()).select_from(LeadScore))
    engaged = {"engagement_type": "email_opened", "idempotency_key": "1"}
    api("POST", f"/engagement/{lead_id}", engaged)
    status, answer = api("POST", "/scoring/bulk-calculate", {})
    assert status == 202
    followed = client.get(answer["status"], headers=OWNER).get_json()["job"]
    assert (followed["state"], followed["progress"]) == ("waiting", 0)
    assert work.run() == 1
    followed = client.get(answer["status"], headers=OWNER).get_json()["job"]
    assert (followed["state"], followed["progress"]) == ("done", 100)
    assert followed["result"]["leads"] == 1
    assert client.get(answer["status"], headers=STRANGER).status_code == 404
    with acting_for(cast.clinic):
        assert db.session.scalar(select(func.count()).select_from(LeadScore)) >= before


# Engagement


def test_the_same_key_is_stored_once(api, cast, lead_id):
    body = {"engagement_type": "purchase_made", "revenue": 1250.5, "idempotency_key": "order 7"}
    first, answer = api("POST", f"/engagement/{lead_id}", body)
    again, told = api("POST", f"/engagement/{lead_id}", body)
    assert (first, again) == (201, 200)
    assert told["engagement"] == answer["engagement"]
    assert told["engagement"]["revenue"] == 1250.5
    assert told["lead"]["stage"] == "customer"
    with acting_for(cast.clinic):
        bought = select(func.count()).where(Interaction.type == "purchase_made")
        assert db.session.scalar(bought.select_from(Interaction)) == 1
    _, kept = api("GET", f"/attribution/{lead_id}")
    assert kept["attributions"] == [], "what is bought is no touch that led to it"


def test_a_purchase_after_touches_triggers_attribution_by_itself(api, lead_id):
    engage(api, lead_id, "email_clicked", 3, source_name="News")
    engage(api, lead_id, "purchase_made", 0, revenue=200)
    _, kept = api("GET", f"/attribution/{lead_id}")
    customer = [each for each in kept["attributions"] if each["conversion_type"] == "customer"]
    assert len(customer) == 8
    assert {each["conversion_value"] for each in customer} == {200}
    engage(api, lead_id, "sms_replied", 5)
    _, kept = api("GET", f"/attribution/{lead_id}")
    first = next(e for e in kept["attributions"] if e["attribution_model"] == "first_touch")
    assert first["touchpoints"][0]["engagement_type"] == "sms_replied"  # it came late, and counts


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("engagement_type", "telepathy"),
        ("engagement_type", "lead_created"),
        ("engagement_channel", "pigeon"),
        ("source_type", "rumour"),
        ("device_type", "watch"),
        ("engagement_value", 101),
        ("engagement_value", -1),
        ("revenue", -0.01),
        ("revenue", 1e300),
        ("occurred_at", "2026-03-02T10:00:00"),
        ("occurred_at", "1999-03-02T10:00:00Z"),
        ("occurred_at", "2999-03-02T10:00:00Z"),
        ("metadata", {"a": "x" * 5000}),
        ("metadata", {"a": {"b": {"c": {"d": {"e": 1}}}}}),
        ("metadata", []),
        ("title", 7),
    ],
)
def test_what_cannot_be_tracked_is_named(api, cast, lead_id, field, value):
    status, answer = api(
        "POST", f"/engagement/{lead_id}", {"engagement_type": "call_made", field: value}
    )
    assert (status, list(answer["error"]["fields"])) == (422, [field])
    with acting_for(cast.clinic):
        calls = select(func.count()).select_from(Interaction).where(Interaction.type == "call_made")
        assert db.session.scalar(calls) == 0


def test_an_organizations_own_type_counts_with_its_points(api, cast, lead_id):
    status, answer = api("POST", f"/engagement/{lead_id}", {"engagement_type": "open_day"})
    assert status == 422
    assert "call_made" in answer["error"]["fields"]["engagement_type"]
    with acting_for(cast.clinic):
        own = {"label": "Open day", "channel": "social", "points": 30}
        db.session.add(EngagementType(name="open_day", created_at=utc_now(), **own))
        db.session.commit()
    answer = engage(api, lead_id, "open_day")
    assert answer["engagement"]["engagement_channel"] == "social"
    _, score = api("GET", f"/scoring/{lead_id}")
    assert any(p["name"] == "Open day" for p in score["score"]["explain"])
    status, _ = api("POST", f"/engagement/{lead_id}", {"engagement_type": "open_day"}, STRANGER)
    assert status == 404


def test_history_is_filtered_and_paged(api, lead_id):
    for n in range(5):
        engage(api, lead_id, "email_opened", n)
        engage(api, lead_id, "call_made", n)
    seen, cursor = [], ""
    while True:
        more = f"&cursor={cursor}" if cursor else ""
        _, page = api("GET", f"/engagement/{lead_id}/history?limit=3{more}")
        seen += [each["id"] for each in page["engagements"]]
        if not (cursor := page["next_cursor"]):
            break
    assert len(seen) == len(set(seen)) == 10
    _, calls = api("GET", f"/engagement/{lead_id}/history?type=call_made&channel=phone")
    assert len(calls["engagements"]) == 5
    since = (utc_now() - 1.5 * DAY).isoformat().replace("+", "%2B")
    _, recent = api("GET", f"/engagement/{lead_id}/history?from={since}")
    assert len(recent["engagements"]) == 4
    for bad in ("type=x", "channel=x", "limit=0", "limit=501", "cursor=zz", "from=yesterday"):
        assert api("GET", f"/engagement/{lead_id}/history?{bad}")[0] == 422, bad


# Figures


def test_the_figures_add_up(api, client, cast, lead_id):
    for n in range(3):
        client.post("/api/leads", json={"email": f"lead{n}@example.com"}, headers=OWNER)
    engage(api, lead_id, "email_clicked", 2, source_name="News")
    engage(api, lead_id, "purchase_made", 0, revenue=300)
    _, funnel = api("GET", "/analytics/funnel?days=30")
    assert (funnel["total_leads"], funnel["customers"], funnel["conversion_rate"]) == (4, 1, 0.25)
    assert sum(stage["count"] for stage in funnel["stages"]) == 4
    assert [s["reached"] for s in funnel["stages"]][:6] == [4, 1, 1, 1, 1, 1]
    assert funnel["bottlenecks"] == []  # three wait, for less than a minute
    with acting_for(cast.clinic):
        for stay in db.session.scalars(select(LeadLifecycle).where(LeadLifecycle.stage == "new")):
            stay.entered_at -= 40 * DAY
        db.session.commit()
    [bottleneck] = api("GET", "/analytics/funnel?days=30")[1]["bottlenecks"]
    told = [bottleneck[name] for name in ("stage", "drop_off", "lost", "waiting", "enough")]
    assert told == ["new", 0.75, 3, 3, False]
    _, cohort = api("GET", "/analytics/cohort?cohort_type=weekly")
    assert cohort["totals"]["leads"] == sum(each["leads"] for each in cohort["cohorts"]) == 4
    assert cohort["totals"]["revenue"] == 300
    assert cohort["sources"][0]["conversions"] == 1
    _, quality = api("GET", "/analytics/lead-quality")
    assert sum(each["count"] for each in quality["by_grade"]) == 4
    assert sum(each["count"] for each in quality["by_temperature"]) == 4
    _, engagement = api("GET", "/engagement/stats/summary")
    assert (engagement["total_engagements"], engagement["total_revenue"]) == (2, 300)
    _, attribution = api("GET", "/attribution/stats/summary")
    assert attribution["total_revenue"] == 300
    [email] = attribution["channels"]
    assert email["models"]["linear"] == {
        "conversions": 1.0,
        "revenue": 300.0,
        "return_on_spend": None,
    }
    _, health = api("GET", "/journey/stats/overview")
    assert health["total_journeys"] >= 1
    assert health["total_revenue"] == 300


def test_a_journey_tells_all_of_it(api, lead_id):
    engage(api, lead_id, "call_made", 8)
    engage(api, lead_id, "email_replied", 3)
    status, answer = api("GET", f"/journey/{lead_id}?activity=daily")
    assert status == 200
    told = answer["journey"]
    assert told["total_engagements"] == 2
    assert told["engagement_score"] == pytest.approx(
        sum(p["points"] for p in told["explain"]["engagement"]["contributions"])
    )
    assert told["current_stage"] == "engaged"
    assert told["milestones"]["first_contact"]
    assert told["next_action"]["name"] == "answer"
    assert {each["name"] for each in told["insights"]} >= {"reply_waits", "multi_channel"}
    assert len(told["activity"]) == 30
    assert sum(day["total_activities"] for day in told["activity"]) >= 2
    assert told["activity"][-1]["stage_end"] == "engaged"


@pytest.mark.parametrize(
    "path",
    [
        "/analytics/funnel?days=0",
        "/analytics/funnel?days=x",
        "/analytics/funnel?from=2026-02-30",
        "/analytics/funnel?from=2026-03-02&to=2026-03-01",
        "/analytics/cohort?cohort_type=hourly",
        "/attribution/stats/summary?conversion_type=love",
    ],
)
def test_a_period_or_choice_that_cannot_be_used_is_named(api, path):
    assert api("GET", path)[0] == 422


def test_attribution_without_touches_keeps_nothing(api, cast, lead_id):
    body = {"conversion_type": "customer", "conversion_value": 1, "attribution_model": "linear"}
    status, answer = api("POST", f"/attribution/{lead_id}/calculate", body)
    assert (status, answer["error"]["code"]) == (422, "no_touchpoints")
    status, answer = api(
        "POST", f"/attribution/{lead_id}/calculate", body | {"attribution_model": "x"}
    )
    assert "first_touch" in answer["error"]["fields"]["attribution_model"]
    status, answer = api(
        "POST", f"/attribution/{lead_id}/calculate", body | {"conversion_type": "x"}
    )
    assert "lead_created" in answer["error"]["fields"]["conversion_type"]


def test_a_stranger_finds_no_lead_at_any_address(api, lead_id):
    for method, path, body in (
        ("POST", f"/lifecycle/{lead_id}/transition", {"stage": "lost"}),
        ("GET", f"/lifecycle/{lead_id}/history", None),
        ("GET", f"/lifecycle/{lead_id}/current", None),
        ("POST", f"/scoring/{lead_id}/calculate", None),
        ("GET", f"/scoring/{lead_id}", None),
        ("POST", f"/engagement/{lead_id}", {"engagement_type": "call_made"}),
        ("GET", f"/engagement/{lead_id}/history", None),
        (
            "POST",
            f"/attribution/{lead_id}/calculate",
            {"conversion_type": "customer", "attribution_model": "linear"},
        ),
        ("GET", f"/attribution/{lead_id}", None),
        ("GET", f"/journey/{lead_id}", None),
    ):
        assert api(method, path, body, STRANGER)[0] == 404, path
