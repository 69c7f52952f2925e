"""How credit is shared and journeys are judged: read, set, worked out again, brought back."""

import re
from html import unescape

import pytest
from sqlalchemy import select

from app.clock import utc_now
from app.domain.attribution.attribution import AttributionRules
from app.domain.journeys.journey_rules import JourneyRules
from app.extensions import db
from app.jobs import work
from app.models import AuditLog, Job, Lead, LeadAttribution, LeadJourney, Organization
from app.operations.journeys.refresh_journeys import refresh_journeys
from app.queries.journeys.journey_rules import attribution_rules, journey_rules
from app.tenancy import acting_for
from tests.conftest import NOW
from tests.lives import happen

PAGE = "/settings/journeys"
SHARING, JUDGING = f"{PAGE}/attribution", f"{PAGE}/rules"
JUDGED = {name: str(number) for name, number in JourneyRules().to_json().items()}
DEFAULTS = {
    "half_life_days": "7",
    "u_first": "40",
    "u_last": "40",
    "w_first": "30",
    "w_opportunity": "30",
    "w_last": "30",
}


@pytest.fixture
def rules(cast):
    """rules() -> what is in force for the clinic."""

    def found():
        with acting_for(cast.clinic):
            db.session.expire_all()
            return attribution_rules()

    return found


@pytest.fixture
def lives(cast):
    """Leads with conversions whose credit has been shared by the rules in force."""
    with acting_for(cast.clinic):
        happen(cast.site)
        db.session.add(Job(kind="leads.attribute", arguments={}, created_at=NOW))
        db.session.commit()
    work.run()
    return cast.clinic


def stored(clinic) -> dict[tuple, list]:
    """Touches as they are stored, by conversion and model."""
    with acting_for(clinic):
        db.session.expire_all()
        rows = db.session.scalars(select(LeadAttribution)).all()
        return {
            (r.lead_id, r.conversion_type, r.conversion_at, r.model): r.touchpoints for r in rows
        }


def shown(page: str, name: str) -> str:
    return re.search(rf'id="{name}"[^>]* value="([^"]*)"', page)[1]


def test_the_page_shows_the_defaults_until_something_is_set(alice):
    page = alice.get(PAGE).text
    assert {name: shown(page, name) for name in DEFAULTS} == DEFAULTS
    assert {name: shown(page, name) for name in JUDGED} == JUDGED
    assert "Nothing was changed yet" in page


def test_a_shorter_half_life_is_in_force_and_shares_the_stored_credit_again(
    alice, send, rules, lives
):
    before = stored(lives)
    answer = send(SHARING, **DEFAULTS | {"half_life_days": "0,5"})
    assert answer.status_code == 303
    assert rules() == AttributionRules(half_life_days=rules().half_life_days)
    assert float(rules().half_life_days) == 0.5
    page = alice.get(PAGE).text
    assert "Credit is being shared again" in page
    assert "data-job=" in page
    assert "Time decay: half-life: 7 → 0.5" in page
    assert stored(lives) == before
    assert work.run() == 1
    after = stored(lives)
    assert after.keys() == before.keys()
    assert {place[3] for place in after if after[place] != before[place]} == {"time_decay"}
    page = alice.get(PAGE).text
    assert "data-job=" not in page
    assert "Credit halves with every 0.5 days back" in alice.get("/admin/attribution").text


def test_what_is_calculated_from_now_on_follows_the_rules(send, lives):
    send(SHARING, **DEFAULTS | {"u_first": "70", "u_last": "20", "w_first": "1"})
    work.run()
    found = {
        tuple(touch["weight"] for touch in touches)
        for (*_, model), touches in stored(lives).items()
        if model == "u_shaped" and len(touches) == 3
    }
    assert found == {("0.700000", "0.100000", "0.200000")}


def test_saving_the_same_again_saves_nothing(alice, send, cast):
    send(SHARING, **DEFAULTS)
    assert "nothing was saved" in alice.get(PAGE).text
    with acting_for(cast.clinic):
        assert db.session.scalars(select(Job)).all() == []
        assert db.session.scalars(select(AuditLog)).all() == []


def test_other_settings_stay(send, cast):
    with acting_for(cast.clinic):
        organization = db.session.get(Organization, cast.clinic.id)
        organization.settings = {"region": "CH", "lifecycle": {"silent_days": 90}}
        db.session.commit()
    send(SHARING, **DEFAULTS | {"half_life_days": "14"})
    db.session.expire_all()
    kept = db.session.get(Organization, cast.clinic.id).settings
    assert (kept["region"], kept["lifecycle"]) == ("CH", {"silent_days": 90})
    assert kept["attribution"]["half_life_days"] == 14


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("half_life_days", "0", "Enter a number from 0.1 to 3650."),
        ("half_life_days", "soon", "Enter a number from 0.1 to 3650."),
        ("half_life_days", "", "Enter a number from 0.1 to 3650."),
        ("half_life_days", "9999", "Enter a number from 0.1 to 3650."),
        ("u_first", "0", "Enter a whole number from 1 to 100."),
        ("u_first", "61", "together that is 101%"),
        ("w_opportunity", "80", "together that is 140%"),
        ("w_last", "<b>", "Enter a whole number from 1 to 100."),
    ],
)
def test_what_cannot_be_used_is_said_and_kept(send, rules, name, value, told):
    answer = send(SHARING, **DEFAULTS | {name: value})
    assert answer.status_code == 422
    assert told in answer.text
    assert "Nothing was saved yet" in answer.text
    assert "<b>" not in answer.text
    assert unescape(shown(answer.text, name)) == value
    assert rules() == AttributionRules()


def test_a_change_is_audited_and_can_be_brought_back(alice, send, rules, lives):
    send(SHARING, **DEFAULTS | {"half_life_days": "14"})
    send(SHARING, **DEFAULTS | {"half_life_days": "14", "u_first": "50"})
    work.run()
    with acting_for(lives):
        newest, first = db.session.scalars(
            select(AuditLog)
            .where(AuditLog.action == "attribution.edited")
            .order_by(AuditLog.id.desc())
        ).all()
        assert first.detail == {"changed": {"half_life_days": [7, 14]}}
        assert newest.detail == {"changed": {"u_first": [40, 50]}}
        ids = first.id, newest.id
    before = stored(lives)
    assert send(f"{PAGE}/undo/{ids[0]}").status_code == 303
    assert rules() == AttributionRules(u_first=50)
    work.run()
    assert {p[3] for p, t in stored(lives).items() if t != before[p]} == {"time_decay"}
    send(f"{PAGE}/undo/{ids[1]}")
    assert rules() == AttributionRules()
    assert "Attribution edited" in alice.get("/settings/audit").text


def test_what_does_not_go_with_later_changes_is_not_brought_back(alice, send, rules, cast):
    send(SHARING, **DEFAULTS | {"u_first": "10"})
    send(SHARING, **DEFAULTS | {"u_first": "10", "u_last": "80"})
    with acting_for(cast.clinic):
        first = db.session.scalars(select(AuditLog.id).order_by(AuditLog.id)).first()
    send(f"{PAGE}/undo/{first}")
    assert "Bring that back first" in alice.get(PAGE).text
    assert rules() == AttributionRules(u_first=10, u_last=80)


def test_lines_that_are_no_such_change_are_not_found(send):
    assert send(f"{PAGE}/undo/999").status_code == 404


def test_an_analyst_reads_but_does_not_set(bob, rules):
    page = bob.get(PAGE)
    assert page.status_code == 200
    assert "An admin or an owner changes these" in page.text
    token = re.search(r'name="csrf_token" value="([^"]+)"', page.text)[1]
    answer = bob.post(SHARING, data={"csrf_token": token, **DEFAULTS, "u_last": "9"})
    assert answer.status_code == 403
    assert rules() == AttributionRules()


def risks(clinic) -> dict[int, tuple]:
    """What is kept of each lead's journey that the rules judge."""
    with acting_for(clinic):
        db.session.expire_all()
        rows = db.session.scalars(select(LeadJourney))
        return {row.lead_id: (row.engagement, row.churn_risk) for row in rows}


def test_other_weights_of_the_risk_judge_all_journeys_again(alice, send, cast, lives):
    with acting_for(lives):
        refresh_journeys(list(db.session.scalars(select(Lead))), now=utc_now())
        db.session.commit()
    before = risks(lives)
    assert len(before) > 1
    answer = send(JUDGING, **JUDGED | {"silence": "100", "trend": "0", "little_engagement": "0"})
    assert answer.status_code == 303
    page = alice.get(PAGE).text
    assert "Journeys are being judged again" in page
    assert "Risk of losing them counts: silence: 60 → 100" in page
    assert risks(lives) == before
    assert work.run() == 1
    after = risks(lives)
    assert after.keys() == before.keys()
    assert {engaged for engaged, _ in after.values()} == {e for e, _ in before.values()}
    assert {risk for _, risk in after.values()} == {10_000}  # the last lived months ago
    with acting_for(lives):
        line = db.session.scalars(select(AuditLog).order_by(AuditLog.id.desc())).first()
        assert line.action == "journeys.edited"
        job = db.session.scalars(select(Job).order_by(Job.id.desc())).first()
        assert (job.state, job.result) == ("done", {"leads": len(before)})
    send(f"{PAGE}/undo/{line.id}")
    work.run()
    assert risks(lives) == before
    with acting_for(lives):
        assert journey_rules() == JourneyRules()


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("recency", "30", "must make 100% with the others: that is 90%"),
        ("rising", "90", "Enter a whole number from 100 to 1000."),
        ("silent_days", "0", "Enter a whole number from 1 to 3650."),
    ],
)
def test_journeys_are_not_judged_by_what_makes_no_sense(send, cast, name, value, told):
    answer = send(JUDGING, **JUDGED | {name: value})
    assert answer.status_code == 422
    assert told in answer.text
    assert shown(answer.text, name) == value
    with acting_for(cast.clinic):
        assert journey_rules() == JourneyRules()


def test_the_word_for_a_risk_follows_the_rules(alice, send, lives):
    with acting_for(lives):
        lead = db.session.scalars(select(Lead)).first()
        refresh_journeys([lead], now=utc_now())
        db.session.commit()
        page = f"/admin/leads/{lead.id}"
    word = r'Risk of losing them.*?stat-change[^"]*">(\w+)<'
    assert re.search(word, alice.get(page).text, re.DOTALL)[1] == "high"
    send(JUDGING, **JUDGED | {"high_risk": "100"})
    assert re.search(word, alice.get(page).text, re.DOTALL)[1] == "some"
