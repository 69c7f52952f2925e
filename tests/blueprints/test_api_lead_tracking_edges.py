"""What a program gets wrong, sends twice, or asks at the edges of lead tracking."""

import sys
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.clock import utc_now
from app.extensions import db
from app.jobs import work
from app.models import LeadLifecycle, LeadScore, Organization
from app.tenancy import acting_for

OWNER = {"Authorization": "Bearer clinic-token"}
DAY = timedelta(days=1)


@pytest.fixture
def engage(api, lead_id):
    def engage(type, days_ago=0, **more):
        at = (utc_now() - days_ago * DAY).isoformat()
        body = {"engagement_type": type, "occurred_at": at, **more}
        status, answer = api("POST", f"/engagement/{lead_id}", body)
        assert status == 201, answer
        return answer

    return engage


@pytest.mark.parametrize("path", ["analytics/funnel?days=", "engagement/{}/history?limit="])
@pytest.mark.parametrize("number", ["000001999999999", "000001000000", "9" * 30, "٣", "1e2", "-1"])
def test_a_number_is_bounded_however_it_is_written(api, lead_id, path, number):
    status, answer = api("GET", f"/{path.format(lead_id)}{number}")
    assert status == 422
    assert "whole number" in str(answer["error"]["fields"])


def share(api, lead_id, model, **more):
    body = {"conversion_type": "customer", "attribution_model": model, **more}
    status, answer = api("POST", f"/attribution/{lead_id}/calculate", body)
    assert status == 200, answer
    return answer["attribution"]


def sold(api):
    _, summary = api("GET", "/attribution/stats/summary")
    [customers] = [each for each in summary["by_type"] if each["conversion_type"] == "customer"]
    assert summary["total_revenue"] == customers["value"]
    return customers["count"], customers["value"]


def test_comparing_models_does_not_sell_again(api, lead_id, engage):
    engage("email_clicked", 9, source_name="News")
    models = ("first_touch", "linear", "u_shaped", "markov")
    shared = [share(api, lead_id, model, conversion_value=5000.0) for model in models]
    assert len({each["conversion_date"] for each in shared}) == 1
    assert sold(api) == (1, 5000)
    at = (utc_now() - DAY).isoformat()
    share(api, lead_id, "linear", conversion_value=300.0, converted_at=at)
    assert sold(api) == (2, 5300)


def test_a_purchase_is_shared_anew_without_its_moment_or_value(api, lead_id, engage):
    engage("email_clicked", 9, source_name="News")
    engage("purchase_made", 2, revenue=120.5)
    again = share(api, lead_id, "u_shaped")
    assert again["conversion_value"] == 120.5
    assert sold(api) == (1, 120.5)
    share(api, lead_id, "u_shaped", conversion_value=120.5)
    assert sold(api) == (1, 120.5)


def test_a_conversion_has_one_value_by_every_model(api, lead_id, engage):
    engage("email_clicked", 9, source_name="News")
    api("POST", f"/lifecycle/{lead_id}/transition", {"stage": "customer", "reason": "Paid"})
    share(api, lead_id, "w_shaped", conversion_value=80.0)
    _, kept = api("GET", f"/attribution/{lead_id}")
    won = [each for each in kept["attributions"] if each["conversion_type"] == "customer"]
    assert len(won) == 8
    assert {each["conversion_value"] for each in won} == {80}
    at = won[0]["conversion_date"]
    share(api, lead_id, "linear", conversion_value=90.0, converted_at=at)
    assert sold(api) == (1, 90)


def test_revenue_is_what_customers_paid(api, lead_id, engage):
    engage("email_clicked", 9, source_name="News")
    for revenue in (10, 10, 0.01):
        engage("purchase_made", 2, revenue=revenue)
    body = {"conversion_type": "qualified", "attribution_model": "linear", "conversion_value": 70.0}
    assert api("POST", f"/attribution/{lead_id}/calculate", body)[0] == 200
    _, summary = api("GET", "/attribution/stats/summary")
    assert summary["total_revenue"] == sold(api)[1]
    for each in summary["by_type"]:
        assert each["avg_value"] == round(each["avg_value"], 2)


def test_who_learns_says_whether_anything_was_learned(api, lead_id, engage):
    engage("email_clicked", 9)
    assert share(api, lead_id, "markov")["learned"] is False
    assert share(api, lead_id, "linear")["learned"] is None


def test_moments_are_told_alike_everywhere(api, lead_id, engage):
    engage("call_made", 3)
    [touch] = share(api, lead_id, "linear")["touchpoints"]
    _, answer = api("GET", f"/journey/{lead_id}")
    for moment in (touch["occurred_at"], answer["journey"]["milestones"]["first_contact"]):
        assert moment.endswith("Z")
        assert len(moment) == len("2026-03-02T10:00:00.000Z")


def test_all_journeys_last_as_each_of_them_does(api, lead_id, engage):
    engage("email_clicked", 12)
    engage("email_clicked", 5)
    _, one = api("GET", f"/journey/{lead_id}")
    _, all_of_them = api("GET", "/journey/stats/overview")
    assert one["journey"]["duration_days"] == 7
    assert all_of_them["avg_duration_days"] == pytest.approx(7, abs=0.01)


def test_a_key_of_another_engagement_is_refused(api, lead_id):
    first = {"engagement_type": "purchase_made", "revenue": 100, "idempotency_key": "order 7"}
    assert api("POST", f"/engagement/{lead_id}", first)[0] == 201
    assert api("POST", f"/engagement/{lead_id}", {**first, "title": "Again"})[0] == 200
    for other in (
        {"revenue": 200},
        {"engagement_type": "call_made"},
        {"engagement_channel": "sms"},
    ):
        status, answer = api("POST", f"/engagement/{lead_id}", {**first, **other})
        assert (status, answer["error"]["code"]) == (409, "key_used")
    _, history = api("GET", f"/engagement/{lead_id}/history")
    assert [each["revenue"] for each in history["engagements"]] == [100]


@pytest.mark.parametrize("field", ["title", "source_name", "location", "idempotency_key"])
def test_a_text_that_is_too_long_is_named_itself(api, lead_id, field):
    body = {"engagement_type": "call_made", field: "x" * 5000}
    status, answer = api("POST", f"/engagement/{lead_id}", body)
    assert (status, list(answer["error"]["fields"])) == (422, [field])


@pytest.mark.parametrize("reason", [" ", "\u200b\t", "x" * 501])
def test_a_reason_is_words(api, client, lead_id, reason):
    body = {"stage": "customer", "reason": reason}
    status, answer = api("POST", f"/lifecycle/{lead_id}/transition", body)
    assert (status, list(answer["error"]["fields"])) == (422, ["reason"])
    answer = client.patch(f"/api/leads/{lead_id}", json=body, headers=OWNER)
    assert (answer.status_code, list(answer.get_json()["error"]["fields"])) == (422, ["reason"])


def test_a_reason_is_kept_without_what_nobody_sees(api, lead_id):
    body = {"stage": "customer", "reason": "Paid\u200b  in cash 😀"}
    _, answer = api("POST", f"/lifecycle/{lead_id}/transition", body)
    assert answer["lifecycle"]["transition_reason"] == "Paid in cash 😀"


def test_rates_round_half_up(api, client, lead_id):
    for n in range(31):
        client.post("/api/leads", json={"email": f"lead{n}@example.com"}, headers=OWNER)
    api("POST", f"/lifecycle/{lead_id}/transition", {"stage": "customer", "reason": "Paid"})
    _, funnel = api("GET", "/analytics/funnel")
    assert (funnel["total_leads"], funnel["conversion_rate"]) == (32, 0.0313)
    assert funnel["bottlenecks"] == []  # they came just now


def test_a_bottleneck_is_of_leads_that_had_the_time(api, client, cast, lead_id):
    for n in range(31):
        client.post("/api/leads", json={"email": f"lead{n}@example.com"}, headers=OWNER)
    api("POST", f"/lifecycle/{lead_id}/transition", {"stage": "customer", "reason": "Paid"})
    with acting_for(cast.clinic):
        for stay in db.session.scalars(select(LeadLifecycle).order_by(LeadLifecycle.id).limit(12)):
            stay.entered_at -= 22 * DAY
        db.session.commit()
    for path in ("/analytics/funnel", "/journey/stats/overview"):
        [bottleneck] = api("GET", path)[1]["bottlenecks"]
        found = [bottleneck[name] for name in ("stage", "lost", "waiting", "too_early", "decided")]
        assert found == ["new", 11, 11, 20, 12]
        assert (bottleneck["enough"], bottleneck["usual_days"]) == (True, 21)


def test_erasing_a_person_changes_no_figure(api, client, engage, lead_id):
    engage("purchase_made", 1, revenue=300)
    paths = ("funnel", "cohort", "lead-quality")
    before = [api("GET", f"/analytics/{path}") for path in paths]
    health = api("GET", "/journey/stats/overview")[1]
    assert client.delete(f"/api/leads/{lead_id}", headers=OWNER).status_code == 200
    assert [api("GET", f"/analytics/{path}") for path in paths] == before
    assert api("GET", "/journey/stats/overview")[1] == health
    assert (health["total_journeys"], health["total_revenue"]) == (1, 300)
    assert before[2][1]["total_leads"] == 1


def test_a_journeys_counts_are_of_engagements_and_sum(api, lead_id, engage):
    for kind in ("email_clicked", "page_viewed", "form_submitted", "purchase_made"):
        engage(kind, 1)
    api("POST", f"/lifecycle/{lead_id}/transition", {"stage": "engaged", "reason": "Came by"})
    _, answer = api("GET", f"/journey/{lead_id}")
    told = answer["journey"]
    assert sum(told["engagements"].values()) == told["total_engagements"] == 4
    names = ("email_engagements", "page_views", "form_submissions", "purchases")
    assert [told[name] for name in names] == [1, 1, 1, 1]
    assert sum(week["total_activities"] for week in told["activity"]) == 4
    assert told["days_since_last_activity"] == pytest.approx(1, abs=0.02)
    assert told["completed_stages"] == ["new", "customer"]
    [silence, *_] = told["explain"]["churn_risk"]["contributions"]
    assert silence["detail"] == "silent for 1 day"


def test_calculations_are_paged(api, lead_id, engage):
    engage("email_clicked", 9, source_name="News")
    for days_ago in (3, 2, 1):
        engage("purchase_made", days_ago, revenue=days_ago)
    pages, cursor = [], ""
    while cursor is not None:
        _, page = api("GET", f"/attribution/{lead_id}?limit=5&cursor={cursor}")
        pages.append(page["attributions"])
        cursor = page["next_cursor"]
    assert [len(page) for page in pages] == [5] * 6 + [2]  # lead_created and three purchases
    told = [each for page in pages for each in page]
    _, whole = api("GET", f"/attribution/{lead_id}")
    assert told == whole["attributions"]
    assert len({(e["conversion_date"], e["attribution_model"]) for e in told}) == 32
    for bad in ("limit=501", "cursor=zz"):
        assert api("GET", f"/attribution/{lead_id}?{bad}")[0] == 422


def test_more_than_a_thousand_named_leads_are_a_job(api, client, cast, monkeypatch, lead_id):
    monkeypatch.setattr(sys.modules["app.blueprints.api.scoring"], "AT_ONCE", 2)
    ids = [lead_id]
    for n in range(4):
        made = client.post("/api/leads", json={"email": f"lead{n}@example.com"}, headers=OWNER)
        ids.append(made.get_json()["lead"]["id"])
    rules = {"firmographic_base": 60}
    with acting_for(cast.clinic):
        clinic = db.session.get(Organization, cast.clinic.id)
        clinic.settings = {**(clinic.settings or {}), "lead_rules": rules}
        db.session.commit()
    status, answer = api("POST", "/scoring/bulk-calculate", {"lead_ids": ids[:3]})
    assert status == 202
    assert work.run() == 2  # the scores, then the journeys that tell of them
    job = client.get(answer["status"], headers=OWNER).get_json()["job"]
    assert job["result"] == {"leads": 3, "changed": 3}
    with acting_for(cast.clinic):
        scored = select(LeadScore.lead_id).where(LeadScore.reason == "calculated for all leads")
        assert sorted(db.session.scalars(scored)) == ids[:3]
    status, answer = api("POST", "/scoring/bulk-calculate", {"lead_ids": [*ids, 999_999]})
    assert (status, "999999" in answer["error"]["fields"]["lead_ids"]) == (422, True)
    assert api("POST", "/scoring/bulk-calculate", {"lead_ids": []})[0] == 422


def test_every_model_explains_the_same_conversions(api, lead_id, engage):
    engage("email_clicked", 9, source_name="News")
    engage("call_made", 4)
    share(api, lead_id, "linear", conversion_value=99.99)
    _, summary = api("GET", "/attribution/stats/summary")
    for kind in ("channels", "sources"):
        for model in ("first_touch", "linear", "w_shaped", "shapley"):
            credited = [row["models"][model] for row in summary[kind]]
            assert sum(each["conversions"] for each in credited) == pytest.approx(1)
            assert sum(round(each["revenue"] * 100) for each in credited) == 9999
