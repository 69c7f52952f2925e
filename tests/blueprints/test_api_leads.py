"""Leads for programs: created or completed, listed, read, changed, erased."""

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from app.extensions import db
from app.models import (
    ApiToken,
    AuditLog,
    Consent,
    Interaction,
    Lead,
    LeadLifecycle,
    LeadScore,
    LeadVisitor,
    OutboxMessage,
)
from app.tenancy import acting_for
from tests.conftest import NOW

OWNER = {"Authorization": "Bearer clinic-token"}
STRANGER = {"Authorization": "Bearer other-token"}
SOFIA = {
    "email": "Sofia.Meyer@Example.com",
    "phone": "06 12 34 56 78",
    "first_name": "Sofia",
    "last_name": "Meyer 😊",
    "location": "Paris",
    "customer_type": "new patient",
    "category": "laser",
    "interests": ["laser-hair-removal", "ipl"],
    "source": "partner",
    "consent": {"email": True, "sms": False},
    "utm": {"utm_source": "news", "utm_medium": "email", "utm_campaign": "march"},
}


@pytest.fixture
def create(client, cast):
    """create(**fields) -> the answer to a lead made by the API."""

    def make(headers=OWNER, **fields):
        return client.post("/api/leads", json=fields, headers=headers)

    return make


def rows(cast, query):
    with acting_for(cast.clinic):
        db.session.expire_all()
        found = db.session.scalars(query).all()
        db.session.rollback()
        return found


def count(cast, model) -> int:
    return rows(cast, select(func.count()).select_from(model))[0]


def test_a_lead_is_created_with_all_that_follows(create, cast):
    answer = create(**SOFIA)
    assert answer.status_code == 201
    lead = answer.json["lead"]
    assert answer.headers["Location"] == f"/api/leads/{lead['id']}"
    assert lead["email"] == "sofia.meyer@example.com"
    assert lead["phone"] == "+33612345678"
    assert lead["last_name"] == "Meyer 😊"
    assert lead["interests"] == ["laser-hair-removal", "ipl"]
    assert (lead["stage"], lead["source"]) == ("new", "partner")
    assert lead["lead_score"] > 0
    assert lead["first_touch"]["campaign"] == "march"
    assert lead["created_at"].endswith("Z")
    consents = rows(cast, select(Consent).order_by(Consent.kind))
    assert [(c.kind, c.granted) for c in consents] == [("email", True), ("sms", False)]
    assert rows(cast, select(LeadLifecycle.stage)) == ["new"]
    assert count(cast, LeadScore) >= 1
    assert "lead.created" in rows(cast, select(OutboxMessage.kind))
    assert "lead.created" in rows(cast, select(AuditLog.action))
    assert "lead_created" in rows(cast, select(Interaction.type))


@pytest.mark.parametrize(
    "again",
    [{"email": " SOFIA.meyer@example.com "}, {"phone": "+33 6 12 34 56 78"}],
    ids=["e-mail", "phone"],
)
def test_the_same_person_is_completed_not_doubled(create, cast, again):
    first = create(email="sofia.meyer@example.com", phone="0612345678").json["lead"]
    answer = create(**again, first_name="Sofia", last_name="")
    assert answer.status_code == 200
    lead = answer.json["lead"]
    assert lead["id"] == first["id"]
    assert lead["first_name"] == "Sofia"
    assert (lead["email"], lead["phone"]) == ("sofia.meyer@example.com", "+33612345678")
    assert count(cast, Lead) == 1


def test_a_known_value_is_not_emptied_by_completing(create):
    create(email="a@example.com", first_name="Ada", location="Nice")
    lead = create(email="a@example.com", first_name=None, location="").json["lead"]
    assert (lead["first_name"], lead["location"]) == ("Ada", "Nice")


def test_neither_e_mail_nor_phone_is_refused_and_nothing_stored(create, cast):
    answer = create(first_name="Nobody")
    assert answer.status_code == 422
    assert answer.json["error"]["fields"].keys() == {"email", "phone"}
    assert count(cast, Lead) == 0


def test_every_bad_field_is_named_at_once(create, cast):
    answer = create(
        email=7, phone=[], interests="laser", consent={"email": "yes"}, visitor="x", colour="red"
    )
    assert answer.status_code == 422
    assert answer.json["error"]["fields"].keys() == {
        "email",
        "phone",
        "interests",
        "consent",
        "visitor",
        "colour",
    }
    answer = create(email="nonsense", phone="12")
    assert answer.status_code == 422
    assert answer.json["error"]["fields"].keys() == {"email", "phone"}
    assert count(cast, Lead) == 0


def test_a_visitors_past_becomes_the_leads(client, create, cast):
    visitor_id = str(uuid4())
    seen = {
        "type": "page_viewed",
        "visitor": visitor_id,
        "occurred_at": (NOW - timedelta(days=2)).isoformat(),
        "url": "https://clinic.example/laser",
        "site": "clinic-key",
    }
    assert client.post("/api/interactions", json=seen, headers=OWNER).json["accepted"] == 1
    lead = create(email="a@example.com", visitor=visitor_id).json["lead"]
    links = rows(cast, select(LeadVisitor))
    assert [(link.lead_id, str(link.visitor_id)) for link in links] == [(lead["id"], visitor_id)]
    assert links[0].starts_at <= NOW - timedelta(days=2)


def test_the_list_pages_through_every_lead_once(client, create, cast):
    made = [create(email=f"lead{n}@example.com").json["lead"]["id"] for n in range(7)]
    seen, cursor = [], ""
    for _ in range(10):
        more = {"cursor": cursor} if cursor else {}
        answer = client.get("/api/leads", query_string={"limit": 3, **more}, headers=OWNER)
        assert answer.status_code == 200
        seen += [lead["id"] for lead in answer.json["leads"]]
        cursor = answer.json["next_cursor"]
        if cursor is None:
            break
    assert seen == made[::-1]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("stage=new", {"ada", "bea"}),
        ("stage=contacted", {"cleo"}),
        ("source=partner", {"bea"}),
        ("q=ADA", {"ada"}),
        ("q=%25", set()),
        ("q=_da", set()),
        ("temperature=hot", set()),
        ("score_min=0&score_max=100", {"ada", "bea", "cleo"}),
        ("score_min=100", set()),
        ("assignee=none", {"ada", "bea", "cleo"}),
        ("grade=A+", set()),
    ],
)
def test_the_list_is_filtered(client, create, cast, query, found):
    create(email="ada@example.com", first_name="Ada")
    create(email="bea@example.com", source="partner")
    cleo = create(email="cleo@example.com").json["lead"]["id"]
    assert client.patch(f"/api/leads/{cleo}", json={"stage": "contacted"}, headers=OWNER)
    answer = client.get(f"/api/leads?{query}", headers=OWNER)
    assert answer.status_code == 200
    assert {lead["email"].partition("@")[0] for lead in answer.json["leads"]} == found


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("stage=nowhere", "stage"),
        ("score_min=x", "score_min"),
        ("score_max=101", "score_max"),
        ("limit=0", "limit"),
        ("limit=501", "limit"),
        ("limit=-1", "limit"),
        ("limit=%D9%A3", "limit"),
        ("assignee=me", "assignee"),
        ("assignee=99999999999999999999", "assignee"),
        ("cursor=nonsense", "cursor"),
        ("cursor=" + "W" * 20_000, "cursor"),
        (f"cursor=newest-1-{'9' * 25}", "cursor"),
        ("temperature=warmish", "temperature"),
        ("grade=Z", "grade"),
        ("score_min=60&score_max=40", "score_min"),
        ("score_min=" + "0" * 5000, "score_min"),
        ("colour=blue", "colour"),
    ],
)
def test_a_filter_that_cannot_be_used_is_named(client, cast, query, field):
    answer = client.get(f"/api/leads?{query}", headers=OWNER)
    assert answer.status_code == 422
    assert answer.json["error"]["fields"].keys() == {field}


def test_every_filter_that_cannot_be_used_is_named_at_once(client, cast):
    answer = client.get("/api/leads?grade=Z&temperature=tepid&page=2&limit=0", headers=OWNER)
    assert answer.json["error"]["fields"].keys() == {"grade", "temperature", "page", "limit"}


def test_an_analysts_token_reads_and_changes_nothing(client, create, cast):
    lead_id = create(email="eve@example.com").json["lead"]["id"]
    with acting_for(cast.clinic):
        token = ApiToken(name="reads", role="analyst", prefix="reads", created_at=NOW)
        token.token_hash = ApiToken.digest("reads")
        db.session.add(token)
        db.session.commit()
    reads = {"Authorization": "Bearer reads"}
    at = f"/api/leads/{lead_id}"
    assert client.get(at, headers=reads).json["lead"]["email"] == "eve@example.com"
    assert create(headers=reads, email="new@example.com").status_code == 403
    assert client.patch(at, json={"first_name": "X"}, headers=reads).status_code == 403
    assert client.delete(at, headers=reads).status_code == 403
    found = client.get("/api/leads", headers=OWNER).json["leads"]
    assert [(lead["email"], lead["first_name"]) for lead in found] == [("eve@example.com", None)]


def test_a_lead_is_changed_field_by_field(client, create, cast):
    lead = create(**SOFIA).json["lead"]
    address = f"/api/leads/{lead['id']}"
    answer = client.patch(
        address,
        json={
            "first_name": "Sophie",
            "location": None,
            "source": "referral",
            "stage": "contacted",
            "assignee_id": cast.bob.id,
        },
        headers=OWNER,
    )
    assert answer.status_code == 200
    changed = client.get(address, headers=OWNER).json["lead"]
    assert changed == answer.json["lead"]
    assert (changed["first_name"], changed["location"]) == ("Sophie", None)
    assert (changed["source"], changed["stage"]) == ("referral", "contacted")
    assert changed["assignee_id"] == cast.bob.id
    assert changed["email"] == lead["email"]
    current = select(LeadScore).where(LeadScore.is_current)
    assert [score.lead_id for score in rows(cast, current)] == [lead["id"]]


def test_changes_that_cannot_be_made_change_nothing(client, create, cast):
    create(email="taken@example.com")
    lead = create(email="a@example.com", first_name="Ada").json["lead"]
    address = f"/api/leads/{lead['id']}"
    for changes, status, field in (
        ({"first_name": "X", "email": "taken@example.com"}, 422, "email"),
        ({"first_name": "X", "email": "nonsense"}, 422, "email"),
        ({"first_name": "X", "email": None}, 422, "email"),
        ({"first_name": "X", "assignee_id": cast.charlie.id}, 422, "assignee_id"),
        ({"first_name": "X", "source": ""}, 422, "source"),
        ({"first_name": "X", "stage": "nowhere"}, 422, "stage"),
        ({"first_name": "X", "stage": "opportunity"}, 422, "reason"),
        ({"first_name": "X", "id": 7}, 422, "id"),
        ({"first_name": "X", "stage": "new"}, 409, None),
    ):
        answer = client.patch(address, json=changes, headers=OWNER)
        assert answer.status_code == status, changes
        if field:
            assert answer.json["error"]["fields"].keys() == {field}, changes
        assert client.get(address, headers=OWNER).json["lead"]["first_name"] == "Ada", changes


def test_skipping_a_stage_needs_a_reason_and_takes_it(client, create):
    lead = create(email="a@example.com").json["lead"]
    moved = client.patch(
        f"/api/leads/{lead['id']}",
        json={"stage": "opportunity", "reason": "signed the quote"},
        headers=OWNER,
    )
    assert moved.json["lead"]["stage"] == "opportunity"


def test_erasing_takes_the_person_and_keeps_the_counts(client, create, cast):
    visitor_id = str(uuid4())
    lead_id = create(**SOFIA, visitor=visitor_id, notes="secret wish").json["lead"]["id"]
    identify = {
        "type": "identify",
        "visitor": visitor_id,
        "occurred_at": NOW.isoformat(),
        "site": "clinic-key",
        "data": {"email": "sofia.meyer@example.com"},
    }
    client.post("/api/interactions", json=identify, headers=OWNER)
    words = {"type": "search", "label": "Meyer scars", "data": {"query": "Meyer scars"}}
    client.post("/api/interactions", json={**identify, **words}, headers=OWNER)
    changes = {"first_name": "Sofie", "stage": "lost", "reason": "Sofia moved away"}
    client.patch(f"/api/leads/{lead_id}", json=changes, headers=OWNER)
    before = {model: count(cast, model) for model in (Lead, Consent, LeadScore, Interaction)}

    assert client.delete(f"/api/leads/{lead_id}", headers=OWNER).status_code == 200

    assert {model: count(cast, model) for model in before} == before
    lead = rows(cast, select(Lead))[0]
    assert lead.erased_at is not None
    for name in ("email", "phone", "first_name", "last_name", "location", "notes"):
        assert getattr(lead, name) is None, name
    consents = rows(cast, select(Consent))
    assert {c.visitor_id for c in consents} == {None}
    assert all(link.ends_at for link in rows(cast, select(LeadVisitor)))
    assert "lead.erased" in rows(cast, select(AuditLog.action))
    told = "".join(
        str([getattr(row, c.key) for c in row.__table__.columns])
        for model in (Lead, Consent, Interaction, AuditLog, OutboxMessage, LeadScore, LeadLifecycle)
        for row in rows(cast, select(model))
    )
    for word in ("sofia", "Sofia", "Sofie", "Meyer", "612345678", "secret wish"):
        assert word not in told, word


def test_an_erased_lead_is_gone_for_programs(client, create):
    lead = create(email="a@example.com").json["lead"]
    address = f"/api/leads/{lead['id']}"
    client.delete(address, headers=OWNER)
    assert client.get(address, headers=OWNER).status_code == 404
    assert client.patch(address, json={}, headers=OWNER).status_code == 404
    assert client.delete(address, headers=OWNER).status_code == 404
    assert client.get("/api/leads", headers=OWNER).json["leads"] == []


def test_an_erased_person_may_come_again_as_somebody_new(client, create):
    lead = create(email="a@example.com").json["lead"]
    client.delete(f"/api/leads/{lead['id']}", headers=OWNER)
    again = create(email="a@example.com")
    assert again.status_code == 201
    assert again.json["lead"]["id"] != lead["id"]


def test_a_stranger_finds_changes_and_erases_nothing_of_ours(client, create):
    lead = create(email="a@example.com").json["lead"]
    address = f"/api/leads/{lead['id']}"
    assert client.get(address, headers=STRANGER).status_code == 404
    assert client.patch(address, json={"first_name": "X"}, headers=STRANGER).status_code == 404
    assert client.delete(address, headers=STRANGER).status_code == 404
    assert client.get("/api/leads", headers=STRANGER).json["leads"] == []
    theirs = create(STRANGER, email="a@example.com")
    assert theirs.status_code == 201  # the same person may be the lead of two businesses
    assert client.get(address, headers=OWNER).json["lead"]["first_name"] is None


def test_an_agent_sees_and_changes_only_leads_assigned_to_them(client, create, dora, sign_in):
    mine = create(email="mine@example.com").json["lead"]["id"]
    other = create(email="other@example.com").json["lead"]["id"]
    for lead_id, user_id in ((mine, dora.id), (other, None)):
        client.patch(f"/api/leads/{lead_id}", json={"assignee_id": user_id}, headers=OWNER)
    desk = sign_in(dora)
    assert [lead["id"] for lead in desk.get("/api/leads").json["leads"]] == [mine]
    assert desk.get(f"/api/leads/{mine}").status_code == 200
    assert desk.get(f"/api/leads/{other}").status_code == 404


def test_a_token_notes_when_it_was_last_used(create, cast):
    last_used = select(ApiToken.last_used_at)
    assert rows(cast, last_used) == [None]
    create(email="a@example.com")
    assert rows(cast, last_used)[0] is not None
