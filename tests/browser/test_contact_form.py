"""The contact form in a real browser where the network fails."""

import pytest
from playwright.sync_api import expect

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
