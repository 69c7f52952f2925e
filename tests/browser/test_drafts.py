"""What is typed on a lead's page and not sent stays, whatever else is sent or opened meanwhile."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import ADMIN, PASSWORD
from tests.browser.pages import a_lead, follow

pytestmark = pytest.mark.browser

NOTE = "half written note of a long call, 𝕏 <b>"
KEPT = "Kept from before: your note is not sent yet."


@pytest.fixture
def lead(browse, staff):
    """lead(**options) -> a browser's page with a lead open."""

    def open_lead(**options):
        page = browse(storage_state=staff, **options).new_page()
        a_lead(page)
        return page

    return open_lead


@pytest.fixture
def page(lead):
    page = lead()
    page.locator("#note-text").fill(NOTE)
    return page


def press_and_wait(page, *keys: str):
    with page.expect_navigation():
        for key in keys:
            page.keyboard.press(key)


def call(page):
    """The two keys, pressed beside every field."""
    page.locator("h1").click()
    press_and_wait(page, "c", "Enter")


def kept(page):
    return page.locator("#notes").get_by_text(KEPT)


def drafts(page) -> int:
    return page.evaluate(
        "Object.keys(sessionStorage).filter(key => key.startsWith('leadlight-drafts')).length"
    )


def test_a_call_in_two_keys_leaves_a_note_in_its_place(page):
    call(page)
    expect(page.locator("[data-flash]")).to_contain_text("Call logged.")
    expect(page.locator("#note-text")).to_have_value(NOTE)
    expect(kept(page)).to_be_visible()


def test_undo_leaves_it_too(page):
    call(page)
    press_and_wait(page, "z")
    expect(page.locator("[data-flash]")).to_contain_text("Call taken back.")
    expect(page.locator("#note-text")).to_have_value(NOTE)


def test_every_other_form_keeps_what_was_typed(page):
    page.locator("#task-title").fill("Send the leaflet")
    page.locator("#task-due_on").fill("2030-05-01")
    page.locator("#edit > summary").click()
    page.locator("#edit-location").fill("Lyon")
    page.locator("#edit-urgency").select_option(label="This month")
    page.locator("#consent > summary").click()
    page.locator("#consent-words").fill("Yes, by all means")
    page.locator("#stage-reason").fill("Asked for an offer")
    page.locator("#log-type").select_option(label="Purchase")
    page.locator("#log-revenue").fill("12,50")
    tick = page.locator(".task-tick").first
    follow(page, tick if tick.count() else page.get_by_role("button", name="Assign"))
    for field, value in {
        "note-text": NOTE,
        "task-title": "Send the leaflet",
        "task-due_on": "2030-05-01",
        "edit-location": "Lyon",
        "edit-urgency": "this_month",
        "consent-words": "Yes, by all means",
        "stage-reason": "Asked for an offer",
        "log-type": "purchase_made",
        "log-revenue": "12,50",
    }.items():
        expect(page.locator(f"#{field}")).to_have_value(value)
        expect(page.locator(f"#{field}")).to_be_visible()


def test_it_goes_once_its_own_form_is_taken(page):
    call(page)
    follow(page, page.get_by_role("button", name="Keep the note"))
    expect(page.locator("[data-flash]")).to_contain_text("Note kept.")
    expect(page.locator("#note-text")).to_have_value("")
    expect(page.get_by_text("Kept from before")).to_have_count(0)
    assert drafts(page) == 0


def test_what_was_refused_outlives_another_form(page, watch):
    page.locator("#log-type").select_option(label="Purchase")
    page.locator("#log-note").fill("Paid for two")
    follow(page, page.get_by_role("button", name="Log it"))
    expect(page.locator("#errors")).to_contain_text("Say how much they paid.")
    watch.forgive("422")
    expect(page.locator("#note-text")).to_have_value(NOTE)
    expect(page.locator("#log-note")).to_have_value("Paid for two")
    page.locator("#task-title").fill("Send the bill")
    follow(page, page.get_by_role("button", name="Plan it"))
    expect(page.locator("#log-note")).to_have_value("Paid for two")
    expect(page.locator("#log-type")).to_have_value("purchase_made")
    expect(page.locator("#log").get_by_text("what you log is not sent yet")).to_be_visible()
    expect(page.locator("#note-text")).to_have_value(NOTE)
    expect(page.locator("#task-title")).to_have_value("")


def test_another_leads_page_has_nothing_of_it_and_ones_own_has_it_again(page):
    own = page.url
    page.goto("/admin/leads?sort=newest")
    follow(page, page.locator("a.lead-name").nth(1))
    assert page.url != own
    expect(page.locator("#note-text")).to_have_value("")
    expect(page.get_by_text("Kept from before")).to_have_count(0)
    page.goto(own)
    expect(page.locator("#note-text")).to_have_value(NOTE)


def test_it_is_let_go_by_hand(page):
    call(page)
    kept(page).get_by_role("button", name="Discard").click()
    expect(page.locator("#note-text")).to_have_value("")
    expect(page.get_by_text("Kept from before")).to_have_count(0)
    page.reload()
    expect(page.locator("#note-text")).to_have_value("")


def test_what_is_taken_out_again_is_nothing_to_keep(page):
    page.locator("#note-text").fill("")
    page.locator("#log-type").select_option(label="Meeting")  # a choice alone says nothing
    assert drafts(page) == 0


def test_signing_out_leaves_nothing(page):
    own = page.url
    follow(page, page.get_by_role("button", name="Sign out"))
    assert drafts(page) == 0
    page.goto("/login")
    page.get_by_label("E-mail").fill(ADMIN)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    follow(page, page.get_by_role("button", name="Sign in"))
    page.goto(own)
    expect(page.locator("#note-text")).to_have_value("")


def test_another_users_is_never_shown_and_goes(page):
    page.evaluate(
        """() => {
          const mine = key => key.startsWith('leadlight-drafts');
          const [key] = Object.keys(sessionStorage).filter(mine);
          const theirs = key.replace(/:\\d+-/, ':999999-');
          sessionStorage.setItem(theirs, sessionStorage.getItem(key));
          sessionStorage.removeItem(key);
          document.querySelector('#note-text').form.reset();
        }"""
    )
    page.reload()
    expect(page.locator("#note-text")).to_have_value("")
    assert drafts(page) == 0


def test_leaving_asks_but_not_on_the_way_to_our_own_pages(page):
    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    follow(page, page.get_by_role("link", name="To do").first)
    page.go_back()
    assert asked == []
    expect(page.locator("#note-text")).to_have_value(NOTE)
    page.locator("#note-text").press("End")
    with page.expect_event("close"):
        page.close(run_before_unload=True)
    assert asked == ["beforeunload"]


def test_without_scripts_the_page_is_as_ever(lead):
    page = lead(java_script_enabled=False)
    page.locator("#note-text").fill(NOTE)
    follow(page, page.get_by_role("button", name="Keep the note"))
    expect(page.locator("#notes")).to_contain_text("half written note")
