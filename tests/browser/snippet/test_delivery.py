"""What the snippet could not deliver: kept, sent again, held once, and let go in time."""

import time

import pytest

from tests.browser.snippet.website import HIDE, quiet_for

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("trouble", [500, 503, "hang up", 204])
def test_what_was_not_acknowledged_is_sent_again_and_held_once(page, site, trouble):
    site.answers[:] = [trouble]
    page.goto("/first.html")
    (view,) = site.wait_for("page_viewed", seconds=10)
    assert sum(one["id"] == view["id"] for batch in site.batches for one in batch["events"]) == 2


def test_too_many_requests_waits_as_long_as_it_is_told(page, site):
    site.answers[:] = [(429, {"Retry-After": "3"})]
    page.goto("/first.html")
    started = time.monotonic()
    site.wait_for("page_viewed", seconds=12)
    assert time.monotonic() - started > 3


@pytest.mark.parametrize("refusal", [400, 403, 413, 422])
def test_a_refused_batch_is_never_sent_again(page, site, refusal):
    site.always = refusal
    page.goto("/first.html")
    quiet_for(4.5)
    views = [
        one for batch in site.batches for one in batch["events"] if one["type"] == "page_viewed"
    ]
    assert len(views) == 1
    page.wait_for_function("localStorage.length === 0", timeout=8000)


def test_what_was_collected_offline_is_delivered_by_the_next_page(page, site):
    site.always = "hang up"
    page.goto("/first.html")
    page.click("#demo")
    page.evaluate(HIDE)
    page.wait_for_timeout(1500)
    assert site.events() == []
    page.wait_for_function("JSON.parse(localStorage.ll_queue).length === 3")
    site.always = 202
    page.goto("/second.html")
    (click,) = site.wait_for("click")
    assert click["page"]["url"].endswith("/first.html")
    assert click["at"] < -1000
    site.wait_for("page_viewed", 2)
    page.wait_for_function("localStorage.length === 0", timeout=8000)


def test_a_page_does_not_lose_what_another_tab_kept(browser_of, site):
    context = browser_of()
    one, other = context.new_page(), context.new_page()
    site.always = "hang up"
    one.goto("/one.html")
    other.goto("/other.html")
    one.evaluate("leadlight('event', 'One')")
    other.evaluate("leadlight('event', 'Other')")
    one.evaluate(HIDE)
    other.evaluate(HIDE)
    names = other.evaluate("JSON.parse(localStorage.ll_queue).map(e => e.name).filter(Boolean)")
    assert sorted(names) == ["One", "Other"]


def test_events_of_more_than_a_day_ago_and_nonsense_are_let_go(page, site):
    page.goto("/first.html")
    site.wait_for("page_viewed")
    page.evaluate("""localStorage.ll_queue = JSON.stringify([
      {id: '018f6c1e-0000-7000-8000-000000000000', type: 'click',
       t: Date.now() - 25 * 36e5, page: {}}])""")
    page.goto("/second.html")
    site.wait_for("page_viewed", 2)
    page.evaluate("localStorage.ll_queue = 'nonsense'")
    page.goto("/third.html")
    site.wait_for("page_viewed", 3)
    assert site.events("click") == []


def test_a_clock_set_back_makes_no_event_of_the_future(page, site):
    page.goto("/first.html")
    site.wait_for("page_viewed")
    page.evaluate("""localStorage.ll_queue = JSON.stringify([
      {id: '018f6c1e-0000-7000-8000-000000000001', type: 'click', t: Date.now() + 36e5, page: {url: 'http://a/'}}])""")
    page.goto("/second.html")
    (click,) = site.wait_for("click")
    assert click["at"] == 0


def test_many_events_go_in_batches_within_the_limits(page, site):
    page.goto("/first.html")
    page.evaluate(
        "for (let i = 0; i < 250; i++) leadlight('event', 'Many', {i, text: 'ä'.repeat(300)})"
    )
    site.wait_for("event", 250, seconds=25)
    assert all(len(batch["events"]) <= 100 for batch in site.batches)
    assert all(len(body.encode()) < 60 * 1024 for body in site.bodies)
    ids = [one["id"] for one in site.events("event")]
    assert ids == sorted(ids)
