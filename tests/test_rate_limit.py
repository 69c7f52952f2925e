"""How often programs may call: by token, by user, and by address for strangers."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from werkzeug.test import Client as ByWsgi

from app import create_app
from app.config import settings_from_environment
from app.extensions import db
from tests.conftest import Client

CLINIC = {"Authorization": "Bearer clinic-token"}
OTHER = {"Authorization": "Bearer other-token"}
WRONG = {"Authorization": "Bearer nonsense"}


@pytest.fixture
def limited(app, cast):
    """limited(per_minute) -> a client of the same database whose callers may call so often."""
    made = []

    def make(per_minute):
        again = create_app({**app.config, "API_PER_MINUTE": per_minute})
        again.test_client_class = Client
        made.append(again)
        return again.test_client()

    yield make
    for each in made:
        each.collector.stop()
        with each.app_context():
            db.engine.dispose()


def statuses(client, times, headers=None, path="/api/leads"):
    return [client.get(path, headers=headers).status_code for _ in range(times)]


def is_told_to_wait(answer):
    assert answer.status_code == 429
    assert 1 <= int(answer.headers["Retry-After"]) <= 60
    error = answer.get_json()["error"]
    assert answer.get_json()["success"] is False
    assert (error["code"], bool(error["message"])) == ("too_many_requests", True)
    return True


def test_a_token_has_so_many_calls_a_minute_and_another_its_own(limited):
    client = limited(5)
    assert statuses(client, 5, CLINIC) == [200] * 5
    assert is_told_to_wait(client.get("/api/leads", headers=CLINIC))
    assert is_told_to_wait(client.post("/api/leads", json={}, headers=CLINIC))
    assert statuses(client, 2, OTHER) == [200] * 2


def test_all_of_the_calls_may_come_at_once(limited):
    app = limited(40).application

    def call(_):
        return ByWsgi(app).get("/api/leads", headers=CLINIC).status_code

    with ThreadPoolExecutor(8) as pool:
        found = sorted(pool.map(call, range(50)))
    assert found == [200] * 40 + [429] * 10


def test_a_call_that_is_refused_stores_nothing(limited, client):
    few = limited(1)
    assert few.post("/api/leads", json={"phone": "0612345678"}, headers=CLINIC).status_code == 201
    assert is_told_to_wait(few.post("/api/leads", json={"phone": "0698765432"}, headers=CLINIC))
    assert len(client.get("/api/leads", headers=CLINIC).get_json()["leads"]) == 1


def test_wrong_tokens_have_a_tenth_by_address_and_do_not_shut_out_right_ones(limited):
    client = limited(30)
    assert statuses(client, 3, WRONG) == [401] * 3
    assert is_told_to_wait(client.get("/api/leads", headers=WRONG))
    assert is_told_to_wait(client.get("/api/leads"))
    elsewhere = {"environ_base": {"REMOTE_ADDR": "203.0.113.9"}}
    assert client.get("/api/leads", headers=WRONG, **elsewhere).status_code == 401
    assert statuses(client, 2, CLINIC) == [200] * 2


def test_a_signed_in_user_is_counted_where_programs_call_and_not_on_pages(limited, cast):
    client = limited(2)
    with client.session_transaction() as session:
        session["_user_id"], session["_fresh"] = cast.alice.get_id(), True
    assert statuses(client, 4, path="/admin/leads") == [200] * 4
    assert statuses(client, 2) == [200] * 2
    assert is_told_to_wait(client.get("/api/leads"))
    assert client.get("/admin/leads").status_code == 200


def test_public_addresses_of_the_api_are_not_counted(limited):
    assert statuses(limited(1), 3, path="/api/openapi.json") == [200] * 3


def test_zero_is_no_limit(limited):
    assert statuses(limited(0), 30, CLINIC) == [200] * 30


def test_a_storage_that_is_away_refuses_nobody(limited, monkeypatch):
    client = limited(1)
    storage = client.application.extensions["rate_limit"]._storage

    def broken(*args, **named):
        raise storage.base_exceptions("away")

    monkeypatch.setattr(storage, "incr", broken)
    assert statuses(client, 3, CLINIC) == [200] * 3


def test_six_hundred_a_minute_unless_the_environment_says_otherwise(tmp_path):
    env = {"LEADLIGHT_DATA": str(tmp_path)}
    assert settings_from_environment(env)["API_PER_MINUTE"] == 6000
    told = settings_from_environment(env | {"LEADLIGHT_API_PER_MINUTE": "50"})
    assert told["API_PER_MINUTE"] == 50
