"""The demo business: what a visitor reads, finds and searches."""

import pytest
from sqlalchemy import select

from app.assets import snippet
from app.extensions import db
from app.models import Interaction, Site, Treatment
from app.tenancy import across_organizations, acting_for
from tests.passerby import Passerby, in_mode

SLUGS = (
    "wrinkle-relaxing",
    "lip-filler",
    "hydrafacial",
    "chemical-peel",
    "laser-hair-removal",
    "microneedling",
    "ipl",
    "body-contouring",
)


def searches(cast):
    with acting_for(cast.clinic):
        wanted = select(Interaction).where(Interaction.type == "search").order_by(Interaction.id)
        return list(db.session.scalars(wanted))


@pytest.mark.parametrize(
    "path", ["/", "/treatments", "/search", "/search?q=lips", "/privacy", "/enhanced-cost/"]
)
def test_every_page_carries_our_own_snippet_and_nothing_from_elsewhere(visitor, path):
    page = visitor.get(path)
    assert page.status_code == 200
    assert f'<script defer src="{snippet()}" data-site="clinic-key"></script>' in page.text
    assert 'src="http' not in page.text
    assert "style=" not in page.text
    assert page.text.count("<h1") == 1


@pytest.mark.parametrize("slug", SLUGS)
def test_every_treatment_has_a_page(visitor, slug):
    page = visitor.get(f"/treatments/{slug}")
    assert page.status_code == 200
    assert f"/enhanced-cost/?treatment={slug}" in page.text


def test_a_treatment_that_is_not_offered_is_not_found(visitor):
    page = visitor.get("/treatments/nose-job")
    assert page.status_code == 404
    assert "We do not offer this treatment" in page.text


def test_another_organizations_treatment_is_not_found(visitor, clinic):
    with acting_for(clinic.other):
        shared = {"summary": "", "description": "", "category": "", "minutes": 1}
        price = {"price_low": 1, "price_high": 2}
        db.session.add(Treatment(slug="secret", name="Secret", **shared, **price))
        db.session.commit()
    assert visitor.get("/treatments/secret").status_code == 404
    assert "Secret" not in visitor.get("/search?q=secret").text.partition("<main")[2].replace(
        "“secret”", ""
    )


def test_the_button_that_matters_is_marked(visitor):
    assert "data-ll-important>Book a consultation" in visitor.get("/").text


def test_reading_sets_no_cookie(visitor):
    for path in ("/", "/treatments", "/search?q=lips", "/privacy"):
        assert "Set-Cookie" not in visitor.get(path).headers


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("botox", "wrinkle-relaxing"),
        ("wrinkels", "wrinkle-relaxing"),
        ("Crow's feet", "wrinkle-relaxing"),
        ("lips", "lip-filler"),
        ("BIKINI", "laser-hair-removal"),
        ("unwanted hair", "laser-hair-removal"),
        ("rosacea", "ipl"),
        ("brown spots on my face", "ipl"),
        ("stretch marks", "microneedling"),
        ("cellulite", "body-contouring"),
        ("blackheads", "hydrafacial"),
    ],
)
def test_search_puts_the_best_fit_first(visitor, query, first):
    page = visitor.get(f"/search?q={query}").text
    links = [part.split('"')[0] for part in page.split('href="/treatments/')[1:]]
    assert links[0] == first


def test_a_search_without_results_says_so_kindly_and_suggests(visitor, clinic):
    page = visitor.get("/search?q=tax return")
    assert "We found nothing for “tax return”" in page.text
    assert 'class="chip"' in page.text
    (search,) = searches(clinic)
    assert search.data == {"query": "tax return", "results": 0}


def test_each_search_is_an_interaction_of_its_visitor(visitor, clinic):
    visitor.get("/search?q=  lip   filler ")
    (search,) = searches(clinic)
    assert search.data["query"] == "lip filler"
    assert search.data["results"] >= 1
    assert search.visitor_session_id is not None


def test_a_long_query_is_kept_to_a_hundred_characters(visitor, clinic):
    visitor.get(f"/search?q={'lip ' * 200}")
    assert len(searches(clinic)[0].data["query"]) <= 100


def test_an_empty_search_is_a_page_and_no_interaction(visitor, clinic):
    assert visitor.get("/search?q=%20").status_code == 200
    assert searches(clinic) == []


def test_who_refuses_tracking_searches_unseen(client, clinic):
    assert Passerby(client, DNT="1").get("/search?q=lips").status_code == 200
    assert searches(clinic) == []


def test_scripts_in_a_search_are_text(visitor, clinic):
    page = visitor.get("/search", query={"q": "<script>alert('💉')</script>"})
    assert "<script>alert" not in page.text
    assert "💉" in page.text
    assert searches(clinic)[0].data["query"] == "<script>alert('💉')</script>"


@pytest.mark.parametrize(
    ("mode", "says"),
    [
        ("cookieless", "without cookies"),
        ("cookie", "13 months"),
        ("consent", "nothing before you say yes"),
    ],
)
def test_privacy_tells_what_is_kept_in_this_sites_mode(visitor, clinic, mode, says):
    in_mode(clinic, mode)
    page = visitor.get("/privacy").text
    assert says in page
    assert ("data-mode=" in page) == (mode != "cookieless")
    assert ("data-consent-banner" in page) == (mode == "consent")


def test_without_any_hosted_site_a_page_says_what_to_run(client, cast):
    with across_organizations():
        for site in db.session.scalars(select(Site)):
            site.hosted = False
    with acting_for(cast.clinic):
        db.session.commit()
    visitor = Passerby(client)
    assert "flask --app run" in visitor.get("/").text
    assert visitor.get("/treatments").status_code == 404


def test_an_unknown_address_is_a_page_for_people(visitor):
    page = visitor.get("/no/such/page")
    assert page.status_code == 404
    assert "Nothing here" in page.text
