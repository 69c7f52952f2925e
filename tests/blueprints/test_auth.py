"""Signing in and out."""

import re

import pytest
from argon2 import PasswordHasher
from flask import g

from app import create_app
from app.blueprints.auth import routes
from app.extensions import db
from app.models import Membership
from app.tenancy import acting_for
from app.way_back import is_local
from tests.conftest import PASSWORD, settings

TOKEN = re.compile(r'name="csrf_token"[^>]* value="([^"]+)"')


def token_of(client, address="/login") -> str:
    g.pop("csrf_token", None)  # the test's own context outlives a request
    return TOKEN.search(client.get(address).text)[1]


def sign_in_as(client, email, password=PASSWORD, address="/login", **more):
    form = {"csrf_token": token_of(client), "email": email, "password": password, **more}
    return client.post(address, data=form)


def test_the_right_password_opens_the_product(client, cast):
    answer = sign_in_as(client, "alice@example.com")
    assert answer.status_code == 302
    assert answer.location == "/admin"
    assert client.get("/admin/comprehensive/dashboard").status_code == 200


def test_an_email_is_the_same_in_capitals_and_with_spaces(client, cast):
    assert sign_in_as(client, "  Alice@Example.COM ").status_code == 302


@pytest.mark.parametrize(
    ("email", "password"),
    [("alice@example.com", "wrong-glass"), ("nobody@example.com", PASSWORD), ("🦒@x.y", "🦒")],
)
def test_wrong_passwords_and_unknown_emails_are_told_the_same(client, cast, email, password):
    answer = sign_in_as(client, email, password)
    assert answer.status_code == 401
    assert "This e-mail and password do not belong together." in answer.text
    assert client.get("/admin/comprehensive/dashboard").status_code == 302


def test_an_unknown_email_costs_a_verification_too(client, cast, monkeypatch):
    verified = []
    monkeypatch.setattr(
        "app.passwords._hasher", Watched(verified, time_cost=1, memory_cost=8, parallelism=1)
    )
    sign_in_as(client, "nobody@example.com")
    assert len(verified) == 1


class Watched(PasswordHasher):
    def __init__(self, verified, **how):
        super().__init__(**how)
        self.verified = verified

    def verify(self, *args):
        self.verified.append(args)
        return super().verify(*args)


def test_no_transaction_is_open_while_a_password_is_verified(client, cast, monkeypatch):
    open_then = []
    monkeypatch.setattr(
        routes,
        "is_password",
        lambda kept, given: open_then.append(db.session().in_transaction()) or False,
    )
    sign_in_as(client, "alice@example.com")
    assert open_then == [False]


def test_who_was_switched_off_does_not_get_in(client, cast):
    cast.alice.active = False
    db.session.commit()
    assert sign_in_as(client, "alice@example.com").status_code == 401


def test_a_weak_old_hash_is_renewed(client, cast):
    before = cast.alice.password_hash
    sign_in_as(client, "alice@example.com")
    db.session.refresh(cast.alice)
    assert cast.alice.password_hash != before
    assert cast.alice.last_login_at is not None
    client.delete_cookie("leadlight")
    assert sign_in_as(client, "alice@example.com").status_code == 302


def test_signing_in_without_the_forms_token_is_refused(client, cast):
    form = {"email": "alice@example.com", "password": PASSWORD}
    assert client.post("/login", data=form).status_code == 400


def test_empty_fields_are_named_and_the_email_is_kept(client, cast):
    answer = sign_in_as(client, "alice@example.com", "")
    assert answer.status_code == 422
    assert "Enter your password." in answer.text
    assert 'value="alice@example.com"' in answer.text


def test_one_comes_back_to_where_one_was_going(client, cast):
    gone = client.get("/admin/comprehensive/interactions?score=60")
    assert gone.location.startswith("/login?next=")
    answer = sign_in_as(client, "alice@example.com", address=gone.location)
    assert answer.location == "/admin/comprehensive/interactions?score=60"


@pytest.mark.parametrize(
    "address",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "\\\\evil.example",
        "/\t/evil.example",
        "/ /evil.example",
        "javascript:alert(1)",
        "evil.example",
        "",
    ],
)
def test_an_address_elsewhere_is_not_followed(client, cast, address):
    assert not is_local(address)
    with client:
        token = token_of(client)
        form = {"csrf_token": token, "email": "alice@example.com", "password": PASSWORD}
        answer = client.post("/login", query_string={"next": address}, data=form)
    assert answer.location == "/admin"


def test_signing_in_begins_a_new_session(client, cast):
    with client.session_transaction() as session:
        session["planted"] = "by somebody else"
    sign_in_as(client, "alice@example.com")
    with client.session_transaction() as session:
        assert "planted" not in session


def test_to_be_remembered_is_asked_for(client, cast):
    sign_in_as(client, "alice@example.com")
    assert client.get_cookie("remember_token") is None
    client.delete_cookie("leadlight")
    sign_in_as(client, "alice@example.com", remember="y")
    assert client.get_cookie("remember_token") is not None


def test_signing_out_closes_the_product_and_needs_a_post(sign_in, cast):
    client = sign_in(cast.alice)
    assert client.get("/logout").status_code == 405
    token = TOKEN.search(client.get("/settings/account").text)[1]
    assert client.post("/logout", data={"csrf_token": token}).status_code == 302
    assert client.get("/admin/comprehensive/dashboard").status_code == 302


@pytest.fixture
def limited(database_uri, tmp_path, cast):
    app = create_app(settings(database_uri, tmp_path) | {"RATELIMIT_ENABLED": True})
    with app.app_context():
        yield app
        db.session.remove()
        app.collector.stop()
        db.engine.dispose()


def test_after_ten_attempts_in_a_minute_one_is_asked_to_wait(limited):
    client = limited.test_client()
    token = token_of(client)
    form = {"csrf_token": token, "email": "nobody@example.com", "password": ""}
    answers = [client.post("/login", data=form).status_code for _ in range(10)]
    assert answers == [422] * 10
    answer = client.post("/login", data=form)
    assert answer.status_code == 429
    assert "Wait a minute, then try again" in answer.text
    assert 'value="nobody@example.com"' in answer.text


def test_attempts_on_one_account_count_together_wherever_they_come_from(limited):
    clients = [
        limited.test_client(),
        limited.test_client(),
    ]
    codes = []
    for attempt in range(11):
        client = clients[attempt % 2]
        form = {"csrf_token": token_of(client), "email": "Alice@example.com", "password": ""}
        address = {"REMOTE_ADDR": f"198.51.100.{attempt}"}
        codes.append(client.post("/login", data=form, environ_overrides=address).status_code)
    assert codes == [422] * 10 + [429]


def test_the_organization_is_switched_only_to_ones_own(sign_in, cast):
    with acting_for(cast.other):
        db.session.add(Membership(user_id=cast.alice.id, role="analyst"))
        db.session.commit()
    client = sign_in(cast.alice)
    page = client.get("/admin/comprehensive/dashboard").text
    assert "Dashboard · Aurelia Aesthetics" in page
    token = TOKEN.search(page)[1]
    form = {"csrf_token": token, "organization_id": cast.other.id}
    assert client.post("/organization", data=form).location == "/admin"
    assert "Dashboard · Other Business" in client.get("/admin/comprehensive/dashboard").text


def test_a_strangers_organization_cannot_be_switched_to(sign_in, cast):
    client = sign_in(cast.bob)
    token = TOKEN.search(client.get("/settings/account").text)[1]
    client.post("/organization", data={"csrf_token": token, "organization_id": cast.other.id})
    page = client.get("/admin/comprehensive/dashboard").text
    assert "You do not belong to that organization." in page
    assert "Dashboard · Aurelia Aesthetics" in page


def test_an_agent_begins_with_the_leads(sign_in, dora):
    client = sign_in(dora)
    assert client.get("/admin").location == "/admin/leads"
    assert client.get("/admin/comprehensive/dashboard").status_code == 403
