"""Users, tokens, the organization's settings, the own password and the audit log."""

import re
from datetime import timedelta

import pytest
from flask import g
from sqlalchemy import select

from app.extensions import db
from app.models import ApiToken, AuditLog, Membership, User
from app.passwords import is_password
from app.tenancy import acting_for
from tests.conftest import NOW, PASSWORD

TOKEN = re.compile(r'name="csrf_token"[^>]* value="([^"]+)"')
USERS = "/settings/users"
NEW = {"email": "Dora@Example.com", "name": "Dora 🦊", "role": "admin"}


def send(client, address, **form):
    g.pop("csrf_token", None)  # the test's own context outlives a request
    token = TOKEN.search(client.get("/settings/account").text)[1]
    return client.post(address, data={"csrf_token": token, **form})


def audited(cast) -> list[tuple]:
    with acting_for(cast.clinic):
        lines = db.session.scalars(select(AuditLog).order_by(AuditLog.id))
        return [(line.action, line.subject, line.user_id) for line in lines]


def roles(cast) -> dict[str, str]:
    with acting_for(cast.clinic):
        return {one.user.name: one.role for one in db.session.scalars(select(Membership))}


# Users


def test_a_user_is_added_with_a_password_shown_once(app, alice, cast):
    page = send(alice, USERS, **NEW).text
    password = re.search(r'<code id="password">([^<]+)</code>', page)[1]
    dora = db.session.scalar(select(User).where(User.email == "dora@example.com"))
    assert is_password(dora.password_hash, password)
    assert roles(cast)["Dora 🦊"] == "admin"
    assert audited(cast)[-1] == ("user.added", f"user {dora.id}", cast.alice.id)
    assert password not in alice.get(USERS).text
    with acting_for(cast.clinic):
        detail = db.session.scalars(select(AuditLog)).all()[-1].detail
    assert password not in str(detail)


def test_who_has_an_account_already_keeps_their_password(alice, cast):
    before = cast.charlie.password_hash
    answer = send(alice, USERS, email="charlie@example.com", name="Mallory", role="agent")
    assert answer.status_code == 302
    db.session.refresh(cast.charlie)
    assert cast.charlie.password_hash == before
    assert roles(cast)["Charlie"] == "agent"


def test_a_member_is_not_added_twice(alice, cast):
    answer = send(alice, USERS, email="BOB@example.com", name="Bob", role="owner")
    assert answer.status_code == 422
    assert "belongs to the organization already" in answer.text
    assert roles(cast)["Bob"] == "analyst"


@pytest.mark.parametrize(
    ("field", "value"), [("email", "nonsense"), ("email", ""), ("name", " "), ("role", "king")]
)
def test_a_user_that_cannot_be_added_is_told_why(alice, cast, field, value):
    answer = send(alice, USERS, **(NEW | {field: value}))
    assert answer.status_code == 422
    assert f'href="#{field}"' in answer.text
    assert len(roles(cast)) == 2


def test_a_role_is_changed(alice, cast):
    send(alice, f"{USERS}/{cast.bob.id}/role", role="owner")
    assert roles(cast)["Bob"] == "owner"
    assert audited(cast)[-1][0] == "user.role_changed"
    assert send(alice, f"{USERS}/{cast.bob.id}/role", role="king").status_code == 422


def test_the_last_owner_stays_one(alice, cast):
    send(alice, f"{USERS}/{cast.alice.id}/role", role="admin")
    send(alice, f"{USERS}/{cast.alice.id}/remove")
    assert roles(cast)["Alice"] == "owner"
    assert "An organization needs an owner." in alice.get(USERS).text
    assert audited(cast) == []


def test_who_is_removed_is_out_at_once(alice, bob, cast):
    assert bob.get(USERS).status_code == 200
    send(alice, f"{USERS}/{cast.bob.id}/remove")
    assert "Bob" not in roles(cast)
    assert bob.get(USERS).status_code == 403
    assert audited(cast)[-1] == ("user.removed", f"user {cast.bob.id}", cast.alice.id)


def test_a_lost_password_is_replaced_by_an_owner(alice, cast):
    page = send(alice, f"{USERS}/{cast.bob.id}/password").text
    password = re.search(r'<code id="password">([^<]+)</code>', page)[1]
    db.session.refresh(cast.bob)
    assert is_password(cast.bob.password_hash, password)
    assert audited(cast)[-1][0] == "password.replaced"


def test_an_owner_replaces_no_password_that_opens_other_organizations_too(alice, cast):
    send(alice, USERS, email="charlie@example.com", name="Charlie", role="agent")
    before = cast.charlie.password_hash
    send(alice, f"{USERS}/{cast.charlie.id}/password")
    db.session.refresh(cast.charlie)
    assert cast.charlie.password_hash == before
    assert "belongs to other organizations too" in alice.get(USERS).text


def test_another_organizations_user_is_not_found(alice, cast):
    for what in ("role", "remove", "password"):
        answer = send(alice, f"{USERS}/{cast.charlie.id}/{what}", role="agent")
        assert answer.status_code == 404


@pytest.mark.parametrize("role", ["agent", "analyst", "admin"])
def test_only_owners_manage_users_and_tokens(bob, cast, role):
    with acting_for(cast.clinic):
        membership = db.session.scalar(select(Membership).where(Membership.user_id == cast.bob.id))
        membership.role = role
        db.session.commit()
        token_id = db.session.scalar(select(ApiToken.id))
    for address in (
        USERS,
        f"{USERS}/{cast.alice.id}/role",
        f"{USERS}/{cast.alice.id}/remove",
        f"{USERS}/{cast.alice.id}/password",
        "/settings/tokens",
        f"/settings/tokens/{token_id}/revoke",
    ):
        assert send(bob, address, role="agent", name="x").status_code == 403
    assert roles(cast)["Alice"] == "owner"


# Tokens


def test_a_token_is_shown_once_and_kept_as_a_hash(client, alice, cast):
    page = send(alice, "/settings/tokens", name="Till <b>", role="analyst").text
    secret = re.search(r'<code class="text-break" id="token">([^<]+)</code>', page)[1]
    with acting_for(cast.clinic):
        kept = db.session.scalars(select(ApiToken).order_by(ApiToken.id)).all()[-1]
    assert kept.token_hash == ApiToken.digest(secret)
    assert secret not in alice.get(USERS).text
    assert "Till &lt;b&gt;" in alice.get(USERS).text
    bearer = {"Authorization": f"Bearer {secret}"}
    assert client.get("/admin/comprehensive/dashboard", headers=bearer).status_code == 200
    assert audited(cast)[-1][0] == "token.created"


def test_a_revoked_token_opens_nothing_more(client, alice, cast):
    with acting_for(cast.clinic):
        token_id = db.session.scalar(select(ApiToken.id))
    send(alice, f"/settings/tokens/{token_id}/revoke")
    send(alice, f"/settings/tokens/{token_id}/revoke")
    bearer = {"Authorization": f"Bearer {cast.token}"}
    assert client.get("/admin/comprehensive/dashboard", headers=bearer).status_code == 401
    assert [line[0] for line in audited(cast)] == ["token.revoked"]


def test_a_token_needs_a_name_and_a_known_role(alice, cast):
    assert send(alice, "/settings/tokens", name="", role="analyst").status_code == 422
    assert send(alice, "/settings/tokens", name="Till", role="king").status_code == 422


def test_another_organizations_token_is_not_found(alice, cast):
    with acting_for(cast.other):
        token_id = db.session.scalar(select(ApiToken.id))
    assert send(alice, f"/settings/tokens/{token_id}/revoke").status_code == 404


# The organization


def test_name_zone_and_currency_are_changed_and_noted(alice, cast):
    form = {"name": "Aurelia <i>", "timezone": "Asia/Tokyo", "currency": "JPY"}
    assert send(alice, "/settings/organization", **form).status_code == 302
    db.session.refresh(cast.clinic)
    assert (cast.clinic.timezone, cast.clinic.currency) == ("Asia/Tokyo", "JPY")
    assert "Aurelia &lt;i&gt;" in alice.get("/settings/organization").text
    assert audited(cast)[-1][0] == "organization.edited"


def test_the_country_says_how_numbers_are_read_and_leaves_other_settings_alone(alice, cast):
    cast.clinic.settings = {"site": {"phone": "1"}}
    db.session.commit()
    form = {"name": "Aurelia Aesthetics", "timezone": "Europe/Paris", "currency": "EUR"}
    assert "France (+33)" in alice.get("/settings/organization").text
    send(alice, "/settings/organization", **form, region="GB")
    db.session.refresh(cast.clinic)
    assert cast.clinic.settings == {"site": {"phone": "1"}, "region": "GB"}
    assert audited(cast)[-1][0] == "organization.edited"


@pytest.mark.parametrize(
    ("field", "value"),
    [("name", ""), ("timezone", "Mars/Olympus"), ("currency", "gold"), ("region", "XX")],
)
def test_settings_that_cannot_be_used_are_named(alice, cast, field, value):
    form = {"name": "A", "timezone": "UTC", "currency": "EUR"} | {field: value}
    answer = send(alice, "/settings/organization", **form)
    assert answer.status_code == 422
    assert f'href="#{field}"' in answer.text
    db.session.refresh(cast.clinic)
    assert cast.clinic.name == "Aurelia Aesthetics"


def test_saving_without_a_change_notes_nothing(alice, cast):
    form = {"name": "Aurelia Aesthetics", "timezone": "Europe/Paris", "currency": "EUR"}
    send(alice, "/settings/organization", **form)
    assert audited(cast) == []


def test_an_analyst_sees_the_settings_and_changes_none(bob, cast):
    assert bob.get("/settings/organization").status_code == 200
    form = {"name": "Mine", "timezone": "UTC", "currency": "EUR"}
    assert send(bob, "/settings/organization", **form).status_code == 403
    db.session.refresh(cast.clinic)
    assert cast.clinic.name == "Aurelia Aesthetics"


# The own password


def test_ones_password_is_changed_with_the_one_of_now(bob, cast):
    form = {"current": PASSWORD, "new": "a much longer one 🦊", "again": "a much longer one 🦊"}
    assert send(bob, "/settings/account", **form).status_code == 302
    db.session.refresh(cast.bob)
    assert is_password(cast.bob.password_hash, "a much longer one 🦊")
    assert audited(cast) == [("password.changed", f"user {cast.bob.id}", cast.bob.id)]


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"current": "wrong"}, "This is not your password."),
        ({"new": "short", "again": "short"}, "Use 10 to 200 characters."),
        ({"again": "another one"}, "The two new passwords differ."),
    ],
)
def test_a_password_that_cannot_be_changed_is_told_why(bob, cast, changes, told):
    before = cast.bob.password_hash
    form = {"current": PASSWORD, "new": "long enough", "again": "long enough"} | changes
    answer = send(bob, "/settings/account", **form)
    assert answer.status_code == 422
    assert told in answer.text
    assert "long enough" not in answer.text
    db.session.refresh(cast.bob)
    assert cast.bob.password_hash == before


# The audit log


def note(cast, count=1, action="site.edited", owner=None, user_id=None, detail=None):
    with acting_for(owner or cast.clinic):
        for number in range(count):
            at = NOW + timedelta(minutes=number)
            line = AuditLog(
                action=action, subject=f"thing {number}", at=at, user_id=user_id, detail=detail
            )
            db.session.add(line)
        db.session.commit()


def subjects(client, **given) -> list[str]:
    page = client.get("/settings/audit", query_string=given).text
    return re.findall(r'data-label="Which">([^<]+)', page)


def test_the_audit_log_is_filtered_by_what_and_who(bob, cast):
    note(cast, 1, "site.edited", user_id=cast.alice.id)
    note(cast, 2, "token.created", user_id=cast.bob.id)
    assert len(subjects(bob)) == 3
    assert len(subjects(bob, action="token.created")) == 2
    assert len(subjects(bob, action="site")) == 1
    assert len(subjects(bob, user=cast.alice.id)) == 1
    assert "Nothing fits these filters" in bob.get("/settings/audit?action=none").text


def test_the_audit_log_is_paged_newest_first(bob, cast):
    note(cast, 60)
    page = bob.get("/settings/audit").text
    assert subjects(bob)[:2] == ["thing 59", "thing 58"]
    older = re.search(r'rel="next" href="([^"]+)"', page)[1].replace("&amp;", "&")
    found = re.findall(r'data-label="Which">([^<]+)', bob.get(older).text)
    assert found == [f"thing {number}" for number in range(9, -1, -1)]


def test_the_audit_log_shows_what_it_was_before_as_text(bob, cast):
    note(cast, detail={"changed": {"name": ["Old", "<script>alert(1)</script>"]}})
    page = bob.get("/settings/audit").text
    assert "Old → &lt;script&gt;" in page
    assert "<script>alert" not in page


def test_another_organizations_audit_log_is_not_seen(bob, cast):
    note(cast, owner=cast.other)
    assert subjects(bob) == []


def test_another_password_ends_the_other_sign_ins(sign_in, cast):
    here, elsewhere = sign_in(cast.alice), sign_in(cast.alice)
    assert elsewhere.get("/settings/account").status_code == 200
    passwords = {"new": "another-window", "again": "another-window"}
    changed = send(here, "/settings/account", current=cast.password, **passwords)
    assert changed.status_code == 302
    assert here.get("/settings/account").status_code == 200
    assert elsewhere.get("/settings/account").status_code == 302
