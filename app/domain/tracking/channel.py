"""Where a visit came from: its channel, from UTM tags, click ids and the referrer.

Source: the five UTM parameters, gclid, fbclid, msclkid; the referrer where there are none.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import SplitResult, parse_qsl, urlencode, urlsplit

CHANNELS = (
    "direct",
    "organic search",
    "paid search",
    "social",
    "email",
    "referral",
    "ads",
)
UTM = ("utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content")
# Click id -> its network, and the channel when no medium says more. Facebook also puts its id on
# links that nobody paid for.
CLICK_IDS = {
    "gclid": ("google", "paid search"),
    "msclkid": ("bing", "paid search"),
    "fbclid": ("facebook", "social"),
}
MARKETING = frozenset((*UTM, *CLICK_IDS))
LONGEST_URL = 2048
LONGEST_VALUE = 255

MEDIA = {
    "email": "email",
    "e-mail": "email",
    "mail": "email",
    "newsletter": "email",
    "cpc": "paid search",
    "ppc": "paid search",
    "sem": "paid search",
    "paidsearch": "paid search",
    "paid_search": "paid search",
    "paid-search": "paid search",
    "paid search": "paid search",
    "organic": "organic search",
    "social": "social",
    "social-network": "social",
    "social-media": "social",
    "social_media": "social",
    "social media": "social",
    "sm": "social",
    "referral": "referral",
    "affiliate": "referral",
    "partner": "referral",
    "link": "referral",
    "ad": "ads",
    "ads": "ads",
    "banner": "ads",
    "cpa": "ads",
    "cpm": "ads",
    "cpv": "ads",
    "display": "ads",
    "expandable": "ads",
    "interstitial": "ads",
    "native": "ads",
    "paid": "ads",
    "paid_social": "ads",
    "paid-social": "ads",
    "paid social": "ads",
    "paidsocial": "ads",
    "remarketing": "ads",
    "retargeting": "ads",
    "video": "ads",
    "(none)": "direct",
    "none": "direct",
}
SEARCH = {
    "bing.com": "bing",
    "duckduckgo.com": "duckduckgo",
    "baidu.com": "baidu",
    "ecosia.org": "ecosia",
    "qwant.com": "qwant",
    "startpage.com": "startpage",
    "search.brave.com": "brave",
    "kagi.com": "kagi",
    "naver.com": "naver",
    "daum.net": "daum",
    "seznam.cz": "seznam",
    "sogou.com": "sogou",
    "so.com": "360",
    "ask.com": "ask",
    "search.aol.com": "aol",
    "mojeek.com": "mojeek",
    "swisscows.com": "swisscows",
    "metager.org": "metager",
    "presearch.com": "presearch",
    "search.yahoo.com": "yahoo",
    "search.yahoo.co.jp": "yahoo",
    "com.google.android.googlequicksearchbox": "google",
}
SEARCH_PATTERNS = (
    (re.compile(r"(www\.|m\.)?google\.([a-z]{2,3}|com?\.[a-z]{2})"), "google"),
    (re.compile(r"(www\.|m\.)?yahoo\.(com|co\.[a-z]{2})"), "yahoo"),
    (re.compile(r"(www\.|m\.)?(yandex\.([a-z]{2,3}|com\.[a-z]{2})|ya\.ru)"), "yandex"),
)
SOCIAL = {
    "facebook.com": "facebook",
    "fb.com": "facebook",
    "fb.me": "facebook",
    "messenger.com": "facebook",
    "instagram.com": "instagram",
    "threads.net": "threads",
    "threads.com": "threads",
    "twitter.com": "twitter",
    "x.com": "twitter",
    "t.co": "twitter",
    "linkedin.com": "linkedin",
    "lnkd.in": "linkedin",
    "youtube.com": "youtube",
    "youtu.be": "youtube",
    "pinterest.com": "pinterest",
    "pin.it": "pinterest",
    "reddit.com": "reddit",
    "out.reddit.com": "reddit",
    "tiktok.com": "tiktok",
    "snapchat.com": "snapchat",
    "tumblr.com": "tumblr",
    "quora.com": "quora",
    "vk.com": "vk",
    "ok.ru": "ok",
    "weibo.com": "weibo",
    "whatsapp.com": "whatsapp",
    "wa.me": "whatsapp",
    "t.me": "telegram",
    "telegram.org": "telegram",
    "discord.com": "discord",
    "mastodon.social": "mastodon",
    "bsky.app": "bluesky",
    "xing.com": "xing",
    "news.ycombinator.com": "hackernews",
    "com.facebook.katana": "facebook",
    "com.instagram.android": "instagram",
    "com.linkedin.android": "linkedin",
    "com.twitter.android": "twitter",
    "com.reddit.frontpage": "reddit",
}
MAIL = {
    "mail.google.com": "gmail",
    "com.google.android.gm": "gmail",
    "outlook.live.com": "outlook",
    "outlook.office.com": "outlook",
    "outlook.office365.com": "outlook",
    "mail.yahoo.com": "yahoo mail",
    "mail.aol.com": "aol mail",
    "mail.proton.me": "proton mail",
    "mail.zoho.com": "zoho mail",
    "mail.ru": "mail.ru",
    "e.mail.ru": "mail.ru",
    "webmail.gmx.net": "gmx",
    "navigator.web.de": "web.de",
    "mail.yandex.ru": "yandex mail",
    "mail.163.com": "163 mail",
    "mail.qq.com": "qq mail",
}
# What people write as utm_source -> the channel that it means when the medium says nothing.
SOURCES = {
    **dict.fromkeys((*SEARCH.values(), "google", "yahoo", "yandex"), "organic search"),
    **dict.fromkeys((*SOCIAL.values(), "fb", "ig", "x", "meta"), "social"),
    **dict.fromkeys(("newsletter", "email", "mailchimp", "brevo", "sendgrid"), "email"),
}
PAID_MEDIA = {"paid"} | {medium for medium, channel in MEDIA.items() if channel == "paid search"}
PAID_CHANNELS = {"social": "ads", "organic search": "paid search"}
REFERRERS = (("email", MAIL), ("organic search", SEARCH), ("social", SOCIAL))
CONTROL = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")
WEB_SCHEMES = ("http", "https", "android-app")
NOTHING = SplitResult("", "", "", "", "")


@dataclass(frozen=True, slots=True)
class Source:
    """Where a visit came from. `channel` is one of CHANNELS; `source` a site, network or
    utm_source; the rest as tagged, None where absent. `click_id` is the value of gclid, msclkid or
    fbclid."""

    channel: str
    source: str | None = None
    medium: str | None = None
    campaign: str | None = None
    term: str | None = None
    content: str | None = None
    click_id: str | None = None


def attribute_visit(url: str | None, referrer: str | None = None) -> Source:
    """The source of a visit that landed on `url`. Tags come before click ids, those before the
    referrer; a referrer of the same site is direct. Never raises: what cannot be read is absent."""
    return _attribute(_text(url), _text(referrer))


@lru_cache(1024)
def _attribute(url: str, referrer: str) -> Source:
    landing, origin = _split(url), _split(referrer)
    tags = _tags(landing.query)
    click = next((name for name in CLICK_IDS if name in tags), None)
    source, channel = CLICK_IDS[click] if click else _referred(origin, landing)
    if tags.keys() & set(UTM):
        channel = _tagged(tags, source, channel if source else "referral")
        source = tags.get("utm_source", source)
    told = {name.removeprefix("utm_"): tags.get(name) for name in UTM[1:]}
    return Source(channel, source, click_id=tags.get(click), **told)


def clean_url(url: str | None, keep: Collection[str] = ()) -> str:
    """`url` without what may name a person: scheme, host, path and the marketing parameters stay,
    and those in `keep`; user, fragment, other parameters and values with an @ go.

    At most 2048 characters; a path alone stays a path; "" for anything that is not a web address.
    """
    return _clean(_text(url), tuple(keep))


@lru_cache(4096)
def _clean(url: str, keep: tuple[str, ...]) -> str:
    parts = _split(url)
    wanted = MARKETING | {name.lower() for name in keep}
    pairs = [(n, v) for n, v in _pairs(parts.query) if n.lower() in wanted and "@" not in v]
    address = _address(parts)[:LONGEST_URL]
    while address and pairs:
        full = f"{address}?{urlencode(pairs)}"
        if len(full) <= LONGEST_URL:
            return full
        pairs.pop()
    return address


def _address(parts: SplitResult) -> str:
    host = parts.netloc.rpartition("@")[2].lower()
    if parts.scheme in WEB_SCHEMES and host:
        return f"{parts.scheme}://{host}{parts.path}"
    if not parts.scheme and not host and parts.path.startswith("/"):
        return "/" + parts.path.lstrip("/")
    return ""


def _tagged(tags: Mapping[str, str], origin: str | None, otherwise: str) -> str:
    """The channel of a tagged link: its medium's, else its source's. What a paid click is depends
    on where it was bought: on a social network it is an ad."""
    medium = tags.get("utm_medium", "").lower()
    by_source = SOURCES.get((tags.get("utm_source") or origin or "").lower())
    if medium in PAID_MEDIA and by_source in PAID_CHANNELS:
        return PAID_CHANNELS[by_source]
    return MEDIA.get(medium) or by_source or otherwise


def _referred(origin: SplitResult, landing: SplitResult) -> tuple[str | None, str]:
    """Source and channel by the referrer alone."""
    host, own = _host(origin), _host(landing)
    if not host or _same_site(host, own):
        return None, "direct"
    for channel, table in REFERRERS:
        if name := _known(host, table):
            return name, channel
    searched = next((name for p, name in SEARCH_PATTERNS if p.fullmatch(host)), None)
    return (searched, "organic search") if searched else (host, "referral")


def _known(host: str, table: Mapping[str, str]) -> str | None:
    """The table's name for a host or any domain above it."""
    labels = host.split(".")
    above = (".".join(labels[place:]) for place in range(min(len(labels), 8)))
    return next((table[domain] for domain in above if domain in table), None)


def _same_site(host: str, own: str) -> bool:
    return bool(own) and (host == own or host.endswith(f".{own}") or own.endswith(f".{host}"))


def _host(parts: SplitResult) -> str:
    if parts.scheme not in WEB_SCHEMES:
        return ""
    host = parts.netloc.rpartition("@")[2].lower().partition(":")[0]
    return host.removeprefix("www.").rstrip(".")


def _tags(query: str) -> dict[str, str]:
    """The marketing parameters, first value each, names in small letters."""
    tags: dict[str, str] = {}
    for name, value in _pairs(query):
        if name.lower() in MARKETING and (text := value.strip()[:LONGEST_VALUE]):
            tags.setdefault(name.lower(), text)
    return tags


def _pairs(query: str) -> list[tuple[str, str]]:
    return [(CONTROL.sub("", n), CONTROL.sub("", v)) for n, v in parse_qsl(query, errors="replace")]


def _split(url: str) -> SplitResult:
    try:
        return urlsplit(url)
    except ValueError:
        return NOTHING


def _text(url: str | None) -> str:
    """The address as text without control characters, short enough to be worth reading."""
    return CONTROL.sub("", url[: 4 * LONGEST_URL]).strip() if isinstance(url, str) else ""
