"""What a token may do: as the document says of each address, by its role."""

import pytest

from app.extensions import db
from app.models import ApiToken, Lead
from app.models.user import ROLES
from app.tenancy import acting_for
from tests.api_story import call_by_its_example, in_order, told_story
from tests.conftest import NOW

LEADS = "/api/leads"
TRACKING = "/api/lead-tracking"


@pytest.fixture
def token_of(cast):
    """token_of(role) -> the headers of a program with a token of this role."""

    def make(role):
        secret = f"{role}-of-a-program"
        with acting_for(cast.clinic):
            db.session.add(
                ApiToken(
                    name=role,
                    role=role,
                    token_hash=ApiToken.digest(secret),
                    prefix=secret[:8],
                    created_at=NOW,
                )
            )
            db.session.commit()
        return {"Authorization": f"Bearer {secret}"}

    return make


@pytest.mark.parametrize("role", ROLES)
def test_an_address_opens_to_the_roles_that_its_document_names_and_to_no_other(
    client, cast, token_of, role
):
    """Whom it opens to gets what they asked for: never first a 201 and then a 404."""
    story, headers = told_story(client, cast), token_of(role)
    wrong = []
    for path, method, operation in in_order(client.get("/api/openapi.json").get_json()):
        name = operation["operationId"]
        status = call_by_its_example(client, name, method, path, story, headers).status_code
        is_open = role in operation["x-roles"]
        if not (status < 300 if is_open else status == 403):
            wrong.append((name, status, operation["x-roles"]))
    assert not wrong


def test_the_document_says_in_words_whom_an_address_opens_to(client):
    told = {}
    for _, _, operation in in_order(client.get("/api/openapi.json").get_json()):
        told[operation["operationId"]] = operation["description"].rpartition(". ")[2]
    assert told["lead"] == "Any token may."
    assert told["engage"] == "Needs a token of the role agent, admin or owner."
    assert told["funnel"] == "Needs a token of the role analyst, admin or owner."
    assert told["remove_lead"] == "Needs a token of the role admin or owner."


def test_an_agents_token_works_on_every_lead_of_its_organization(client, cast, token_of):
    agent = token_of("agent")
    made = client.post(LEADS, json={"email": "a@example.com"}, headers=agent)
    assert made.status_code == 201
    lead_id = made.get_json()["lead"]["id"]
    assert client.get(f"{LEADS}/{lead_id}", headers=agent).status_code == 200
    again = client.post(LEADS, json={"email": "a@example.com"}, headers=agent)
    assert (again.status_code, again.get_json()["lead"]["id"]) == (200, lead_id)
    with acting_for(cast.clinic):
        db.session.get(Lead, lead_id).assignee_id = cast.alice.id
        db.session.commit()
    body = {"engagement_type": "email_sent"}
    sent = client.post(f"{TRACKING}/engagement/{lead_id}", json=body, headers=agent)
    assert sent.status_code == 201
    listed = client.get(LEADS, headers=agent).get_json()["leads"]
    assert [lead["id"] for lead in listed] == [lead_id]


def test_an_agents_token_neither_erases_nor_gives_away_nor_looks_at_the_figures(
    client, cast, token_of
):
    agent = token_of("agent")
    lead_id = client.post(LEADS, json={"email": "a@example.com"}, headers=agent).json["lead"]["id"]
    given = {"assignee_id": cast.alice.id}
    assert client.patch(f"{LEADS}/{lead_id}", json=given, headers=agent).status_code == 403
    assert client.delete(f"{LEADS}/{lead_id}", headers=agent).status_code == 403
    assert client.get(f"{TRACKING}/analytics/funnel", headers=agent).status_code == 403
    for page in ("/settings/users", "/settings/audit"):
        assert client.get(page, headers=agent).status_code == 403, page


def test_an_agents_token_finds_nothing_of_another_organization(client, cast, token_of):
    stranger = {"Authorization": "Bearer other-token"}
    lead_id = client.post(LEADS, json={"email": "a@example.com"}, headers=stranger).json["lead"][
        "id"
    ]
    agent = token_of("agent")
    assert client.get(f"{LEADS}/{lead_id}", headers=agent).status_code == 404
    assert client.patch(f"{LEADS}/{lead_id}", json={}, headers=agent).status_code == 404
    body = {"engagement_type": "email_sent"}
    sent = client.post(f"{TRACKING}/engagement/{lead_id}", json=body, headers=agent)
    assert sent.status_code == 404
    assert client.get(LEADS, headers=agent).get_json()["leads"] == []


def test_an_analysts_token_is_refused_before_anything_else_is_looked_at(client, cast, token_of):
    analyst = token_of("analyst")
    for path in (f"{TRACKING}/engagement/999999", f"{TRACKING}/attribution/999999/calculate"):
        answer = client.post(path, data="not json", headers=analyst)
        assert answer.status_code == 403, path
