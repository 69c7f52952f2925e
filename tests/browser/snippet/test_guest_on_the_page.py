"""The snippet as a guest on somebody's page: small, unseen, and never in its way."""

import gzip
import zlib

import pytest

from tests.browser.conftest import CHROMIUM
from tests.browser.snippet.website import HIDE, SHOW, quiet_for

pytestmark = pytest.mark.browser


def test_nothing_is_global_but_leadlight(page, site):
    page.goto("/first.html?head=globals")
    site.wait_for("page_viewed")
    page.wait_for_function("leadlight.vitals")  # the second script has come, too
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
    site.always = "silence"
    page.goto("/first.html")
    site.wait_until_asked("POST", "/collect")
    page.click("#inside")
    page.wait_for_url("**/second.html*")
    assert site.events() == []


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
