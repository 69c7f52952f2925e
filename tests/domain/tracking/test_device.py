import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.tracking.device import KINDS, Device, is_bot, parse_user_agent

WIN = "Mozilla/5.0 (Windows NT 10.0; Win64; x64)"
MAC = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15"
ANDROID = "Mozilla/5.0 (Linux; Android 14; Pixel 8)"
KIT = "AppleWebKit/537.36 (KHTML, like Gecko)"
CHROME = f"{KIT} Chrome/124.0.0.0"


@pytest.mark.parametrize(
    ("user_agent", "device"),
    [
        (f"{WIN} {CHROME} Safari/537.36", ("desktop", "Chrome", "Windows")),
        (f"{WIN} {CHROME} Safari/537.36 Edg/124.0", ("desktop", "Edge", "Windows")),
        (f"{MAC} {CHROME} Safari/537.36 OPR/109.0", ("desktop", "Opera", "macOS")),
        (
            f"{MAC} AppleWebKit/605.1.15 Version/17.4 Safari/605.1.15",
            ("desktop", "Safari", "macOS"),
        ),
        (
            "Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:125.0) Gecko/20100101 Firefox/125.0",
            ("desktop", "Firefox", "Linux"),
        ),
        (f"Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) {CHROME}", ("desktop", "Chrome", "ChromeOS")),
        (
            "Mozilla/5.0 (Windows NT 6.1; Trident/7.0; Tablet PC 2.0; rv:11.0) like Gecko",
            ("desktop", "Internet Explorer", "Windows"),
        ),
        (f"{IPHONE} Version/17.4 Mobile/15E148 Safari/604.1", ("mobile", "Safari", "iOS")),
        (f"{IPHONE} CriOS/124.0 Mobile/15E148 Safari/604.1", ("mobile", "Chrome", "iOS")),
        (f"{IPHONE} Mobile/15E148 [FBAN/FBIOS;FBAV/450.0]", ("mobile", "Facebook", "iOS")),
        (f"{IPHONE} Mobile/15E148 Instagram 320.0", ("mobile", "Instagram", "iOS")),
        (f"{ANDROID} {CHROME} Mobile Safari/537.36", ("mobile", "Chrome", "Android")),
        (
            f"{ANDROID} {KIT} SamsungBrowser/24.0 Chrome/117.0 Mobile Safari/537.36",
            ("mobile", "Samsung Internet", "Android"),
        ),
        (
            f"Mozilla/5.0 (Linux; Android 11; CUBOT X30) {CHROME} Mobile Safari/537.36",
            ("mobile", "Chrome", "Android"),
        ),
        (f"Mozilla/5.0 (Linux; Android 13; SM-X900) {CHROME}", ("tablet", "Chrome", "Android")),
        (
            "Mozilla/5.0 (Android 13; Tablet; rv:125.0) Gecko/125.0 Firefox/125.0",
            ("tablet", "Firefox", "Android"),
        ),
        (
            "Mozilla/5.0 (iPad; CPU OS 12_5 like Mac OS X) Version/12.1 Mobile/15E148 Safari/604.1",
            ("tablet", "Safari", "iPadOS"),
        ),
        (f"Mozilla/5.0 (Linux; Android 9; KFMAWI) {KIT} Silk/120.1", ("tablet", "Silk", "Android")),
        ("Opera/9.80 (J2ME/MIDP; Opera Mini/9.80) Presto/2.12", ("mobile", "Opera", "Other")),
        ("Something/1.0 (Amiga)", ("desktop", "Other", "Other")),
    ],
)
def test_browsers_systems_and_forms(user_agent, device):
    assert parse_user_agent(user_agent) == Device(*device)


@pytest.mark.parametrize(
    ("user_agent", "name"),
    [
        ("Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", "Googlebot"),
        (f"{ANDROID} {CHROME} Mobile Safari/537.36 (compatible; Googlebot/2.1)", "Googlebot"),
        ("Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)", "bingbot"),
        ("Mozilla/5.0 (compatible; YandexBot/3.0)", "YandexBot"),
        ("Mozilla/5.0 (compatible; Baiduspider/2.0)", "Baiduspider"),
        ("Mozilla/5.0 (compatible; Yahoo! Slurp)", "Slurp"),
        ("facebookexternalhit/1.1", "facebookexternalhit"),
        ("AdsBot-Google (+http://www.google.com/adsbot.html)", "AdsBot-Google"),
        ("Mozilla/5.0 AppleWebKit/537.36; compatible; GPTBot/1.2", "GPTBot"),
        ("Mozilla/5.0 (compatible; ClaudeBot/1.0)", "ClaudeBot"),
        ("CCBot/2.0 (https://commoncrawl.org/faq/)", "CCBot"),
        ("Mozilla/5.0 (compatible; AhrefsBot/7.0)", "AhrefsBot"),
        ("Slackbot-LinkExpanding 1.0", "Slackbot-LinkExpanding"),
        ("WhatsApp/2.23.20.0", "WhatsApp"),
        (f"{WIN} {KIT} HeadlessChrome/124.0 Safari/537.36", "HeadlessChrome"),
        (f"{MAC} {KIT} PhantomJS/2.1.1 Safari/538.1", "PhantomJS"),
        (f"{WIN} {CHROME} Safari/537.36 Prerender (+https://prerender.io)", "Prerender"),
        (f"{MAC} {CHROME} Safari/537.36 Chrome-Lighthouse", "Chrome-Lighthouse"),
        ("Pingdom.com_bot_version_1.4", "Pingdom.com_bot_version_1.4"),
        ("Mozilla/5.0+(compatible; UptimeRobot/2.0)", "UptimeRobot"),
        ("StatusCake", "StatusCake"),
        ("kube-probe/1.29", "kube-probe"),
        ("curl/8.4.0", "curl"),
        ("Wget/1.21", "Wget"),
        ("python-requests/2.31.0", "python-requests"),
        ("python-httpx/0.27", "python-httpx"),
        ("Python/3.11 aiohttp/3.9", "Python"),
        ("Go-http-client/2.0", "Go-http-client"),
        ("Python/3.11", "Python"),
        ("okhttp/4.12.0", "okhttp"),
        ("axios/1.6.8", "axios"),
        ("Apache-HttpClient/4.5 (Java/17)", "Apache-HttpClient"),
        ("Java/17.0.1", "Java"),
        ("PostmanRuntime/7.37", "PostmanRuntime"),
        ("Scrapy/2.11 (+https://scrapy.org)", "Scrapy"),
        ("İİİ Googlebot/2.1", "Googlebot"),
        ("", "no user agent"),
        ("   ", "no user agent"),
        (None, "no user agent"),
    ],
)
def test_bots_are_named_by_what_gave_them_away(user_agent, name):
    assert parse_user_agent(user_agent) == Device("bot", name, "")
    assert is_bot(user_agent)


def test_a_browser_driven_by_a_test_is_a_browser():
    assert not is_bot(f"{WIN} {CHROME} Safari/537.36")
    assert not is_bot(f"{WIN} {CHROME} Safari/537.36 headless")


@given(st.none() | st.integers() | st.binary() | st.text())
def test_garbage_has_a_kind_too(user_agent):
    assert parse_user_agent(user_agent).kind in KINDS


@pytest.mark.parametrize(
    "text", ["a" * 10**6, "bo" * 10**5, "Android " * 10**5, "Version/" * 10**5]
)
def test_an_endless_user_agent_is_answered_at_once(text):
    began = time.perf_counter()
    parse_user_agent(text)
    assert time.perf_counter() - began < 0.2
