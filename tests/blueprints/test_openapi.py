"""The document of the API is whole, valid and true."""

import json
import os
from uuid import UUID

import msgspec
import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from app.blueprints.api.documented import ADDRESSES
from app.blueprints.api.openapi import EXAMPLES, shape_of
from app.domain.leads.lifecycle import STAGES
from app.operations.tracking.import_interactions import Imported
from tests.api_story import call_by_its_example, in_order, operations, told_story

NOT_TOLD = {"openapi", "docs"}


@pytest.fixture
def document(client):
    answer = client.get("/api/openapi.json")
    assert answer.status_code == 200
    return answer.get_json()


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
    return told_story(client, cast)


def shortened(answer):
    """The same answer with at most two of each list."""
    if isinstance(answer, dict):
        return {name: shortened(value) for name, value in answer.items()}
    if isinstance(answer, list):
        return [shortened(each) for each in answer[:2]]
    return answer


def test_every_example_is_what_is_answered(client, document, story):
    """Asks each address with its own example; erasing comes last."""
    found, kept = {}, json.loads(EXAMPLES.read_text())
    for path, method, operation in in_order(document):
        name = operation["operationId"]
        answer = call_by_its_example(client, name, method, path, story)
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
