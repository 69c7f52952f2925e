"""A consent given on the phone is recorded on the lead's page, and struck out there."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.clock import utc_now
from app.extensions import db
from app.models import AuditLog, Consent
from app.operations.leads.withdraw_consent import withdraw_consent
from app.queries.contact import contact
from app.tenancy import acting_for
from tests.conftest import NOW
from tests.desk import Desk
from tests.leads import address, lead_by_form, make_lead, plain


@pytest.fixture
def lead(cast):
    with acting_for(cast.clinic):
        lead = lead_by_form({"email": "eve@example.com", "phone": "+33612345678"})
        db.session.commit()
        return lead


def in_force(cast, lead) -> set[str]:
    db.session.rollback()
    with acting_for(cast.clinic):
        return contact.consents_in_force(lead.id)


def recorded(cast) -> list[Consent]:
    db.session.rollback()
    with acting_for(cast.clinic):
        return list(db.session.scalars(select(Consent).order_by(Consent.id)))


def record(client, lead, **given):
    desk = Desk(client)
    desk.open(address(lead))
    desk.send("/consents", **{"kind": "email", "way": "phone", **given})
    return desk


def consents_of(client, lead) -> str:
    page = client.get(address(lead)).text
    return plain(page[page.index('id="consents-title"') :].partition("</section>")[0])


def test_it_is_recorded_with_how_and_by_whom_and_the_score_follows(alice, cast, lead):
    before = lead.lead_score
    desk = record(alice, lead)
    assert "E-mail: recorded that they agree." in plain(desk.page)
    words = consents_of(alice, lead)
    assert f"E-mail given {recorded(cast)[0].given_at:%-d %b %Y}" in words
    assert f"By phone, told to {cast.alice.name} You may write to me by e-mail" in words
    assert "Agreed to e-mails, since" in plain(desk.page)
    db.session.refresh(lead)
    assert lead.lead_score > before
    assert in_force(cast, lead) == {"email"}


def test_the_words_the_way_and_the_day_are_ones_own(alice, cast, lead):
    cast.clinic.timezone = "Europe/Paris"
    db.session.commit()
    at = NOW - timedelta(days=3)
    given = {"kind": "sms", "way": "paper", "words": "Yes, <b>text</b> me 𝕏", "given_at": at}
    record(alice, lead, **{**given, "given_at": f"{at:%Y-%m-%dT%H:%M}"})
    (consent,) = recorded(cast)
    assert (consent.kind, consent.text) == ("sms", "Yes, <b>text</b> me 𝕏")
    assert at - timedelta(hours=3) < consent.given_at < at
    assert "On paper" in consents_of(alice, lead)
    assert "<b>text</b>" not in alice.get(address(lead)).text


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"given_at": "2099-01-01T10:00"}, "This is still to come."),
        ({"given_at": "yesterday"}, "Write a date and a time."),
        ({"kind": "telepathy"}, "Choose what they agreed to."),
        ({"way": ""}, "Choose how they agreed."),
        ({"words": "x" * 601}, "Shorten this to 600 characters."),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_lost(alice, cast, lead, given, said):
    desk = record(alice, lead, **{"words": "Kept with care", **given})
    assert desk.status == 422
    assert said in plain(desk.page)
    assert given.get("words", "Kept with care") in desk.page
    assert recorded(cast) == []


def test_undo_strikes_it_out(alice, cast, lead):
    desk = record(alice, lead)
    desk.send("/strike")
    assert "E-mail: struck out." in plain(desk.page)
    assert recorded(cast) == []
    with acting_for(cast.clinic):
        line = db.session.scalars(select(AuditLog).order_by(AuditLog.id.desc())).first()
    assert (line.action, line.user_id) == ("consent.struck_out", cast.alice.id)
    assert "None recorded" in consents_of(alice, lead)


def test_taking_back_has_an_undo_too(alice, cast):
    lead = make_lead(cast)
    desk = Desk(alice)
    desk.open(address(lead))
    desk.send("/consents/withdraw", kind="email")
    assert in_force(cast, lead) == set()
    assert f"Noted by {cast.alice.name}" in consents_of(alice, lead)
    desk.send("/strike")
    assert in_force(cast, lead) == {"email"}


def test_what_was_told_on_the_phone_they_take_back_themselves(alice, cast, lead):
    record(alice, lead)
    with acting_for(cast.clinic):
        withdraw_consent(lead, "email", user_id=None, now=utc_now())
        db.session.commit()
    words = consents_of(alice, lead)
    assert "taken back" in words
    assert "Text that they were told You may write to me by e-mail" in words


def test_what_they_ticked_themselves_cannot_be_struck_out(alice, cast):
    lead = make_lead(cast)
    (own,) = recorded(cast)
    desk = Desk(alice)
    desk.open(address(lead))
    assert "/strike" not in desk.page
    desk.post(address(lead, f"/consents/{own.id}/strike"))
    assert desk.status == 404
    assert in_force(cast, lead) == {"email"}


def test_an_agent_strikes_out_their_own_only(doras_desk, dora, alice, cast, lead):
    lead.assignee_id = dora.id
    db.session.commit()
    record(alice, lead)
    doras_desk.open(address(lead))
    assert "/strike" not in doras_desk.page
    (consent,) = recorded(cast)
    doras_desk.post(address(lead, f"/consents/{consent.id}/strike"))
    assert doras_desk.status == 403
    doras_desk.open(address(lead))
    doras_desk.send("/consents", kind="sms", way="in_person")
    doras_desk.open(address(lead))
    doras_desk.send("/strike")
    assert in_force(cast, lead) == {"email"}


def test_who_reads_only_records_nothing(sign_in, cast, lead):
    desk = Desk(sign_in(cast.bob))
    desk.open(address(lead))
    assert 'id="consent"' not in desk.page
    answer = desk.client.post(address(lead, "/consents"), data={"kind": "email", "way": "phone"})
    assert answer.status_code in (400, 403)
    assert recorded(cast) == []


def test_what_is_not_in_force_is_offered_first(alice, cast):
    lead = make_lead(cast)  # who agreed to e-mails
    page = alice.get(address(lead)).text
    asked = page[page.index('id="consent-kind"') :].partition("</select>")[0]
    places = [asked.index(f'value="{kind}"') for kind in ("sms", "privacy", "email")]
    assert places == sorted(places)
