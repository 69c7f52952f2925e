"""The whole contact form as data: read back as written, its consents counted by their words."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.contact.contact_form import Field, FormError, Step
from app.domain.contact.form import DEFAULT_FORM, ContactForm, Thanks, changes, filled, numbered

WORDS = st.text("abc {}💉'<", min_size=1, max_size=20).filter(str.strip)


def with_consent(words):
    """The default form, its first box in these words."""
    first = DEFAULT_FORM.steps[0]
    box = replace(first.fields[2], label=words)
    step = replace(first, fields=(*first.fields[:2], box, first.fields[3]))
    return replace(DEFAULT_FORM, steps=(step, *DEFAULT_FORM.steps[1:]))


def version_of(form):
    return form.steps[0].fields[2].version


@given(WORDS, WORDS, st.lists(WORDS, max_size=6))
def test_what_is_written_is_read_back(title, intro, points):
    step = replace(DEFAULT_FORM.steps[1], title=title, intro=intro)
    form = replace(
        DEFAULT_FORM,
        steps=(DEFAULT_FORM.steps[0], step, *DEFAULT_FORM.steps[2:]),
        thanks=Thanks(title, intro, tuple(points)),
    )
    assert ContactForm.from_json(form.to_json()) == form


@given(st.lists(st.sampled_from(["Write to me", "Write weekly", "Never", "Any time"]), max_size=8))
def test_a_version_of_a_consent_always_means_the_same_words(said):
    published, meant = [], {}
    for words in said:
        form = numbered(with_consent(words), published)
        assert meant.setdefault(version_of(form), words) == words
        published.append(form)
    assert len(meant) == len(set(said))


def test_words_that_did_not_change_keep_their_version():
    assert version_of(numbered(DEFAULT_FORM, [])) == 1
    new = numbered(with_consent("Other words"), [])
    assert version_of(new) == 2
    assert version_of(numbered(with_consent("Other words"), [new])) == 2
    assert new.steps[0].fields[3].version == 1
    assert new.privacy.version == 1


@pytest.mark.parametrize(
    ("text", "name", "told"),
    [
        ("Thank you, {name}.", "Ana", "Thank you, Ana."),
        ("Thank you, {name}.", "", "Thank you."),
        ("{name}, we {reach}.", "", ", we call you."),
        ("We {reach} soon, {name}", "Zoë {reach}", "We call you soon, Zoë {reach}"),
    ],
)
def test_the_thanks_name_who_is_thanked_and_do_without(text, name, told):
    assert filled(text, name, "call you") == told


def test_changes_are_told_in_words():
    assert changes(DEFAULT_FORM, DEFAULT_FORM) == []
    city = Step("city", "Where do you live?", (Field("location", "City"),))
    first, second, *rest = DEFAULT_FORM.steps
    second = replace(second, fields=second.fields[:2], title="Who are you?")
    new = replace(DEFAULT_FORM, steps=(first, *rest, second, city), thanks=Thanks("Merci"))
    assert changes(DEFAULT_FORM, new) == [
        "Step “Where do you live?” added",
        "Step “Who are you?” reworded",
        "“Phone” no longer in “Who are you?”",
        "Steps in another order",
        "Thanks reworded",
    ]


EMAIL = {"name": "email", "label": "E-mail", "kind": "email"}


def form_with(*fields, **more):
    step = {"name": "reach", "title": "Reach", "fields": [EMAIL, *fields], "require_any": ["email"]}
    return DEFAULT_FORM.to_json() | {"steps": [step]} | more


@pytest.mark.parametrize(
    ("data", "path"),
    [
        (form_with({"name": "stage", "label": "Stage"}), None),
        (form_with({"name": "phone", "label": "Phone", "kind": "text"}), "steps.0.fields.1.kind"),
        (form_with({"name": "q_1", "label": "Q", "kind": "email"}), "steps.0.fields.1.kind"),
        (form_with({"name": "consent_x", "label": "C", "kind": "text"}), "steps.0.fields.1.kind"),
        (form_with({"name": "q_1", "label": "x" * 201}), "steps.0.fields.1.label"),
        (form_with(thanks={"title": ""}), "thanks.title"),
        (form_with(tools={"cost_calculator": {"title": 7}}), "tools.cost_calculator.title"),
        (form_with(tools={"teapot": {}}), "tools.teapot"),
        (form_with(privacy={}), "privacy.label"),
        ([], "data"),
        (None, "data"),
    ],
)
def test_what_is_no_form_is_refused_by_path(data, path):
    if path is None:
        path = "steps.0.fields.1.name"
    with pytest.raises(FormError) as refused:
        ContactForm.from_json(data)
    assert path in refused.value.fields
