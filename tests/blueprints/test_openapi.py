"""The document of the API is whole, valid and true."""

import json
import os
from datetime import timedelta
from uuid import UUID

import msgspec
import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from app.blueprints.api.documented import ADDRESSES
from app.blueprints.api.openapi import EXAMPLES, shape_of
from app.clock import utc_now
from app.domain.leads.lifecycle import STAGES
from app.extensions import db
from app.operations.start_job import start_job
from app.operations.tracking.import_interactions import Imported
from app.tenancy import acting_for

OWNER = {"Authorization": "Bearer clinic-token"}
NOT_TOLD = {"openapi", "docs"}


@pytest.fixture
def document(client):
    answer = client.get("/api/openapi.json")
    assert answer.status_code == 200
    return answer.get_json()


def operations(document):
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


def test_every_address_is_told(app, document):
    there = {
        rule.endpoint.removeprefix("api.")
        for rule in app.url_map.iter_rules()
        if rule.endpoint.startswith("api.")
    }
    told = {operation["operationId"] for _, _, operation in operations(document)}
    assert there - NOT_TOLD == told - {"collect"} == ADDRESSES.keys()


def test_it_is_valid_openapi(document):
    OpenAPIV31SpecValidator(document).validate()


def test_every_example_of_a_body_fits_its_shape(document):
    for name, told in ADDRESSES.items():
        if told.body is None:
            continue
        given = told.example["events"][0] if told.body is Imported else told.example
        msgspec.convert(given, told.body)
        assert given.keys() <= set(told.body.__struct_fields__), name


@pytest.fixture
def story(client, cast):
    """A lead with a past, a visit and a job: the values of the paths' parameters."""

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
    post(f"/api/lead-tracking/attribution/{lead_id}/calculate", conversion)
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
    return {"lead_id": lead_id, "session_id": visit["session"], "job_id": job_id}, visit


def shortened(answer):
    """The same answer with at most two of each list."""
    if isinstance(answer, dict):
        return {name: shortened(value) for name, value in answer.items()}
    if isinstance(answer, list):
        return [shortened(each) for each in answer[:2]]
    return answer


def test_every_example_is_what_is_answered(client, document, story):
    """Asks each address with its own example; erasing comes last."""
    parameters, visit = story
    found, kept = {}, json.loads(EXAMPLES.read_text())
    ordered = sorted(operations(document), key=lambda each: each[1] == "delete")
    for path, method, operation in ordered:
        name = operation["operationId"]
        if name == "collect":
            continue
        body = ADDRESSES[name].example
        if body and "sessionId" in body:
            body = {"sessionId": visit["session"]}
        if body and "lead_ids" in body:
            body = {"lead_ids": [parameters["lead_id"]]}
        if name == "transition":
            body = {**body, "previous_stage": "customer"}
        if name == "change_lead":
            body = {"location": "Paris"}
        if name == "remove_attribution":
            told = found["calculate_attribution"]["attribution"]
            asked = {"conversion_type": "customer", "converted_at": told["conversion_date"]}
        else:
            asked = None
        answer = client.open(
            path.format(**parameters), method=method, json=body, query_string=asked, headers=OWNER
        )
        assert str(answer.status_code) in operation["responses"], (name, answer.get_json())
        assert answer.status_code < 300, (name, answer.get_json())
        found[name] = shortened(answer.get_json())
    if os.environ.get("LEADLIGHT_WRITE_EXAMPLES"):
        EXAMPLES.write_text(json.dumps(found, indent=1, ensure_ascii=False, sort_keys=False) + "\n")
        return
    assert {n: shape_of(each) for n, each in found.items()} == {
        n: shape_of(each) for n, each in kept.items()
    }


def test_fields_whose_names_leave_it_open_say_what_they_are_for(document, client):
    shapes = document["components"]["schemas"]
    assert "call_unanswered" in shapes["Engagement"]["properties"]["engagement_type"]["description"]
    seen = shapes["Transition"]["properties"]["previous_stage"]
    assert seen["anyOf"] == [{"type": "string", "enum": list(STAGES)}, {"type": "null"}]
    page = client.get("/docs").text
    assert "one of new, contacted" in page[page.index("<code>previous_stage</code>") :][:200]
    assert "is an attempt" in page


def test_the_collectors_example_is_stored(client, cast, document):
    operation = document["paths"]["/collect"]["post"]
    body = operation["requestBody"]["content"]["application/json"]["example"]
    answer = client.post("/collect", json={**body, "site": "clinic-key"})
    assert answer.status_code == 202
    receipt = answer.get_json()
    assert receipt["accepted"] == len(body["events"])
    assert UUID(receipt["session"])


def test_the_page_names_every_field_of_a_body_those_within_objects_too(client):
    page = client.get("/docs").text
    for name in ("first_name", "consent.email", "events[].page.url"):
        assert f"<code>{name}</code>" in page
    assert "object of texts" in page  # utm: any tags
