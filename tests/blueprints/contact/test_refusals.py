"""Answers that the contact form does not take: those that cannot be true, and those of programs."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from flask import render_template

from app import asking
from app.clock import utc_now
from app.domain.contact.contact_form import DEFAULT_STEPS
from app.models import Lead, Rollup
from tests.contact_form import rows


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


def test_without_the_token_nothing_is_taken(visitor, clinic):
    visitor.calculate("ipl")
    assert visitor.answer(email="ana@example.com", csrf_token="forged").status_code == 400
    assert rows(clinic, Lead) == []


def test_a_consent_that_cannot_be_taken_says_so_beside_its_box(app, clinic):
    step = DEFAULT_STEPS[0]
    with app.test_request_context("/"):
        each = next(field for field in step.fields if field.name == "consent_email")
        wrong = {each.name: "Please tick this."}
        form = SimpleNamespace(errors=wrong, values={}, place="contact", meant=None)
        part = render_template("contact/_field.html", each=each, form=form)
    assert 'aria-describedby="contact-consent_email-error"' in part
    assert '<p class="field-error" id="contact-consent_email-error">Please tick this.</p>' in part
