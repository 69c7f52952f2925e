"""The snippet in a real Chromium, against a website and a collector of the test's own."""

import gzip
import re
import time
import zlib
from uuid import UUID

import pytest

from tests.browser.conftest import CHROMIUM
from tests.browser.snippet_site import SnippetSite

SECRET = "s3cret-that-nobody-may-see"
HIDE = """() => {
  Object.defineProperty(document, 'visibilityState', {value: 'hidden', configurable: true});
  Object.defineProperty(document, 'hidden', {value: true, configurable: true});
  document.dispatchEvent(new Event('visibilitychange'));
}"""
SHOW = """() => {
  delete document.visibilityState;
  delete document.hidden;
  document.dispatchEvent(new Event('visibilitychange'));
}"""

pytestmark = pytest.mark.browser


@pytest.fixture
def site(built):
    site = SnippetSite()  # one for each test: what a closing page still sends stays with its own
    yield site
    site.close()


@pytest.fixture
def browser_of(chromium, site):
    """Opens a visitor's own browser; complains of every console error but expected network ones."""
    contexts, complaints = [], []

    def open_one(**options):
        context = chromium.new_context(base_url=site.address, **options)
        contexts.append(context)

        def watch(page):
            page.on("pageerror", lambda error: complaints.append(str(error)))
            page.on(
                "console",
                lambda said: (
                    said.type == "error"
                    and "Failed to load resource" not in said.text
                    and "ERR_" not in said.text
                    and complaints.append(said.text)
                ),
            )

        context.on("page", watch)
        return context

    open_one.complaints = complaints
    yield open_one
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.fixture
def page(browser_of):
    return browser_of().new_page()


def quiet_for(seconds: float):
    time.sleep(seconds)


# ---- what is sent


def test_a_page_view_arrives_with_its_page_and_no_visitor(page, site):
    page.goto("/first.html?utm_source=news", referer="https://www.google.com/")
    (view,) = site.wait_for("page_viewed")
    batch = site.batches[0]
    assert (batch["v"], batch["site"]) == (1, "KEY")
    assert "visitor" not in batch
    assert batch["page"]["url"] == f"{site.address}/first.html?utm_source=news"
    assert batch["page"]["title"] == "Title of /first.html"
    assert batch["page"]["referrer"] == "https://www.google.com/"
    assert batch["page"]["language"].startswith("en")
    assert batch["page"]["screen"] == [1280, 720]
    assert UUID(view["id"]).version == 7
    assert UUID(view["id"]).variant == "specified in RFC 4122"
    assert -5000 < view["at"] <= 0


def test_the_collector_stands_beside_the_script_whatever_its_path(page, site):
    page.goto("/first.html?from=/x/y/track.js")
    site.wait_for("page_viewed")
    page.wait_for_timeout(1500)
    assert ("POST", "/x/y/collect") in site.requests
    assert ("GET", "/x/y/track-vitals.js") in site.requests


def test_another_collector_can_be_named(page, site):
    page.goto("/first.html?collect=/elsewhere/c")
    site.wait_for("page_viewed")
    assert ("POST", "/elsewhere/c") in site.requests


def test_it_works_across_origins(page, site):
    other = site.address.replace("127.0.0.1", "localhost")
    page.goto(f"/first.html?from={other}/track.js")
    site.wait_for("page_viewed")
    page.close()
    site.wait_for("leave")
    assert site.batches[0]["origin"] == site.address


def test_navigations_of_a_single_page_app_are_page_views_with_their_own_leave(page, site):
    page.goto("/first.html")
    page.evaluate("history.pushState({}, '', '/two')")
    page.evaluate("history.pushState({}, '', '/two')")  # the same address: not a page view
    page.evaluate("document.title = 'Two'")
    page.evaluate("history.replaceState({}, '', '/three')")
    page.evaluate("history.back()")
    page.wait_for_url("**/two")
    page.evaluate("location.hash = '#/four'")
    views = site.wait_for("page_viewed", 5)
    paths = [one["page"]["url"].removeprefix(site.address) for one in views]
    assert paths == ["/first.html", "/two", "/three", "/two", "/two#/four"]
    assert views[1]["page"]["referrer"].endswith("/first.html")
    left = [one["page"]["url"].removeprefix(site.address) for one in site.wait_for("leave", 4)]
    assert left == paths[:4]


def test_clicks_carry_label_target_and_importance(page, site):
    page.goto("/first.html")
    page.click("#demo")
    page.click("#icon")
    page.click("#named")
    page.evaluate(
        "document.querySelector('#mail').addEventListener('click', e => e.preventDefault())"
    )
    page.click("#mail")
    page.click("#inside")
    demo, icon, named, mail, inside = site.wait_for("click", 5)
    assert (demo["label"], demo["target"], demo["important"]) == ("Get a Demo", "demo", True)
    assert (icon["label"], icon["important"]) == ("Call us", False)
    assert (named["label"], named["name"]) == ("Play", "Video played")
    assert (mail["label"], mail["target"]) == ("Write", "mailto:")
    assert (inside["label"], inside["target"]) == ("Second page", "/second.html")


def test_what_a_visitor_wrote_is_never_a_label(page, site):
    page.goto("/first.html")
    page.click("#typed")
    page.click("#note")
    (click,) = site.wait_for("click", label="")
    assert click["target"] == "note"
    quiet_for(1.5)
    assert not any("of the visitor" in body or "by the visitor" in body for body in site.bodies)


def test_outbound_links_and_downloads_are_told_apart(page, site):
    page.goto("/first.html")
    page.evaluate(
        "document.querySelector('#outside').addEventListener('click', e => e.preventDefault())"
    )
    page.click("#outside")
    page.click("#outside", button="middle")
    page.click("#outside", button="right")
    with page.expect_download():
        page.click("#file")
    out = site.wait_for("link_clicked", 2)
    (file,) = site.wait_for("content_downloaded")
    assert out[0]["target"] == "127.0.0.1:9/elsewhere"
    assert file["target"] == "/files/Price-List.PDF"
    quiet_for(1.5)
    assert len(site.events("link_clicked")) == 2
    assert "token=abc" not in "".join(site.bodies)


def test_scrolling_reports_each_quarter_once(page, site):
    page.goto("/first.html")
    for share in (0.3, 0.1, 0.3, 0.6, 1):
        page.evaluate(
            "share => scrollTo(0, share * (document.documentElement.scrollHeight - innerHeight))",
            share,
        )
        page.wait_for_timeout(80)
    site.wait_for("scrolled", 3)
    quiet_for(1.2)
    depths = [one["data"]["depth"] for one in site.events("scrolled")]
    assert depths == sorted(set(depths))
    assert depths[-1] == 100


def test_closing_the_page_sends_the_engaged_time(page, site):
    page.goto("/first.html")
    page.mouse.move(10, 10)
    page.wait_for_timeout(2300)
    page.mouse.move(20, 20)
    page.close()
    (leave,) = site.wait_for("leave")
    assert 2 <= leave["engaged"] <= 4


def test_hiding_the_page_sends_the_engaged_time_so_far_and_hidden_time_does_not_count(page, site):
    page.goto("/first.html")
    page.wait_for_timeout(1200)
    page.evaluate(HIDE)
    first = site.wait_for("leave")[0]
    page.wait_for_timeout(2500)
    page.evaluate(SHOW)
    page.wait_for_timeout(1200)
    page.evaluate(HIDE)
    second = site.wait_for("leave", 2)[1]
    assert first["engaged"] == 1
    assert 2 <= second["engaged"] <= 3
    page.close()
    quiet_for(0.5)
    assert len(site.events("leave")) == 2


def test_idle_time_stops_counting_after_thirty_seconds(page, site):
    page.clock.install()
    page.goto("/first.html")
    page.clock.fast_forward("05:00")
    page.evaluate(HIDE)
    assert site.wait_for("leave")[0]["engaged"] == 30


def test_forms_tell_names_of_fields_and_never_a_value(page, site):
    page.goto("/first.html")
    page.fill("[name=email]", f"{SECRET}@example.com")
    page.fill("[name=password]", SECRET)
    page.fill("[name=iban]", SECRET)
    page.fill("[name=message]", SECRET)
    page.click("#contact button")
    page.wait_for_url("**/thanks.html*")
    page.goto("/first.html")
    page.fill("[name=phone]", SECRET)
    page.close()
    started = site.wait_for("form_started", 2)
    (submitted,) = site.wait_for("form_submitted")
    (abandoned,) = site.wait_for("form_abandoned")
    assert [one["data"] for one in started] == [
        {"form": "contact", "field": "email"},
        {"form": "contact", "field": "phone"},
    ]
    assert submitted["data"] == {"form": "contact", "field": "message"}
    assert abandoned["data"] == {"form": "contact", "field": "phone"}
    assert site.bodies
    without_urls = [re.sub(r'"(url|referrer)":"[^"]*"', "", body) for body in site.bodies]
    assert not any(SECRET in body for body in without_urls)
    assert not any("iban" in body or "quiet" in body for body in without_urls)


def test_custom_events_and_identities_arrive_and_calls_made_early_are_replayed(page, site):
    page.goto("/first.html?head=stub")
    page.evaluate("leadlight('event', 'Quote asked', {procedures: ['laser'], price: 400})")
    page.evaluate("leadlight('identify', 42, {plan: 'gold'})")
    page.evaluate("const a = {}; a.a = a; leadlight('event', 'Circle', a)")  # cannot be sent
    early, asked = site.wait_for("event", 2)
    (identity,) = site.wait_for("identify")
    assert (early["name"], early["data"]) == ("Early", {"a": 1})
    assert (asked["name"], asked["data"]) == (
        "Quote asked",
        {"procedures": ["laser"], "price": 400},
    )
    assert (identity["name"], identity["data"]) == ("42", {"plan": "gold"})


def test_web_vitals_and_script_errors_arrive_without_messages(browser_of, site):
    page = browser_of().new_page()
    page.goto("/first.html?head=error")
    page.wait_for_timeout(5500)
    page.click("#demo")
    page.evaluate(HIDE)
    page.evaluate(SHOW)
    names = {one["name"] for one in site.wait_for("web_vital", 4)}
    assert {"TTFB", "FCP", "LCP", "CLS"} <= names
    assert all(one["data"]["value"] >= 0 for one in site.events("web_vital"))
    (error,) = site.wait_for("script_error")
    assert error["data"]["count"] == 1
    assert error["data"]["line"] >= 1
    assert "my secret message" not in "".join(site.bodies)
    assert browser_of.complaints == ["my secret message"]
    browser_of.complaints.clear()


# ---- who is not counted


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


# ---- delivery


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
    assert page.evaluate("JSON.parse(localStorage.ll_queue).length") == 3
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


# ---- a guest on the page


def test_nothing_is_global_but_leadlight(page, site):
    page.goto("/first.html?head=globals")
    site.wait_for("page_viewed")
    page.wait_for_timeout(1500)
    new = page.evaluate("Object.keys(window).filter(name => !before.includes(name))")
    assert set(new) - {"before"} == {"leadlight"}


def test_the_tag_twice_on_a_page_counts_once(page, site):
    page.goto("/first.html?head=twice")
    site.wait_for("page_viewed")
    quiet_for(1.5)
    assert len(site.events("page_viewed")) == 1


@pytest.mark.parametrize(
    "head", ["no-storage", "broken-fetch", "odd-fetch", "no-beacon", "no-uuid"]
)
def test_a_broken_browser_breaks_neither_the_page_nor_the_count(page, site, head):
    page.goto(f"/first.html?head={head}")
    page.click("#demo")
    page.evaluate(HIDE)
    page.evaluate(SHOW)
    site.wait_for("click")
    site.wait_for("leave")
    page.click("#inside")
    page.wait_for_url("**/second.html*")


def test_a_collector_that_never_answers_does_not_hold_navigation_up(page, site):
    site.always = "hang up"
    page.goto("/first.html")
    started = time.monotonic()
    page.click("#inside")
    page.wait_for_url("**/second.html*")
    assert time.monotonic() - started < 1.5


def test_coming_back_from_the_back_forward_cache_is_a_new_page_view(playwright, site):
    browser = playwright.chromium.launch(
        executable_path=CHROMIUM,
        args=["--no-sandbox"],
        ignore_default_args=["--disable-back-forward-cache"],
    )
    page = browser.new_page(base_url=site.address)
    page.goto("/first.html")
    page.evaluate("window.kept = true")
    site.wait_for("page_viewed")
    page.goto("/second.html")
    site.wait_for("page_viewed", 2)
    page.evaluate("history.back()")
    views = site.wait_for("page_viewed", 3)
    assert page.evaluate("window.kept") is True
    assert views[2]["page"]["url"].endswith("/first.html")
    browser.close()


def test_the_snippet_is_at_most_2200_bytes_compressed(built):
    script = (built / "track.js").read_bytes()
    assert len(gzip.compress(script, 9)) <= 2200
    assert len((built / "track.js.gz").read_bytes()) <= 2200
    assert zlib.decompress((built / "track.js.gz").read_bytes(), wbits=31) == script
