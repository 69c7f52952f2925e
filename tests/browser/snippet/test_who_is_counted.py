"""Who is not counted by the snippet, and what stays in a browser in each of its modes."""

import time
from uuid import UUID

import pytest

from tests.browser.snippet.website import HIDE, SHOW, quiet_for

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("wish", ["dnt", "gpc"])
def test_do_not_track_and_global_privacy_control_send_and_keep_nothing(page, site, wish):
    page.goto(f"/first.html?head={wish}&mode=cookie")
    page.evaluate("leadlight('event', 'Custom'); leadlight('consent', {analytics: true})")
    page.click("#demo")
    assert page.evaluate("[document.cookie, localStorage.length]") == ["", 0]
    page.close()
    quiet_for(1.5)
    assert site.bodies == []
    assert ("GET", "/track-vitals.js") not in site.requests


def test_staff_are_not_counted_until_they_want_to_be(page, site):
    page.goto("/first.html#ll-ignore")
    page.goto("/second.html")
    page.click("#demo")
    quiet_for(1.5)
    assert site.bodies == []
    assert page.evaluate("localStorage.ll_ignore") == "1"
    page.goto("/third.html#ll-count")
    site.wait_for("page_viewed")
    assert page.evaluate("localStorage.ll_ignore") is None


def test_a_prerendered_page_counts_once_it_is_seen(page, site):
    page.goto("/first.html?head=prerender")
    quiet_for(1.5)
    assert site.bodies == []
    page.evaluate(
        "delete document.prerendering; document.dispatchEvent(new Event('prerenderingchange'))"
    )
    site.wait_for("page_viewed")


def test_nothing_leaves_or_stays_before_consent_and_all_of_it_after(browser_of, site):
    context = browser_of()
    page = context.new_page()
    page.goto("/first.html?mode=consent")
    page.click("#demo")
    page.evaluate(HIDE)
    page.evaluate(SHOW)
    quiet_for(1.5)
    assert site.bodies == []
    assert page.evaluate("[document.cookie, localStorage.length]") == ["", 0]
    assert ("GET", "/track-vitals.js") not in site.requests
    page.evaluate("leadlight('consent', {analytics: true})")
    (consent,) = site.wait_for("consent")
    assert consent["data"] == {"analytics": True}
    assert {"page_viewed", "click"} <= {one["type"] for one in site.events()}
    visitor = site.batches[0]["visitor"]
    assert UUID(visitor)
    page.goto("/second.html?mode=consent")  # remembered by the cookie
    site.wait_for("page_viewed", 2)
    assert {batch["visitor"] for batch in site.batches} == {visitor}


def test_refusing_empties_everything(page, site):
    page.goto("/first.html?mode=consent")
    page.click("#demo")
    page.evaluate("leadlight('consent', {analytics: false})")
    page.click("#demo")
    page.close()
    quiet_for(1.2)
    assert site.bodies == []


def test_withdrawing_consent_removes_the_cookie_and_what_was_kept(page, site):
    page.goto("/first.html?mode=consent")
    page.evaluate("leadlight('consent', {analytics: true})")
    site.wait_for("consent")
    page.evaluate("localStorage.ll_queue = '[]'; leadlight('consent', {analytics: false})")
    assert page.evaluate("[document.cookie, localStorage.length]") == ["", 0]
    count = len(site.bodies)
    page.click("#demo")
    quiet_for(1.5)
    assert len(site.bodies) == count


def test_cookie_mode_keeps_the_visitor_across_pages_for_thirteen_months(browser_of, site):
    context = browser_of()
    page = context.new_page()
    page.goto("/first.html?mode=cookie")
    site.wait_for("page_viewed")
    page.goto("/second.html?mode=cookie")
    site.wait_for("page_viewed", 2)
    visitors = {batch["visitor"] for batch in site.batches}
    assert len(visitors) == 1
    (cookie,) = context.cookies()
    assert cookie["name"] == "ll_visitor"
    assert UUID(cookie["value"]) == UUID(visitors.pop())
    assert cookie["sameSite"] == "Lax"
    assert 390 < (cookie["expires"] - time.time()) / 86400 < 400


def test_cookieless_mode_sets_no_cookie_and_keeps_nothing_that_was_acknowledged(browser_of, site):
    context = browser_of()
    page = context.new_page()
    page.goto("/first.html")
    site.wait_for("page_viewed")
    page.wait_for_function("localStorage.length === 0", timeout=8000)
    assert context.cookies() == []
