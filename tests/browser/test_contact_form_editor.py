"""The editor of the contact form in a real browser: seen at once, dragged, by keyboard alone."""

import pytest
from playwright.sync_api import expect

from tests.browser.pages import follow

pytestmark = pytest.mark.browser

ADDRESS = "/admin/contact-form"


@pytest.fixture
def editor(browse, staff):
    """The editor, open on the owner's desk."""
    page = browse(storage_state=staff, viewport={"width": 1280, "height": 900}).new_page()
    page.goto(ADDRESS)
    expect(preview(page, 1).locator("#preview-1-title")).to_be_visible()
    yield page
    page.goto(ADDRESS)
    reset = page.get_by_role("button", name="Reset to this")
    if reset.count():
        reset.click()
        expect(page.get_by_text("Back to how it came").first).to_be_visible()


def preview(page, number):
    """A step in the preview, inside its shadow root."""
    return page.locator("#form-preview").locator(f"#preview-{number}")


def labels(page, step):
    return page.locator(f"#steps-{step} [data-field] strong")


def question(page, text):
    return page.locator("[data-field]", has_text=text).first


def publish(page):
    page.get_by_role("button", name="Publish version").click()
    expect(page.get_by_text("Visitors see it from now on.")).to_be_visible()


def test_what_is_typed_is_seen_at_once_in_the_public_sites_own_clothes(editor):
    editor.get_by_label("Title of the thanks").fill("Merci, {name} 💐")
    expect(editor.locator("#form-preview .thanks h2")).to_have_text("Merci, Ana 💐")
    title = preview(editor, 1).locator("#preview-1-title")
    editor.get_by_label("Beside which tool").select_option("ai_recommendation")
    expect(title).to_have_text("Where may a doctor answer you?")
    serif = "one => getComputedStyle(one).fontFamily"
    assert title.evaluate(serif) != editor.locator("h1").evaluate(serif)
    background = "one => getComputedStyle(one).backgroundColor"
    page_of = editor.locator("#form-preview .preview-page")
    light = page_of.evaluate(background)
    editor.locator("[data-preview-dark]").click()
    assert page_of.evaluate(background) != light


def test_a_question_is_dragged_to_another_step(editor):
    editor.set_viewport_size({"width": 1280, "height": 2600})
    box = question(editor, "First name").locator("[data-drag]").bounding_box()
    target = question(editor, "Notes").bounding_box()
    editor.mouse.move(box["x"] + 8, box["y"] + 8)
    editor.mouse.down()
    editor.mouse.move(box["x"] + 8, box["y"] + 40, steps=4)
    editor.mouse.move(target["x"] + 60, target["y"] + target["height"] - 6, steps=12)
    editor.mouse.up()
    expect(labels(editor, 3)).to_have_text(["Notes", "First name"])
    expect(labels(editor, 1)).to_have_text(["Last name", "Phone"])


def test_by_keyboard_alone_a_question_is_added_moved_and_published(editor, browse):
    editor.get_by_label("Ask one thing more").nth(3).focus()
    editor.keyboard.press("Tab")
    editor.keyboard.press("Enter")
    added = editor.locator("#steps-3-fields-1")
    expect(added).to_be_focused()
    editor.keyboard.press("Tab")
    expect(editor.locator("#steps-3-fields-1 button:focus")).to_have_count(1)
    editor.locator("#steps-3-fields-1-label").focus()
    editor.keyboard.type("Anything you are afraid of?")
    editor.locator("#steps-3-fields-1 button", has_text="up").focus()
    editor.keyboard.press("Enter")
    expect(editor.locator("#steps-3-fields-0")).to_contain_text("Anything you are afraid of?")
    expect(preview(editor, 4)).to_contain_text("Anything you are afraid of?")
    publish(editor)
    visitor = browse().new_page()
    visitor.goto("/enhanced-cost/")
    visitor.locator(".choice-head").first.click()
    visitor.get_by_role("button", name="Calculate").click()
    visitor.wait_for_url("**/result/*")
    box = visitor.get_by_label("E-mail", exact=True)
    box.press_sequentially("afraid@example.com", delay=150)
    visitor.locator("#leadlight-contact-form").get_by_role("button", name="Send").click()
    for step in (2, 3):
        expect(visitor.locator("#contact")).to_contain_text(f"Step {step} of")
        visitor.get_by_role("button", name="Continue").click()
    visitor.get_by_label("Anything you are afraid of?").fill("Needles")
    visitor.locator("#leadlight-contact-form").get_by_role("button", name="Send").click()
    expect(visitor.locator(".thanks")).to_be_visible()


def test_what_cannot_be_published_is_said_where_it_is(editor, watch):
    editor.locator("#steps-1-title").fill("")
    editor.get_by_role("button", name="Publish version").click()
    link = editor.locator("#errors a").first
    expect(editor.locator("#errors")).to_be_focused()
    link.click()
    expect(editor.locator("#steps-1-title")).to_have_attribute("aria-invalid", "true")
    watch.forgive("422")


def test_nobody_leaves_a_draft_by_accident(editor):
    editor.locator("#steps-0-title").fill("Half a thought")
    asked = []
    editor.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    editor.goto("/admin/leads")
    assert asked == ["beforeunload"]


def test_without_scripts_all_of_it_works_too(browse, staff):
    page = browse(storage_state=staff, java_script_enabled=False).new_page()
    page.goto(ADDRESS)
    follow(page, page.locator("#steps-0").get_by_role("button", name="Move “Phone” up"))
    assert labels(page, 0).all_inner_texts()[:2] == ["Phone", "E-mail"]
    with page.expect_popup() as opened:
        page.get_by_role("button", name="Preview page").click()
    shown = opened.value
    expect(shown.get_by_role("heading", name="The contact form")).to_be_visible()
    first = shown.locator(".preview-page").first.locator(".field label").first
    expect(first).to_have_text("Phone")
