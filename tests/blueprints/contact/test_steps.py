"""The progressive contact form: a lead step by step."""

import re

from app import asking
from app.domain.contact.contact_form import steps_from_json
from app.domain.contact.form import ContactForm
from app.extensions import db
from app.models import Consent, ContactFormVersion, Interaction, Lead, LeadVisitor, Rollup
from app.tenancy import acting_for
from tests.conftest import NOW
from tests.contact_form import rows, types
from tests.passerby import Passerby, in_mode

STRANGE = "<script>alert('x')</script> 💉 Zoë 王"


def test_a_visitor_without_scripts_becomes_a_lead_step_by_step(visitor, clinic):
    visitor.calculate("ipl", "lip-filler", budget="high")
    visitor.answer(email=" Ana@Example.COM ", consent_email="1")
    assert "What is your name?" in visitor.page.text
    visitor.answer(first_name="Ana", last_name="Reyes", phone="06 12 34 56 78")
    visitor.answer(budget="high", urgency="immediate", preferred_time="morning")
    visitor.answer(notes="Before the wedding")
    assert "Thank you, Ana." in visitor.page.text
    assert "What happens next" in visitor.page.text
    (lead,) = rows(clinic, Lead)
    assert lead.email == "ana@example.com"
    assert lead.phone == "+33612345678"
    assert (lead.first_name, lead.last_name) == ("Ana", "Reyes")
    assert (lead.budget, lead.urgency) == ("high", "immediate")
    assert (lead.preferred_time, lead.notes) == ("morning", "Before the wedding")
    assert lead.stage == "new"


def test_who_stops_after_the_first_step_is_a_lead(visitor, clinic):
    visitor.calculate("ipl")
    visitor.answer(phone="+33 6 12 34 56 78")
    (lead,) = rows(clinic, Lead)
    assert lead.phone == "+33612345678"
    assert lead.email is None


def test_the_log_tells_the_way_from_the_tool_to_the_lead_once_each(visitor, clinic):
    event_id = visitor.calculate("ipl")
    visitor.get(f"/enhanced-cost/result/{event_id}")
    visitor.answer(email="ana@example.com")
    visitor.answer(first_name="Ana")
    asked_and_given = ["cost_calculator", "form_shown", "form_submitted", "lead_created"]
    assert types(clinic) == [*asked_and_given, "quote_requested"]
    (lead,) = rows(clinic, Lead)
    submitted, created, _ = rows(clinic, Interaction, Interaction.lead_id == lead.id)
    assert submitted.data == {"form": "cost_calculator"}
    assert created.data["tool"] == "cost_calculator"
    assert "ana" not in str([row.data for row in rows(clinic, Interaction)]).lower()


def test_the_funnel_reaches_the_lead(visitor, clinic):
    visitor.calculate("ipl")
    visitor.answer(email="ana@example.com")
    reached = {r.key: r.count for r in rows(clinic, Rollup, Rollup.measure == "reached")}
    assert reached["form_shown"] == reached["high_intent"] == reached["lead"] == 1


def test_no_box_is_ticked_beforehand(visitor):
    visitor.calculate("ipl")
    form = visitor.form("/step/1")
    assert {"consent_email", "consent_sms", "consent_privacy"} <= form.names
    assert form.ticked == set()


def test_a_consent_is_kept_with_its_words_and_one_not_given_is_not(visitor, clinic):
    visitor.calculate("ipl")
    visitor.answer(email="ana@example.com", consent_email="1", consent_privacy="1")
    consents = {row.kind: row for row in rows(clinic, Consent)}
    assert set(consents) == {"email", "privacy"}
    assert consents["email"].granted
    assert consents["email"].text == "You may write to me by e-mail"
    assert consents["email"].text_version == "1"
    assert consents["privacy"].text_version == f"{asking.PRIVACY_VERSION}.1"


def test_scripts_and_emoji_are_kept_as_text_in_every_field(visitor, clinic):
    visitor.calculate("ipl")
    visitor.answer(email="ana@example.com")
    visitor.answer(first_name=STRANGE, last_name=STRANGE)
    visitor.answer()
    visitor.answer(notes=f"{STRANGE}\nsecond line")
    assert "<script>alert" not in visitor.page.text
    assert "💉" in visitor.page.text
    (lead,) = rows(clinic, Lead)
    assert lead.first_name == lead.last_name == STRANGE
    assert lead.notes == f"{STRANGE}\nsecond line"


def test_later_steps_may_be_left_open(visitor, clinic):
    visitor.calculate("ipl")
    visitor.answer(email="ana@example.com")
    for _ in range(3):
        visitor.answer()
    assert "Thank you" in visitor.page.text
    (lead,) = rows(clinic, Lead)
    assert lead.first_name is None


def test_who_refuses_tracking_can_become_a_lead(client, clinic):
    quiet = Passerby(client, **{"Sec-GPC": "1"})
    quiet.calculate("ipl")
    quiet.answer(email="ana@example.com")
    quiet.answer(first_name="Ana")
    (lead,) = rows(clinic, Lead)
    assert (lead.email, lead.first_name, lead.source) == ("ana@example.com", "Ana", "form")
    assert rows(clinic, LeadVisitor) == []
    assert {row.visitor_id for row in rows(clinic, Interaction)} == {None}


def test_before_consent_the_form_works_and_nothing_is_tied_to_a_visitor(client, clinic):
    in_mode(clinic, "consent")
    visitor = Passerby(client)
    visitor.calculate("ipl")
    assert "data-consent-banner" in visitor.page.text
    visitor.answer(email="ana@example.com")
    assert len(rows(clinic, Lead)) == 1
    assert rows(clinic, LeadVisitor) == []


def test_a_script_gets_the_part_that_changed(visitor):
    visitor.calculate("ipl")
    page = visitor.answer(email="ana@example.com", _part=True)
    assert page.status_code == 200
    assert "<html" not in page.text
    assert visitor.form("/step/2")


def test_the_organization_asks_its_own_questions(client, clinic):
    steps = [
        {
            "name": "reach",
            "title": "How do we reach you?",
            "fields": [{"name": "phone", "label": "Mobile", "kind": "tel"}],
            "require_any": ["phone"],
        }
    ]
    body = ContactForm(steps=steps_from_json(steps)).to_json()
    with acting_for(clinic.clinic):
        db.session.add(ContactFormVersion(version=1, body=body, published_at=NOW))
        db.session.commit()
    visitor = Passerby(client)
    visitor.calculate("ipl")
    assert "How do we reach you?" in visitor.page.text
    visitor.answer(phone="0612345678")
    assert "Thank you" in visitor.page.text


def test_the_privacy_notice_says_that_it_opens_a_new_tab(visitor):
    visitor.calculate("ipl")
    link = re.search(r'<a href="/privacy" target="_blank"[^>]*>([^<]*)</a>', visitor.page.text)
    assert link[1] == "privacy notice, opens a new tab"


def test_two_treatments_and_a_high_budget_score_a_hundred_and_become_a_lead(visitor, clinic):
    visitor.calculate("ipl", "lip-filler", budget="high")
    visitor.answer(email="ana@example.com")
    (lead,) = rows(clinic, Lead)
    (act,) = rows(clinic, Interaction, Interaction.id == lead.interaction_id)
    assert (act.type, act.score) == ("cost_calculator", 100)
