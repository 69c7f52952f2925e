"""The progressive contact form: a lead step by step, and nobody else's."""

import re
from datetime import timedelta
from types import SimpleNamespace
from uuid import uuid4

import pytest
from flask import render_template
from sqlalchemy import select

from app import asking
from app.clock import utc_now
from app.domain.contact.contact_form import DEFAULT_STEPS, steps_from_json
from app.domain.contact.form import ContactForm
from app.extensions import db
from app.models import Consent, ContactFormVersion, Interaction, Lead, LeadVisitor, Rollup
from app.operations.contact.create_lead_from_form import create_lead_from_form
from app.tenancy import acting_for
from tests.conftest import NOW
from tests.passerby import Passerby

STRANGE = "<script>alert('x')</script> 💉 Zoë 王"


def rows(cast, model, *conditions):
    db.session.expire_all()
    with acting_for(cast.clinic):
        return list(db.session.scalars(select(model).where(*conditions)))


def types(cast):
    return [row.type for row in rows(cast, Interaction)]


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


def test_an_address_or_a_number_is_needed(visitor, clinic):
    visitor.calculate("ipl")
    page = visitor.answer(email="  ", phone="")
    assert page.status_code == 422
    assert "Give an e-mail address or a phone number." in page.text
    assert rows(clinic, Lead) == []


@pytest.mark.parametrize("email", ["ana", "ana@", "@example.com", "a b@example.com", "ana@x"])
def test_an_address_that_cannot_be_one_is_named_and_kept(visitor, clinic, email):
    visitor.calculate("ipl")
    page = visitor.answer(email=email, phone="06 12 34 56 78", consent_sms="1")
    assert page.status_code == 422
    assert "Write the whole address" in page.text
    form = visitor.form("/step/1")
    assert form.fields["email"] == [email]
    assert form.fields["phone"] == ["06 12 34 56 78"]
    assert form.ticked == {"consent_sms"}
    assert rows(clinic, Lead) == []


def test_a_number_that_cannot_be_one_is_named(visitor):
    visitor.calculate("ipl")
    page = visitor.answer(phone="12")
    assert page.status_code == 422
    assert "Write the whole number" in page.text


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


def test_scripts_in_a_refused_field_are_shown_as_text(visitor):
    visitor.calculate("ipl")
    page = visitor.answer(email='"><script>alert(1)</script>')
    assert page.status_code == 422
    assert "<script>alert(1)" not in page.text
    assert visitor.form("/step/1").fields["email"] == ['"><script>alert(1)</script>']


def test_an_answer_that_was_not_offered_is_refused(visitor):
    visitor.calculate("ipl")
    visitor.answer(email="ana@example.com")
    visitor.answer()
    page = visitor.answer(budget="billions")
    assert page.status_code == 422
    assert "Choose one of the answers" in page.text


def test_later_steps_may_be_left_open(visitor, clinic):
    visitor.calculate("ipl")
    visitor.answer(email="ana@example.com")
    for _ in range(3):
        visitor.answer()
    assert "Thank you" in visitor.page.text
    (lead,) = rows(clinic, Lead)
    assert lead.first_name is None


def test_who_comes_back_is_asked_only_what_is_unknown(visitor):
    visitor.calculate("ipl")
    visitor.answer(email="ana@example.com")
    visitor.answer(first_name="Ana", last_name="Reyes", phone="+33612345678")
    visitor.calculate("lip-filler")
    form = visitor.form("/step/")
    assert form.action.endswith("/step/3")
    assert "email" not in form
    assert {"budget", "urgency", "preferred_time"} <= form.names


def test_who_answered_everything_is_not_asked_again(visitor, clinic):
    visitor.calculate("ipl")
    visitor.answer(email="ana@example.com")
    visitor.answer(first_name="Ana", last_name="Reyes", phone="+33612345678")
    visitor.answer(budget="low", urgency="this_month", preferred_time="evening")
    visitor.answer(notes="None")
    visitor.calculate("lip-filler")
    assert visitor.forms("/step/") == []
    assert types(clinic).count("form_shown") == 1


def test_a_stranger_cannot_answer_for_somebody_else(visitor, app, clinic):
    event_id = visitor.calculate("ipl")
    stranger = Passerby(app.test_client())
    stranger.calculate("hydrafacial")
    token = stranger.form("/step/").fields["csrf_token"]
    data = {"csrf_token": token, "email": "eve@example.com"}
    data["stamp"] = asking.stamp(event_id, utc_now() - timedelta(minutes=1))
    for path in ("step/1", "step/2", "dismiss"):
        page = stranger.client.post(f"/contact/{event_id}/{path}", data=data)
        assert page.status_code == 404
    assert stranger.get(f"/contact/{event_id}").status_code == 404
    assert rows(clinic, Lead) == []


def test_a_step_that_does_not_exist_is_not_found(visitor):
    event_id = visitor.calculate("ipl")
    data = {"csrf_token": visitor.form("/step/").fields["csrf_token"]}
    for n in (0, 5, 10**9):
        assert visitor.client.post(f"/contact/{event_id}/step/{n}", data=data).status_code == 404


def test_a_later_step_cannot_come_before_the_first(visitor, clinic):
    event_id = visitor.calculate("ipl")
    data = {"csrf_token": visitor.form("/step/").fields["csrf_token"], "first_name": "Ana"}
    visitor.page = visitor.client.post(
        f"/contact/{event_id}/step/2", data=data, follow_redirects=True
    )
    assert visitor.form("/step/1")
    assert rows(clinic, Lead) == []


def test_no_thank_you_is_taken_for_an_answer(visitor, clinic):
    visitor.calculate("ipl")
    visitor.send("/dismiss")
    assert visitor.page.request.path.startswith("/enhanced-cost/result/")
    assert visitor.forms("/step/") == []
    visitor.calculate("hydrafacial")
    assert visitor.forms("/step/") == []
    assert types(clinic).count("form_dismissed") == 1
    assert types(clinic).count("form_shown") == 1


def test_no_thank_you_counts_for_the_untracked_too(client, clinic):
    quiet = Passerby(client, DNT="1")
    quiet.calculate("ipl")
    quiet.send("/dismiss")
    quiet.calculate("hydrafacial")
    assert quiet.forms("/step/") == []


def test_that_is_all_after_the_first_step_is_no_refusal(visitor, clinic):
    visitor.calculate("ipl")
    visitor.answer(email="ana@example.com")
    visitor.send("/dismiss")
    assert "Thank you" in visitor.page.text
    assert "form_dismissed" not in types(clinic)


def test_the_field_that_people_do_not_see_catches_programs(visitor, clinic):
    visitor.calculate("ipl")
    page = visitor.answer(email="bot@example.com", homepage="https://spam.example")
    assert page.status_code == 422
    assert "send them again" in page.text
    assert visitor.form("/step/1").fields["email"] == ["bot@example.com"]
    assert visitor.form("/step/1").fields["homepage"] == [""]
    assert rows(clinic, Lead) == []
    (dropped, *_) = rows(clinic, Rollup, Rollup.measure == "dropped")
    assert dropped.key == "bot"
    visitor.answer()
    assert len(rows(clinic, Lead)) == 1


def test_faster_than_people_type_is_asked_to_try_again_and_loses_nothing(visitor, clinic):
    visitor.calculate("ipl")
    page = visitor.send("/step/1", email="fast@example.com", consent_email="1")
    assert page.status_code == 422
    form = visitor.form("/step/1")
    assert form.fields["email"] == ["fast@example.com"]
    assert form.ticked == {"consent_email"}
    assert rows(clinic, Lead) == []


@pytest.mark.parametrize("stamp", ["", "forged", "WzEsMl0.abc"])
def test_a_form_without_a_true_stamp_is_asked_to_try_again(visitor, clinic, stamp):
    visitor.calculate("ipl")
    assert visitor.answer(email="ana@example.com", stamp=stamp).status_code == 422
    assert rows(clinic, Lead) == []
    visitor.answer()
    assert len(rows(clinic, Lead)) == 1


def test_a_stamp_of_another_use_is_not_true(visitor, clinic):
    first = visitor.calculate("ipl")
    visitor.calculate("hydrafacial")
    old = asking.stamp(first, utc_now() - timedelta(minutes=1))
    assert visitor.answer(email="ana@example.com", stamp=old).status_code == 422


def test_a_second_person_at_the_same_browser_is_a_second_lead(visitor, clinic):
    visitor.calculate("ipl")
    visitor.answer(email="ana@example.com")
    visitor.calculate("hydrafacial")
    visitor.send("/step/2", someone_else="1")
    visitor.answer(email="ben@example.com")
    visitor.answer(first_name="Ben")
    leads = {lead.email: lead for lead in rows(clinic, Lead)}
    assert set(leads) == {"ana@example.com", "ben@example.com"}
    assert leads["ana@example.com"].first_name is None
    assert leads["ben@example.com"].first_name == "Ben"
    first, second = sorted(rows(clinic, LeadVisitor), key=lambda link: link.starts_at)
    assert first.lead_id == leads["ana@example.com"].id
    assert first.ends_at == second.starts_at
    assert second.lead_id == leads["ben@example.com"].id
    assert second.ends_at is None


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
    with acting_for(clinic.clinic):
        clinic.site.identity_mode = "consent"
        db.session.commit()
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


def test_without_the_token_nothing_is_taken(visitor, clinic):
    visitor.calculate("ipl")
    assert visitor.answer(email="ana@example.com", csrf_token="forged").status_code == 400
    assert rows(clinic, Lead) == []


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


MARIE = {
    "email": "marie@example.com",
    "phone": "+33612345678",
    "first_name": "Marie",
    "last_name": "Curie",
    "budget": "high",
    "urgency": "immediate",
    "preferred_time": "morning",
    "notes": "About the scar",
}


@pytest.fixture
def marie(clinic):
    """A lead whom the clinic knows all about; none of it was given on the website."""
    with acting_for(clinic.clinic):
        lead, _ = create_lead_from_form(
            MARIE,
            site=None,
            interaction=None,
            identity=None,
            source="phone",
            utm=None,
            consents={},
            now=NOW,
        )
        db.session.commit()
        return lead.id


def seen_by(visitor, reach):
    """What a browser is shown from the first step to the thanks, and at its next use of a tool."""
    visitor.calculate("ipl")
    shown = []
    given = [reach, {"first_name": "Eve"}, {"budget": "low"}, {"notes": "Call me"}]
    for fields in given:
        visitor.answer(**fields)
        shown.append(part_of(visitor))
    visitor.calculate("hydrafacial")
    return [*shown, part_of(visitor)]


def part_of(visitor):
    """The words and fields of the form that is shown, without what differs from use to use."""
    text = visitor.page.text.partition('id="contact"')[2].partition("</section>")[0]
    differs = r'value="[^"]{20,}"|/contact/[0-9a-f-]+|AUR-[0-9-]+|/quotes/[\w.-]+|way to \S+'
    return re.sub(differs, "", text)


def in_mode(cast, mode):
    with acting_for(cast.clinic):
        cast.site.identity_mode = mode
        db.session.commit()


def with_cookie(app, visitor_id=None):
    """A browser of its own that keeps the snippet's cookie."""
    client = app.test_client()
    client.set_cookie("ll_visitor", str(visitor_id or uuid4()), domain="localhost")
    return Passerby(client)


@pytest.mark.parametrize("mode", ["cookieless", "cookie"])
@pytest.mark.parametrize("known", ["email", "phone"])
def test_an_address_that_is_known_looks_like_a_new_one(app, clinic, marie, mode, known):
    in_mode(clinic, mode)
    new = {"email": "new@example.com", "phone": "+33699999999"}[known]
    shown = seen_by(with_cookie(app), {known: MARIE[known]})
    assert shown == seen_by(with_cookie(app), {known: new})
    assert "Thank you, Eve." in shown[3]
    assert "Marie" not in str(shown)
    assert "About the scar" not in str(shown)


def test_a_stranger_with_a_known_address_changes_nothing_that_is_known(visitor, clinic, marie):
    visitor.calculate("ipl")
    visitor.answer(email=MARIE["email"])
    visitor.answer(first_name="Eve")
    visitor.answer(budget="low", urgency="just_looking")
    visitor.answer(notes="Call me instead")
    (lead,) = rows(clinic, Lead)
    kept = {name: getattr(lead, name) for name in MARIE if name != "notes"}
    assert kept == {name: MARIE[name] for name in kept}
    day = f"{utc_now():%Y-%m-%d}"
    assert lead.notes.splitlines() == [
        "About the scar",
        f"{day} also given: first name Eve",
        f"{day} also given: budget low, urgency just_looking",
        f"{day} also given: notes Call me instead",
    ]
    (act,) = rows(clinic, Interaction, Interaction.type == "cost_calculator")
    assert lead.interaction_id == act.id


def test_a_stranger_who_comes_back_is_not_known_by_the_address_they_typed(app, clinic, marie):
    in_mode(clinic, "cookie")
    visitor_id = uuid4()
    stranger = with_cookie(app, visitor_id)
    stranger.calculate("ipl")
    stranger.answer(email=MARIE["email"])
    again = with_cookie(app, visitor_id)
    again.calculate("ipl")
    assert again.form("/step/1")
    assert "We know how to reach you" not in again.page.text


def test_who_made_the_lead_is_known_by_the_cookie_on_another_day(app, clinic):
    in_mode(clinic, "cookie")
    visitor_id = uuid4()
    ana = with_cookie(app, visitor_id)
    ana.calculate("ipl")
    ana.answer(email="ana@example.com")
    ana.answer(first_name="Ana", last_name="Reyes", phone="+33612345678")
    again = with_cookie(app, visitor_id)
    again.calculate("hydrafacial")
    assert "We know how to reach you" in again.page.text
    assert again.form("/step/3")


def test_who_made_the_lead_may_change_their_wishes(visitor, clinic):
    visitor.calculate("ipl")
    visitor.answer(email="ana@example.com")
    visitor.answer()
    earlier = visitor.page
    visitor.answer(budget="low")
    visitor.page = earlier
    visitor.answer(budget="high")
    (lead,) = rows(clinic, Lead)
    assert (lead.budget, lead.notes) == ("high", None)


def test_a_number_given_later_does_not_make_somebody_the_other_who_has_it(visitor, clinic, marie):
    visitor.calculate("ipl")
    visitor.answer(email="pierre@example.com")
    visitor.answer(first_name="Pierre", phone=MARIE["phone"])
    names = {lead.email: lead.first_name for lead in rows(clinic, Lead)}
    assert names == {"marie@example.com": "Marie", "pierre@example.com": "Pierre"}


def answer_everything(visitor, email):
    visitor.calculate("ipl")
    visitor.answer(email=email)
    visitor.answer(first_name="Ana", last_name="Reyes", phone="+33612345678")
    visitor.answer(budget="low", urgency="this_month", preferred_time="evening")
    visitor.answer(notes="None")


def test_one_persons_answers_do_not_silence_their_neighbours(visitor, app, clinic):
    answer_everything(visitor, "ana@example.com")
    neighbour = Passerby(app.test_client())
    neighbour.calculate("ipl")
    assert neighbour.form("/step/1")
    assert "We know how to reach you" not in neighbour.page.text
    assert len({row.visitor_id for row in rows(clinic, Interaction)}) == 1


def test_one_persons_refusal_does_not_silence_their_neighbours(visitor, app, clinic):
    visitor.calculate("ipl")
    visitor.send("/dismiss")
    neighbour = Passerby(app.test_client())
    neighbour.calculate("ipl")
    assert neighbour.form("/step/1")
    assert types(clinic).count("form_shown") == 2


def test_with_a_cookie_a_refusal_holds_for_the_visit_without_the_session(app, clinic):
    in_mode(clinic, "cookie")
    visitor_id = uuid4()
    first = with_cookie(app, visitor_id)
    first.calculate("ipl")
    first.send("/dismiss")
    again = with_cookie(app, visitor_id)
    again.calculate("hydrafacial")
    assert again.forms("/step/") == []


def test_a_refusal_ends_with_its_visit(visitor, clinic):
    visitor.calculate("ipl")
    visitor.send("/dismiss")
    with visitor.client.session_transaction() as kept:
        kept[asking.DISMISSED] = uuid4().hex
    visitor.calculate("hydrafacial")
    assert visitor.form("/step/1")


def test_neighbours_who_answer_by_turns_keep_their_own_acts(visitor, app, clinic):
    ana, ben = visitor, Passerby(app.test_client())
    ana.calculate("ipl")
    ben.calculate("hydrafacial")
    ben.answer(email="ben@example.com")
    ana.answer(email="ana@example.com")
    ben.answer(first_name="Ben")
    links = sorted(rows(clinic, LeadVisitor), key=lambda link: link.starts_at)
    leads = {lead.id: lead.email for lead in rows(clinic, Lead)}
    assert [leads[link.lead_id] for link in links] == ["ben@example.com", "ana@example.com"]
    _, act = rows(clinic, Interaction, Interaction.type == "cost_calculator")
    assert links[0].starts_at <= act.occurred_at < links[0].ends_at == links[1].starts_at


def test_a_consent_that_cannot_be_taken_says_so_beside_its_box(app, clinic):
    step = DEFAULT_STEPS[0]
    with app.test_request_context("/"):
        each = next(field for field in step.fields if field.name == "consent_email")
        wrong = {each.name: "Please tick this."}
        form = SimpleNamespace(errors=wrong, values={}, place="contact", meant=None)
        part = render_template("contact/_field.html", each=each, form=form)
    assert 'aria-describedby="contact-consent_email-error"' in part
    assert '<p class="field-error" id="contact-consent_email-error">Please tick this.</p>' in part


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
