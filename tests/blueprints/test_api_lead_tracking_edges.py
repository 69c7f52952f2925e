"""What a program gets wrong, sends twice, or asks at the edges of lead tracking."""

from datetime import timedelta

import pytest

from app.clock import utc_now

OWNER = {"Authorization": "Bearer clinic-token"}
DAY = timedelta(days=1)


@pytest.fixture
def api(client, cast):
    """api(method, path, body) -> (status, answer) as the clinic's owner."""

    def call(method, path, body=None):
        place = f"/api/lead-tracking{path}"
        answer = client.open(place, method=method, json=body, headers=OWNER)
        return answer.status_code, answer.get_json()

    return call


@pytest.fixture
def lead_id(client, cast):
    made = client.post("/api/leads", json={"email": "sofia@example.com"}, headers=OWNER)
    return made.get_json()["lead"]["id"]


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
