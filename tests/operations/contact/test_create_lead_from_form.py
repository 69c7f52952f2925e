"""Making a lead, with all that follows from it, in one transaction."""

import threading
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from app.domain.attribution.attribution import MODELS
from app.domain.validation import Invalid
from app.extensions import db, writing
from app.identity import Identity
from app.models import (
    AuditLog,
    Consent,
    Interaction,
    Lead,
    LeadAttribution,
    LeadLifecycle,
    LeadScore,
    LeadVisitor,
    Membership,
    OutboxMessage,
    User,
)
from app.operations.contact.create_lead_from_form import ConsentGiven, create_lead_from_form
from app.operations.tools.use_tool import use_tool
from app.operations.tracking.record_interaction import record_interaction
from app.tenancy import acting_for
from tests.conftest import NOW

VISITOR = Identity(UUID(int=7, version=4))
DAY = timedelta(days=1)
NOTICE = "notice.lead_created"


@pytest.fixture
def clinic(cast):
    with acting_for(cast.clinic):
        yield cast


def come(given, **more):
    """A lead from what was given; the rest as a program with no visitor would pass it."""
    usual = {"site": None, "interaction": None, "identity": None, "source": "api"}
    usual |= {"utm": None, "consents": {}, "now": NOW}
    return create_lead_from_form(given, **{**usual, **more})


def use(cast, identity=VISITOR, now=NOW, **data):
    data = {"procedures": ["ipl"], **data}
    used = use_tool(cast.site, "cost_calculator", identity=identity, data=data, url=None, now=now)
    return used.interaction


def rows(model):
    return list(db.session.scalars(select(model).order_by(model.id)))


@pytest.mark.parametrize(
    ("given", "consents", "reason"),
    [
        ({"first_name": "Ana"}, {}, "profile completed"),
        ({}, {"email": True}, "consent given: email"),
        ({}, {"sms": False}, "consent refused: sms"),
        ({"first_name": "Ana"}, {"email": False}, "profile completed, consent refused: email"),
        ({}, {}, "came again"),
    ],
)
def test_the_score_of_somebody_known_says_what_is_new(clinic, given, consents, reason):
    come({"email": "ana@example.com"}, consents={})
    come({"email": "ana@example.com", **given}, consents=consents)
    newest = max(rows(LeadScore), key=lambda score: score.id)
    assert newest.reason == reason


def test_a_new_lead_begins_in_stage_new_with_a_score_an_audit_line_and_a_message(clinic):
    lead, created = come({"email": "Ana@Example.com", "first_name": "Ana"})
    assert created
    assert lead.email == "ana@example.com"
    (stay,) = rows(LeadLifecycle)
    assert (stay.stage, stay.previous_stage, stay.is_current_stage) == ("new", None, True)
    (score,) = rows(LeadScore)
    assert score.is_current
    assert score.reason == "lead created"
    assert lead.lead_score == round(score.total_score)
    assert sum(part["points"] for part in score.contributions) == pytest.approx(
        float(score.total_score)
    )
    message, notice = rows(OutboxMessage)
    assert (message.kind, notice.kind) == ("lead.created", NOTICE)
    assert message.payload["lead_id"] == lead.id
    assert "ana" not in str(message.payload).lower()
    (line,) = rows(AuditLog)
    assert (line.action, line.subject) == ("lead.created", f"lead {lead.id}")
    (made,) = rows(Interaction)
    assert (made.type, made.lead_id, made.data["source"]) == ("lead_created", lead.id, "api")


@pytest.mark.parametrize("again", ["ANA@example.com", " ana@EXAMPLE.com "])
def test_the_same_address_is_the_same_lead(clinic, again):
    first, _ = come({"email": "ana@example.com"})
    second, created = come({"email": again, "first_name": "Ana"}, now=NOW + DAY)
    assert (second.id, created) == (first.id, False)
    assert second.first_name == "Ana"
    assert [m.kind for m in rows(OutboxMessage)] == ["lead.created", NOTICE, "lead.updated"]
    assert [s.is_current for s in rows(LeadScore)] == [False, True]
    assert len(rows(LeadLifecycle)) == 1


def test_the_same_number_is_the_same_lead_however_it_is_written(clinic):
    first, _ = come({"phone": "06 12 34 56 78"})
    second, created = come({"phone": "+33 (0)6 12 34 56 78", "email": "ana@example.com"})
    assert (second.id, created) == (first.id, False)
    assert second.email == "ana@example.com"


def test_one_number_of_two_people_makes_two_leads(clinic):
    first, _ = come({"phone": "0612345678", "email": "ana@example.com"})
    second, created = come({"phone": "0612345678", "email": "ben@example.com"})
    assert created
    assert second.id != first.id


def test_what_is_known_is_never_overwritten_and_nothing_given_is_lost(clinic):
    come({"email": "ana@example.com", "phone": "0612345678", "first_name": "Ana"})
    lead, _ = come(
        {"email": "ana@example.com", "phone": "0699999999", "first_name": "", "last_name": None}
    )
    assert (lead.phone, lead.first_name) == ("+33612345678", "Ana")
    assert "+33699999999" in lead.notes


def test_wishes_are_renewed_and_notes_and_interests_are_added_to(clinic):
    mail = {"email": "ana@example.com"}
    come({**mail, "budget": "low", "notes": "First", "interests": ["ipl"]})
    lead, _ = come({**mail, "budget": "high", "notes": "Second", "interests": ["ipl", "peel"]})
    assert lead.budget == "high"
    assert lead.notes == "First\nSecond"
    assert lead.interests == ["ipl", "peel"]


def test_where_only_the_address_was_typed_wishes_go_to_the_notes_with_the_date(clinic):
    mail = {"email": "ana@example.com"}
    come({**mail, "budget": "low", "notes": "First", "interests": ["ipl"]})
    given = {
        **mail,
        "budget": "high",
        "urgency": "immediate",
        "notes": "Two",
        "interests": ["peel"],
    }
    lead, _ = come(given, trusted=False)
    assert (lead.budget, lead.urgency, lead.interests) == ("low", "immediate", ["ipl"])
    told = "2026-03-02 also given: budget high, notes Two, interests peel"
    assert lead.notes == f"First\n{told}"


def test_who_is_trusted_as_one_lead_is_not_as_another_whose_address_they_type(clinic):
    come({"email": "marie@example.com", "budget": "high"})
    eve, _ = come({"email": "eve@example.com"})
    lead, _ = come({"email": "marie@example.com", "budget": "low"}, lead=eve)
    assert lead.id != eve.id
    assert lead.budget == "high"


def test_without_a_way_to_reach_them_nobody_is_a_lead(clinic):
    with pytest.raises(Invalid) as refused:
        come({"first_name": "Ana", "email": "  "})
    assert set(refused.value.fields) == {"email", "phone"}


def test_every_field_that_cannot_be_used_is_named_and_nothing_is_stored(clinic):
    with pytest.raises(Invalid) as refused:
        come({"email": "ana@", "phone": "abc", "first_name": "x" * 101, "interests": "ipl"})
    assert set(refused.value.fields) == {"email", "phone", "first_name", "interests"}
    assert rows(Lead) == []


def test_scripts_emoji_and_half_characters_are_kept_as_text_or_dropped(clinic):
    lead, _ = come(
        {
            "email": "zoë@example.com",
            "first_name": "<script>alert(1)</script>",
            "last_name": "王 👩‍⚕️\x00\ud800",
            "notes": "a\r\nb\x07",
        }
    )
    db.session.refresh(lead)
    assert lead.first_name == "<script>alert(1)</script>"
    assert lead.last_name == "王 👩‍⚕️"
    assert lead.notes == "a\nb"


def test_the_past_of_the_visitor_becomes_the_leads(clinic):
    record_interaction(
        "page_viewed", site=clinic.site, identity=VISITOR, now=NOW - DAY, url="https://c.example/"
    )
    act = use(clinic)
    lead, _ = come({"email": "ana@example.com"}, interaction=act, identity=VISITOR)
    (link,) = rows(LeadVisitor)
    assert link.lead_id == lead.id
    assert link.starts_at <= NOW - DAY
    assert link.ends_at is None
    assert lead.interaction_id == act.id
    assert lead.engagement_level == "high"
    (score,) = rows(LeadScore)
    told = {part["name"] for part in score.contributions}
    assert any("Page viewed" in name for name in told)
    assert any("High-intent" in name for name in told)


def test_without_cookies_a_lead_has_the_past_of_this_visit_only(clinic):
    for hours in (3, 2):  # each a visit of somebody behind the same address
        then = NOW - timedelta(hours=hours)
        record_interaction("page_viewed", site=clinic.site, identity=VISITOR, now=then)
    minute = timedelta(minutes=1)
    record_interaction("page_viewed", site=clinic.site, identity=VISITOR, now=NOW - minute)
    come({"email": "ana@example.com"}, interaction=use(clinic), identity=VISITOR, site=clinic.site)
    (link,) = rows(LeadVisitor)
    assert link.starts_at == NOW - minute


def test_with_a_cookie_a_new_lead_has_the_past_of_every_visit(clinic):
    clinic.site.identity_mode = "cookie"
    first = NOW - timedelta(hours=3)
    record_interaction("page_viewed", site=clinic.site, identity=VISITOR, now=first)
    come({"email": "ana@example.com"}, interaction=use(clinic), identity=VISITOR, site=clinic.site)
    (link,) = rows(LeadVisitor)
    assert link.starts_at <= first


def test_a_typed_address_brings_a_known_lead_this_visit_only(clinic):
    come({"email": "ana@example.com"})
    clinic.site.identity_mode = "cookie"
    then = NOW - timedelta(hours=3)
    record_interaction("page_viewed", site=clinic.site, identity=VISITOR, now=then)
    come(
        {"email": "ana@example.com"},
        interaction=use(clinic),
        identity=VISITOR,
        site=clinic.site,
        trusted=False,
    )
    (link,) = rows(LeadVisitor)
    assert link.starts_at == NOW


def test_a_second_person_at_the_same_browser_begins_where_the_first_ends(clinic):
    ana, _ = come({"email": "ana@example.com"}, interaction=use(clinic), identity=VISITOR)
    later = NOW + timedelta(minutes=5)
    act = use(clinic, now=later)
    ben, created = come(
        {"email": "ben@example.com"}, interaction=act, identity=VISITOR, now=later, lead=ana
    )
    assert created
    first, second = rows(LeadVisitor)
    assert (first.lead_id, first.ends_at) == (ana.id, later)
    assert (second.lead_id, second.starts_at, second.ends_at) == (ben.id, later, None)


def test_the_same_person_again_adds_no_link(clinic):
    for minutes in (0, 5):
        now = NOW + timedelta(minutes=minutes)
        act = use(clinic, now=now)
        come({"email": "ana@example.com"}, interaction=act, identity=VISITOR, now=now)
    assert len(rows(LeadVisitor)) == 1


def test_credit_is_shared_by_every_model_among_the_visits(clinic):
    for days in (9, 4):
        record_interaction("page_viewed", site=clinic.site, identity=VISITOR, now=NOW - days * DAY)
    act = use(clinic)
    come({"email": "ana@example.com"}, interaction=act, identity=VISITOR, site=clinic.site)
    made = {row.model: row for row in rows(LeadAttribution)}
    assert set(made) == set(MODELS)
    weights = [touch["weight"] for touch in made["u_shaped"].touchpoints]
    assert weights == ["0.400000", "0.200000", "0.400000"]
    assert {touch["type"] for touch in made["linear"].touchpoints} == {"visit"}
    assert all(touch["interaction_id"] for touch in made["linear"].touchpoints)


def test_a_lead_without_touches_has_no_credit_to_share(clinic):
    come({"email": "ana@example.com"})
    assert rows(LeadAttribution) == []


def test_first_and_last_touch_are_as_tagged(clinic):
    mail = {"email": "ana@example.com"}
    come(mail, utm={"source": "newsletter", "medium": "email", "campaign": "spring"})
    lead, _ = come(mail, utm={"utm_source": "google", "utm_medium": "cpc"})
    assert lead.first_touch["channel"] == "email"
    assert lead.first_touch["campaign"] == "spring"
    assert lead.last_touch["channel"] == "paid search"


def test_consents_are_dated_records_with_their_words(clinic):
    consents = {"email": ConsentGiven(True, "You may write to me", "2026-03"), "sms": False}
    lead, _ = come({"email": "ana@example.com"}, consents=consents)
    email, sms = rows(Consent)
    assert (email.kind, email.granted, email.text) == ("email", True, "You may write to me")
    assert (email.text_version, email.given_at, email.lead_id) == ("2026-03", NOW, lead.id)
    assert not sms.granted
    (score,) = rows(LeadScore)
    names = " ".join(part["name"] for part in score.contributions)
    assert "Email consent" in names
    assert "SMS consent" not in names


def test_the_agent_with_the_fewest_open_leads_gets_it(clinic):
    agents = []
    for name in ("dora", "emil"):
        user = User(email=f"{name}@example.com", name=name, password_hash="", created_at=NOW)
        db.session.add(user)
        db.session.flush()
        db.session.add(Membership(user_id=user.id, role="agent"))
        agents.append(user)
    leads = [come({"email": f"{n}@example.com"})[0] for n in range(3)]
    assert [lead.assignee_id for lead in leads] == [agents[0].id, agents[1].id, agents[0].id]
    agents[1].active = False
    assert come({"email": "last@example.com"})[0].assignee_id == agents[0].id


def test_without_agents_nobody_is_assigned(clinic):
    assert come({"email": "ana@example.com"})[0].assignee_id is None


def test_another_organizations_lead_is_never_found(clinic):
    with acting_for(clinic.other):
        theirs, _ = come({"email": "ana@example.com"})
    ours, created = come({"email": "ana@example.com"})
    assert created
    assert ours.id != theirs.id


def test_all_or_nothing(clinic):
    come({"email": "ana@example.com"}, consents={"email": True})
    db.session.rollback()
    for model in (Lead, LeadScore, LeadLifecycle, Consent, OutboxMessage, AuditLog, Interaction):
        assert rows(model) == []


def test_the_same_address_from_two_sides_at_once_is_one_lead(app, clinic):
    organization_id = clinic.clinic.id
    db.session.commit()
    begin, made, failed = threading.Barrier(4), [], []

    def submit(name):
        begin.wait()
        try:
            with app.app_context(), writing(), acting_for(organization_id):
                lead, created = come({"email": "ana@example.com", "first_name": name})
                db.session.commit()
                made.append((lead.id, created))
        except Exception as error:
            failed.append(error)

    threads = [threading.Thread(target=submit, args=(f"Ana {n}",)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert len({lead_id for lead_id, _ in made}) == 1
    assert sorted(created for _, created in made) == [False, False, False, True]
    assert len(rows(Lead)) == 1
