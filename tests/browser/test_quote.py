"""The way to a quote in a real browser: by keyboard alone, and without scripts on a phone."""

import re

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser


def focus_by_tab(page, wanted: str, most: int = 80):
    """Presses Tab until the element that the selector names has the focus."""
    for _ in range(most):
        page.keyboard.press("Tab")
        if page.evaluate("wanted => document.activeElement.matches(wanted)", wanted):
            return
    raise AssertionError(f"Tab never reached {wanted}")


def test_the_keyboard_alone_leads_from_a_treatment_to_the_quote_and_its_change(browse):
    page = browse().new_page()
    page.goto("/enhanced-cost/")
    focus_by_tab(page, "[name=procedures][value=ipl]")
    page.keyboard.press("Space")
    expect(page.locator("#estimate .total")).to_contain_text("€")
    focus_by_tab(page, "[name=sessions-ipl]")
    page.keyboard.press("ArrowUp")
    focus_by_tab(page, "[name=months]")
    page.keyboard.press("ArrowRight")
    expect(page.locator("#estimate")).to_contain_text("× 4")
    expect(page.locator("#estimate")).to_contain_text("a month over 6 months")
    focus_by_tab(page, "button[form=cost-form]")
    page.keyboard.press("Enter")
    page.wait_for_url("**/result/*")
    focus_by_tab(page, "#contact-email")
    page.keyboard.type("keys@example.com", delay=150)
    page.keyboard.press("Enter")
    expect(page.locator("#quote")).to_contain_text("keys@example.com")
    focus_by_tab(page, "#quote a:not([href$=pdf])")
    page.keyboard.press("Enter")
    page.wait_for_url("**/quotes/*")
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile(r"AUR-\d{4}-\d{5}"))
    focus_by_tab(page, "main a[href*='?quote=']")
    page.keyboard.press("Enter")
    page.wait_for_url("**/?quote=*")
    expect(page.locator("[name=sessions-ipl]")).to_have_value("4")
    expect(page.locator("[name=months][value='6']")).to_be_checked()


def test_without_scripts_on_a_phone_the_pdf_is_had_at_once(browse):
    phone = browse(java_script_enabled=False, viewport={"width": 360, "height": 740})
    page = phone.new_page()
    page.goto("/enhanced-cost/?treatment=ipl")
    page.get_by_role("button", name="Calculate").click()
    page.wait_for_url("**/result/*")
    page.get_by_label("E-mail", exact=True).press_sequentially("noscript@example.com", delay=130)
    page.locator("#leadlight-contact-form").get_by_role("button", name="Send").click()
    page.wait_for_url("**/contact/*")
    link = page.get_by_role("link", name="Download the PDF")
    answer = phone.request.get(link.get_attribute("href"))
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.body().startswith(b"%PDF-")


def test_the_address_of_a_quote_is_told_to_no_counter(browse):
    page = browse().new_page()
    page.goto("/enhanced-cost/?treatment=ipl")
    page.get_by_role("button", name="Calculate").click()
    page.wait_for_url("**/result/*")
    page.get_by_label("E-mail", exact=True).press_sequentially("quiet@example.com", delay=150)
    page.locator("#leadlight-contact-form").get_by_role("button", name="Send").click()
    told = []
    page.on("request", lambda request: told.append(request))
    with page.expect_navigation(url="**/quotes/*"):
        page.get_by_role("link", name="Open it").click()
    page.wait_for_load_state("networkidle")
    key = page.url.rpartition("/")[2]
    with page.expect_request("**/collect") as counted:
        page.get_by_role("navigation", name="Main").get_by_role("link", name="Treatments").click()
    assert "/treatments" in counted.value.post_data
    assert [one for one in told if key in (one.post_data or "")] == []
