"""The recommendation in a real browser: by keyboard alone, without scripts, and asked in place."""

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

WORDS = "I frown all day and my forehead lines make me look cross"


@pytest.mark.parametrize("scripts", [True, False])
def test_by_keyboard_alone_with_and_without_scripts(browse, scripts):
    page = browse(java_script_enabled=scripts).new_page()
    page.goto("/enhanced-ai/")
    page.get_by_label("In your own words").focus()
    page.keyboard.type(WORDS)
    page.get_by_role("radio", name="Rather not say").first.focus()
    page.keyboard.press("ArrowLeft")
    assert page.locator("[name=budget][value=high]").is_checked()
    page.get_by_role("button", name="See what fits").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/enhanced-ai/result/*")
    best = page.locator(".match").first
    assert best.get_by_role("link", name="Botulinum wrinkle treatment", exact=True).is_visible()
    assert best.locator("mark").all_text_contents()[:2] == ["frown", "forehead"]
    best.get_by_role("link", name="Price it").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/enhanced-cost/**")
    assert page.locator("[name=procedures][value=wrinkle-relaxing]").is_checked()


def test_the_contact_form_is_answered_in_place(browse):
    page = browse().new_page()
    page.goto("/enhanced-ai/?text=thin lips")
    page.get_by_role("button", name="See what fits").click()
    page.wait_for_url("**/enhanced-ai/result/*")
    address = page.url
    box = page.locator("#contact").get_by_label("E-mail", exact=True)
    box.press_sequentially("kim@example.com", delay=160)  # at the pace of people
    page.locator("#contact").get_by_role("button", name="Send").click()
    page.locator("#contact").get_by_text("Step 2").wait_for()
    assert page.url == address


def test_nothing_that_fits_is_heard_and_can_be_said_again(browse):
    page = browse().new_page()
    page.goto("/enhanced-ai/?text=how do I fix my car brakes")
    page.get_by_role("button", name="See what fits").click()
    told = page.get_by_role("status").filter(has_text="Nothing fits")
    told.wait_for()
    expect(told).to_be_focused()
    page.get_by_label("In your own words").fill("brown spots")
    page.get_by_role("button", name="See what fits").click()
    page.wait_for_url("**/enhanced-ai/result/*")
