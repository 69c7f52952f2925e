"""The list of leads: found by when they came, and many at once on a phone."""

import pytest
from playwright.sync_api import expect

from tests.browser.pages import follow

pytestmark = pytest.mark.browser

PHONE = {"width": 360, "height": 740}
PLACE = """one => {
  const { top, bottom } = one.getBoundingClientRect();
  return [Math.round(top), Math.round(bottom)];
}"""

ABOVE_THE_BAR = """() => {
  const bar = document.getElementById('bulk');
  const focused = document.activeElement;
  return bar.contains(focused)
    || focused.getBoundingClientRect().bottom <= bar.getBoundingClientRect().top;
}"""


@pytest.fixture
def phone(browse, staff):
    """phone(**options) -> the list of leads at the width of a phone."""

    def open_it(**options):
        page = browse(storage_state=staff, viewport=PHONE, **options).new_page()
        page.goto("/admin/leads")
        return page

    return open_it


def tick(page, count: int):
    boxes = page.get_by_role("checkbox", name="Choose")
    for number in range(count):
        boxes.nth(number).check()


def bar(page):
    return page.get_by_role("form", name="With the leads ticked")


def test_days_of_ones_own_are_asked_for_only_by_who_wants_them(browse, staff):
    page = browse(storage_state=staff).new_page()
    page.goto("/admin/leads")
    page.get_by_text("Filters", exact=True).click()
    days = page.get_by_role("group", name="Own days")
    expect(days).to_be_hidden()
    page.get_by_label("Came").select_option("Own days")
    days.get_by_label("From").fill("2020-01-01")
    follow(page, page.get_by_role("button", name="Show", exact=True))
    assert "from=2020-01-01" in page.url
    expect(page.get_by_text("came since 1 Jan 2020")).to_be_visible()
    page.get_by_text("Filters", exact=False).first.click()
    expect(days.get_by_label("From")).to_have_value("2020-01-01")
    page.get_by_label("Came").select_option("Today")
    expect(days).to_be_hidden()
    follow(page, page.get_by_role("button", name="Show", exact=True))
    assert "from=" not in page.url
    assert "came=1" in page.url


def test_days_that_are_none_are_shown_beside_their_field_at_once(browse, staff, watch):
    page = browse(storage_state=staff).new_page()
    page.goto("/admin/leads?came=days&from=2026-03-09&to=2026-03-02&min=5")
    watch.forgive("422")
    expect(page.get_by_label("From")).to_be_visible()
    expect(page.get_by_label("From")).to_have_value("2026-03-09")
    expect(page.get_by_label("From")).to_have_accessible_description(
        "Must not be after the last day."
    )
    page.get_by_role("alert").get_by_role("link", name="From").click()
    expect(page.get_by_label("From")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_label("Score at least")).to_have_value("5")


def test_the_bar_is_one_line_on_a_phone_and_opens_by_keyboard(phone):
    page = phone()
    expect(bar(page)).to_be_hidden()
    tick(page, 2)
    expect(bar(page)).to_contain_text("2")
    top, bottom = bar(page).evaluate(PLACE)
    assert bottom - top <= 64
    opener = bar(page).get_by_role("button", name="Assign or move")
    stages = bar(page).get_by_label("Move to")
    expect(stages).to_be_hidden()
    opener.focus()
    page.keyboard.press("Enter")
    expect(stages).to_be_visible()
    page.keyboard.press("Tab")
    expect(bar(page).get_by_label("Assign to")).to_be_focused()
    page.keyboard.press("Escape")
    expect(stages).to_be_hidden()
    expect(opener).to_be_focused()


def test_the_bar_hides_nothing_that_has_the_focus(phone):
    page = phone(reduced_motion="reduce")
    tick(page, 1)
    page.get_by_role("checkbox", name="Choose").first.focus()
    for _ in range(12):
        page.keyboard.press("Tab")
        page.wait_for_function(ABOVE_THE_BAR)


def test_leads_are_given_to_somebody_from_the_sheet(phone):
    page = phone()
    tick(page, 1)
    bar(page).get_by_role("button", name="Assign or move").click()
    bar(page).get_by_label("Assign to").select_option("Nobody")
    follow(page, bar(page).get_by_role("button", name="Assign", exact=True))
    expect(page.get_by_text("1 lead assigned to nobody.")).to_be_visible()
    follow(page, page.get_by_role("button", name="Undo"))
    expect(page.get_by_text("Undone")).to_be_visible()


def test_the_sheet_opens_without_scripts_too(phone):
    page = phone(java_script_enabled=False)
    expect(bar(page)).to_contain_text("With the leads ticked")
    expect(bar(page).get_by_label("Move to")).to_be_hidden()
    tick(page, 1)
    bar(page).get_by_role("button", name="Assign or move").click()
    follow(page, bar(page).get_by_role("button", name="Move", exact=True))
    expect(page.get_by_text("Choose the stage to move the leads to.")).to_be_visible()


def test_everything_stands_in_the_bar_where_there_is_room(browse, staff):
    page = browse(storage_state=staff, viewport={"width": 1280, "height": 800}).new_page()
    page.goto("/admin/leads")
    tick(page, 1)
    expect(bar(page).get_by_label("Move to")).to_be_visible()
    expect(bar(page).get_by_role("button", name="Assign or move")).to_be_hidden()
    top, bottom = bar(page).evaluate(PLACE)
    assert bottom - top <= 64
