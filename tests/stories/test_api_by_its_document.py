"""A program that has only the API's document sends whatever it allows, and what it does not:
nothing breaks, and every answer is as the document says."""

import pytest
import schemathesis
from flask import g
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_schema_conformance,
    status_code_conformance,
)

from app.extensions import db
from tests.places import places
from tests.planted.marks import ROW, VISIT

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    negative_data_rejection,
]
# Takes what is good of a batch, and names what is not in an answer of 202.
TAKES_IN_PART = "POST /api/interactions"
HEADERS = {"Authorization": "Bearer clinic-token", "Accept-Encoding": "identity"}
KNOWN = {"lead_id": ROW, "job_id": ROW, "session_id": str(VISIT)}
ways = pytest.mark.parametrize(
    ("mode", "is_known"),
    [
        (GenerationMode.POSITIVE, True),
        (GenerationMode.NEGATIVE, True),
        (GenerationMode.POSITIVE, False),
        (GenerationMode.NEGATIVE, False),
    ],
    ids=["allowed", "not allowed", "allowed, of anybody", "not allowed, of anybody"],
)
few = settings(
    max_examples=10,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.generate],
)


@pytest.fixture
def schema(app, cast):
    """The document, with the application behind it and something for every address to find."""
    places(cast)

    def fresh(environ, start_response):
        db.session.rollback()
        for name in list(g):  # the test's own application context would hand it on
            g.pop(name)
        return app(environ, start_response)

    return schemathesis.openapi.from_wsgi("/api/openapi.json", fresh)


@ways
def test_whatever_is_sent_is_answered_as_documented(schema, mode, is_known):
    found = {}
    for result in schema.get_all_operations():
        operation = result.ok()
        names = {each.name for each in operation.path_parameters}
        given_ids = {name: KNOWN[name] for name in names} if is_known else {}
        try:
            strategy = operation.as_strategy(
                mode, **({"path_parameters": given_ids} if given_ids else {})
            )
            _send(strategy, [c for c in CHECKS if c not in _let_off(operation.label)])
        except BaseExceptionGroup as failures:
            found[operation.label] = [str(each)[:900] for each in failures.exceptions]
        except Exception as failure:
            found[operation.label] = repr(failure)[:900]
    assert not found, "\n\n".join(f"{name}: {told}" for name, told in found.items())


def _let_off(label):
    return [negative_data_rejection] if label == TAKES_IN_PART else []


def _send(strategy, checks):
    @few
    @given(case=strategy)
    def send(case):
        case.call_and_validate(headers=HEADERS, checks=checks)

    send()
