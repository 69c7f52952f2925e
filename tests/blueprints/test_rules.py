"""The scoring rules page: what admins change, what analysts read, what the next score is."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select

from app.domain.scoring.rules import DEFAULT_RULES
from app.extensions import db
from app.identity import Identity
from app.models import AuditLog, LeadScoringRule, Membership, RuleSetVersion, User
from app.operations.scoring.publish_rules import publish_interaction_rules
from app.operations.tracking.record_interaction import record_interaction
from app.queries.scoring.rules import interaction_rules, session_rules
from app.tenancy import acting_for
from tests.conftest import NOW

PAGE = "/admin/comprehensive/lead-scoring"
HIDDEN = re.compile(r'<input type="hidden" name="csrf_token" value="([^"]+)"')


def token(client, page=PAGE) -> str:
    return HIDDEN.search(client.get(page).text)[1]


def the_form(version=0, **changes) -> dict:
    """The form of the ten defaults as a browser sends it, with some fields changed."""
    form = {"made_from": str(version), "note": "", "do": "publish", "unseen": "on"}
    for place, rule in enumerate(DEFAULT_RULES):
        condition = rule.condition
        row = {
            "id": rule.id,
            "name": rule.name,
            "kind": rule.kind,
            "points": str(rule.points),
            "interaction_type": rule.interaction_type or "",
            "field": condition.field if condition else "",
            "operator": condition.operator if condition else "equals",
            "value": str(condition.value) if condition else "",
            "per_unit": rule.per_unit or "",
            "unit_cap": "",
            "active": "on",
        }
        form |= {f"rules-{place}-{name}": value for name, value in row.items()}
    form |= {
        "threshold-ai_recommendation": "60",
        "threshold-face_analysis": "80",
        "threshold-cost_calculator": "70",
        "threshold-appointment_booked": "90",
        "high_intent_limit": "3",
        "medium": "40",
        "high": "70",
        "cap": "100",
    }
    form |= {name.replace("__", "-"): value for name, value in changes.items()}
    return {name: value for name, value in form.items() if value is not None}


def send(client, form, page=PAGE, to=None):
    return client.post(to or page, data={**form, "csrf_token": token(client, page)})


def use_calculator(cast, now=NOW, budget="high"):
    with acting_for(cast.clinic):
        data = {"procedures": ["botox", "peel"], "budget": budget}
        used = record_interaction(
            "cost_calculator",
            site=None,
            identity=None,
            data=data,
            now=now,
        )
        db.session.commit()
        return used


def test_the_ten_defaults_are_shown_in_their_order_with_conditions_in_words(alice):
    page = alice.get(PAGE)
    assert page.status_code == 200
    places = [
        page.text.index(f'<strong class="text-break">{r.name}</strong>') for r in DEFAULT_RULES
    ]
    assert places == sorted(places)
    assert "Any high-intent act, when budget range equals high" in page.text
    assert "for each earlier high-intent interaction" in page.text
    assert "The defaults are in force" in page.text


def test_new_points_score_the_next_interaction_and_leave_the_stored_one(alice, cast):
    before = use_calculator(cast)
    assert before.score == 100
    answer = send(alice, the_form(rules__5__points="5"))
    assert answer.status_code == 303
    after = use_calculator(cast, NOW + timedelta(days=400))
    db.session.refresh(before)
    assert (before.score, after.score) == (100, 90)


def test_the_version_the_author_and_the_change_are_told(alice, cast):
    send(alice, the_form(rules__5__points="25", note=""))
    page = alice.get(PAGE).text
    assert "Version 1 is in force" in page
    assert "High budget range: points 20 → 25" in page
    assert "Alice" in page
    with acting_for(cast.clinic):
        line = db.session.scalar(select(AuditLog).where(AuditLog.action == "rules.published"))
    assert line.user_id == cast.alice.id
    assert line.detail["before"]["rules"][5]["points"] == 20
    assert line.detail["after"]["rules"][5]["points"] == 25


@pytest.mark.parametrize(
    ("changes", "field", "message"),
    [
        ({"rules__5__points": "101"}, "rules-5-points", "whole number -100..100"),
        ({"rules__5__points": "many"}, "rules-5-points", "whole number -100..100"),
        ({"rules__5__name": ""}, "rules-5-name", "text of 1..120"),
        ({"rules__5__operator": "matches"}, "rules-5-operator", "must be one of"),
        ({"rules__5__field": "__class__"}, "rules-5-field", "must be a path"),
        ({"rules__7__value": "long"}, "rules-7-value", "needs a number"),
        ({"rules__0__unit_cap": "3"}, "rules-0-unit_cap", "needs a per_unit field"),
        ({"rules__0__kind": "super"}, "rules-0-kind", "must be one of"),
        ({"threshold__face_analysis": "120"}, "threshold-face_analysis", "whole number 0..100"),
        ({"medium": "80"}, "levels", "rising"),
        ({"high_intent_limit": "0"}, "high_intent_limit", "1..1000"),
        ({"cap": ""}, "cap", "1..100"),
        ({"rules__1__id": "ai_recommendation"}, "rules-1-id", "used twice"),
    ],
)
def test_what_cannot_be_used_is_refused_beside_its_field_and_kept(
    alice, cast, changes, field, message
):
    answer = send(alice, the_form(rules__2__name="Kept as I typed it", **changes))
    assert answer.status_code == 422
    assert f'href="#{field}"' in answer.text
    assert message in answer.text
    assert "Kept as I typed it" in answer.text
    with acting_for(cast.clinic):
        assert interaction_rules().version == 0


def test_adding_moving_and_deleting_make_a_draft_and_publish_nothing(alice, cast):
    assert send(alice, the_form(do="add")).status_code == 303
    assert 'name="rules-10-id"' in alice.get(PAGE).text
    discard(alice)
    assert send(alice, the_form(do="up-5")).status_code == 303
    moved = alice.get(PAGE).text
    assert moved.index("High budget range</strong>") < moved.index(
        "More than one procedure</strong>"
    )
    assert "A draft, not published yet" in moved
    assert "Order changed" in moved
    discard(alice)
    send(alice, the_form(do="delete-5"))
    assert "High budget range: removed" in alice.get(PAGE).text
    with acting_for(cast.clinic):
        assert interaction_rules().version == 0


def discard(client, page=PAGE):
    assert send(client, {"do": "discard"}, page).status_code == 303


def test_a_rule_switched_off_does_not_score(alice, cast):
    send(alice, the_form(rules__5__active=None))
    assert use_calculator(cast, NOW + timedelta(days=400)).score == 85
    assert "High budget range: switched off" in alice.get(PAGE).text


def test_a_rule_of_ones_own_scores(alice, cast):
    own = {
        "id": "skin",
        "name": "Asked for botox",
        "kind": "bonus",
        "points": "-7",
        "interaction_type": "cost_calculator",
        "field": "interaction.procedures",
        "operator": "contains",
        "value": "Botox",
        "per_unit": "",
        "unit_cap": "",
        "active": "on",
    }
    form = the_form(rules__5__active=None)
    form |= {f"rules-10-{name}": value for name, value in own.items()}
    assert send(alice, form).status_code == 303
    scored = use_calculator(cast, NOW + timedelta(days=400))
    assert scored.score == 78
    assert {"name": "Asked for botox", "points": -7, "detail": "procedures contain Botox"} in (
        scored.contributions
    )


def test_publishing_without_a_change_publishes_nothing(alice, cast):
    send(alice, the_form())
    with acting_for(cast.clinic):
        assert interaction_rules().version == 0
    assert "Nothing has changed" in alice.get(PAGE).text


def test_whoever_was_overtaken_is_told_and_loses_nothing(alice, cast):
    send(alice, the_form(rules__5__points="30", threshold__face_analysis="85"))
    mine = the_form(version=0, rules__6__points="40", note="Urgency counts")
    answer = send(alice, mine)
    assert answer.status_code == 409
    assert "Alice published version 1 while you were editing" in answer.text
    assert "High budget range: points 20 → 30" in answer.text
    assert "Urgency counts" in answer.text
    with acting_for(cast.clinic):
        assert interaction_rules().version == 1
    assert value_of(answer, "made_from") == "1"
    assert value_of(answer, "rules-6-points") == "40"
    # What the other changed and I did not stands as they published it.
    assert value_of(answer, "rules-5-points") == "30"
    assert value_of(answer, "threshold-face_analysis") == "85"


def test_where_both_changed_the_same_field_ones_own_stands(alice):
    send(alice, the_form(rules__5__points="30"))
    answer = send(alice, the_form(version=0, rules__5__points="10"))
    assert answer.status_code == 409
    assert value_of(answer, "rules-5-points") == "10"
    assert "High budget range: points 30 → 10" in answer.text


def test_a_rule_that_the_other_deleted_or_added_is_so_in_ones_own(alice):
    shifted = the_form()
    for place in range(4, 9):
        for name in ("id", "name", "points", "field", "operator", "value", "per_unit"):
            shifted[f"rules-{place}-{name}"] = shifted[f"rules-{place + 1}-{name}"]
    shifted |= {"rules-9-id": "added", "rules-9-name": "Added by them", "rules-9-points": "3"}
    assert send(alice, shifted).status_code == 303
    answer = send(alice, the_form(version=0, rules__6__points="40"))
    ids = re.findall(r'name="rules-\d+-id" value="(\w+)"', answer.text)
    assert "several_procedures" not in ids
    assert ids[-1] == "added"


def value_of(answer, name: str) -> str:
    return re.search(rf'name="{name}" value="([^"]*)"', answer.text)[1]


def test_an_old_version_comes_back_as_the_next(alice, cast):
    send(alice, the_form(rules__5__points="30"))
    back = {"version": "0", "made_from": "1"}
    assert send(alice, back, to=f"{PAGE}/bring-back").status_code == 303
    with acting_for(cast.clinic):
        in_force = interaction_rules()
    assert in_force.version == 2
    assert [rule.points for rule in in_force.ordered] == [rule.points for rule in DEFAULT_RULES]
    assert "Version 0 brought back" in alice.get(PAGE).text


def test_a_version_that_never_was_is_not_found(alice):
    back = {"version": "7", "made_from": "0"}
    assert send(alice, back, to=f"{PAGE}/bring-back").status_code == 404


def test_analysts_read_and_do_not_change(sign_in, cast):
    bob = sign_in(cast.bob)
    page = bob.get(PAGE)
    assert page.status_code == 200
    assert 'value="publish"' not in page.text
    refused = bob.post(PAGE, data={**the_form(), "csrf_token": csrf_of(bob)})
    assert refused.status_code == 403


def csrf_of(client) -> str:
    found = HIDDEN.search(client.get(PAGE).text)
    return found[1]


def test_agents_do_not_read_the_rules(sign_in, cast):
    dora = agent(cast)
    assert sign_in(dora).get(PAGE).status_code == 403


def agent(cast) -> User:
    dora = User(email="dora@example.com", name="Dora", password_hash="-", created_at=NOW)
    db.session.add(dora)
    db.session.flush()
    with acting_for(cast.clinic):
        db.session.add(Membership(user_id=dora.id, role="agent"))
        db.session.commit()
    return dora


def test_another_organization_keeps_its_own_rules(alice, sign_in, cast):
    send(alice, the_form(rules__5__points="30"))
    charlie = sign_in(cast.charlie)
    assert "The defaults are in force" in charlie.get(PAGE).text
    assert charlie.get(f"{PAGE}/sessions/{cast.site.id}").status_code == 404
    sent = {"version": "1", "made_from": "0", "csrf_token": csrf_of(charlie)}
    assert charlie.post(f"{PAGE}/bring-back", data=sent).status_code == 404
    with acting_for(cast.other):
        assert db.session.scalars(select(LeadScoringRule)).all() == []


def test_without_a_token_of_the_form_nothing_is_published(alice, cast):
    assert alice.post(PAGE, data=the_form(rules__5__points="30")).status_code == 400
    with acting_for(cast.clinic):
        assert db.session.scalars(select(RuleSetVersion)).all() == []


def test_a_script_in_a_name_or_a_note_stays_text(alice):
    script = "<script>alert('é𝔘')</script>"
    send(alice, the_form(rules__5__name=script, note=script))
    page = alice.get(PAGE).text
    assert script not in page
    assert "&lt;script&gt;alert(&#39;é𝔘&#39;)&lt;/script&gt;" in page


@pytest.mark.parametrize(
    ("tried", "sum_"),
    [
        ("tool=ai_recommendation&budget=high&earlier=1&procedures=1", "85"),
        ("tool=cost_calculator&procedures=2", "85"),
        ("tool=face_analysis&urgency=immediate&budget=high&procedures=1", "100"),
    ],
)
def test_the_panel_takes_a_score_apart(alice, tried, sum_):
    page = alice.get(f"{PAGE}?{tried}").text
    assert f'<span class="h1 mb-0">{sum_}</span>' in page
    if "face" in tried:
        assert "Cap at 100" in page
        assert "-25" in page


def test_the_panel_bears_any_address(alice):
    odd = "tool=<script>&procedures=99999999999999999999&engaged=-3&sessions=x&budget=%F0%9F%92%B6"
    assert alice.get(f"{PAGE}?{odd}&before=abc").status_code == 200


def test_a_form_of_another_page_is_refused(alice):
    assert send(alice, {"do": "publish", "made_from": "x"}).status_code == 400


def test_older_versions_are_on_further_pages(alice, cast):
    with acting_for(cast.clinic):
        for n in range(25):
            publish_interaction_rules(
                interaction_rules(), user_id=None, note=f"Note {n:02}.", now=NOW + timedelta(n)
            )
        db.session.commit()
    first = alice.get(PAGE).text
    assert "Note 24." in first
    assert "Note 03." not in first
    older = alice.get(f"{PAGE}?before=6").text
    assert "Note 03." in older
    assert "Note 24." not in older


# Session rules

DEFAULT_SESSION = {
    "made_from": "0",
    "note": "",
    "do": "publish",
    "unseen": "on",
    "page_points": "5",
    "page_cap": "30",
    "regular_click_points": "2",
    "important_click_points": "5",
    "click_cap": "30",
    "total_cap": "100",
    "labels": "Be an Early Bird\r\nGet a Demo",
    "half_life_days": "",
    **{
        f"bands-{place}-{name}": str(value)
        for place, band in enumerate(((0, 5), (60, 15), (180, 25), (300, 35), (600, 40)))
        for name, value in zip(("from_seconds", "points"), band, strict=True)
    },
}


@pytest.fixture
def visits_page(cast):
    return f"{PAGE}/sessions/{cast.site.id}"


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


def test_a_visitors_return_scores_by_the_rules_published_meanwhile(alice, cast):
    """The bonus for earlier acts, per unit, with a cap of two."""
    send(alice, the_form(rules__8__unit_cap="2", rules__9__active=None))
    identity = Identity(uuid4(), None)
    with acting_for(cast.clinic):
        points = [
            record_interaction(
                "ai_recommendation",
                site=cast.site,
                identity=identity,
                now=NOW + timedelta(minutes=n),
            ).score
            for n in range(4)
        ]
        db.session.commit()
    assert points == [60, 65, 70, 70]
