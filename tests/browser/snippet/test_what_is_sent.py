"""What the snippet sends from a real Chromium to a collector of the test's own."""

import re
from datetime import datetime, timedelta
from uuid import UUID

import pytest

from tests.browser.snippet.website import HIDE, SHOW, quiet_for

pytestmark = pytest.mark.browser


SECRET = "s3cret-that-nobody-may-see"
NOON = datetime(2026, 3, 2, 12)
DRAWN = """async () => {
  for (let frame = 0; frame < 3; frame++) await new Promise(requestAnimationFrame);
}"""


@pytest.fixture
def stopped_clock(page):
    """The clock of the page, which moves when it is told to."""
    page.clock.install(time=NOON)
    page.clock.pause_at(NOON + timedelta(seconds=1))
    return page.clock


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
    assert ("POST", "/x/y/collect") in site.requests
    site.wait_until_asked("GET", "/x/y/track-vitals.js")


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
        page.evaluate(DRAWN)
    site.wait_for("scrolled", 3)
    quiet_for(1.2)
    depths = [one["data"]["depth"] for one in site.events("scrolled")]
    assert depths == sorted(set(depths))
    assert depths[-1] == 100


def test_closing_the_page_sends_the_engaged_time(page, site, stopped_clock):
    page.goto("/first.html")
    page.mouse.move(10, 10)
    stopped_clock.fast_forward(2300)
    page.mouse.move(20, 20)
    page.close()
    (leave,) = site.wait_for("leave")
    assert leave["engaged"] == 2


def test_hiding_the_page_sends_the_engaged_time_so_far_and_hidden_time_does_not_count(
    page, site, stopped_clock
):
    page.goto("/first.html")
    stopped_clock.fast_forward(1200)
    page.evaluate(HIDE)
    first = site.wait_for("leave")[0]
    stopped_clock.fast_forward(2500)
    page.evaluate(SHOW)
    stopped_clock.fast_forward(1200)
    page.evaluate(HIDE)
    second = site.wait_for("leave", 2)[1]
    assert first["engaged"] == 1
    assert second["engaged"] == 2
    page.close()
    quiet_for(0.5)
    assert len(site.events("leave")) == 2


def test_idle_time_stops_counting_after_thirty_seconds(page, site, stopped_clock):
    page.goto("/first.html")
    stopped_clock.fast_forward("05:00")
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
    site.wait_for("web_vital", 2)  # of those that are known before the page is left
    with page.expect_event("pageerror"):
        page.evaluate("fail()")
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
