"""Rules edited, tried and published in a real browser, with a worker beside the server."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.pages import RULES, follow, without_draft

pytestmark = pytest.mark.browser


@pytest.fixture
def page(browse, staff):
    page = browse(storage_state=staff).new_page()
    without_draft(page)
    return page


def names(page) -> list[str]:
    return page.locator("[data-sortable] > li strong").all_inner_texts()


def press_to(page, name: str):
    """Goes on by the Tab key until the button of that name has the focus."""
    for _ in range(200):
        page.keyboard.press("Tab")
        focused = page.evaluate("document.activeElement?.innerText?.trim()")
        if focused and focused.split("\n")[0] == name:
            return
    raise AssertionError(f"the keyboard never comes to {name!r}")


def test_a_draft_is_edited_tried_and_published_by_the_keyboard_alone(page):
    page.goto(RULES)
    points = page.get_by_label("Points of rule 6")
    points.focus()
    page.keyboard.press("Control+A")
    page.keyboard.type("12")
    page.keyboard.press("Enter")
    page.wait_for_url("**#draft")
    assert "High budget range: points 20 → 12" in page.locator("#draft").inner_text()
    press_to(page, "Preview on history")
    page.keyboard.press("Enter")
    page.wait_for_url("**/previews/*")
    page.get_by_role("heading", name="How well the scores rank").wait_for(timeout=60_000)
    press_to(page, "Publish version 1")
    page.keyboard.press("Enter")
    page.get_by_text("Version 1 is in force: it scores what happens").wait_for()
    page.get_by_role("heading", name="Leads by version 1").wait_for()
    page.get_by_text(re.compile(r"Done, (\d+) of \1\.|leads were scored again")).wait_for(
        timeout=60_000
    )
    page.get_by_role("button", name="Bring back version 0").focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Bring back", exact=True).focus()
    page.keyboard.press("Enter")
    page.get_by_text("Version 2 is in force").first.wait_for()
    expect(page.get_by_label("Points of rule 6")).to_have_value("20")


def test_a_rule_is_dragged_to_another_place_and_kept_there(page):
    before = names(page)
    handle = page.locator("[data-handle]").nth(3)
    handle.hover()  # scrolls it out from under the bar at the bottom
    target = page.locator("#row-1").bounding_box()
    page.mouse.down()
    page.mouse.move(target["x"] + 40, target["y"] + target["height"] / 2, steps=12)
    page.mouse.move(target["x"] + 40, target["y"] + 4, steps=4)
    page.mouse.up()
    wanted = [before[0], before[3], *before[1:3], *before[4:]]
    assert names(page) == wanted
    assert page.locator("[data-number]").nth(1).inner_text() == "2"
    page.get_by_role("button", name="Save draft").click()
    page.wait_for_url("**#draft")
    assert names(page) == wanted
    assert "Order changed" in page.locator("#draft").inner_text()


def test_the_values_and_comparisons_offered_suit_the_field(page):
    page.locator("#row-5 summary").click()
    value = page.locator("#rules-5-value")
    assert value.get_attribute("list") == "values-interaction-budget"
    page.get_by_label("When").nth(5).select_option("session.page_views")
    assert page.locator("#rules-5-operator").input_value() != "contains"
    offered = page.locator("#rules-5-operator option:not([hidden])").all_inner_texts()
    assert offered == ["equals", "is one of", "is at least", "is at most", "exists"]
    assert value.get_attribute("list") is None
    page.locator("#rules-5-operator").select_option("exists")
    assert value.is_disabled()
    page.locator("#rules-5-field").select_option("")
    assert page.locator("#rules-5-operator").is_disabled()
    page.get_by_role("button", name="Save draft").click()
    page.wait_for_url("**#draft")
    told = page.locator("#draft").inner_text()
    assert "High budget range: when Budget range equals high → always" in told


def test_without_scripts_the_whole_flow_works(browse, staff):
    page = browse(storage_state=staff, java_script_enabled=False).new_page()
    page.goto(RULES)
    if page.get_by_role("button", name="Discard the draft").count():
        follow(page, page.get_by_role("button", name="Discard the draft"))
    follow(page, page.get_by_role("button", name="Move rule 6 up"))
    assert names(page)[4] == "High budget range"
    follow(page, page.get_by_role("button", name="Add a rule"))
    page.locator("#rules-10-name").fill("Asked for two areas")
    page.locator("#rules-10-points").fill("4")
    page.get_by_role("button", name="Preview on history").click()
    page.get_by_role("heading", name="How well the scores rank").wait_for(timeout=60_000)
    expect(page.get_by_text("Asked for two areas: added, +4").first).to_be_visible()
    follow(page, page.get_by_role("link", name="Back to the draft"))
    follow(page, page.get_by_role("button", name="Discard the draft"))
    assert len(names(page)) == 10


def test_whoever_leaves_with_something_unsaved_is_asked(page):
    page.get_by_label("Points of rule 6").fill("3")
    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    page.goto("/settings/account")
    assert asked == ["beforeunload"]
