"""Session scoring by the API: the document's examples, what is stored, whose it is."""

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select

from app.extensions import db
from app.models import Visitor, VisitorSession
from app.tenancy import acting_for
from tests.conftest import NOW

OWNER = {"Authorization": "Bearer clinic-token"}
STRANGER = {"Authorization": "Bearer other-token"}
# What the document's examples say: seconds, pages, regular and important clicks -> parts, total.
EXAMPLES = [
    ((480, 4, 3, 1), ("35/40", "20/30", "11/30", "66/100")),
    ((720, 6, 5, 2), ("40/40", "30/30", "20/30", "90/100")),
    ((45, 1, 1, 0), ("5/40", "5/30", "2/30", "12/100")),
]


@pytest.fixture
def visit(cast):
    """visit(seconds, pages, regular, important) -> a stored open visit's id, and its visitor's."""

    def make(seconds=480, pages=4, regular=3, important=1, visitor_id=None, score=None, ended=None):
        with acting_for(cast.clinic):
            begins = NOW - timedelta(seconds=seconds)
            if visitor_id is None:
                visitor_id = uuid4()
                db.session.add(
                    Visitor(
                        id=visitor_id,
                        site_id=cast.site.id,
                        first_seen_at=begins,
                        last_seen_at=NOW,
                        sessions_count=1,
                    )
                )
            made = VisitorSession(
                id=uuid4(),
                site_id=cast.site.id,
                visitor_id=visitor_id,
                started_at=begins,
                last_activity_at=NOW,
                ended_at=ended,
                interactions=1,
                page_views=pages,
                regular_clicks=regular,
                important_clicks=important,
                lead_score=score,
            )
            db.session.add(made)
            db.session.flush()
            ids = made.id, visitor_id
            db.session.commit()
            return ids

    return make


def stored(cast, model, row_id):
    with acting_for(cast.clinic):
        db.session.expire_all()
        points = db.session.scalar(select(model.lead_score).where(model.id == row_id))
        db.session.rollback()
        return points


@pytest.mark.parametrize(("facts", "parts"), EXAMPLES)
def test_the_documents_examples_come_out_to_the_letter(client, visit, facts, parts):
    session_id, _ = visit(*facts)
    answer = client.get(f"/api/lead-score/session/{session_id}", headers=OWNER)
    assert answer.status_code == 200
    seconds, pages, regular, important = facts
    names = ("duration_score", "page_score", "click_score", "total_score")
    assert answer.json == {
        "success": True,
        "session_id": str(session_id),
        "analytics": {
            "duration_seconds": seconds,
            "page_views_count": pages,
            "regular_clicks": regular,
            "important_clicks": important,
        },
        "score_breakdown": dict(zip(names, parts, strict=True)),
    }


def test_calculating_a_session_stores_nothing(client, cast, visit):
    session_id, visitor_id = visit()
    answer = client.post(
        "/api/lead-score/session", json={"sessionId": str(session_id)}, headers=OWNER
    )
    assert answer.status_code == 200
    assert answer.json["success"] is True
    assert answer.json["session_id"] == str(session_id)
    assert answer.json["lead_score"] == 66
    assert answer.json["score_breakdown"]["total_score"] == "66/100"
    assert stored(cast, VisitorSession, session_id) is None
    assert stored(cast, Visitor, visitor_id) is None


def test_updating_a_session_stores_its_score_and_its_visitors(client, cast, visit):
    session_id, visitor_id = visit()
    for _ in range(2):  # twice changes nothing
        answer = client.post(
            "/api/lead-score/session/update", json={"sessionId": str(session_id)}, headers=OWNER
        )
        assert answer.status_code == 200
        assert answer.json["lead_score"] == 66
        assert stored(cast, VisitorSession, session_id) == 66
        assert stored(cast, Visitor, visitor_id) == 66


def test_a_users_score_is_the_mean_of_their_scored_sessions(client, cast, visit):
    _, visitor_id = visit(score=66, ended=NOW)
    visit(visitor_id=visitor_id, score=89, ended=NOW)
    visit(visitor_id=visitor_id)  # still open and never scored: does not count
    body = {"userId": str(visitor_id)}
    answer = client.post("/api/lead-score/user", json=body, headers=OWNER)
    assert answer.json == {
        "success": True,
        "user_id": str(visitor_id),
        "lead_score": 78,  # 77.5, rounded half up
        "sessions_scored": 2,
    }
    assert stored(cast, Visitor, visitor_id) is None
    answer = client.post("/api/lead-score/user/update", json=body, headers=OWNER)
    assert answer.json["lead_score"] == 78
    assert stored(cast, Visitor, visitor_id) == 78


def test_a_user_without_a_scored_session_scores_nothing(client, cast, visit):
    _, visitor_id = visit()
    answer = client.post(
        "/api/lead-score/user/update", json={"userId": str(visitor_id)}, headers=OWNER
    )
    assert (answer.json["lead_score"], answer.json["sessions_scored"]) == (0, 0)
    assert stored(cast, Visitor, visitor_id) is None


POSTS = [
    ("/api/lead-score/session", "sessionId"),
    ("/api/lead-score/session/update", "sessionId"),
    ("/api/lead-score/user", "userId"),
    ("/api/lead-score/user/update", "userId"),
]


@pytest.mark.parametrize(("address", "field"), POSTS)
def test_bad_bodies_are_told_apart(client, cast, address, field):
    def post(data):
        return client.post(address, data=data, headers=OWNER)

    for text in ("", "{", "sessionId=1", b"\xff\xfe", "[" * 100_000):
        assert post(text).status_code == 400, text[:10]
    for text in ("[]", '"x"', "null", "7"):
        answer = post(text)
        assert answer.status_code == 422, text
        assert answer.json["error"]["fields"].keys() == {"body"}
    for given in ("{}", f'{{"{field}": "nonsense"}}', f'{{"{field}": 7}}', f'{{"{field}": null}}'):
        answer = post(given)
        assert answer.status_code == 422, given
        assert answer.json["success"] is False
        assert answer.json["error"]["fields"].keys() == {field}
    unknown = post(f'{{"{field}": "{uuid4()}", "more": 1}}')
    assert unknown.status_code == 422
    assert unknown.json["error"]["fields"].keys() == {"more"}


@pytest.mark.parametrize(("address", "field"), POSTS)
def test_an_unknown_id_is_not_found(client, cast, address, field):
    answer = client.post(address, json={field: str(uuid4())}, headers=OWNER)
    assert answer.status_code == 404
    assert answer.json["error"]["code"] == "not_found"


def test_a_strangers_token_finds_nothing_of_ours(client, visit):
    session_id, visitor_id = visit()
    ids = {"sessionId": str(session_id), "userId": str(visitor_id)}
    for address, field in POSTS:
        answer = client.post(address, json={field: ids[field]}, headers=STRANGER)
        assert answer.status_code == 404, address
    answer = client.get(f"/api/lead-score/session/{session_id}", headers=STRANGER)
    assert answer.status_code == 404


def test_a_malformed_session_id_in_the_address_is_named(client, cast):
    answer = client.get("/api/lead-score/session/not-a-uuid", headers=OWNER)
    assert answer.status_code == 422
    assert answer.json["error"]["fields"].keys() == {"session_id"}


def test_the_breakdown_is_logged(client, visit, capsys, app):
    from app import logs

    app.config["LOG_LEVEL"] = "INFO"
    logs.init_app(app)
    session_id, _ = visit()
    client.post("/api/lead-score/session", json={"sessionId": str(session_id)}, headers=OWNER)
    line = capsys.readouterr().err
    assert "session_score.calculated" in line
    assert str(session_id) in line
    assert "66/100" in line
