"""Who may call what: every route says so, and means it."""

import pytest

from app.extensions import db
from app.models import ApiToken, Membership, User
from app.models.user import ROLES
from app.tenancy import acting_for
from tests.conftest import NOW, PASSWORD_HASH
from tests.places import filled, places

TOOLS = ("recommendation", "face", "cost", "appointments")


def every_route(app):
    """(rule, method, access) of every registered route, files aside."""
    return [
        (rule, method, getattr(app.view_functions[rule.endpoint], "access", None))
        for rule in app.url_map.iter_rules()
        for method in sorted(rule.methods - {"HEAD", "OPTIONS"})
    ]


@pytest.fixture
def clinic(app, cast):
    """The clinic with a row of everything; ids to fill addresses with."""
    return places(cast)


def role_routes(app):
    return [(r, m, access[1]) for r, m, access in every_route(app) if access[0] == "role"]


def call(client, rule, method, clinic, **more):
    return client.open(filled(rule, clinic), method=method, **more)


def test_every_route_says_who_may_call_it(app):
    silent = [rule.rule for rule, _, access in every_route(app) if access is None]
    assert silent == []


def test_what_is_open_to_anyone_is_known(app):
    """A new open page is opened on purpose, here too."""
    open_to_anyone = {
        rule.endpoint for rule, _, access in every_route(app) if access[0] == "public"
    }
    opened = {name.partition(".")[0] for name in open_to_anyone - {"api.openapi", "api.docs"}}
    assert opened <= {"collect", "site", *TOOLS, "contact", "auth", "health"}


def test_only_doors_for_strangers_programs_do_without_a_form_token(app):
    """What is exempt must depend on no cookie."""
    exempt = {
        rule.rule
        for rule, method, access in every_route(app)
        if access[0] == "public" and access[1] and method != "GET"
    }
    assert exempt <= {"/collect"}


def test_a_view_that_says_nothing_is_closed(app, client):
    app.add_url_rule("/forgotten", "forgotten", lambda: "secret")
    answer = client.get("/forgotten")
    assert answer.status_code == 403
    assert "secret" not in answer.text


def test_nobody_unknown_gets_past_a_role(app, client, clinic):
    for rule, method, _ in role_routes(app):
        page = call(client, rule, method, clinic, headers={"Accept": "text/html"})
        if rule.rule.startswith(("/api/", "/crm/")):
            assert page.status_code == 401, f"{method} {rule}"
            assert page.json["error"]["code"] == "unauthorized", f"{method} {rule}"
        else:
            assert page.status_code == 302, f"{method} {rule}"
            assert page.location.startswith("/login?next="), f"{method} {rule}"


def test_an_unknown_or_revoked_token_opens_nothing(app, client, cast, clinic):
    with acting_for(cast.clinic):
        token = db.session.query(ApiToken).filter_by(name="clinic-token").one()
        token.revoked_at = NOW
        db.session.commit()
    for secret in ("nonsense", "clinic-token", ""):
        headers = {"Authorization": f"Bearer {secret}", "Accept": "application/json"}
        for rule, method, _ in role_routes(app):
            answer = call(client, rule, method, clinic, headers=headers)
            assert answer.status_code == 401, f"{secret} {method} {rule}"


@pytest.fixture
def callers(cast, sign_in):
    """role -> (a signed-in client, a token) of the clinic."""
    made = {}
    for role in ROLES:
        user = User(
            email=f"{role}@example.com", name=role, password_hash=PASSWORD_HASH, created_at=NOW
        )
        db.session.add(user)
        db.session.flush()
        with acting_for(cast.clinic):
            db.session.add(Membership(user_id=user.id, role=role))
            db.session.add(
                ApiToken(
                    name=role,
                    role=role,
                    token_hash=ApiToken.digest(f"{role}-token"),
                    prefix=role,
                    created_at=NOW,
                )
            )
            db.session.flush()
        made[role] = user
    db.session.commit()
    return {role: (sign_in(user), f"{role}-token") for role, user in made.items()}


@pytest.mark.parametrize("role", ROLES[:-1])
def test_a_role_too_low_is_refused_everywhere(app, client, clinic, callers, role):
    for rule, method, least in role_routes(app):
        if ROLES.index(least) <= ROLES.index(role):
            continue
        token = {"Authorization": f"Bearer {callers[role][1]}"}
        assert call(client, rule, method, clinic, headers=token).status_code == 403, f"{rule}"
        if method == "GET":  # a form without its token is refused before the role is asked
            page = call(callers[role][0], rule, method, clinic)
            assert page.status_code == 403, f"{method} {rule}"


@pytest.mark.parametrize("role", ROLES)
def test_a_role_high_enough_is_let_in(app, clinic, callers, role):
    for rule, method, least in role_routes(app):
        if method == "GET" and ROLES.index(least) <= ROLES.index(role):
            page = call(callers[role][0], rule, method, clinic)
            assert page.status_code not in (401, 403, 500), f"{role} {rule}"


def test_every_form_without_its_token_is_refused_and_changes_nothing(app, cast, clinic, sign_in):
    """A page of another website can make a browser send a form, but not the form's token."""
    alice = sign_in(cast.alice)
    for rule, method, access in every_route(app):
        if method == "GET" or (access[0] == "public" and access[1]):
            continue
        answer = call(alice, rule, method, clinic)
        assert answer.status_code == 400, f"{method} {rule}"
        assert "CSRF" in answer.text or "token" in answer.text, f"{method} {rule}"


def test_a_token_for_programs_needs_no_form_token(client, cast):
    bearer = {"Authorization": "Bearer clinic-token"}
    answer = client.post("/api/leads", json={"email": "a@example.com"}, headers=bearer)
    assert answer.status_code == 201


def test_an_organization_one_does_not_belong_to_cannot_be_picked(client, cast, sign_in):
    headers = {"X-Org-Id": str(cast.clinic.id)}
    assert sign_in(cast.charlie).get("/api/leads", headers=headers).status_code == 403
    bearer = {"Authorization": "Bearer other-token", **headers}
    assert client.get("/api/leads", headers=bearer).status_code == 403
    assert sign_in(cast.alice).get("/api/leads", headers=headers).status_code == 200


def test_a_user_switched_off_is_out_at_once(cast, sign_in):
    alice = sign_in(cast.alice)
    assert alice.get("/api/leads").status_code == 200
    cast.alice.active = False
    db.session.commit()
    assert alice.get("/api/leads").status_code == 401
