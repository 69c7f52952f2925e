"""The scoring rules page: what admins change, what analysts read, what the next score is."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select

from app.domain.scoring.rules import DEFAULT_RULES
from app.extensions import db
from app.identity import Identity
from app.models import AuditLog, LeadScoringRule
from app.operations.tracking.record_interaction import record_interaction
from app.queries.scoring.rules import interaction_rules
from app.tenancy import acting_for
from tests.conftest import NOW
from tests.rules import PAGE, changed, discard, send, the_form, token, value_of


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


def test_analysts_read_and_do_not_change(sign_in, cast):
    bob = sign_in(cast.bob)
    page = bob.get(PAGE)
    assert page.status_code == 200
    assert 'value="publish"' not in page.text
    refused = bob.post(PAGE, data={**the_form(), "csrf_token": token(bob)})
    assert refused.status_code == 403


def test_agents_do_not_read_the_rules(sign_in, dora):
    assert sign_in(dora).get(PAGE).status_code == 403


def test_another_organization_keeps_its_own_rules(alice, sign_in, cast):
    send(alice, the_form(rules__5__points="30"))
    charlie = sign_in(cast.charlie)
    assert "The defaults are in force" in charlie.get(PAGE).text
    assert charlie.get(f"{PAGE}/sessions/{cast.site.id}").status_code == 404
    sent = {"version": "1", "made_from": "0", "csrf_token": token(charlie)}
    assert charlie.post(f"{PAGE}/bring-back", data=sent).status_code == 404
    with acting_for(cast.other):
        assert db.session.scalars(select(LeadScoringRule)).all() == []


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


def cells(page) -> dict[str, tuple[str, ...]]:
    found = re.findall(
        r'<th scope="row" class="fw-normal">([^<]+)<div[^>]*>([^<]*)</div></th>'
        r"\s*((?:<td.*?</td>)+)",
        page,
    )
    return {
        words: (told, *re.findall(r"<strong[^>]*>(\d+)<", scores)) for words, told, scores in found
    }


def test_the_check_values_of_the_specification_stand_on_the_page(alice, visits_page):
    shown = cells(alice.get(PAGE).text)
    assert shown["AI recommendation, high budget, one earlier interaction"] == (
        "60 + 20 + 5 · asks for contact",
        "85",
    )
    assert shown["Cost calculator with two procedures"] == ("70 + 15 · asks for contact", "85")
    assert shown["Face analysis, immediate, high budget"] == (
        "80 + 20 + 25 − 25 · asks for contact",
        "100",
    )
    assert shown["Face analysis, nothing else"] == ("80 · asks for contact", "80")
    shown = cells(alice.get(visits_page).text)
    assert [shown[words][1] for words in list(shown)[:3]] == ["66", "90", "12"]
    assert [shown[words][0] for words in list(shown)[:3]] == [
        "35 + 20 + 11",
        "40 + 30 + 20",
        "5 + 5 + 2",
    ]


def test_the_ten_rules_the_thresholds_and_the_bounds_stand_on_the_page(alice):
    page = alice.get(PAGE)
    points = re.findall(r'name="rules-\d+-points" value="(-?\d+)"', page.text)
    assert points == ["60", "80", "70", "90", "15", "20", "25", "15", "5", "10"]
    thresholds = dict(re.findall(r'name="threshold-(\w+)" value="(\d+)"', page.text))
    assert thresholds == {
        "ai_recommendation": "60",
        "face_analysis": "80",
        "cost_calculator": "70",
        "appointment_booked": "90",
    }
    settings = {n: value_of(page, n) for n in ("high_intent_limit", "medium", "high", "cap")}
    assert settings == {"high_intent_limit": "3", "medium": "40", "high": "70", "cap": "100"}


def test_the_examples_stand_beside_those_of_the_draft(alice):
    send(alice, changed(do="save", rules__5__points="5"))
    shown = cells(alice.get(PAGE).text)
    assert shown["AI recommendation, high budget, one earlier interaction"][1:] == ("85", "70")
    assert shown["Cost calculator with two procedures"][1:] == ("85", "85")
