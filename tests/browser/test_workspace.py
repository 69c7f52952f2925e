"""A lead's page under the fingers: a call in two keys, and all of it without JavaScript."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.pages import a_lead, follow

pytestmark = pytest.mark.browser

LEAD = re.compile(r".*/admin/leads/\d+$")
IN_SIGHT = """() => {
  const of = element => element.getBoundingClientRect();
  const field = of(document.activeElement);
  return field.top >= 0 && field.bottom <= of(document.querySelector('.quick-bar')).top;
}"""
# The field and what names it stand on the screen, above the bar.
SEEN_WITH_ITS_NAME = """id => {
  const of = element => element.getBoundingClientRect();
  const field = document.getElementById(id);
  const name = id === 'note-text' ? document.getElementById('notes-title') : field.labels[0];
  return of(name).top >= 0 && of(field).bottom <= of(document.querySelector('.quick-bar')).top;
}"""
FOCUSED = "() => document.activeElement.id"


@pytest.fixture
def lead(browse, staff):
    """lead(**options) -> a browser's page with a lead open."""

    def open_lead(**options):
        page = browse(storage_state=staff, **options).new_page()
        a_lead(page)
        assert LEAD.match(page.url)
        return page

    return open_lead


def told(page) -> str:
    """What is said at the head of the page, without the key beside Undo."""
    words = page.locator("[data-flash]").inner_text()
    return " ".join(words.removesuffix("z").split())


def newest(page) -> str:
    return page.locator("#timeline .list-group-item").first.inner_text()


def stage_of(page) -> str:
    return (
        page.locator("section", has=page.locator("#stage-title"))
        .locator(".card-actions")
        .inner_text()
    )


def press_and_wait(page, key: str):
    with page.expect_navigation(url=LEAD):
        page.keyboard.press(key)


def test_two_keys_note_a_call(lead):
    page = lead()
    page.keyboard.press("c")
    press_and_wait(page, "Enter")
    assert told(page) == "Call logged. Undo"
    assert page.locator("#timeline").get_by_text("Call", exact=True).count() > 0


def test_two_other_keys_note_a_call_that_nobody_answered(lead):
    page = lead()
    stage = stage_of(page)
    page.keyboard.press("u")
    assert page.locator("#log-type").input_value() == "call_unanswered"
    page.keyboard.type("under her mother's number")
    press_and_wait(page, "Enter")
    assert told(page) == "Unanswered call logged. Undo"
    assert "Called, no answer" in newest(page)
    assert "under her mother's number" in newest(page)
    assert stage_of(page) == stage


def test_a_call_begun_by_key_turns_out_unanswered(lead):
    page = lead()
    page.keyboard.press("c")
    page.keyboard.type("Tried at noon")
    page.get_by_role("button", name="No answer").click()
    assert page.evaluate(FOCUSED) == "log-note"
    press_and_wait(page, "Enter")
    assert told(page) == "Unanswered call logged. Undo"
    assert "Tried at noon" in newest(page)


def test_an_unanswered_call_is_noted_without_javascript(lead):
    page = lead(java_script_enabled=False)
    page.locator("#log-type").focus()
    page.keyboard.type("Una")
    page.keyboard.press("Tab")
    press_and_wait(page, "Enter")
    assert told(page) == "Unanswered call logged. Undo"


def test_a_few_words_may_stand_between_them(lead):
    page = lead()
    page.keyboard.press("m")
    page.keyboard.type("Came with her sister, ? c n t")
    press_and_wait(page, "Enter")
    assert told(page) == "Meeting logged. Undo"
    assert page.get_by_text("Came with her sister, ? c n t").is_visible()


def test_each_key_leads_to_its_field(lead):
    page = lead()
    for key, field in (("e", "log-note"), ("n", "note-text"), ("t", "task-title")):
        page.keyboard.press(key)
        assert page.evaluate(FOCUSED) == field
        page.evaluate("document.activeElement.blur()")
    assert page.locator("#log-type").input_value() == "email_sent"
    assert page.locator("#note-text").input_value() == ""


def test_keys_are_only_letters_in_fields_and_with_others_held(lead):
    page = lead()
    page.locator("#note-text").focus()
    page.keyboard.type("can met?")
    assert page.evaluate(FOCUSED) == "note-text"
    assert page.locator("#note-text").input_value() == "can met?"
    page.locator("#log-type").focus()
    page.keyboard.press("t")
    assert page.evaluate(FOCUSED) == "log-type"
    page.evaluate("document.activeElement.blur()")
    for keys in ("Control+m", "Alt+c", "Meta+e"):
        page.keyboard.press(keys)
        assert page.evaluate(FOCUSED) == ""
    assert not page.locator("#shortcuts").is_visible()


def test_the_keys_are_told_and_can_be_switched_off(lead):
    page = lead()
    page.keyboard.press("?")
    told_of = page.get_by_role("dialog")
    expect(told_of.get_by_text("Log a call", exact=True)).to_be_visible()
    expect(told_of.get_by_text("Log a call that nobody answered")).to_be_visible()
    page.keyboard.press("n")
    expect(told_of).to_be_visible()
    page.get_by_label("Use single keys").press("Space")
    page.keyboard.press("Escape")
    expect(told_of).to_be_hidden()
    page.reload()
    for key in ("c", "?"):
        page.keyboard.press(key)
        assert page.evaluate(FOCUSED) == ""
    assert not page.get_by_role("button", name="Call").locator("kbd").is_visible()
    page.get_by_role("button", name="Keyboard").click()
    page.get_by_label("Use single keys").check()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("c")
    assert page.evaluate(FOCUSED) == "log-note"


def test_an_amount_is_asked_of_a_purchase_only(lead):
    page = lead()
    amount = page.get_by_label("Amount of a purchase")
    assert not amount.is_visible()
    page.locator("#log-type").select_option(label="Purchase")
    amount.fill("12,50")
    page.locator("#log-type").select_option(label="Call")
    assert not amount.is_visible()
    page.locator("#log-note").focus()
    press_and_wait(page, "Enter")
    assert told(page) == "Call logged. Undo"


def test_all_of_it_works_by_keyboard_without_javascript(lead):
    page = lead(java_script_enabled=False)
    page.locator("#log-type").focus()
    page.keyboard.type("Pur")
    page.keyboard.press("Tab")
    page.keyboard.type("Paid by card")
    page.keyboard.press("Tab")
    page.keyboard.type("90,50")
    press_and_wait(page, "Enter")
    assert told(page) == "Purchase logged. Undo"
    assert page.locator("#timeline").get_by_text("€90.50").is_visible()

    page.locator("#note-text").focus()
    page.keyboard.type("Likes Tuesdays")
    page.keyboard.press("Tab")
    press_and_wait(page, "Enter")
    assert page.locator("#notes").get_by_text("Likes Tuesdays").first.is_visible()
    page.get_by_role("button", name="Remove the note").first.focus()
    press_and_wait(page, "Enter")
    assert page.get_by_text("Likes Tuesdays").count() == 0
    page.get_by_role("button", name="Undo").focus()
    press_and_wait(page, "Enter")
    assert page.locator("#notes").get_by_text("Likes Tuesdays").first.is_visible()

    page.locator("#task-title").focus()
    page.keyboard.type("Send the leaflet")
    press_and_wait(page, "Enter")
    page.get_by_role("button", name="Done: Send the leaflet").focus()
    press_and_wait(page, "Enter")
    page.locator("#tasks > details > summary").focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Not done").focus()
    press_and_wait(page, "Enter")
    assert page.locator("#tasks").get_by_text("Send the leaflet").first.is_visible()


def test_nothing_is_offered_without_javascript_that_needs_it(lead):
    page = lead(java_script_enabled=False)
    assert page.locator("kbd:visible").count() == 0
    assert not page.get_by_role("button", name="Keyboard").is_visible()


def test_on_a_phone_the_quick_actions_stay_in_reach(lead):
    page = lead(viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True)
    bar = page.get_by_role("navigation", name="Quick actions")
    assert bar.is_visible()
    for name, fields in (("Log", ("log-type", "log-note")), ("Note", ("note-text",))):
        bar.get_by_role("link", name=name, exact=True).tap()
        for field in fields:
            page.wait_for_function(SEEN_WITH_ITS_NAME, arg=field)
    assert page.evaluate(FOCUSED) == "note-text"
    bar.get_by_role("link", name="Task").tap()
    page.wait_for_function("document.activeElement.id === 'task-title'")
    page.wait_for_function(IN_SIGHT)


def test_a_note_on_a_phone_is_a_note(lead):
    page = lead(viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True)
    bar = page.get_by_role("navigation", name="Quick actions")
    bar.get_by_role("link", name="Note", exact=True).tap()
    page.wait_for_function("document.activeElement.id === 'note-text'")
    page.keyboard.type("prefers mornings")
    follow(page, page.get_by_role("button", name="Keep the note"))
    expect(page.locator("[data-flash]")).to_contain_text("Note kept.")
    expect(page.locator("#notes").get_by_text("prefers mornings").first).to_be_visible()
    expect(page.locator("#timeline").get_by_text("prefers mornings")).to_have_count(0)


def test_what_was_done_is_undone_by_the_next_tab_or_by_a_key(lead):
    page = lead()
    stage = stage_of(page)
    for undo in (("Tab", "Enter"), ("z",)):
        page.keyboard.press("c")
        press_and_wait(page, "Enter")
        assert page.evaluate("document.activeElement.role") == "status"
        with page.expect_navigation(url=LEAD):
            for key in undo:
                page.keyboard.press(key)
        assert told(page) == "Call taken back."
        assert stage_of(page) == stage
    page.keyboard.press("z")  # there is nothing left to undo
    assert told(page) == "Call taken back."


def test_a_consent_told_on_the_phone_is_recorded_and_undone(lead):
    page = lead()
    card = page.locator("#consents")
    before = card.locator("li").count()
    card.get_by_text("They agree", exact=True).click()
    card.get_by_label("How they said so").select_option(label="In person")
    card.get_by_label("In what words, if not those").fill("Yes, write to me")
    follow(page, card.get_by_role("button", name="Record it"))
    expect(card.locator("li")).to_have_count(before + 1)
    expect(card.locator("li").first).to_contain_text("In person, told to")
    page.keyboard.press("Tab")
    press_and_wait(page, "Enter")
    expect(card.locator("li")).to_have_count(before)


def test_something_else_is_typed_beside_what_is_offered(lead):
    page = lead()
    page.locator("#edit > summary").click()
    other = page.get_by_label("Urgency in other words")
    assert not other.is_visible()
    page.locator("#edit-urgency").select_option(label="Other…")
    other.fill("After the summer")
    follow(page, page.get_by_role("button", name="Save", exact=True).last)
    expect(page.get_by_text("After the summer").first).to_be_visible()


def test_the_next_lead_of_the_list_is_one_key_away(lead):
    page = lead()
    page.goto("/admin/leads?open=1&sort=newest")
    names = page.locator("a.lead-name").all_inner_texts()[:3]
    address = page.url
    follow(page, page.locator("a.lead-name").nth(1))
    heading = page.get_by_role("heading", level=1)
    expect(heading).to_have_text(names[1])
    bar = page.get_by_role("navigation", name="Leads of the list")
    expect(bar).to_contain_text("2 of")
    for key, name in (("j", names[2]), ("k", names[1]), ("k", names[0])):
        press_and_wait(page, key)
        expect(heading).to_have_text(name)
    expect(bar).to_contain_text("1 of")
    page.keyboard.press("k")  # nobody is before the first
    expect(heading).to_have_text(names[0])
    page.keyboard.press("c")
    press_and_wait(page, "Enter")  # whatever it does to the list, the place in it stays
    press_and_wait(page, "j")
    expect(heading).to_have_text(names[1])
    follow(page, page.get_by_role("link", name="Leads", exact=True).last)
    assert page.url == address


def test_the_list_goes_on_behind_its_page(lead):
    page = lead()
    page.goto("/admin/leads?sort=newest")
    page.evaluate(
        """() => {
          const list = document.querySelector('[data-leads]');
          list.dataset.leadsMore = '/admin/leads?sort=newest&stage=new';
          [...list.children].slice(1).forEach(one => one.remove());
        }"""
    )
    follow(page, page.locator("a.lead-name").first)
    expect(page.get_by_role("link", name="The next lead")).to_have_attribute(
        "href", re.compile(r"/admin/leads/\d+$")
    )


def test_a_lead_opened_from_elsewhere_has_no_neighbours(lead):
    page = lead()
    expect(page.get_by_role("navigation", name="Leads of the list")).to_be_hidden()
