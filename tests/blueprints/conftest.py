"""The clinic's public pages, and somebody who looks at them."""

import re

import pytest

from tests.desk import Desk, hired
from tests.passerby import Passerby

OWNER = {"Authorization": "Bearer clinic-token"}


@pytest.fixture
def api(client, cast):
    """api(method, path, body) -> (status, answer) of lead tracking, as the clinic's owner."""

    def call(method, path, body=None, headers=OWNER):
        place = f"/api/lead-tracking{path}"
        answer = client.open(place, method=method, json=body, headers=headers)
        return answer.status_code, answer.get_json()

    return call


@pytest.fixture
def lead_id(client, cast):
    """Sofia, told by the API."""
    made = client.post("/api/leads", json={"email": "sofia@example.com"}, headers=OWNER)
    return made.get_json()["lead"]["id"]


@pytest.fixture
def visitor(client, clinic):
    return Passerby(client)


@pytest.fixture
def dora(cast):
    """An agent of the clinic, added after the leads so that none falls to her by itself."""
    return hired(cast, "dora")


@pytest.fixture
def desk(alice):
    """Alice, the owner, at her browser."""
    return Desk(alice)


@pytest.fixture
def doras_desk(dora, sign_in):
    desk = Desk(sign_in(dora))
    desk.user = dora
    return desk


@pytest.fixture
def send(alice, request):
    """send(address, field=value...) -> the answer to a form of the module's PAGE."""

    def sent(address, **values):
        page = alice.get(request.module.PAGE).text
        token = re.search(r'name="csrf_token" value="([^"]+)"', page)[1]
        return alice.post(address, data={"csrf_token": token, **values})

    return sent
