"""The catalogue's pages in a real browser: rows, hours and order by mouse, by keyboard, and without
scripts."""

import pytest
from playwright.sync_api import expect

from tests.browser.pages import follow

pytestmark = pytest.mark.browser

CATALOGUE = "/admin/catalogue/"
LYON = f"{CATALOGUE}clinics/lyon"


@pytest.fixture
def page(browse, staff):
    return browse(storage_state=staff, viewport={"width": 1280, "height": 900}).new_page()


def order(page) -> list[str]:
    return page.locator("tr[data-slug]").evaluate_all("rows => rows.map(row => row.dataset.slug)")


def hours(page, day: str) -> list[str]:
    return [
        field.input_value()
        for field in page.get_by_role("group", name=day).get_by_role("textbox").all()
    ]


def test_areas_are_added_and_removed_and_the_focus_goes_along(page):
    page.goto(f"{CATALOGUE}treatments/lip-filler")
    names = page.locator("[name=area-name]")
    expect(names).to_have_count(2)
    page.get_by_role("button", name="Add an area").click()
    expect(names).to_have_count(3)
    expect(names.nth(2)).to_be_focused()
    page.keyboard.type("Corners")
    page.keyboard.press("Tab")
    page.keyboard.type("0,5")
    page.get_by_role("button", name="Remove this area").first.click()
    expect(names).to_have_count(2)
    follow(page, page.get_by_role("button", name="Save", exact=True))
    expect(page.get_by_text("Saved.")).to_be_visible()
    expect(page.locator("[name=area-name]").last).to_have_value("Corners")
    expect(page.locator("[name=area-factor]").last).to_have_value("0.5")
    follow(page, page.get_by_role("button", name="Undo"))
    expect(page.get_by_text("All is as it was before")).to_be_visible()


def test_monday_is_copied_in_place_and_saved_on_demand(page):
    page.goto(LYON)
    page.get_by_label("Monday from").first.fill("8")
    page.get_by_role("button", name="Copy Monday").click()
    assert hours(page, "Friday") == ["8", "12:30", "13:30", "19:00"]
    assert hours(page, "Saturday") == ["", ""]
    page.get_by_role("button", name="Add a stretch on Saturday").click()
    page.get_by_role("group", name="Saturday").get_by_label("Saturday from").last.fill("930")
    page.get_by_role("group", name="Saturday").get_by_label("Saturday to").last.fill("1230")
    follow(page, page.get_by_role("button", name="Save", exact=True).last)
    expect(page.get_by_text("Saved.")).to_be_visible()
    assert hours(page, "Thursday") == ["08:00", "12:30", "13:30", "19:00"]
    assert hours(page, "Saturday") == ["09:30", "12:30"]
    follow(page, page.get_by_role("button", name="Undo"))
    page.goto(LYON)
    assert hours(page, "Saturday") == ["", ""]


def test_rows_are_dragged_into_another_place(page):
    page.goto(CATALOGUE)
    before = order(page)
    last = page.locator(f"tr[data-slug={before[2]}] [data-grip]")
    first = page.locator(f"tr[data-slug={before[0]}]")
    with page.expect_navigation():
        last.drag_to(first, target_position={"x": 40, "y": 4})
    expect(page.get_by_text("The order is saved.")).to_be_visible()
    assert order(page)[:3] == [before[2], before[0], before[1]]
    follow(page, page.get_by_role("button", name="Undo"))
    expect(page.get_by_text("All is as it was before")).to_be_visible()
    assert order(page) == before


def test_by_keyboard_alone_a_row_is_moved_and_keeps_the_focus(page):
    page.goto(CATALOGUE)
    before = order(page)
    page.locator(f"[value=up-{before[2]}]").focus()
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(page.get_by_text("The order is saved.")).to_be_visible()
    assert order(page)[1] == before[2]
    expect(page.locator(f"[value=up-{before[2]}]")).to_be_focused()
    with page.expect_navigation():
        page.locator(f"[value=down-{before[2]}]").press("Enter")
    assert order(page) == before


def test_without_scripts_an_empty_row_waits_and_monday_is_copied_by_the_server(browse, staff):
    page = browse(storage_state=staff, java_script_enabled=False).new_page()
    page.goto(f"{CATALOGUE}treatments/ipl")
    expect(page.locator("[name=area-name]")).to_have_count(5)
    expect(page.get_by_role("button", name="Add an area")).to_be_hidden()
    page.locator("[name=area-name]").last.fill("Back")
    follow(page, page.get_by_role("button", name="Save", exact=True))
    expect(page.locator("[name=area-name]")).to_have_count(6)
    follow(page, page.get_by_role("button", name="Undo"))
    page.goto(LYON)
    page.get_by_label("Monday from").first.fill("7")
    follow(page, page.get_by_role("button", name="Copy Monday"))
    expect(page.get_by_label("Friday from").first).to_have_value("7")
    page.goto(LYON)
    expect(page.get_by_label("Friday from").first).to_have_value("09:00")


def test_enter_in_a_field_saves_instead_of_copying_monday(page):
    page.goto(LYON)
    address = page.get_by_label("Address")
    before = address.input_value()
    address.fill("1 rue Neuve")
    with page.expect_navigation():
        address.press("Enter")
    expect(page.get_by_text("Saved.")).to_be_visible()
    expect(page.get_by_label("Address")).to_have_value("1 rue Neuve")
    follow(page, page.get_by_role("button", name="Undo"))
    page.goto(LYON)
    expect(page.get_by_label("Address")).to_have_value(before)


def test_leaving_with_something_typed_asks_first(page):
    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    page.goto(f"{CATALOGUE}treatments/ipl")
    page.get_by_label("Downtime").fill("A day")
    page.get_by_role("link", name="Clinics").or_(
        page.get_by_role("link", name="Dashboard")
    ).first.click()
    page.wait_for_url("**/dashboard")
    assert asked == ["beforeunload"]
    page.goto(f"{CATALOGUE}treatments/ipl")
    page.get_by_role("link", name="Dashboard").click()
    page.wait_for_url("**/dashboard")
    assert asked == ["beforeunload"], "nothing typed, nothing asked"


def test_a_file_goes_in_and_comes_back_out_again(page):
    page.goto(f"{CATALOGUE}files")
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV of Treatments").click()
    told = download.value.path().read_text("utf-8-sig").replace("HydraFacial", "Hydra facial")
    file = {"name": "mine.csv", "mimeType": "text/csv", "buffer": told.encode("utf-16")}
    page.get_by_label("File", exact=True).set_input_files(file)
    page.get_by_role("button", name="See what would change").click()
    expect(page.get_by_text("read as UTF-16")).to_be_visible()
    page.get_by_role("button", name="Import: add 0, change 1").click()
    expect(page.get_by_text("Treatments: 0 added, 1 changed")).to_be_visible()
    page.get_by_role("button", name="Undo").first.click()
    expect(page.get_by_text("All is as it was before")).to_be_visible()
