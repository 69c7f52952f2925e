"""A consent given to a person of the team: recorded, dated, struck out when it was a mistake."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.domain.leads.told_consent import Told, told_by, version_of
from app.domain.validation import Invalid
from app.extensions import db
from app.models import AuditLog, Consent, Interaction, Lead, LeadLifecycle, LeadScore
from app.operations.leads.rebuild_leads import rebuild_leads
from app.operations.leads.record_consent import record_consent
from app.operations.leads.renew_lead import renew_lead
from app.operations.leads.strike_consent import consent_noted, strike_consent
from app.operations.leads.withdraw_consent import withdraw_consent
from app.operations.tracking.log_engagement import log_engagement
from app.queries.contact import contact
from app.tenancy import acting_for
from tests.conftest import NOW
from tests.leads import make_lead

LATER = NOW + timedelta(days=2)


@pytest.fixture
def lead(cast):
    with acting_for(cast.clinic):
        lead = make_lead(cast)
        withdraw_consent(lead, "email", user_id=None, now=NOW + timedelta(hours=1))
        log_engagement(lead, "call_made", user_id=cast.alice.id, now=NOW + timedelta(hours=2))
        renew_lead(lead, since=LATER, reason="two days later", now=LATER)
        db.session.commit()
        yield lead


def record(cast, lead, kind="email", *, now=LATER, **given):
    given = {"way": "phone", "user_id": cast.alice.id, **given}
    return record_consent(lead, kind, now=now, **given)


def state(lead) -> dict:
    """All that follows from a lead's consents."""
    stays = select(LeadLifecycle).where(LeadLifecycle.lead_id == lead.id)
    score = db.session.scalar(
        select(LeadScore).where(LeadScore.lead_id == lead.id, LeadScore.is_current)
    )
    log = select(Interaction.type, Interaction.label).where(Interaction.lead_id == lead.id)
    return {
        "in force": contact.consents_in_force(lead.id),
        "stage": lead.stage,
        "score": (lead.lead_score, lead.grade, lead.temperature, score.contributions),
        "stays": [
            (stay.stage, stay.entered_at, stay.exited_at, stay.transition_reason)
            for stay in db.session.scalars(stays.order_by(LeadLifecycle.id))
        ],
        "log": sorted(map(str, db.session.execute(log))),
    }


def lines(action) -> list[AuditLog]:
    return list(db.session.scalars(select(AuditLog).where(AuditLog.action == action)))


def strike(cast, lead, consent, now=LATER + timedelta(minutes=1)) -> bool:
    found, line = consent_noted(lead, consent.id)
    return strike_consent(lead, found, line, user_id=cast.alice.id, now=now)


def nothing_differs(now):
    differing, count, _ = rebuild_leads(0, 100, now=now)
    return not differing and count


def test_it_is_in_force_dated_with_its_words_and_its_source(cast, lead):
    before = lead.lead_score
    at = LATER - timedelta(hours=3)
    kept = record(cast, lead, words="  May we write\nto you? Yes. ", given_at=at)
    assert contact.consents_in_force(lead.id) == {"email"}
    assert (kept.text, kept.given_at) == ("May we write to you? Yes.", at)
    assert told_by(kept.text_version) == Told("phone", cast.alice.id)
    assert lead.lead_score > before
    (line,) = lines("consent.recorded")
    assert (line.user_id, line.subject) == (cast.alice.id, f"lead {lead.id}")
    assert line.detail["words"] == "May we write to you? Yes."
    assert (line.detail["way"], line.detail["given_at"]) == ("phone", at.isoformat())


def test_without_words_they_are_those_of_the_form(cast, lead):
    assert record(cast, lead, "sms").text == "You may send me text messages"


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"kind": "face_analysis"}, "kind"),
        ({"kind": ""}, "kind"),
        ({"way": "telepathy"}, "way"),
        ({"words": "x" * 601}, "words"),
        ({"given_at": LATER + timedelta(seconds=1)}, "given_at"),
        ({"given_at": LATER - timedelta(days=365 * 40)}, "given_at"),
    ],
)
def test_what_cannot_be_is_refused_by_name(cast, lead, given, field):
    with pytest.raises(Invalid) as refused:
        record(cast, lead, **given)
    assert set(refused.value.fields) == {field}


def test_one_that_was_taken_back_later_is_not_in_force(cast, lead):
    record(cast, lead, given_at=NOW + timedelta(minutes=30))
    assert contact.consents_in_force(lead.id) == set()


@pytest.mark.parametrize("hours", [0, 40])
def test_struck_out_everything_is_as_before(cast, lead, hours):
    before = state(lead)
    kept = record(cast, lead, given_at=LATER - timedelta(hours=hours))
    assert state(lead) != before
    assert nothing_differs(LATER)
    assert strike(cast, lead, kept, now=LATER)
    assert state(lead) == before
    assert nothing_differs(LATER)
    (line,) = lines("consent.struck_out")
    assert (line.user_id, line.detail["words"]) == (cast.alice.id, kept.text)


def test_a_taking_back_struck_out_is_as_before_it(cast, lead):
    record(cast, lead)
    before = state(lead)
    soon = LATER + timedelta(milliseconds=1)
    gone = withdraw_consent(lead, "email", user_id=cast.alice.id, now=soon)
    assert contact.consents_in_force(lead.id) == set()
    assert strike(cast, lead, gone, now=LATER)
    assert state(lead) == before
    assert nothing_differs(LATER)


def test_one_that_qualifies_does_so_when_it_is_heard_of_and_no_more_once_struck_out(cast, lead):
    before = state(lead)
    cast.clinic.settings = {"lifecycle": {"qualified_at": lead.lead_score + 1}}
    db.session.flush()
    kept = record(cast, lead, given_at=LATER - timedelta(hours=30))
    assert lead.stage == "qualified"
    stays = select(LeadLifecycle).where(LeadLifecycle.stage == "qualified")
    assert db.session.scalar(stays).entered_at == LATER
    assert nothing_differs(LATER + timedelta(hours=5))
    assert strike(cast, lead, kept, now=LATER)
    assert state(lead) == before
    assert nothing_differs(LATER + timedelta(hours=5))


def test_a_record_goes_once(cast, lead):
    kept = record(cast, lead)
    found, line = consent_noted(lead, kept.id)
    for expected in (True, False):
        done = strike_consent(lead, found, line, user_id=cast.alice.id, now=LATER)
        assert done is expected
    assert len(lines("consent.struck_out")) == 1


def test_what_they_said_themselves_is_not_to_be_struck_out(cast, lead):
    own = db.session.scalars(select(Consent).where(Consent.lead_id == lead.id)).all()
    assert [one.granted for one in own] == [True, False]
    assert [consent_noted(lead, one.id) for one in own] == [None, None]


def test_another_leads_record_is_not_found(cast, lead):
    kept = record(cast, lead)
    other = make_lead(cast, "other@example.com")
    assert consent_noted(other, kept.id) is None
    assert consent_noted(db.session.get(Lead, lead.id), kept.id)


def test_how_it_was_given_is_told_in_place_of_a_version():
    for told in (Told("phone", 7), Told("paper", None)):
        assert told_by(version_of(told)) == told
    for version in ("1", "2026-01.3", "unknown", "phone", "fax/7", ""):
        assert told_by(version) is None
