"""Booking in a real browser: by keyboard alone, by another clock, without scripts."""

import pytest
from playwright.sync_api import expect

from tests.browser.pages import follow

pytestmark = pytest.mark.browser


def press_until(page, focused: str, key: str = "Tab", most: int = 80):
    """Presses a key until the element with the focus matches."""
    for _ in range(most):
        page.keyboard.press(key)
        if page.evaluate("selector => document.activeElement.matches(selector)", focused):
            return
    raise AssertionError(f"{focused} is not reached by {key}")


def test_an_appointment_is_booked_by_keyboard_alone_and_told_by_the_visitors_own_clock(browse):
    page = browse(timezone_id="America/New_York").new_page()
    page.goto("/appointments/")
    press_until(page, "[name=treatment][value=lip-filler]")
    page.keyboard.press("Space")
    press_until(page, "form.booking button")
    page.keyboard.press("Enter")
    page.wait_for_url("**/times?**tz=America*")
    expect(page.locator("#times")).to_contain_text("below them the time in New York")
    press_until(page, "a.slot")
    page.keyboard.press("Enter")
    page.wait_for_url("**/details?**")
    expect(page.locator("aside")).to_contain_text("in New York")
    press_until(page, "#first_name")
    page.keyboard.type("Ida", delay=800)
    press_until(page, "#email")
    page.keyboard.type("ida.keys@example.com")
    page.keyboard.press("Enter")
    page.wait_for_url("**/result/*")
    expect(page.get_by_role("heading", level=1)).to_contain_text("See you")
    with page.expect_download() as download:
        page.get_by_role("link", name="Add to calendar").click()
    assert download.value.suggested_filename == "appointment.ics"


def test_going_back_and_reloading_lose_no_choice(browse):
    page = browse().new_page()
    page.goto("/appointments/times?treatment=lip-filler&clinic=paris")
    follow(page, page.locator("a.day").last)
    day = page.locator("#times-title").inner_text()
    page.locator("a.slot").first.click()
    page.wait_for_url("**/details?**")
    page.reload()
    expect(page.locator("aside")).to_contain_text("Hyaluronic lip filler")
    page.go_back()
    expect(page.locator("#times-title")).to_have_text(day)


def test_without_scripts_it_is_booked_moved_and_cancelled(browse):
    page = browse(java_script_enabled=False).new_page()
    page.goto("/appointments/?treatment=lip-filler")
    follow(page, page.get_by_role("button", name="See free times"))
    follow(page, page.get_by_role("link", name="The week after"))
    follow(page, page.locator("a.slot").first)
    page.get_by_label("First name").press_sequentially("Ida", delay=800)
    page.get_by_label("Phone").fill("+33612345678")
    follow(page, page.get_by_role("button", name="Book this time"))
    follow(page, page.get_by_role("link", name="Move or cancel"))
    follow(page, page.get_by_role("link", name="Move to another time"))
    follow(page, page.locator("a.slot").last)
    follow(page, page.get_by_role("button", name="Move it"))
    expect(page.get_by_role("status")).to_contain_text("Moved.")
    follow(page, page.get_by_role("link", name="Cancel", exact=True))
    follow(page, page.get_by_role("button", name="Cancel the appointment"))
    expect(page.get_by_role("heading", level=1)).to_have_text("This appointment is cancelled")
    follow(page, page.get_by_role("button", name="Undo"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Your appointment")
