"""The scoring rules of a site's visits: changed, tried on the past, published."""

from datetime import timedelta
from uuid import UUID

import pytest

from app.clock import utc_now
from app.extensions import db
from app.identity import Identity
from app.jobs import work
from app.operations.tracking.record_interaction import record_interaction
from app.operations.tracking.sweep import sweep
from app.queries.scoring.rules import session_rules
from app.tenancy import acting_for
from tests.rules import (
    DEFAULT_SESSION,
    PAGE,
    assert_figures,
    changed,
    discard,
    drafts,
    of_visits,
    send,
    table,
    use,
    value_of,
)


def test_a_visits_score_follows_the_sites_own_rules(alice, cast, visits_page):
    form = {**DEFAULT_SESSION, "page_points": "7", "half_life_days": "30", "labels": "Book now"}
    assert send(alice, form, visits_page).status_code == 303
    with acting_for(cast.clinic):
        rules = session_rules(cast.site.id)
    assert (rules.page_points, rules.half_life_days) == (7, 30.0)
    assert rules.important_labels == ("Book now",)
    page = alice.get(visits_page).text
    assert "Points a page: 5 → 7" in page
    assert "version 1 is in force" in page


def test_the_check_values_of_visits_can_be_tried(alice, visits_page):
    page = alice.get(f"{visits_page}?seconds=720&pages=6&regular=5&important=2").text
    assert '<span class="h1 mb-0">90</span>' in page


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"bands-0-from_seconds": "10"}, "duration_bands"),
        ({"bands-2-points": "200"}, "bands-2-points"),
        ({"half_life_days": "0"}, "half_life_days"),
        ({"page_cap": "x"}, "page_cap"),
    ],
)
def test_visit_rules_that_cannot_be_used_are_refused_and_kept(
    alice, cast, visits_page, changes, field
):
    answer = send(alice, {**DEFAULT_SESSION, "click_cap": "29", **changes}, visits_page)
    assert answer.status_code == 422
    assert f'href="#{field}"' in answer.text
    assert 'name="click_cap" value="29"' in answer.text
    with acting_for(cast.clinic):
        assert session_rules(cast.site.id).click_cap == 30


def test_visit_rules_go_back_to_the_defaults(alice, cast, visits_page):
    send(alice, {**DEFAULT_SESSION, "page_points": "7"}, visits_page)
    reset = {**DEFAULT_SESSION, "made_from": "1", "page_points": "9", "do": "reset"}
    assert send(alice, reset, visits_page).status_code == 303
    assert "Points a page: 7 → 5" in alice.get(visits_page).text
    again = {**DEFAULT_SESSION, "made_from": "1", "revision": "1"}
    assert send(alice, again, visits_page).status_code == 303
    with acting_for(cast.clinic):
        assert session_rules(cast.site.id).page_points == 5


def test_visit_rules_overtaken_are_told_and_kept(alice, visits_page):
    send(alice, {**DEFAULT_SESSION, "page_points": "7", "labels": "Book"}, visits_page)
    answer = send(alice, {**DEFAULT_SESSION, "page_cap": "20"}, visits_page)
    assert answer.status_code == 409
    assert "Alice published version 1" in answer.text
    assert value_of(answer, "page_cap") == "20"
    assert value_of(answer, "page_points") == "7"
    assert ">Book</textarea>" in answer.text


def test_an_old_version_of_visit_rules_comes_back(alice, cast, visits_page):
    send(alice, {**DEFAULT_SESSION, "page_points": "7"}, visits_page)
    send(alice, {**DEFAULT_SESSION, "made_from": "1"}, visits_page)
    back = {"version": "1", "made_from": "2"}
    assert send(alice, back, visits_page, f"{visits_page}/bring-back").status_code == 303
    with acting_for(cast.clinic):
        assert session_rules(cast.site.id).page_points == 7


def test_bands_are_added_and_removed_in_the_draft(alice, visits_page):
    send(alice, {**DEFAULT_SESSION, "do": "add"}, visits_page)
    assert 'name="bands-5-points"' in alice.get(visits_page).text
    discard(alice, visits_page)
    send(alice, {**DEFAULT_SESSION, "do": "delete-4"}, visits_page)
    assert 'name="bands-4-points"' not in alice.get(visits_page).text


def test_rules_of_visits_are_previewed_and_published_by_the_same_flow(alice, cast, visits_page):
    for visitor in range(1, 4):
        use(cast, visitor)
        use(cast, visitor, minutes=4)
    sweep(now=utc_now())
    db.session.commit()
    changes = {"bands-2-points": "30", "do": "preview"}
    answer = send(alice, of_visits(**changes), visits_page)
    work.run()
    page = alice.get(answer.location).text
    assert_figures(page, "Visits looked at", "3", "of 3 visitors")
    assert_figures(page, "Mean score", "30.0", "25.0 by the rules in force")
    assert table(alice, answer.location, "parts")[1] == ["Duration", "25.0", "30.0", "5.0"]
    form = {"revision": "1", "note": ""}
    assert send(alice, form, visits_page, f"{visits_page}/publish").status_code == 303
    with acting_for(cast.clinic):
        assert session_rules(cast.site.id).duration_bands[2].points == 30
    assert "Duration bands:" in alice.get(f"{visits_page}/versions").text


def test_other_labels_judge_the_clicks_of_the_past_anew(alice, cast, visits_page):
    identity = Identity(UUID(int=5), None)
    at = utc_now() - timedelta(days=2)
    with acting_for(cast.clinic):
        for label in ("Book now", "Read on", "Book now"):
            record_interaction(
                "click", site=cast.site, identity=identity, label=label, now=at, data={}
            )
        sweep(now=utc_now())
        db.session.commit()
    changes = {"labels": "Book now", "do": "preview"}
    answer = send(alice, of_visits(**changes), visits_page)
    work.run()
    assert table(alice, answer.location, "parts")[3] == ["Clicks", "6.0", "12.0", "6.0"]


def test_the_drafts_of_interactions_and_of_visits_stand_apart(alice, cast, visits_page):
    send(alice, changed(do="save", rules__5__points="25"))
    send(alice, of_visits(page_points="7", do="save"), visits_page)
    assert {(d.kind, d.site_id) for d in drafts(cast)} == {
        ("interaction", None),
        ("session", cast.site.id),
    }
    discard(alice)
    assert [d.kind for d in drafts(cast)] == ["session"]
    assert alice.get(PAGE).text.count('bg-yellow-lt ms-2">draft') == 1
