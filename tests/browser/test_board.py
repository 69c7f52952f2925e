"""The board in a real browser: by mouse, by finger, by keyboard, with a reason, too late, without a
server, without scripts."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.pages import follow

pytestmark = pytest.mark.browser

BOARD = "/admin/leads/board"


@pytest.fixture
def page(browse, staff):
    page = browse(storage_state=staff, viewport={"width": 1600, "height": 1000}).new_page()
    page.goto(BOARD)
    return page


def column(page, stage: str):
    return page.locator(f"[data-column={stage}]")


def card(page, stage: str):
    """The first card of a column, by its id: it stays the same wherever it goes."""
    return page.locator(f"[data-card='{first_id(page, stage)}']")


def first_id(page, stage: str) -> str:
    found = column(page, stage).locator("[data-card]").first
    if not found.count():  # bring somebody there first
        other = page.locator("[data-column][open] [data-card]").first
        lead_id = other.get_attribute("data-card")
        press_into(page, lead_id, stage)
        return lead_id
    return found.get_attribute("data-card")


def press_into(page, lead_id: str, stage: str):
    """Moves a card by its dialog and reloads."""
    page.locator(f"[data-card='{lead_id}'] [data-move]").click()
    page.get_by_role("dialog").get_by_label("To", exact=True).select_option(stage)
    page.get_by_role("dialog").get_by_label("Why").fill("to begin with")
    page.get_by_role("dialog").get_by_role("button", name="Move").click()
    expect(column(page, stage).locator(f"[data-card='{lead_id}']:not([aria-busy])")).to_be_visible()
    expect(said(page)).to_contain_text("moved to")
    page.reload()


def said(page):
    return page.locator("[data-board-said]")


def count(page, stage: str) -> int:
    return int(column(page, stage).locator("[data-count]").inner_text())


def drag(page, moved, stage: str, drop: bool = True):
    """Drags with the mouse, by steps, as a hand does."""
    box = moved.bounding_box()
    there = column(page, stage).bounding_box()
    page.mouse.move(box["x"] + 30, box["y"] + 12)
    page.mouse.down()
    page.mouse.move(box["x"] + 60, box["y"] + 30, steps=4)
    page.mouse.move(there["x"] + there["width"] / 2, there["y"] + 60, steps=8)
    expect(column(page, stage)).to_have_class(re.compile("is-over"))
    if drop:
        page.mouse.up()


def is_in(moved, stage: str):
    expect(moved).to_have_attribute("data-stage", stage)
    expect(moved.locator(f"xpath=ancestor::*[@data-column='{stage}']")).to_have_count(1)


def test_a_card_is_dragged_to_the_next_stage_and_taken_back(page):
    moved = card(page, "new")
    before = count(page, "contacted")
    drag(page, moved, "contacted")
    expect(said(page)).to_contain_text("moved to Contacted.")
    is_in(moved, "contacted")
    assert count(page, "contacted") == before + 1
    assert page.url.endswith(BOARD), "the click that ends a drag opens no lead"
    page.reload()
    is_in(moved, "contacted")
    page.reload()
    drag(page, moved, "new")
    page.get_by_role("dialog").get_by_label("Why").fill("by mistake")
    page.keyboard.press("Tab")
    page.get_by_role("dialog").get_by_role("button", name="Move").click()
    expect(said(page)).to_contain_text("moved to New.")
    said(page).get_by_role("button", name="Undo").click()
    expect(said(page)).to_contain_text("is in Contacted.")
    is_in(moved, "contacted")
    expect(moved.locator("[data-card-name]")).to_be_focused()
    page.reload()
    is_in(moved, "contacted")


def test_escape_lets_a_dragged_card_go_where_it_was(page):
    moved = card(page, "contacted")
    drag(page, moved, "qualified", drop=False)
    page.keyboard.press("Escape")
    page.mouse.up()
    expect(page.locator(".board-ghost")).to_have_count(0)
    is_in(moved, "contacted")
    expect(said(page)).to_be_empty()


def test_a_card_is_moved_by_the_keyboard_and_keeps_the_focus(page):
    moved = card(page, "contacted")
    moved.locator("[data-card-name]").focus()
    page.keyboard.press("Alt+ArrowRight")
    expect(said(page)).to_contain_text("moved to Qualified.")
    is_in(moved, "qualified")
    expect(moved.locator("[data-card-name]")).to_be_focused()
    assert page.url.endswith(BOARD), "the browser went nowhere"
    page.keyboard.press("Alt+ArrowRight")
    page.keyboard.press("Alt+ArrowRight")
    expect(said(page)).to_contain_text("moved to Opportunity.")
    is_in(moved, "opportunity")
    expect(moved.locator("[data-card-name]")).to_be_focused()


def test_a_way_back_asks_why_and_cancelling_changes_nothing(page):
    moved = card(page, "opportunity")
    moved.locator("[data-move]").focus()
    page.keyboard.press("Alt+ArrowLeft")
    asked = page.get_by_role("dialog")
    expect(asked.get_by_label("Why")).to_be_focused()
    asked.get_by_role("button", name="Move").click()
    expect(asked, "it does not go without a reason").to_be_visible()
    page.keyboard.press("Escape")
    expect(asked).to_be_hidden()
    expect(said(page)).to_contain_text("stays in Opportunity.")
    is_in(moved, "opportunity")
    expect(moved.locator("[data-move]")).to_be_focused()
    page.keyboard.press("Alt+ArrowLeft")
    page.keyboard.type("No money this year")
    asked.get_by_role("button", name="Move").click()
    expect(said(page)).to_contain_text("moved to Engaged.")
    is_in(moved, "engaged")
    moved.locator("[data-card-name]").click()
    expect(page.get_by_text("No money this year").first).to_be_visible()


def test_the_dialog_of_a_card_moves_it_anywhere(page):
    moved = card(page, "contacted")
    moved.locator("[data-move]").click()
    asked = page.get_by_role("dialog")
    expect(asked.get_by_label("To", exact=True)).to_have_value("qualified")
    asked.get_by_label("To", exact=True).select_option("lost")
    asked.get_by_role("button", name="Move").click()
    expect(said(page)).to_contain_text("moved to Lost.")
    is_in(moved, "lost")
    expect(column(page, "lost"), "a folded column opens for what comes in").to_have_attribute(
        "open", ""
    )


def test_who_was_moved_by_somebody_else_goes_where_they_truly_are(page, browse, staff, watch):
    moved = card(page, "contacted")
    lead_id = moved.get_attribute("data-card")
    other = browse(storage_state=staff).new_page()
    other.goto(BOARD)
    press_into(other, lead_id, "engaged")
    drag(page, moved, "qualified")
    expect(said(page)).to_contain_text("to Engaged in the meantime")
    is_in(moved, "engaged")
    watch.forgive("409")


def test_without_an_answer_the_card_goes_back_and_can_be_tried_again(page, watch):
    moved = card(page, "contacted")
    page.context.set_offline(True)
    moved.locator("[data-card-name]").focus()
    page.keyboard.press("Alt+ArrowRight")
    expect(said(page)).to_contain_text("The server did not answer")
    is_in(moved, "contacted")
    expect(moved.locator("[data-card-name]")).to_be_focused()
    page.context.set_offline(False)
    page.keyboard.press("Alt+ArrowRight")
    expect(said(page)).to_contain_text("moved to Qualified.")
    watch.forgive("ERR_INTERNET_DISCONNECTED")


def test_who_is_signed_out_meanwhile_is_told_and_the_card_goes_back(page, watch):
    moved = card(page, "contacted")
    page.context.clear_cookies()
    moved.locator("[data-card-name]").focus()
    page.keyboard.press("Alt+ArrowRight")
    expect(said(page)).to_contain_text("signed out")
    is_in(moved, "contacted")
    watch.forgive("40")


def test_a_finger_drags_by_the_dots_and_scrolls_elsewhere(browse, staff):
    phone = browse(storage_state=staff, has_touch=True, viewport={"width": 900, "height": 900})
    page = phone.new_page()
    page.goto(BOARD)
    moved = card(page, "new")
    touch = phone.new_cdp_session(page)

    def swipe(start, end):
        touch.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [start]})
        for step in range(1, 9):
            at = {k: start[k] + (end[k] - start[k]) * step / 8 for k in "xy"}
            touch.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [at]})
        touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})

    words = moved.bounding_box()
    start = {"x": words["x"] + 120, "y": words["y"] + words["height"] / 2}
    swipe(start, {"x": start["x"] - 110, "y": start["y"] - 90})
    is_in(moved, "new")
    expect(said(page)).to_be_empty()
    page.goto(BOARD)
    moved.scroll_into_view_if_needed()
    box = column(page, "contacted").bounding_box()
    grip = moved.locator("[data-grip]").bounding_box()
    start = {"x": grip["x"] + grip["width"] / 2, "y": grip["y"] + grip["height"] / 2}
    swipe(start, {"x": box["x"] + box["width"] / 2, "y": box["y"] + 100})
    expect(said(page)).to_contain_text("moved to Contacted.")
    is_in(moved, "contacted")


def test_without_scripts_a_page_of_its_own_moves_a_card(page, browse, staff, watch):
    lead_id = first_id(page, "contacted")
    page = browse(storage_state=staff, java_script_enabled=False).new_page()
    page.goto(BOARD)
    moved = page.locator(f"[data-card='{lead_id}']")
    name = moved.get_attribute("data-name")
    moved.get_by_role("link", name="Move").click()
    page.get_by_label("Move to").select_option("opportunity")
    page.get_by_role("button", name="Move").click()
    expect(page.get_by_text("Say why").first).to_be_visible()
    watch.forgive("422")
    page.get_by_label("Why").fill("Wants to begin at once")
    page.get_by_role("button", name="Move").click()
    expect(page.get_by_text(f"{name} moved to Opportunity.")).to_be_visible()
    expect(column(page, "opportunity").get_by_role("link", name=name, exact=True)).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text(f"Taken back: {name} is in Contacted.")).to_be_visible()


def test_leads_are_ticked_and_moved_together(browse, staff):
    page = browse(storage_state=staff, viewport={"width": 1280, "height": 900}).new_page()
    page.goto(BOARD)
    first_id(page, "new")
    page.goto("/admin/leads?stage=new")
    together = page.get_by_role("form", name="With the leads ticked")
    expect(together).to_be_hidden()
    boxes = page.get_by_role("checkbox", name="Choose")
    ticked = boxes.count()
    boxes.first.check()
    expect(together).to_contain_text("1 lead ticked")
    together.get_by_label("All on this page").check()
    expect(together).to_contain_text(f"{ticked} lead")
    together.get_by_label("Move to").select_option("contacted")
    together.get_by_role("button", name="Move").click()
    expect(page.get_by_text("moved to Contacted.")).to_be_visible()
    expect(page.get_by_text("No lead fits")).to_be_visible()


def test_a_view_is_saved_renewed_and_removed_with_a_way_back(browse, staff):
    page = browse(storage_state=staff, viewport={"width": 1280, "height": 900}).new_page()
    page.goto("/admin/leads?temperature=warm")
    page.get_by_text("Save this view").click()
    page.get_by_label("Name", exact=True).fill("Warm ones")
    follow(page, page.get_by_role("button", name="Save", exact=True))
    views = page.get_by_role("navigation", name="Views")
    expect(views.get_by_role("link", name="Warm ones")).to_have_attribute("aria-current", "true")
    page.get_by_label("Order").select_option("newest")
    expect(views.get_by_role("link", name="Warm ones")).to_contain_text("changed")
    page.get_by_role("button", name="Update view").click()
    expect(page.get_by_text("has these filters now")).to_be_visible()
    page.get_by_role("link", name="Board", exact=True).click()
    expect(views.get_by_role("link", name="Warm ones")).to_have_attribute("aria-current", "true")
    page.get_by_role("link", name="Manage views").click()
    page.get_by_role("button", name="Remove Warm ones").click()
    expect(page.get_by_role("link", name="Warm ones")).to_have_count(0)
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("link", name="Warm ones")).to_be_visible()
