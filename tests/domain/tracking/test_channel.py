from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.tracking.channel import CHANNELS, MARKETING, Source, attribute_visit, clean_url

HOME = "https://www.clinic.example/laser"
junk = st.none() | st.integers() | st.binary() | st.text() | st.text().map("http://".__add__)
queries = st.dictionaries(
    st.sampled_from([*sorted(MARKETING), "email", "token", "Q"]), st.text(max_size=12)
)


@pytest.mark.parametrize(
    ("referrer", "channel", "source"),
    [
        ("", "direct", None),
        (None, "direct", None),
        ("https://clinic.example/", "direct", None),
        ("https://blog.clinic.example/post", "direct", None),
        ("https://www.google.com/", "organic search", "google"),
        ("https://google.co.uk/search?q=x", "organic search", "google"),
        ("https://WWW.GOOGLE.DE", "organic search", "google"),
        ("https://www.bing.com/", "organic search", "bing"),
        ("https://duckduckgo.com/", "organic search", "duckduckgo"),
        ("https://uk.search.yahoo.com/x", "organic search", "yahoo"),
        ("https://yandex.ru/", "organic search", "yandex"),
        ("android-app://com.google.android.googlequicksearchbox/", "organic search", "google"),
        ("https://l.facebook.com/l.php", "social", "facebook"),
        ("https://t.co/abc", "social", "twitter"),
        ("https://www.linkedin.com/feed", "social", "linkedin"),
        ("https://mail.google.com/mail", "email", "gmail"),
        ("android-app://com.google.android.gm/", "email", "gmail"),
        ("https://mail.yahoo.com/", "email", "yahoo mail"),
        ("https://news.google.com/", "referral", "news.google.com"),
        ("https://google.evil.example/", "referral", "google.evil.example"),
        ("https://notfacebook.com/", "referral", "notfacebook.com"),
        ("https://www.magazine.example:8443/a", "referral", "magazine.example"),
        ("https://notclinic.example/", "referral", "notclinic.example"),
        ("file:///C:/index.html", "direct", None),
        ("about:blank", "direct", None),
        ("http://[bad", "direct", None),
    ],
)
def test_without_tags_the_referrer_tells(referrer, channel, source):
    assert attribute_visit(HOME, referrer) == Source(channel, source)


@pytest.mark.parametrize(
    ("query", "referrer", "channel"),
    [
        ("utm_source=google&utm_medium=cpc", "", "paid search"),
        ("utm_source=Google&utm_medium=CPC", "", "paid search"),
        ("utm_source=facebook&utm_medium=cpc", "", "ads"),
        ("utm_source=instagram&utm_medium=paid", "", "ads"),
        ("utm_source=bing&utm_medium=paid", "", "paid search"),
        ("utm_source=somewhere&utm_medium=paid", "", "ads"),
        ("utm_source=x&utm_medium=display", "", "ads"),
        ("utm_source=march&utm_medium=email", "https://www.google.com/", "email"),
        ("utm_source=newsletter", "", "email"),
        ("utm_source=facebook", "", "social"),
        ("utm_source=linkedin&utm_medium=social", "", "social"),
        ("utm_source=friend&utm_medium=referral", "", "referral"),
        ("utm_source=flyer&utm_medium=qr", "", "referral"),
        ("utm_source=news", "https://www.google.com/", "organic search"),
        ("utm_campaign=spring", "https://t.co/x", "social"),
        ("utm_source=google&utm_medium=organic", "", "organic search"),
        ("gclid=abc", "https://www.google.com/", "paid search"),
        ("gclid=abc&utm_medium=display", "", "ads"),
        ("msclkid=abc", "", "paid search"),
        ("fbclid=abc", "https://l.facebook.com/", "social"),
        ("fbclid=abc&utm_medium=cpc", "", "ads"),
        ("fbclid=abc&utm_medium=paid_social", "", "ads"),
        ("utm_source=&utm_medium=", "https://t.co/x", "social"),
    ],
)
def test_tags_and_click_ids_come_before_the_referrer(query, referrer, channel):
    assert attribute_visit(f"{HOME}?{query}", referrer).channel == channel


def test_all_five_tags_and_the_click_id_are_kept():
    query = "UTM_Source=g&utm_medium=cpc&utm_campaign=spring+sale&utm_term=a%26b&utm_content=c"
    assert attribute_visit(f"{HOME}?{query}&gclid=X1&utm_source=second", None) == Source(
        "paid search", "g", "cpc", "spring sale", "a&b", "c", "X1"
    )


@pytest.mark.parametrize(
    ("click", "network"), [("gclid", "google"), ("msclkid", "bing"), ("fbclid", "facebook")]
)
def test_a_click_id_names_its_network(click, network):
    found = attribute_visit(f"{HOME}?{click}=id-1")
    assert (found.source, found.click_id) == (network, "id-1")


@given(junk, junk)
def test_garbage_has_a_channel_too(url, referrer):
    assert attribute_visit(url, referrer).channel in CHANNELS


@given(queries, junk)
def test_any_query_has_a_channel_and_no_endless_or_broken_values(query, referrer):
    url = HOME + "?" + "&".join(f"{name}={value}" for name, value in query.items())
    found = attribute_visit(url, referrer)
    told = [found.source, found.medium, found.campaign, found.term, found.content]
    assert found.channel in CHANNELS
    assert all(value is None or (0 < len(value) <= 255 and "\0" not in value) for value in told)


@pytest.mark.parametrize(
    ("url", "clean"),
    [
        (HOME, HOME),
        (f"{HOME}?utm_source=a&email=x%40y.z&token=1#top", f"{HOME}?utm_source=a"),
        (f"{HOME}?UTM_Source=a&gclid=G", f"{HOME}?UTM_Source=a&gclid=G"),
        (f"{HOME}?utm_content=ada%40example.org", HOME),
        ("HTTPS://User:Pass@Clinic.Example:8443/A?x=1", "https://clinic.example:8443/A"),
        ("/demo?token=1&utm_term=a b", "/demo?utm_term=a+b"),
        ("//evil.example/x", ""),
        ("mailto:ada@example.org", ""),
        ("javascript:alert(1)", ""),
        ("ada@example.org", ""),
        ("http://[bad", ""),
        (None, ""),
        (7, ""),
    ],
)
def test_a_clean_url_names_no_person(url, clean):
    assert clean_url(url) == clean


def test_a_site_may_keep_parameters_of_its_own():
    assert clean_url(f"{HOME}?page=2&q=x", keep=("Page",)) == f"{HOME}?page=2"


def test_a_clean_url_is_cut_parameter_by_parameter():
    long = f"{HOME}?utm_source=a&utm_term={'b' * 2100}"
    assert clean_url(long) == f"{HOME}?utm_source=a"
    assert len(clean_url("https://a.example/" + "x" * 5000)) == 2048


@given(junk | st.builds("{}?{}#{}".format, st.sampled_from([HOME, "/a"]), st.text(), st.text()))
def test_clean_urls_are_short_marketing_only_and_stay_as_they_are(url):
    clean = clean_url(url)
    assert len(clean) <= 2048
    assert {name.lower() for name, _ in parse_qsl(urlsplit(clean).query)} <= MARKETING
    assert clean_url(clean) == clean
