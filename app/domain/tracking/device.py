"""What a user agent says of the device behind it, and which user agents are not people.

Tables in the order they are tried; the first token found wins.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from string import ascii_letters, digits

KINDS = ("desktop", "mobile", "tablet", "bot")
NO_USER_AGENT = "no user agent"
OTHER = "Other"
LONGEST = 1024
WORD = ascii_letters + digits + "_.-"


@dataclass(frozen=True, slots=True)
class Device:
    """`kind` is one of KINDS; of a bot, `browser` is the token that gave it away and `os` empty."""

    kind: str
    browser: str
    os: str


# Who is not a person, by a piece of its name in small letters.
CRAWLERS = """
    crawl spider slurp botify facebookexternalhit facebookcatalog meta-externalagent
    mediapartners-google adsbot-google apis-google google-inspectiontool google-extended googleother
    google-read-aloud google-safety feedfetcher bingpreview yandeximages yandexmetrika
    yandexwebmaster yandexdirect yandexmobile yandexfavicons yandexmedia yandexvideo
    yandexaccessibility duckduckgo-favicons ia_archiver archive.org heritrix nutch bytespider
    chatgpt-user oai-search claude-web claude-user anthropic-ai perplexity-user cohere-ai
    skypeuripreview embedly pinterest/0 vkshare outbrain flipboardproxy nuzzel iframely
    w3c_validator validator.nu sitebulb netcraft censys zgrab masscan nmap nikto sqlmap wpscan
    nuclei expanse internet-measurement
"""
# Of headless browsers only HeadlessChrome names itself for certain.
AUTOMATION = """
    headlesschrome phantomjs slimerjs prerender rendertron lighthouse pagespeed ptst/ cypress/
    selenium puppeteer playwright jsdom htmlunit zombie.js
"""
MONITORS = """
    pingdom statuscake site24x7 gtmetrix newrelic datadog dynatrace catchpoint uptime betterstack
    hetrixtools nagios check_http zabbix blackbox monit/ freshping checkly updown.io montastic
    healthcheck kube-probe elb-healthchecker googlehc
"""
LIBRARIES = """
    libcurl wget python-requests python-urllib python-httpx aiohttp urllib go-http-client okhttp
    java-http apache-http jakarta libwww lwp:: lwp-trivial axios node-fetch undici node.js
    postmanruntime insomnia httpie faraday rest-client guzzle php/ wordpress/ scrapy mechanize
    winhttp powershell reqwest dart: dart/ cfnetwork aria2 jmeter apachebench gatling locust vegeta
"""
BOT_TOKENS = tuple(f"{CRAWLERS} {AUTOMATION} {MONITORS} {LIBRARIES}".split())
# What needs its surroundings: "Cubot" is a maker of phones, "K6" one of their names.
BOT_WORDS = re.compile(
    r"(?<!\bcu)bot(?![a-z])|\b(?:curl|java|deno|bun|hyper)/|\b(?:httpx|ruby|siege|colly)\b"
    r"|\b(?:python|whatsapp|k6)/\d|\bgot \(|page speed|better stack|google favicon"
    r"|screaming frog|link preview"
)

BROWSERS = (
    ("Facebook", r"FBAN/|FBAV/|FB_IAB"),
    ("Instagram", r"Instagram"),
    ("TikTok", r"musical_ly|BytedanceWebview|TikTok"),
    ("WeChat", r"MicroMessenger"),
    ("LinkedIn", r"LinkedInApp"),
    ("Snapchat", r"Snapchat"),
    ("Line", r"\bLine/"),
    ("Edge", r"\bEdge?/|\bEdgA/|\bEdgiOS/"),
    ("Opera", r"\bOPR/|\bOPT/|\bOPX/|\bOPiOS/|Opera"),
    ("Samsung Internet", r"SamsungBrowser/"),
    ("Yandex Browser", r"YaBrowser/"),
    ("UC Browser", r"UCBrowser/|UBrowser/"),
    ("Vivaldi", r"Vivaldi/"),
    ("DuckDuckGo", r"DuckDuckGo/|\bDdg/"),
    ("Brave", r"\bBrave/"),
    ("Whale", r"Whale/"),
    ("QQ Browser", r"QQBrowser/"),
    ("MIUI Browser", r"MiuiBrowser/"),
    ("Huawei Browser", r"HuaweiBrowser/"),
    ("Silk", r"\bSilk/"),
    ("Google App", r"\bGSA/"),
    ("Firefox", r"Firefox/|FxiOS/|Focus/"),
    ("Internet Explorer", r"\bMSIE |Trident/"),
    ("Android WebView", r"; wv\)"),
    ("Chrome", r"Chrome/|CriOS/|Chromium/"),
    ("Android Browser", r"Android.+Version/[\d.]+.*Safari/"),
    ("Safari", r"Safari/|Version/.+Mobile/|iPhone|iPad|iPod"),
)
SYSTEMS = (
    ("Windows Phone", r"Windows Phone|IEMobile"),
    ("KaiOS", r"KAIOS"),
    ("Tizen", r"Tizen"),
    ("webOS", r"Web0S|webOS"),
    ("HarmonyOS", r"HarmonyOS|OpenHarmony"),
    ("Android", r"Android|\bSilk/"),
    ("iPadOS", r"iPad"),
    ("iOS", r"iPhone|iPod|CPU OS \d"),
    ("Windows", r"Windows|Win64|Win32"),
    ("ChromeOS", r"\bCrOS\b"),
    ("macOS", r"Mac OS X|Macintosh|Darwin"),
    ("PlayStation", r"PlayStation"),
    ("Xbox", r"Xbox"),
    ("BlackBerry", r"BlackBerry|BB10|PlayBook"),
    ("BSD", r"FreeBSD|OpenBSD|NetBSD"),
    ("Linux", r"Linux|X11|Ubuntu|Fedora"),
)
# An Android that does not say "Mobile" is a tablet; "Tablet PC" is an old word of Windows.
FORMS = (
    ("tablet", r"iPad|Tablet(?! PC)|PlayBook|Kindle|\bSilk/(?!.*Mobile)"),
    ("desktop", r"Android TV|GoogleTV|SMART-TV|SmartTV|AppleTV|BRAVIA|\bAFT[A-Z]|CrKey|Web0S"),
    ("mobile", r"Mobi|iPhone|iPod|Windows Phone|IEMobile|KAIOS|Opera Mini|BlackBerry|BB10"),
    ("tablet", r"Android"),
)

_Table = tuple[tuple[str, re.Pattern[str]], ...]


def _compiled(table: tuple[tuple[str, str], ...]) -> _Table:
    return tuple((name, re.compile(pattern)) for name, pattern in table)


_BROWSERS, _SYSTEMS, _FORMS = map(_compiled, (BROWSERS, SYSTEMS, FORMS))


def parse_user_agent(user_agent: str | None) -> Device:
    """The device of a user agent; anything that is not a text counts as none at all."""
    return _parse(user_agent[:LONGEST] if isinstance(user_agent, str) else "")


def is_bot(user_agent: str | None) -> bool:
    """Whether a crawler, a headless or prerendering browser, a monitor or an HTTP library asks;
    so does one without a user agent."""
    return parse_user_agent(user_agent).kind == "bot"


@lru_cache(4096)
def _parse(user_agent: str) -> Device:
    if not user_agent.strip():
        return Device("bot", NO_USER_AGENT, "")
    if (place := _bot_at(user_agent)) is not None:
        return Device("bot", _word_at(user_agent, place), "")
    browser, system = _first(_BROWSERS, user_agent), _first(_SYSTEMS, user_agent)
    return Device(_first(_FORMS, user_agent, "desktop"), browser, system)


def _bot_at(user_agent: str) -> int | None:
    """Where a bot first gives itself away; None for people."""
    # ASCII keeps every place where it is; lower() alone may lengthen foreign letters.
    lowered = user_agent.encode("ascii", "replace").decode().lower()
    places = [lowered.index(token) for token in BOT_TOKENS if token in lowered]
    found = BOT_WORDS.search(lowered)
    return min([*places, found.start()] if found else places, default=None)


def _word_at(user_agent: str, place: int) -> str:
    """The whole word around a place, without its version: Googlebot, not bot."""
    before, after = user_agent[:place], user_agent[place:]
    start, tail = len(before.rstrip(WORD)), len(after) - len(after.lstrip(WORD))
    return user_agent[start : place + tail]


def _first(table: _Table, user_agent: str, otherwise: str = OTHER) -> str:
    return next((name for name, pattern in table if pattern.search(user_agent)), otherwise)
