"""A fresh, migrated database for each test, and a cast with names.

Alice owns the clinic, Bob is her colleague (analyst), Charlie owns another organization and
must see nothing of theirs.
"""

import os
import shutil
import uuid
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from argon2 import PasswordHasher
from flask import g
from flask.testing import FlaskClient
from flask_migrate import upgrade
from sqlalchemy import create_engine, make_url, text

from app import create_app
from app.demo.catalogue import load_catalogue
from app.extensions import db
from app.models import ApiToken, Membership, Organization, Site, User
from app.tenancy import acting_for

NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
PASSWORD = "stained-glass"
PASSWORD_HASH = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)


def settings(uri: str, folder) -> dict:
    return {
        "TESTING": True,
        "DATA": folder,
        "SECRET_KEY": "test",
        "SQLALCHEMY_DATABASE_URI": uri,
        "RATELIMIT_ENABLED": False,
        "COLLECT_PER_MINUTE": 0,
        "API_PER_MINUTE": 0,
        "LOG_LEVEL": "WARNING",
    }


@pytest.fixture(scope="session")
def template_database(tmp_path_factory):
    """A migrated empty database to copy: made once by the migrations themselves."""
    folder = tmp_path_factory.mktemp("template")
    server = os.environ.get("TEST_POSTGRES_URL")
    if server:
        name = f"leadlight_template_{uuid.uuid4().hex[:12]}"
        _postgres(server, f"CREATE DATABASE {name}")
        uri = _named(server, name)
    else:
        name = folder / "template.db"
        uri = f"sqlite:///{name}"
    app = create_app(settings(uri, folder))
    with app.app_context():
        upgrade()
        with db.engine.connect() as connection:
            if not server:
                connection.connection.driver_connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        db.engine.dispose()
    yield SimpleNamespace(server=server, name=name)
    if server:
        _postgres(server, f"DROP DATABASE {name}")


def _named(server: str, name: str) -> str:
    """The address of another database on the same server."""
    return make_url(server).set(database=name).render_as_string(hide_password=False)


def _postgres(server: str, statement: str):
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()


@pytest.fixture
def database_uri(template_database, tmp_path):
    if template_database.server:
        name = f"leadlight_test_{uuid.uuid4().hex[:12]}"
        _postgres(
            template_database.server, f"CREATE DATABASE {name} TEMPLATE {template_database.name}"
        )
        yield _named(template_database.server, name)
        _postgres(template_database.server, f"DROP DATABASE {name} WITH (FORCE)")
    else:
        shutil.copy(template_database.name, tmp_path / "leadlight.db")
        yield f"sqlite:///{tmp_path / 'leadlight.db'}"


class Client(FlaskClient):
    """Each request begins with an empty `g`: the tests' own application context would otherwise
    hand the user of one client, and the form token, on to the next."""

    def open(self, *args, **kwargs):
        for name in list(g):
            g.pop(name)
        return super().open(*args, **kwargs)


@pytest.fixture
def app(database_uri, tmp_path):
    app = create_app(settings(database_uri, tmp_path))
    app.test_client_class = Client
    with app.app_context():
        yield app
        db.session.remove()
        app.collector.stop()
        db.engine.dispose()


@pytest.fixture
def client(app):
    return app.test_client()


@pytest.fixture
def cast(app):
    """Alice and Bob at the clinic, Charlie elsewhere; a site and tokens for each organization."""
    clinic = _organization("clinic", "Aurelia Aesthetics")
    other = _organization("other", "Other Business")
    alice, bob, charlie = (_user(n) for n in ("alice", "bob", "charlie"))
    db.session.flush()
    people = SimpleNamespace(
        clinic=clinic, other=other, alice=alice, bob=bob, charlie=charlie, password=PASSWORD
    )
    with acting_for(clinic):
        people.site = _site("clinic-key", "clinic.example", hosted=True)
        people.token = _token("clinic-token", "owner")
        db.session.add(Membership(user_id=alice.id, role="owner"))
        db.session.add(Membership(user_id=bob.id, role="analyst"))
        db.session.flush()
    with acting_for(other):
        people.other_site = _site("other-key", "other.example")
        people.other_token = _token("other-token", "owner")
        db.session.add(Membership(user_id=charlie.id, role="owner"))
        db.session.flush()
    db.session.commit()
    return people


@pytest.fixture
def clinic(cast):
    """The cast, with the demo's catalogue in the clinic."""
    load_catalogue(cast.clinic.id, NOW)
    db.session.commit()
    return cast


def _organization(slug, name):
    organization = Organization(slug=slug, name=name, timezone="Europe/Paris", created_at=NOW)
    db.session.add(organization)
    return organization


def _user(name):
    user = User(
        email=f"{name}@example.com",
        name=name.title(),
        password_hash=PASSWORD_HASH,
        created_at=NOW,
    )
    db.session.add(user)
    return user


def _site(key, domain, **more):
    site = Site(key=key, name=domain, domain=domain, created_at=NOW, **more)
    db.session.add(site)
    return site


def _token(secret, role):
    db.session.add(
        ApiToken(
            name=secret,
            role=role,
            token_hash=ApiToken.digest(secret),
            prefix=secret[:8],
            created_at=NOW,
        )
    )
    return secret


@pytest.fixture
def sign_in(app, cast):
    """sign_in(user) -> a client signed in as that user."""

    def signed_in(user):
        client = app.test_client()
        with client.session_transaction() as session:
            session["_user_id"] = user.get_id()
            session["_fresh"] = True
        return client

    return signed_in


@pytest.fixture
def alice(sign_in, cast):
    return sign_in(cast.alice)


@pytest.fixture
def bob(sign_in, cast):
    return sign_in(cast.bob)
