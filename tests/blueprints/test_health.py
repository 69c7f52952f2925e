"""Is the process well, and what has it counted."""

import pytest
from sqlalchemy import text

from app import create_app
from app.extensions import db
from tests.conftest import settings


def test_a_well_process_says_so(client):
    answer = client.get("/health")
    assert answer.status_code == 200
    assert answer.json["status"] == "ok"
    assert {name: check["ok"] for name, check in answer.json["checks"].items()} == {
        "database": True,
        "migrations": True,
        "collector": True,
        "outgoing": True,
    }
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_database_behind_the_migrations_is_unwell(client, app):
    db.session.execute(text("UPDATE alembic_version SET version_num = 'older'"))
    db.session.commit()
    answer = client.get("/health")
    assert answer.status_code == 503
    assert answer.json["checks"]["migrations"]["ok"] is False
    assert answer.json["checks"]["database"]["ok"] is True


def test_a_database_that_cannot_be_reached_is_unwell(tmp_path):
    app = create_app(settings(f"sqlite:///{tmp_path}/no/such/folder.db", tmp_path))
    answer = app.test_client().get("/health")
    assert answer.status_code == 503
    assert answer.json["checks"]["database"]["ok"] is False
    assert "no/such/folder" not in answer.text
    app.collector.stop()


def test_a_full_queue_is_unwell(client, app):
    app.collector.most_waiting = 0
    answer = client.get("/health")
    assert answer.status_code == 503
    assert answer.json["checks"]["collector"]["ok"] is False


def numbers(answer) -> dict[str, float]:
    lines = (line for line in answer.text.splitlines() if line and not line.startswith("#"))
    return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines)}


def test_requests_are_counted_by_endpoint_and_status(client):
    for _ in range(3):
        client.get("/health")
    client.get("/no-such-page", headers={"Accept": "application/json"})
    counted = numbers(client.get("/metrics"))
    assert counted['leadlight_http_requests_total{endpoint="health.health",status="200"}'] == 3
    assert counted['leadlight_http_requests_total{endpoint="none",status="404"}'] == 1


def test_the_collector_counts_what_it_stored_and_what_it_did_not(client, cast):
    event = {"id": "018f6c1e-0000-7000-8000-000000000001", "type": "page_viewed", "at": 0}
    batch = {"v": 1, "site": "clinic-key", "events": [event, {**event, "type": "nonsense"}]}
    person = {"User-Agent": "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/138.0.0.0"}
    for _ in range(2):
        assert client.post("/collect", json=batch, headers=person).status_code == 202
    counted = numbers(client.get("/metrics"))
    assert counted["leadlight_events_accepted_total"] == 1
    assert counted["leadlight_events_duplicates_total"] == 1
    assert counted['leadlight_events_dropped_total{reason="unknown_type"}'] == 2
    assert counted["leadlight_collector_waiting"] == 0
    assert counted["leadlight_commit_batches_count"] == 2
    assert counted["leadlight_commit_batches_sum"] == 2


def asked_from(client, address, **headers):
    return client.get("/metrics", environ_base={"REMOTE_ADDR": address}, headers=headers)


def test_metrics_are_for_this_machine_only(client):
    assert asked_from(client, "127.0.0.1").status_code == 200
    assert asked_from(client, "::1").status_code == 200
    assert asked_from(client, "192.0.2.1").status_code == 403
    assert asked_from(client, "").status_code == 403


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "X-Real-Ip"])
def test_a_proxy_on_this_machine_does_not_make_its_callers_local(client, header):
    assert asked_from(client, "127.0.0.1", **{header: "192.0.2.1"}).status_code == 403


def test_the_metrics_token_opens_from_anywhere(client, app):
    assert asked_from(client, "192.0.2.1", Authorization="Bearer ").status_code == 403
    app.config["METRICS_TOKEN"] = "sesame"
    assert asked_from(client, "192.0.2.1").status_code == 403
    assert asked_from(client, "192.0.2.1", Authorization="Bearer wrong").status_code == 403
    assert asked_from(client, "192.0.2.1", Authorization="Bearer sesame").status_code == 200


def test_addresses_nobody_has_share_one_counter(client):
    for n in range(20):
        client.get(f"/no-such-page-{n}", headers={"Accept": "application/json"})
    counted = numbers(client.get("/metrics"))
    assert counted['leadlight_http_requests_total{endpoint="none",status="404"}'] == 20
