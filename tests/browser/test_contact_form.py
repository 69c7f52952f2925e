"""The contact form in a real browser where the network fails."""

import pytest
from playwright.sync_api import expect

from tests.browser.pages import follow

pytestmark = pytest.mark.browser


def fail_in_place(route):
    """Whatever a script asks for is lost; the browser's own requests arrive."""
    if "x-requested-with" in route.request.headers:
        route.abort()
    else:
        route.continue_()


def test_the_pressed_button_is_not_lost_when_the_form_cannot_be_sent_in_place(browse, watch):
    page = browse().new_page()
    for email in ("ida.form@example.com", None):
        page.goto("/enhanced-cost/")
        page.locator(".choice-head").first.click()
        page.get_by_role("button", name="Calculate").click()
        page.wait_for_url("**/result/*")
        if email:
            box = page.get_by_label("E-mail", exact=True)
            box.press_sequentially(email, delay=2500 / len(email))
            page.locator("#leadlight-contact-form").get_by_role("button", name="Send").click()
            expect(page.locator("#contact")).to_contain_text("Step 2 of")
    page.route("**/contact/**", fail_in_place)
    page.get_by_role("button", name="I am somebody else").click()
    page.wait_for_url("**/contact/*")
    expect(page.get_by_label("E-mail", exact=True)).to_be_visible()
    watch.forgive("ERR_FAILED")


def use_calculator(page):
    page.goto("/enhanced-cost/")
    page.locator(".choice-head").first.click()
    page.get_by_role("button", name="Calculate").click()
    page.wait_for_url("**/result/*")


def give(page, email):
    """The first step, at the pace of people."""
    page.get_by_label("E-mail", exact=True).press_sequentially(email, delay=2500 / len(email))
    page.locator("#leadlight-contact-form").get_by_role("button", name="Send").click()


def lasting(storage):
    """What a browser still has after it was closed."""
    return storage | {"cookies": [one for one in storage["cookies"] if one["expires"] > 0]}


def test_who_comes_back_by_another_tool_is_not_asked_again(browse, staff):
    first = browse()
    page = first.new_page()
    use_calculator(page)
    give(page, "come.back@example.com")
    expect(page.locator("#contact")).to_contain_text("Step 2 of")
    again = browse(storage_state=lasting(first.storage_state())).new_page()
    again.goto("/enhanced-ai/")
    words = again.get_by_role("textbox").first
    words.fill("I would like to get rid of the frown lines on my forehead")
    again.get_by_role("button", name="See what fits").click()
    again.wait_for_url("**/enhanced-ai/result/*")
    expect(again.locator("#contact")).to_contain_text("We know how to reach you from before.")
    expect(again.locator("#contact [name=email]")).to_have_count(0)
    again.get_by_label("First name").fill("Colette")
    again.get_by_role("button", name="Continue").click()
    expect(again.locator("#contact")).to_contain_text("Step 3 of")
    office = browse(storage_state=staff).new_page()
    office.goto("/admin/leads?q=come.back@example.com")
    follow(office, office.locator("main .list-group a[href*='/admin/leads/']").first)
    expect(office.locator("main")).to_contain_text("Cost calculator")
    expect(office.locator("main")).to_contain_text("AI recommendation")


def test_a_slip_in_the_address_is_mended_with_one_press(browse, watch):
    page = browse(viewport={"width": 360, "height": 740}).new_page()
    use_calculator(page)
    give(page, "slip.of.a.finger@gmial.com")
    expect(page.locator("#contact .error-summary")).to_be_focused()
    page.get_by_role("button", name="Use slip.of.a.finger@gmail.com").click()
    expect(page.locator("#contact")).to_contain_text("Step 2 of")
    watch.forgive("422")


def test_by_keyboard_alone_and_without_scripts_the_whole_form_is_answered(browse):
    page = browse(java_script_enabled=False).new_page()
    use_calculator(page)
    page.get_by_label("E-mail", exact=True).focus()
    page.keyboard.type("no.scripts@example.com", delay=120)
    page.keyboard.press("Enter")
    page.wait_for_url("**/contact/*")
    for number in (2, 3, 4):
        expect(page.locator("#contact")).to_contain_text(f"Step {number} of 4")
        page.locator("#leadlight-contact-form button[type=submit]").first.focus()
        with page.expect_navigation():
            page.keyboard.press("Enter")
    expect(page.locator(".thanks")).to_contain_text("Thank you.")
