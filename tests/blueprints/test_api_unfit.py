"""What a program sends that cannot be used is named, the same way at every address."""

import msgspec
import pytest

from app.blueprints.api.body import choices_of
from app.blueprints.api.documented import ADDRESSES
from app.blueprints.api.parameters import ASKED_BY_ADDRESS
from app.clock import utc_now
from app.domain.period import last_days
from app.operations.tracking.import_interactions import Imported
from tests.api_story import OWNER, in_order, told_story
from tests.places import places

TRACKING = "/api/lead-tracking"
# What the document says in words: one of the types there are, somebody of the organization.
FURTHER = {("engage", "engagement_type"), ("change_lead", "assignee_id")}
A_MOMENT, NO_MOMENT = "2026-03-02T10:00:00+00:00", "2026-03-02T10:00:00"


@pytest.fixture
def document(client):
    return client.get("/api/openapi.json").get_json()


@pytest.fixture
def clinic(cast):
    return places(cast)


def edges(schema):
    """(value, whether it fits): what a schema allows only just, and what it no longer does."""
    for each in schema.get("anyOf", [schema]):
        kind = each.get("type")
        if "enum" in each:
            yield from ((name, True) for name in each["enum"])
            yield "none of these", False
        elif each.get("format") == "date-time":
            yield from ((A_MOMENT, True), (NO_MOMENT, False), ("yesterday", False))
        elif each.get("format") == "date":
            yield from (("2026-03-02", True), ("2026-02-30", False), ("20260302", False))
        elif kind in ("integer", "number"):
            yield from ((each[name], True) for name in ("minimum", "maximum") if name in each)
            if "minimum" in each:
                yield each["minimum"] - 1, False
            if "maximum" in each:
                yield each["maximum"] + 1, False
        elif kind == "string":
            if "maxLength" in each:
                yield "x" * each["maxLength"], True
                yield "x" * (each["maxLength"] + 1), False
            if each.get("minLength"):
                yield "", False


def fits_elsewhere(value, schema) -> bool:
    """Whether another kind of the same field takes it: an id may be a number or a text."""
    kinds = [each.get("type") for each in schema.get("anyOf", [schema])]
    return kinds.count("string") + kinds.count("integer") > 1 and isinstance(value, str)


def named(answer) -> set:
    return set((answer.get_json().get("error") or {}).get("fields") or {})


def test_what_the_document_says_of_a_field_is_what_is_checked(client, cast, document):
    """Every bound, list and form of every body: what stands within is not refused for itself,
    what stands beyond is, by its name."""
    story, wrong, tried = told_story(client, cast), [], 0
    for path, method, operation in in_order(document):
        name = operation["operationId"]
        shape = ADDRESSES[name].body
        if shape in (None, Imported):
            continue
        place = path.format(**story.parameters)
        fields = document["components"]["schemas"][shape.__name__]["properties"]
        for field, schema in fields.items():
            for value, fits in edges(schema):
                if fits or not fits_elsewhere(value, schema):
                    body = {**(ADDRESSES[name].example or {}), field: value}
                    answer = client.open(place, method=method, json=body, headers=OWNER)
                    refused = answer.status_code == 422 and field in named(answer)
                    tried += 1
                    if answer.status_code >= 500 or (refused and fits) or not (refused or fits):
                        wrong.append((name, field, str(value)[:40], answer.status_code))
    assert tried > 100
    assert not [each for each in wrong if each[:2] not in FURTHER]


def test_every_closed_field_of_a_shape_is_a_list_in_the_document(document):
    schemas = document["components"]["schemas"]
    found = 0
    for shape in {told.body for told in ADDRESSES.values() if told.body}:
        for field in msgspec.structs.fields(shape):
            if choices := choices_of(field.type):
                said = schemas[shape.__name__]["properties"][field.name]
                said = said["anyOf"][0] if "anyOf" in said else said
                assert (said["type"], said["enum"]) == ("string", list(choices)), field.name
                found += 1
    assert found >= 8


def test_what_the_document_says_of_an_event_is_what_is_stored(client, cast, document):
    """Events are refused one by one, in an answer of 202."""
    told = ADDRESSES["record_interactions"].example["events"][0]
    fields = document["components"]["schemas"]["Imported"]["properties"]
    wrong, tried = [], 0
    for field in ("type", "channel", "engaged", "revenue", "revenue_minor", "occurred_at"):
        for value, fits in edges(fields[field]):
            event = {**told, "occurred_at": A_MOMENT, "name": "x", field: value}
            answer = client.post("/api/interactions", json=event, headers=OWNER).get_json()
            tried += 1
            if (answer["accepted"] + answer["duplicates"] == 1) != fits:
                wrong.append((field, value, answer["dropped"]))
    assert tried > 40
    assert not wrong


def get_operations(document):
    return [each for each in in_order(document) if each[1].upper() in ASKED_BY_ADDRESS]


def test_what_the_document_says_of_a_parameter_is_what_is_checked(client, clinic, document):
    ids = {"lead_id": clinic.lead_id, "job_id": clinic.job_id, "session_id": clinic.session_id}
    wrong, tried = [], 0
    for path, method, operation in get_operations(document):
        for each in operation["parameters"]:
            if each["in"] != "query":
                continue
            for value, fits in edges(each["schema"]):
                if each["name"] == "cursor" and fits:
                    continue  # only those that were handed out
                if fits_elsewhere(value, each["schema"]) or (fits and each["name"] == "type"):
                    continue
                asked = {each["name"]: value}
                if each["name"] == "to":
                    asked["from"] = "2026-01-01"
                place = path.format(**ids)
                answer = client.open(place, method=method, query_string=asked, headers=OWNER)
                refused = answer.status_code == 422 and each["name"] in named(answer)
                tried += 1
                if refused == fits:
                    wrong.append((operation["operationId"], asked, answer.get_json()))
    assert tried > 100
    assert not wrong


def test_no_address_ignores_a_parameter_that_it_does_not_know(client, clinic, document):
    ids = {"lead_id": clinic.lead_id, "job_id": clinic.job_id, "session_id": clinic.session_id}
    for path, method, operation in get_operations(document):
        place = path.format(**ids)
        answer = client.open(place, method=method, query_string={"typ": "x"}, headers=OWNER)
        assert answer.status_code == 422, place
        assert "typ" in named(answer), place
        known = [each["name"] for each in operation["parameters"] if each["in"] == "query"]
        assert all(name in answer.get_json()["error"]["fields"]["typ"] for name in known)


def test_a_parameter_given_twice_is_refused_and_an_empty_one_is_none(client, cast):
    twice = client.get("/api/leads?stage=new&stage=lost", headers=OWNER)
    assert (twice.status_code, named(twice)) == (422, {"stage"})
    assert client.get("/api/leads?stage=&limit=", headers=OWNER).status_code == 200


def test_figures_without_a_period_are_of_the_days_that_the_document_says(client, cast, document):
    found = {}
    for path, _, operation in get_operations(document):
        days = [each for each in operation["parameters"] if each["name"] == "days"]
        if not days:
            continue
        answer = client.get(path, headers=OWNER).get_json()
        usual = days[0]["schema"].get("default")
        found[operation["operationId"]] = usual
        told = {"from": answer.get("from"), "to": answer.get("to")}
        if usual is None:
            assert told == {"from": None, "to": None}
            assert "of all time" in days[0]["description"]
            continue
        period = last_days(usual, utc_now().date())
        assert told == {"from": period.first.isoformat(), "to": period.last.isoformat()}
        assert f"the last {usual} days" in days[0]["description"]
        assert client.get(path, query_string={"days": usual}, headers=OWNER).get_json() == answer
    assert found == {
        "funnel": 30,
        "cohort": None,
        "lead_quality": 30,
        "engagement_summary": 30,
        "attribution_summary": 90,
        "journey_overview": 90,
    }


@pytest.mark.parametrize(
    ("asked", "fields"),
    [
        ("days=7&from=2026-03-01", {"days"}),
        ("days=7&to=2026-03-01", {"days", "from"}),
        ("to=2026-03-01", {"from"}),
        ("from=2026-03-02&to=2026-03-01", {"from"}),
        ("from=1999-12-31", {"from"}),
    ],
)
def test_a_period_is_told_one_way(client, cast, asked, fields):
    for path in ("analytics/funnel", "analytics/cohort", "journey/stats/overview"):
        answer = client.get(f"{TRACKING}/{path}?{asked}", headers=OWNER)
        assert (answer.status_code, named(answer)) == (422, fields), path


def test_a_nul_character_is_refused_wherever_it_stands(client, cast, document):
    story, tried = told_story(client, cast), 0
    for path, method, operation in in_order(document):
        name = operation["operationId"]
        if ADDRESSES[name].body is None:
            continue
        place = path.format(**story.parameters)
        for body in ({"x": "a\0b"}, {"a\0b": 1}, {"metadata": {"deep": [{"x": "\0"}]}}):
            answer = client.open(place, method=method, json=body, headers=OWNER)
            assert answer.status_code == 400, (name, body)
            assert "NUL" in answer.get_json()["error"]["message"]
            tried += 1
    assert tried >= 24
    written = {"engagement_type": "email_sent", "title": "the words \\u0000"}
    place = f"{TRACKING}/engagement/{story.parameters['lead_id']}"
    assert client.post(place, json=written, headers=OWNER).status_code == 201


@pytest.mark.parametrize("key", ["", "x" * 501])
def test_an_idempotency_key_is_a_name(api, lead_id, key):
    body = {"engagement_type": "email_sent", "idempotency_key": key}
    status, answer = api("POST", f"/engagement/{lead_id}", body)
    assert (status, set(answer["error"]["fields"])) == (422, {"idempotency_key"})


def test_metadata_is_four_objects_deep_and_four_kibibytes_whatever_stands_beside_it(api, lead_id):
    def sent(metadata):
        body = {"engagement_type": "email_sent", "title": "x" * 500, "metadata": metadata}
        return api("POST", f"/engagement/{lead_id}", body)

    status, answer = sent({"a": {"b": {"c": {"d": 1}}}})
    assert (status, answer["engagement"]["metadata"]) == (201, {"a": {"b": {"c": {"d": 1}}}})
    assert sent({"x": "y" * (4096 - len('{"x":""}'))})[0] == 201
    for bad in ({"a": {"b": {"c": {"d": {}}}}}, {"x": "y" * 4096}):
        status, answer = sent(bad)
        assert (status, set(answer["error"]["fields"])) == (422, {"metadata"})


def test_every_operation_tells_of_bodies_too_large_and_of_waiting(client, cast, document):
    for path, method, operation in in_order(document):
        told = operation["responses"]
        assert {"400", "401", "403", "413", "429"} <= told.keys(), path
        assert "Retry-After" in told["429"]["headers"], path
        if method == "get":
            assert "422" in told, path
    large = client.post("/api/leads", data=b"x" * (2 * 1024 * 1024 + 1), headers=OWNER)
    assert (large.status_code, large.get_json()["error"]["code"]) == (413, "too_large")


def test_what_to_give_instead_is_said_in_words(api, client, lead_id):
    body = {
        "engagement_type": "email_sent",
        "engagement_channel": "fax",
        "engagement_value": 101,
        "revenue": -1,
        "device_type": "fridge",
        "occurred_at": NO_MOMENT,
        "title": "x" * 501,
    }
    _, answer = api("POST", f"/engagement/{lead_id}", body)
    assert answer["error"]["fields"] == {
        "engagement_channel": "Choose one of email, sms, web, social, phone, ads.",
        "engagement_value": "Give a number from 0 to 100.",
        "revenue": "Give a number from 0 to 20,000,000.",
        "device_type": "Choose one of desktop, mobile, tablet.",
        "occurred_at": "This needs a time zone, such as Z or +02:00.",
        "title": "Shorten this to 500 characters.",
    }
    page = client.get("/docs").text
    assert "one of desktop, mobile, tablet" in page
    assert "number, 0 to 100" in page
    assert "4,096 bytes of JSON" in page
