"""The admin edits the contact form, sees it, publishes it, and brings an earlier one back."""

import pytest
from sqlalchemy import select

from app.domain.contact.form import DEFAULT_FORM
from app.extensions import db
from app.models import AuditLog, Consent, ContactFormVersion, Lead
from app.queries.contact import contact_form
from app.tenancy import acting_for
from tests.passerby import Passerby

ADDRESS = "/admin/contact-form"
STRANGE = "<script>alert('x')</script> 💉 Zoë"


@pytest.fixture
def admin(alice):
    """Alice, with the editor open."""
    person = Passerby(alice)
    person.get(ADDRESS)
    return person


def press(admin, do, **changes):
    """Presses a button of the editor, with some fields changed."""
    return admin.send(ADDRESS, do=do, **changes)


def publish(admin, **changes):
    page = press(admin, "publish", **changes)
    assert "is in force. Visitors see it from now on." in page.text, page.text
    return page


def in_force(cast):
    db.session.rollback()
    with acting_for(cast.clinic):
        return contact_form.form()


def rows(cast, model):
    db.session.rollback()
    with acting_for(cast.clinic):
        return list(db.session.scalars(select(model)))


def names(form):
    return [[each.name for each in step.fields] for step in form.steps]


def test_published_as_it_stands_nothing_changes(admin, cast):
    page = press(admin, "publish")
    assert "Nothing has changed" in page.text
    assert rows(cast, ContactFormVersion) == []


def test_what_was_default_is_published_as_it_was_but_for_the_change(admin, cast):
    publish(admin, **{"steps-1-title": "Who are you?"})
    form = in_force(cast)
    assert form.version == 1
    assert form.steps[1].title == "Who are you?"
    before, after = DEFAULT_FORM.to_json(), form.to_json()
    before["steps"][1]["title"] = "Who are you?"
    assert after == before
    (version,) = rows(cast, ContactFormVersion)
    assert version.note == "Step “Who are you?” reworded"
    (line,) = rows(cast, AuditLog)
    assert (line.action, line.subject) == ("contact_form.published", "version 1")


def test_a_visitor_sees_it_from_then_on(admin, clinic, client):
    publish(
        admin, **{"steps-0-fields-0-label": "Your mail", "tools-cost_calculator-intro": "Free."}
    )
    visitor = Passerby(client)
    visitor.calculate("ipl")
    assert "Your mail" in visitor.page.text
    assert "Free." in visitor.page.text


def test_a_question_of_ones_own_is_asked_kept_and_shown(admin, clinic, client, app, sign_in):
    press(admin, "add-field-1", **{"what-1": "own"})
    own = admin.form(ADDRESS).fields["steps-1-fields-3-name"][0]
    assert own.startswith("q_")
    press(admin, "delete-field-1-2")
    publish(admin, **{"steps-1-fields-2-label": "Any allergies?"})
    visitor = Passerby(app.test_client())
    visitor.calculate("ipl")
    visitor.answer(email="ana@example.com")
    assert "Any allergies?" in visitor.page.text
    visitor.answer(**{"first_name": "Ana", own: STRANGE})
    (lead,) = rows(clinic, Lead)
    assert lead.answers == {own: {"label": "Any allergies?", "answer": STRANGE}}
    page = sign_in(clinic.alice).get(f"/admin/leads/{lead.id}")
    assert "Any allergies?" in page.text
    assert "<script>alert" not in page.text
    visitor.calculate("hydrafacial")
    assert own not in visitor.form("/step/")


def test_a_choice_of_ones_own_keeps_the_words_that_were_chosen(admin, clinic, app):
    press(admin, "add-field-3", **{"what-3": "own"})
    at = "steps-3-fields-1-"
    own = admin.form(ADDRESS).fields[at + "name"][0]
    words = {"label": "How did you hear of us?", "kind": "choice", "options": "A friend\nA search"}
    publish(admin, **{at + name: value for name, value in words.items()})
    visitor = Passerby(app.test_client())
    visitor.calculate("ipl")
    visitor.answer(email="ana@example.com")
    visitor.answer()
    visitor.answer()
    page = visitor.answer(**{own: "A dog"})
    assert page.status_code == 422
    assert "Choose one of the answers" in page.text
    visitor.answer(**{own: "A friend"})
    (lead,) = rows(clinic, Lead)
    assert lead.answers[own] == {"label": "How did you hear of us?", "answer": "A friend"}


def test_steps_and_questions_are_ordered_by_buttons(admin, cast):
    press(admin, "up-step-2")
    press(admin, "up-field-1-1")
    press(admin, "down-field-2-2")
    publish(admin)
    form = in_force(cast)
    assert [step.name for step in form.steps] == ["contact", "plans", "name", "notes"]
    assert names(form)[1] == ["urgency", "budget", "preferred_time"]
    assert names(form)[2:] == [["first_name", "last_name"], ["phone", "notes"]]


def test_a_question_is_dragged_to_another_step(admin, cast):
    press(admin, "move-field-2-2-3-0")
    publish(admin)
    assert names(in_force(cast))[2:] == [["budget", "urgency"], ["preferred_time", "notes"]]


@pytest.mark.parametrize(
    "do",
    ["move-field-9-0-0-0", "up-step-99", "delete-field-0", "add-field-77", "add-field-x", "x-y"],
)
def test_a_button_that_names_no_place_changes_nothing(admin, cast, do):
    assert press(admin, do).status_code == 200
    assert "So far it is the form in force." in admin.page.text


def test_a_step_is_added_filled_and_taken_out(admin, cast):
    press(admin, "add-step")
    press(admin, "add-field-4", **{"what-4": "location", "steps-4-title": "Where do you live?"})
    publish(admin)
    assert names(in_force(cast))[4] == ["location"]
    press(admin, "delete-step-4")
    publish(admin)
    assert len(in_force(cast).steps) == 4


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"steps-1-title": ""}, "steps-1-title"),
        ({"steps-0-fields-0-label": "  "}, "steps-0-fields-0-label"),
        ({"steps-0-fields-2-label": "x" * 700}, "steps-0-fields-2-label"),
        ({"steps-2-fields-0-options": ""}, "steps-2-fields-0-options"),
        ({"steps-2-fields-0-options": "a = A\na = B"}, "steps-2-fields-0-options"),
        (
            {"steps-0-fields-0-required": None, "steps-0-fields-1-required": None},
            "steps-0-require_any",
        ),
        ({"thanks-title": ""}, "thanks-title"),
        ({"thanks-points": "\n".join("abcdefgh")}, "thanks-points"),
        ({"privacy-label": ""}, "privacy-label"),
        ({"tools-cost_calculator-intro": "x" * 900}, "tools-cost_calculator-intro"),
    ],
)
def test_what_cannot_be_published_says_so_at_its_input_and_is_kept(admin, cast, changes, place):
    page = press(admin, "publish", **changes)
    assert page.status_code == 422
    assert f'href="#{place}"' in page.text
    assert f'id="{place}"' in page.text
    for name, value in changes.items():
        if value:
            assert admin.form(ADDRESS).fields[name] == [value.strip()]
    assert rows(cast, ContactFormVersion) == []


def test_too_much_in_one_step_is_named(admin):
    press(admin, "add-field-1", **{"what-1": "location"})
    page = press(admin, "publish")
    assert page.status_code == 422
    assert "must ask 1..3 things" in page.text
    assert 'id="steps-1-fields"' in page.text


def test_new_words_of_a_consent_are_a_new_version_and_old_words_the_old_one(admin, clinic, app):
    at, words = "steps-0-fields-2-label", "You may write to me, at most once a month"
    publish(admin, **{at: words})
    consent = in_force(clinic).steps[0].fields[2]
    assert (consent.label, consent.version) == (words, 2)
    visitor = Passerby(app.test_client())
    visitor.calculate("ipl")
    visitor.answer(email="ana@example.com", consent_email="1", consent_privacy="1")
    told = {one.kind: (one.text, one.text_version) for one in rows(clinic, Consent)}
    assert told["email"] == (words, "2")
    publish(admin, **{at: DEFAULT_FORM.steps[0].fields[2].label})
    assert in_force(clinic).steps[0].fields[2].version == 1
    publish(admin, **{at: "Other words"})
    assert in_force(clinic).steps[0].fields[2].version == 3


def test_who_agrees_to_words_that_changed_meanwhile_agreed_to_those_they_saw(admin, clinic, app):
    visitor = Passerby(app.test_client())
    visitor.calculate("ipl")
    publish(admin, **{"steps-0-fields-2-label": "Write to me every day"})
    visitor.answer(email="ana@example.com", consent_email="1")
    (consent,) = rows(clinic, Consent)
    assert (consent.text, consent.text_version) == ("You may write to me by e-mail", "1")
    assert visitor.form("/step/2")


def test_an_earlier_version_and_the_default_are_brought_back(admin, cast):
    publish(admin, **{"steps-1-title": "First"})
    publish(admin, **{"steps-1-title": "Second"})
    forms = admin.forms("bring-back")
    admin.client.post(f"{ADDRESS}/bring-back", data=forms[0].fields)
    assert (in_force(cast).version, in_force(cast).steps[1].title) == (3, "First")
    admin.get(ADDRESS)
    assert "Version 1 brought back" in admin.page.text
    admin.client.post(f"{ADDRESS}/bring-back", data=admin.forms("bring-back")[-1].fields)
    assert in_force(cast).to_json() == DEFAULT_FORM.to_json()
    token = admin.form(ADDRESS).fields["csrf_token"]
    for version in ("99", "x"):
        gone = {"csrf_token": token, "version": version, "made_from": "4"}
        assert admin.client.post(f"{ADDRESS}/bring-back", data=gone).status_code == 404


def test_two_who_edit_at_once_lose_nothing(admin, cast, alice):
    other = Passerby(alice)
    other.get(ADDRESS)
    publish(other, **{"steps-1-title": "Theirs"})
    page = press(admin, "publish", **{"steps-2-title": "Mine"})
    assert page.status_code == 409
    assert "Alice published version 1 while you were editing" in page.text
    assert "“Theirs” reworded" in page.text
    assert admin.form(ADDRESS).fields["steps-2-title"] == ["Mine"]
    publish(admin)
    assert in_force(cast).steps[2].title == "Mine"


def test_the_preview_is_the_public_form_with_what_is_typed(admin):
    form = admin.form(ADDRESS)
    fields = {**form.fields, "steps-0-title": STRANGE, "tools-cost_calculator-eyebrow": "Hello"}
    fields |= {"tools-cost_calculator-title": "", "beside": "cost_calculator"}
    page = admin.client.post(f"{ADDRESS}/preview", data=fields)
    assert page.status_code == 200
    assert "&lt;script&gt;alert" in page.text
    assert "<script>alert" not in page.text
    assert "Hello" in page.text
    assert "Thank you, Ana." in page.text
    assert page.text.count('data-bs-theme="dark"') == 1
    part = admin.client.post(
        f"{ADDRESS}/preview", data=fields, headers={"X-Requested-With": "fetch"}
    )
    assert "<html" not in part.text
    assert "&lt;script&gt;alert" in part.text


def test_the_preview_shows_also_what_could_not_be_published(admin):
    form = admin.form(ADDRESS)
    for changes in ({"steps-0-title": ""}, {"steps-2-fields-0-options": ""}, {"thanks-title": ""}):
        page = admin.client.post(f"{ADDRESS}/preview", data={**form.fields, **changes})
        assert page.status_code == 200


def test_a_button_pressed_in_place_gets_the_part_that_changed(admin):
    page = admin.send(ADDRESS, _part=True, do="add-step")
    assert "<html" not in page.text
    assert 'id="form-editor"' in page.text


def test_only_admins_and_owners_edit_it(bob, cast):
    assert bob.get(ADDRESS).status_code == 403
    assert bob.get(f"{ADDRESS}/preview").status_code == 403


def test_what_is_no_editor_is_refused(alice, admin):
    token = admin.form(ADDRESS).fields["csrf_token"]
    assert alice.post(ADDRESS, data={"csrf_token": token, "do": "publish"}).status_code == 400
