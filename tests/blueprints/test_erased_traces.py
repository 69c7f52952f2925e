"""Nothing of a person comes back from what was worked out of them."""

from datetime import timedelta

from sqlalchemy import text

from app.clock import utc_now
from app.extensions import db
from app.models import Organization
from app.tenancy import acting_for

OWNER = {"Authorization": "Bearer clinic-token"}


def test_scores_and_attribution_keep_no_words_of_an_erased_person(client, cast):
    with acting_for(cast.clinic):
        clinic = db.session.get(Organization, cast.clinic.id)
        rules = {"target_locations": ["Zyxwville"]}
        clinic.settings = {**(clinic.settings or {}), "lead_rules": rules}
        db.session.commit()
    body = {"email": "a@example.com", "location": "Zyxwville"}
    lead_id = client.post("/api/leads", json=body, headers=OWNER).get_json()["lead"]["id"]
    at = (utc_now() - timedelta(days=1)).isoformat()
    called = {"engagement_type": "call_made", "occurred_at": at}
    for told in ({"title": "Called Zyxwa"}, {"source_name": "Zyxwa's friend"}):
        body = called | told
        client.post(f"/api/lead-tracking/engagement/{lead_id}", json=body, headers=OWNER)
    body = {"engagement_type": "purchase_made", "revenue": 10}
    client.post(f"/api/lead-tracking/engagement/{lead_id}", json=body, headers=OWNER)

    def traces():
        found = {}
        for column, table in (
            ("contributions", "lead_scores"),
            ("touchpoints", "lead_attribution"),
            ("source", "attribution_credits"),
        ):
            kept = db.session.execute(text(f"select {column} from {table}")).scalars()
            found[table] = sum("zyxw" in str(value).lower() for value in kept)
        return found

    assert all(traces().values())
    assert client.delete(f"/api/leads/{lead_id}", headers=OWNER).status_code == 200
    assert not any(traces().values())
    sums = text("select model, sum(weight), sum(value) from attribution_credits group by model")
    for _, weight, value in db.session.execute(sums):
        assert weight % 1_000_000 == 0
        assert value == 1000
