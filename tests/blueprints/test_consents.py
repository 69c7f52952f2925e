"""What somebody agreed to is shown to them and to the team, and taken back by either."""

from sqlalchemy import select

from app.extensions import db
from app.models import AuditLog, Consent, Lead, LeadScore
from app.queries.contact import contact
from app.tenancy import acting_for
from tests.leads import lead_by_form
from tests.passerby import Passerby

WORDS = "You may write to me by e-mail"


def rows(cast, model):
    db.session.rollback()
    db.session.expire_all()
    with acting_for(cast.clinic):
        return list(db.session.scalars(select(model).order_by(model.id)))


def in_force(cast, lead_id):
    db.session.rollback()
    with acting_for(cast.clinic):
        return contact.consents_in_force(lead_id)


def become_lead(visitor, **boxes):
    visitor.calculate("ipl")
    visitor.answer(email="ana@example.com", **boxes)
    visitor.send("/dismiss")  # that is all for now


def test_a_visitor_sees_what_they_agreed_to_and_takes_it_back(visitor, clinic):
    become_lead(visitor, consent_email="1", consent_sms="1")
    assert "What you agreed to" in visitor.page.text
    assert f"“{WORDS}”" in visitor.page.text
    (lead,) = rows(clinic, Lead)
    assert in_force(clinic, lead.id) == {"email", "sms"}
    before = rows(clinic, LeadScore)[-1].total_score
    visitor.send("/withdraw", kind="email")
    assert "taken back" in visitor.page.text
    assert in_force(clinic, lead.id) == {"sms"}
    given = [(one.kind, one.granted, one.text) for one in rows(clinic, Consent)]
    assert ("email", True, WORDS) in given
    assert ("email", False, WORDS) in given
    assert rows(clinic, LeadScore)[-1].total_score < before
    line = rows(clinic, AuditLog)[-1]
    assert (line.action, line.user_id) == ("consent.withdrawn", None)


def test_who_agreed_to_nothing_sees_no_receipt(visitor):
    become_lead(visitor)
    assert "What you agreed to" not in visitor.page.text


def test_taking_back_twice_or_what_was_not_given_changes_nothing(visitor, clinic):
    become_lead(visitor, consent_email="1")
    for kind in ("sms", "privacy", "x" * 500, ""):
        visitor.send("/withdraw", kind=kind)
    assert [one.granted for one in rows(clinic, Consent)] == [True]
    action = visitor.form("/withdraw").action
    token = visitor.form("/withdraw").fields["csrf_token"]
    for _ in range(2):
        visitor.client.post(action, data={"csrf_token": token, "kind": "email"})
    assert [one.granted for one in rows(clinic, Consent)] == [True, False]


def test_who_only_types_a_known_address_takes_nothing_back(clinic, visitor):
    with acting_for(clinic.clinic):
        lead_by_form({"email": "ana@example.com"}, source="phone", consents={"email": True})
        db.session.commit()
    become_lead(visitor, consent_email="1")
    assert visitor.forms("/withdraw") == []
    use = visitor.page.request.path.rpartition("/")[2]
    visitor.calculate("hydrafacial")
    token = visitor.form("/step/").fields["csrf_token"]
    data = {"csrf_token": token, "kind": "email"}
    answer = visitor.client.post(f"/contact/{use}/withdraw", data=data)
    assert answer.status_code == 303
    assert [one.granted for one in rows(clinic, Consent)] == [True, True]


def test_a_stranger_takes_nothing_back(visitor, clinic, app):
    become_lead(visitor, consent_email="1")
    action = visitor.form("/withdraw").action
    stranger = Passerby(app.test_client())
    stranger.calculate("ipl")
    token = stranger.form("/step/").fields["csrf_token"]
    page = stranger.client.post(action, data={"csrf_token": token, "kind": "email"})
    assert page.status_code == 404
    assert len(rows(clinic, Consent)) == 1


def test_the_team_notes_that_a_lead_took_it_back(visitor, clinic, sign_in):
    become_lead(visitor, consent_email="1")
    (lead,) = rows(clinic, Lead)
    team = Passerby(sign_in(clinic.alice))
    team.get(f"/admin/leads/{lead.id}")
    team.send("/consents/withdraw", kind="email")
    assert "E-mail: noted that they took it back." in team.page.text
    assert "taken back" in team.page.text
    assert in_force(clinic, lead.id) == set()
    assert team.forms("/consents/withdraw") == []
    line = rows(clinic, AuditLog)[-1]
    assert (line.action, line.user_id) == ("consent.withdrawn", clinic.alice.id)


def test_who_may_not_change_leads_takes_nothing_back(visitor, clinic, sign_in):
    become_lead(visitor, consent_email="1")
    (lead,) = rows(clinic, Lead)
    analyst = Passerby(sign_in(clinic.bob))
    analyst.get(f"/admin/leads/{lead.id}")
    assert analyst.forms("/consents/withdraw") == []
