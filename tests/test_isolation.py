"""A stranger, with every id of the clinic in hand, learns nothing and changes nothing.

Charlie owns another organization. Each registered route is called with the clinic's own ids, and
each query is run with them while acting for Charlie's organization; a new route parameter or a
new query fails here until it is added to tests/places.py or tests/questions.py.
"""

import importlib
import inspect
import pkgutil
from dataclasses import fields, is_dataclass

import pytest
from flask import session
from flask_wtf.csrf import generate_csrf
from sqlalchemy import Select, Subquery, select

import app.queries
from app.extensions import db
from app.tenancy import acting_for
from tests.conftest import NOW
from tests.places import filled, ids_of, owned_models, places, snapshot
from tests.planted.marks import MARK, PEOPLE, ROW, SHOWN, VISIT, VISITOR
from tests.questions import ACROSS, PURE, QUERIES
from tests.test_access import every_route

BEARER = {"Authorization": "Bearer other-token"}
# Parameters that are no ids: a page is theirs as much as anybody's.
NO_IDS = {"name", "n", "slug", "kind"}
# What is sent to routes that take ids in the body; others get an empty one.
BODIES = {
    "api.calculate_session": {"json": {"sessionId": str(VISIT)}},
    "api.update_session": {"json": {"sessionId": str(VISIT)}},
    "api.calculate_user": {"json": {"userId": str(VISITOR)}},
    "api.update_user": {"json": {"userId": str(VISITOR)}},
    "api.change_lead": {"json": {"first_name": "Mallory"}},
    "api.record_interactions": {
        "json": {"type": "call_made", "occurred_at": NOW.isoformat(), "lead_id": ROW}
    },
    "api.remove_attribution": {
        "query_string": {"conversion_type": "customer", "converted_at": NOW.isoformat()}
    },
    "leads.bulk": {"data": {"lead_id": str(ROW), "do": "move", "stage": "lost"}},
    "leads.edit_view": {"data": {"name": "Mallory", "shared": "on"}},
    "leads.renew_view": {"data": {"query": "q=mallory"}},
    "leads.move_card": {"data": {"stage": "lost", "reason": "mine"}},
    "leads.move": {"data": {"stage": "lost", "reason": "mine"}},
    "leads.assign": {"data": {"assignee_id": "3"}},
    "leads.edit": {"data": {"first_name": "Mallory", "email": "m@example.com"}},
    "leads.log": {"data": {"type": "call_made"}},
    "settings.user_role": {"data": {"role": "agent"}},
}


@pytest.fixture
def clinic(app, cast):
    return places(cast)


def leaks(answer, also=()) -> list[str]:
    told = answer.data.decode("utf-8", "replace")
    return [word for word in (MARK, MARK.lower(), *PEOPLE, *also) if word in told]


def test_every_table_of_the_clinic_has_a_row(cast, clinic):
    """Or the tests below would prove nothing of it."""
    rows = snapshot(cast.clinic.id)
    assert [table for table, found in rows.items() if not found] == []
    assert {model.__tablename__ for model in owned_models()} < rows.keys()


def test_the_owner_sees_what_the_stranger_must_not(app, cast, clinic, sign_in):
    """The marks do show, to whom they belong: the test below can fail."""
    alice = sign_in(cast.alice)
    shown = {
        rule.endpoint
        for rule, method, access in every_route(app)
        if access[0] == "role" and method == "GET"
        if leaks(alice.get(filled(rule, clinic)), [SHOWN])
    }
    with_ids = {
        rule.endpoint
        for rule, method, access in every_route(app)
        if access[0] == "role" and method == "GET" and rule.arguments - NO_IDS
    }
    assert len(shown & with_ids) >= len(with_ids) / 2, with_ids - shown
    assert {"api.list_leads", "api.lead", "leads.index", "leads.show"} <= shown


@pytest.mark.parametrize("way", ["signed in", "token"])
def test_a_stranger_opens_no_address_of_the_clinic(app, client, cast, clinic, sign_in, way):
    charlie = sign_in(cast.charlie)
    before = snapshot(cast.clinic.id)
    for rule, method, access in every_route(app):
        if access[0] != "role":
            continue
        where, body = f"{method} {rule}", BODIES.get(rule.endpoint, {})
        caller = charlie if way == "signed in" else client
        headers = form_token(charlie) if way == "signed in" else BEARER
        answer = caller.open(filled(rule, clinic), method=method, headers=headers, **body)
        assert leaks(answer, [SHOWN]) == [], where
        assert answer.status_code < 500, where
        if rule.arguments - NO_IDS:
            assert answer.status_code in (403, 404), f"{where}: {answer.status_code}"
    assert snapshot(cast.clinic.id) == before


def form_token(client) -> dict:
    """The token of the client's own forms, as a header: whoever signs in has one."""
    with client.session_transaction() as kept, client.application.test_request_context():
        session.update(kept)
        token = generate_csrf()
        kept["csrf_token"] = session["csrf_token"]
    return {"X-CSRFToken": token}


def test_a_stranger_at_the_public_pages_sees_no_person_and_no_use_of_a_tool(
    app, client, cast, clinic
):
    """The clinic's public pages are for everybody; what somebody did there is not."""
    for rule, method, access in every_route(app):
        if access[0] != "public":
            continue
        where = f"{method} {rule}"
        answer = client.open(filled(rule, clinic), method=method)
        assert leaks(answer) == [], where
        assert answer.status_code < 500, where
        if "event_id" in rule.arguments:
            assert answer.status_code in (400, 403, 404), f"{where}: {answer.status_code}"


def modules():
    """Every module of queries by the last part of its name, which no two of them share."""
    walked = pkgutil.walk_packages(app.queries.__path__, "app.queries.")
    names = [each.name for each in walked if not each.ispkg]
    found = {name.rpartition(".")[2]: importlib.import_module(name) for name in names}
    assert len(found) == len(names)
    return found


def asking(name: str, module) -> list[str]:
    """The public functions of a module, and its classes that ask the database."""
    return [
        f"{name}.{each}"
        for each, found in vars(module).items()
        if not each.startswith("_") and getattr(found, "__module__", None) == module.__name__
        if inspect.isfunction(found)
        or (inspect.isclass(found) and "db.session" in inspect.getsource(found))
    ]


def test_every_query_stands_in_one_of_the_tables():
    known = QUERIES.keys() | ACROSS | PURE
    there = {query for name, module in modules().items() for query in asking(name, module)}
    assert there - known == set(), "add to tests/questions.py how to ask it with the clinic's ids"
    assert known - there == set(), "these are gone: take them out of tests/questions.py"


@pytest.fixture
def before_and_after(cast):
    """((stranger, owner), (stranger, owner)): what queries answer before the clinic's rows are
    planted, and after."""
    ids = ids_of(cast.site.id)
    before = both_ask(cast, ids)
    places(cast)
    return before, both_ask(cast, ids)


def both_ask(cast, ids) -> tuple[dict[str, str], dict[str, str]]:
    found = []
    for organization_id in (cast.other.id, cast.clinic.id):
        with acting_for(organization_id):
            found.append(answers(ids))
        db.session.rollback()
    return tuple(found)


def answers(clinic) -> dict[str, str]:
    """What each query answers, all the way down, as text."""
    found = modules()
    return {
        name: str(plain(ask(found[name.partition(".")[0]], clinic)))
        for name, ask in QUERIES.items()
    }


def plain(value):
    """Rows, iterators, statements and dataclasses as what they hold."""
    if isinstance(value, db.Model):
        return {column.key: getattr(value, column.key) for column in value.__mapper__.columns}
    if isinstance(value, Subquery):
        value = select(value)
    if isinstance(value, Select):
        return [tuple(row) for row in db.session.execute(value)]
    if is_dataclass(value):
        return {each.name: plain(getattr(value, each.name)) for each in fields(value)}
    if isinstance(value, dict):
        return {key: plain(inner) for key, inner in value.items()}
    if isinstance(value, str | bytes) or not hasattr(value, "__iter__"):
        return value
    return sorted(map(plain, value), key=str) if isinstance(value, set) else list(map(plain, value))


def test_no_query_tells_a_stranger_anything_of_the_clinic(before_and_after):
    """Not a word, not a number: the answers are what they were before the clinic had any rows."""
    (strangers_before, _), (strangers_after, _) = before_and_after
    for name, answer in strangers_after.items():
        assert answer == strangers_before[name], name
        assert MARK not in answer, name
        assert SHOWN not in answer, name


def test_every_query_tells_the_clinic_its_own(before_and_after):
    """The same questions do have answers: the test above can fail."""
    (_, ours_before), (_, ours_after) = before_and_after
    silent = [name for name, answer in ours_after.items() if answer == ours_before[name]]
    assert silent == []
