"""Every address of the API, called with its own example on a lead with a past."""

from dataclasses import dataclass
from datetime import timedelta

from app.blueprints.api.documented import ADDRESSES
from app.clock import utc_now
from app.extensions import db
from app.operations.start_job import start_job
from app.tenancy import acting_for

OWNER = {"Authorization": "Bearer clinic-token"}


@dataclass
class Story:
    """The values of the paths' parameters, and the moment of a conversion that was told."""

    parameters: dict
    conversion_date: str


def told_story(client, cast) -> Story:
    """A lead with a past, a visit and a job."""

    def post(path, body):
        return client.post(path, json=body, headers=OWNER).get_json()

    lead_id = post("/api/leads", ADDRESSES["create_lead"].example)["lead"]["id"]
    stage = f"/api/lead-tracking/lifecycle/{lead_id}/transition"
    post(stage, {"stage": "contacted"})
    for days, kind in ((20, "email_sent"), (12, "email_opened"), (5, "email_clicked")):
        at = (utc_now() - timedelta(days=days)).isoformat()
        body = {"engagement_type": kind, "source_name": "Newsletter", "occurred_at": at}
        post(f"/api/lead-tracking/engagement/{lead_id}", body)
    event = ADDRESSES["record_interactions"].example["events"][0]
    at = (utc_now() - timedelta(days=3)).isoformat()
    visit = post("/api/interactions", {**event, "occurred_at": at})
    conversion = {"conversion_type": "customer", "attribution_model": "markov"}
    told = post(f"/api/lead-tracking/attribution/{lead_id}/calculate", conversion)
    post(stage, {"stage": "customer", "reason": "Paid"})
    purchase = {"engagement_type": "purchase_made", "revenue": 1200.0}
    post(f"/api/lead-tracking/engagement/{lead_id}", purchase)
    alike = {
        **ADDRESSES["create_lead"].example,
        "email": "ben@example.com",
        "phone": "+33698765432",
    }
    alone = post("/api/leads", alike)["lead"]["id"]
    post(f"/api/lead-tracking/engagement/{alone}", purchase)  # nothing led to it
    with acting_for(cast.clinic):
        job = start_job("leads.score", {}, user_id=None, now=utc_now())
        db.session.commit()
        job_id = job.id
    parameters = {"lead_id": lead_id, "session_id": visit["session"], "job_id": job_id}
    return Story(parameters, told["attribution"]["conversion_date"])


def operations(document):
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


def in_order(document):
    """The operations that are Flask's, those that remove something last."""
    ours = [each for each in operations(document) if each[2]["operationId"] != "collect"]
    return sorted(ours, key=lambda each: each[1] == "delete")


def call_by_its_example(client, name, method, path, story, headers=OWNER):
    """The answer to an address that is asked with its own example."""
    body, asked = ADDRESSES[name].example, None
    if body and "sessionId" in body:
        body = {"sessionId": story.parameters["session_id"]}
    if body and "lead_ids" in body:
        body = {"lead_ids": [story.parameters["lead_id"]]}
    if name == "transition":
        body = {**body, "previous_stage": "customer"}
    if name == "change_lead":
        body = {"location": "Paris"}
    if name == "remove_attribution":
        asked = {"conversion_type": "customer", "converted_at": story.conversion_date}
    place = path.format(**story.parameters)
    answer = client.open(place, method=method, json=body, query_string=asked, headers=headers)
    if name == "calculate_attribution" and answer.status_code == 200:
        story.conversion_date = answer.get_json()["attribution"]["conversion_date"]
    return answer
