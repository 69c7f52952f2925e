"""A draft of rules: kept, joined with a colleague's, tried on history, published, brought back."""

import csv
import io
import random
import re
from datetime import timedelta
from uuid import UUID

import pytest
from sklearn.metrics import roc_auc_score
from sqlalchemy import select

from app.clock import utc_now
from app.extensions import db
from app.identity import Identity
from app.jobs import work
from app.models import AuditLog, Interaction, Job, Lead, LeadScore, Membership, RuleDraft
from app.operations.contact.create_lead_from_form import create_lead_from_form
from app.operations.tracking.record_interaction import record_interaction
from app.operations.tracking.sweep import sweep
from app.queries.scoring.rules import interaction_rules, session_rules
from app.tenancy import acting_for
from tests.blueprints.test_rules import (
    DEFAULT_SESSION,
    PAGE,
    csrf_of,
    discard,
    send,
    the_form,
    value_of,
)

SCRIPT = "<script>alert('é𝔘')</script>"


@pytest.fixture
def carol(sign_in, cast):
    """Bob is an admin too."""
    with acting_for(cast.clinic):
        member = db.session.scalar(select(Membership).where(Membership.user_id == cast.bob.id))
        member.role = "admin"
        db.session.commit()
    return sign_in(cast.bob)


def drafts(cast) -> list[RuleDraft]:
    with acting_for(cast.clinic):
        return db.session.scalars(select(RuleDraft)).all()


def changed(**changes) -> dict:
    return the_form(unseen=None, **changes)


def use(cast, visitor, kind="cost_calculator", minutes=0, days=10, **data):
    """Somebody uses a tool, some days ago."""
    at = utc_now() - timedelta(days=days) + timedelta(minutes=minutes)
    with acting_for(cast.clinic):
        used = record_interaction(
            kind, site=cast.site, identity=Identity(UUID(int=visitor), None), data=data, now=at
        )
        db.session.commit()
        return used


def become_lead(cast, used, email):
    with acting_for(cast.clinic):
        lead, _ = create_lead_from_form(
            {"email": email},
            site=cast.site,
            interaction=used,
            identity=Identity(used.visitor_id, None),
            source="website",
            utm=None,
            consents={},
            now=used.occurred_at + timedelta(minutes=5),
        )
        db.session.commit()
        return lead


# Keeping


def test_a_draft_is_kept_after_the_page_is_left_with_who_and_when(alice, bob, cast):
    assert send(alice, changed(do="save", rules__5__points="25")).status_code == 303
    page = bob.get(PAGE).text
    assert "Alice saved it" in page
    assert "High budget range: points 20 → 25" in page
    assert value_of(alice.get(PAGE), "rules-5-points") == "25"
    with acting_for(cast.clinic):
        assert interaction_rules().version == 0


def test_what_cannot_be_used_yet_is_kept_too_and_told_where(alice):
    answer = send(alice, changed(do="save", rules__5__points="a lot", note=SCRIPT))
    page = alice.get(answer.location).text
    assert 'name="rules-5-points" value="a lot"' in page
    assert 'href="#rules-5-points"' in page
    assert SCRIPT not in page
    assert "Some fields are still to be filled in" in alice.get(PAGE).text


def test_saving_what_is_in_force_makes_no_draft(alice, cast):
    send(alice, changed(do="save"))
    assert drafts(cast) == []
    assert "there is no draft" in alice.get(PAGE).text


def test_a_draft_is_discarded_and_the_audit_log_keeps_it(alice, cast):
    send(alice, changed(do="save", rules__5__points="25"))
    discard(alice)
    assert drafts(cast) == []
    with acting_for(cast.clinic):
        line = db.session.scalar(select(AuditLog).where(AuditLog.action == "rules.draft_discarded"))
    assert line.user_id == cast.alice.id
    assert line.detail["draft"]["rules"][5]["points"] == "25"


def test_the_last_change_is_taken_back(alice):
    send(alice, changed(do="save", rules__5__points="25"))
    send(alice, changed(do="save", rules__5__points="30", revision="1"))
    send(alice, {"do": "undo"})
    assert value_of(alice.get(PAGE), "rules-5-points") == "25"
    send(alice, {"do": "undo"})
    assert "nothing to take back" in alice.get(PAGE).text


def test_rows_are_sent_in_the_order_they_were_dragged_into(alice, cast):
    form = changed(do="save")
    form["order"] = [str(place) for place in (9, 0, 1, 2, 3, 4, 5, 6, 7, 8)]
    send(alice, form)
    ids = re.findall(r'name="rules-\d+-id" value="(\w+)"', alice.get(PAGE).text)
    assert ids[:2] == ["returning_visitor", "ai_recommendation"]
    form = changed(do="save", revision="1") | {"order": ["9", "9", "1"]}
    assert send(alice, form).status_code == 303, "an order that is none is left aside"


def test_each_save_is_in_the_audit_log_in_words(alice, cast):
    send(alice, changed(do="save", rules__5__points="25"))
    with acting_for(cast.clinic):
        line = db.session.scalar(select(AuditLog).where(AuditLog.action == "rules.draft_saved"))
    assert line.detail["changes"] == ["High budget range: points 20 → 25"]


def test_a_condition_that_can_never_hold_is_doubted(alice):
    send(alice, changed(do="save", rules__5__value="hgih", rules__7__operator="contains"))
    page = alice.get(PAGE).text
    assert "Never true: the values of this field are low, medium, high." in page
    assert "Never true: this field is a number" in page


@pytest.mark.parametrize("value", ["[" * 100_000, "🧪" * 20_000, "a" * 290_000])
def test_absurd_values_are_answered_and_kept_or_refused(alice, value):
    answer = send(alice, changed(do="save", rules__5__value=value))
    assert answer.status_code in (303, 413)
    assert alice.get(f"{PAGE}?check=1").status_code == 200


# Two people


def test_who_is_overtaken_in_the_draft_is_told_and_both_edits_are_joined(alice, carol, cast):
    send(alice, changed(do="save", rules__5__points="25"))
    send(carol, changed(do="save", rules__5__points="25", rules__6__points="30", revision="1"))
    mine = changed(do="save", rules__5__points="25", rules__7__points="10", revision="1")
    answer = send(alice, mine)
    assert answer.status_code == 409
    assert "Bob changed the draft while you were editing" in answer.text
    assert "Immediate urgency: points 25 → 30" in answer.text
    assert value_of(answer, "rules-6-points") == "30"
    assert value_of(answer, "rules-7-points") == "10"
    assert value_of(answer, "revision") == "2"
    [draft] = drafts(cast)
    assert draft.body["rules"][7]["points"] == "15", "nothing is kept before I say so"


def test_who_begins_a_draft_beside_anothers_is_told_too(alice, carol):
    send(carol, changed(do="save", rules__6__points="30", note="Bob's"))
    answer = send(alice, changed(do="up-5"))
    assert answer.status_code == 409
    ids = re.findall(r'name="rules-\d+-id" value="(\w+)"', answer.text)
    assert ids[4] == "high_budget"
    assert 'name="rules-6-points" value="30"' in answer.text


def test_who_edits_a_draft_that_was_discarded_loses_nothing(alice, carol):
    send(alice, changed(do="save", rules__5__points="25"))
    discard(carol)
    mine = changed(do="save", rules__5__points="25", rules__6__points="30", revision="1")
    answer = send(alice, mine)
    assert answer.status_code == 409
    assert "discarded the draft" in answer.text
    assert value_of(answer, "rules-6-points") == "30"
    assert value_of(answer, "revision") == "0"


def test_a_draft_outlives_a_version_published_beside_it(alice, carol, cast):
    send(alice, changed(do="save", rules__5__points="25"))
    back = {"version": "0", "made_from": "0"}
    assert send(carol, back, to=f"{PAGE}/bring-back").status_code == 303
    answer = send(alice, changed(do="save", rules__5__points="25", revision="1"))
    assert answer.status_code == 409
    assert "published version 1 while you were editing" in answer.text
    form = changed(do="save", rules__5__points="25", revision="1") | {"made_from": "1"}
    assert send(alice, form).status_code == 303
    assert drafts(cast)[0].made_from == 1


# Preview


@pytest.fixture
def history(cast):
    """Forty visitors; the twenty with a high budget all become leads, of the others every tenth."""
    for visitor in range(1, 41):
        budget = "high" if visitor <= 20 else "low"
        used = use(cast, visitor, budget=budget, procedures=["peel"], minutes=visitor)
        if budget == "high" or visitor % 10 == 0:
            become_lead(cast, used, f"lead{visitor}@example.com")
    return cast


def previewed(client, **changes):
    answer = send(client, changed(do="preview", **changes))
    assert answer.status_code == 303
    assert work.run() >= 1
    return answer.location


def test_a_preview_tells_what_the_draft_would_have_done(alice, history):
    where = previewed(alice, rules__5__points="0")
    page = alice.get(where).text
    assert "High budget range: points 20 → 0" in page
    assert_figures(page, "Interactions looked at", "40", "of 40 visitors")
    assert_figures(page, "Score otherwise", "20", "50.0% of them")
    assert_figures(page, "Mean score", "70.0", "80.0 by the rules in force")
    assert "Too few to tell: 18 visitors did not, and it takes 30." in page
    assert "lead1@example.com" in page
    assert "Publish version 1" in page


def assert_figures(page, label, value, said):
    cell = r"\s*<div[^>]*>([^<]*)</div>"
    stat = re.search(rf'stat-label">{label}</div>{cell}{cell}', page)
    assert (stat[1], stat[2]) == (value, said)


def table(client, where, name) -> list[list[str]]:
    answer = client.get(f"{where}?format=csv&table={name}")
    assert answer.mimetype == "text/csv"
    return list(csv.reader(io.StringIO(answer.text.lstrip("\ufeff"))))


def test_every_table_of_a_preview_is_a_csv(alice, history):
    where = previewed(alice, rules__5__points="0", threshold__cost_calculator="75")
    scores = [["70", "20", "40", "20"], ["90", "20", "0", "-20"]]
    assert table(alice, where, "every score")[1:] == scores
    assert table(alice, where, "asks")[1:] == [["Cost calculator", "40", "0", "-40"]]
    assert table(alice, where, "levels")[3] == ["high", "0", "0", "40"]
    parts = {row[0]: row[1:] for row in table(alice, where, "parts")}
    assert parts["High budget range"] == ["20", "0", "400", "0"]
    assert table(alice, where, "scores")[8] == ["70–79", "20", "40", "20"]
    assert len(table(alice, where, "ranking")) == 3
    assert alice.get(f"{where}?format=csv&table=none").status_code == 404


def test_a_preview_without_history_says_so(alice, cast):
    page = alice.get(previewed(alice, rules__5__points="0")).text
    assert "There are no interactions in this time" in page
    assert "Nobody’s score changes." in page


def test_a_preview_of_what_is_in_force_changes_nothing(alice, history):
    page = alice.get(previewed(alice, note="only a note")).text
    assert_figures(page, "Score otherwise", "0", "0.0% of them")
    assert "Nobody’s score changes." in page


def test_a_range_is_looked_at_and_no_more(alice, cast):
    use(cast, 1, days=200)
    use(cast, 2, days=20)
    for asked, acts in (("30 days", "1"), ("365 days", "2"), ("all", "2"), ("nonsense", "1")):
        where = previewed(alice, rules__5__points="0", range=asked)
        assert_figures(alice.get(where).text, "Interactions looked at", acts, f"of {acts} visitors")
        discard(alice)


def test_the_facts_are_those_of_then(alice, cast):
    """Earlier acts, visits and seconds as they were, not as they became."""
    for minutes in (0, 1, 2):
        use(cast, 1, minutes=minutes)
    use(cast, 1, days=3)  # the second visit
    where = previewed(alice, rules__8__points="7")
    scores = {row[0]: row[1:3] for row in table(alice, where, "every score")[1:]}
    # 70; 75 -> 77; 80 -> 84; 70 + 15 + 10 -> 70 + 21 + 10, held at 100
    assert {score: now for score, (now, _) in scores.items() if now != "0"} == dict.fromkeys(
        ("70", "75", "80", "95"), "1"
    )
    assert {score for score, (_, draft) in scores.items() if draft != "0"} == {
        "70",
        "77",
        "84",
        "100",
    }


def test_acts_whose_circumstances_were_not_kept_are_told_anew(alice, cast):
    for minutes in (0, 1, 2):
        use(cast, 1, minutes=minutes)
    use(cast, 1, days=3)
    with acting_for(cast.clinic):
        for act in db.session.scalars(select(Interaction)):
            act.context = {"origin": (act.context or {}).get("origin", {})}
        db.session.commit()
    where = previewed(alice, rules__8__points="7")
    scores = {row[0] for row in table(alice, where, "every score")[1:] if row[2] != "0"}
    assert scores == {"70", "77", "84", "100"}
    assert "Of 4 interactions those were not kept" in alice.get(where).text


def test_a_draft_that_cannot_be_used_is_not_previewed(alice, cast):
    answer = send(alice, changed(do="preview", rules__5__points="a lot"))
    assert answer.status_code == 422
    assert "cannot be previewed" in answer.text
    assert 'href="#rules-5-points"' in answer.text


def test_a_preview_is_no_news_to_strangers_or_agents(alice, sign_in, cast, history):
    where = previewed(alice, rules__5__points="0")
    assert sign_in(cast.charlie).get(where).status_code == 404
    job = int(where.rpartition("/")[2])
    with acting_for(cast.clinic):
        other = Job(kind="rules.rescore_leads", arguments={"version": 1}, created_at=utc_now())
        db.session.add(other)
        db.session.commit()
    assert alice.get(f"{PAGE}/previews/{other.id}").status_code == 404
    assert alice.get(f"{PAGE}/sessions/{cast.site.id}/previews/{job}").status_code == 404


def test_analysts_see_the_draft_and_its_preview_and_change_nothing(alice, bob, cast, history):
    where = previewed(alice, rules__5__points="0")
    page = bob.get(where).text
    assert "Score otherwise" in page
    assert "Publish version" not in page
    assert "Discard the draft" not in bob.get(PAGE).text
    token = csrf_of(bob)
    for address in ("", "/publish", "/previews", "/bring-back"):
        form = {**changed(do="save"), "csrf_token": token}
        assert bob.post(f"{PAGE}{address}", data=form).status_code == 403


# Publishing


def test_nothing_goes_live_unseen_unless_somebody_says_so(alice, cast, history):
    refused = send(alice, changed(rules__5__points="0"))
    assert refused.status_code == 422
    assert "nobody has seen yet what this draft does" in refused.text
    with acting_for(cast.clinic):
        assert interaction_rules().version == 0
    where = previewed(alice, rules__5__points="0", revision="1")
    revision = value_of(alice.get(where), "revision")
    form = {"revision": revision, "note": "Budgets say little"}
    assert send(alice, form, to=f"{PAGE}/publish").status_code == 303
    with acting_for(cast.clinic):
        assert interaction_rules().version == 1
    assert drafts(cast) == []
    assert "Budgets say little" in alice.get(PAGE).text


def test_a_preview_of_an_earlier_draft_does_not_count(alice, cast, history):
    where = previewed(alice, rules__5__points="0")
    send(alice, changed(do="save", rules__5__points="5", revision="1"))
    assert "The draft has changed since this preview" in alice.get(where).text
    form = {"revision": "1"}
    send(alice, form, to=f"{PAGE}/publish")
    assert "The draft has changed since" in alice.get(PAGE).text
    assert send(alice, {"revision": "2"}, to=f"{PAGE}/publish").status_code == 422
    with acting_for(cast.clinic):
        assert interaction_rules().version == 0


def lead_of(cast, email) -> Lead:
    db.session.expire_all()
    with acting_for(cast.clinic):
        return db.session.scalar(select(Lead).where(Lead.email == email))


def test_a_publication_scores_leads_again_and_their_history_keeps_what_was(alice, cast):
    used = use(cast, 1, kind="ai_recommendation", budget="high")
    become_lead(cast, used, "mila@example.com")
    lead = lead_of(cast, "mila@example.com")
    total = lead.lead_score
    assert (lead.interaction_score, lead.engagement_level) == (80, "high")
    send(alice, the_form(rules__5__points="5"))
    assert work.run() == 1
    lead = lead_of(cast, "mila@example.com")
    assert (lead.interaction_score, lead.engagement_level) == (65, "medium")
    assert lead.lead_score == total
    with acting_for(cast.clinic):
        rows = db.session.scalars(select(LeadScore).order_by(LeadScore.id)).all()
        assert db.session.get(Interaction, used.id).score == 80, "the log is never changed"
    assert [row.is_current for row in rows] == [False] * (len(rows) - 1) + [True]
    assert rows[-1].total_score == rows[-2].total_score
    assert rows[-1].reason == (
        "rules version 1 published: interaction score 80 → 65, engagement high → medium"
    )
    assert "1 lead was scored again, 1 of them otherwise than before" in alice.get(PAGE).text
    page = alice.get(f"/admin/leads/{lead.id}").text
    assert "<strong>65</strong>, medium engagement" in page
    assert "rules version 1 published: interaction score 80 → 65" in page
    work.run()
    with acting_for(cast.clinic):
        assert len(db.session.scalars(select(LeadScore)).all()) == len(rows)


def test_bringing_back_is_publishing_anew_and_is_audited_as_such(alice, cast):
    send(alice, the_form(rules__5__points="5"))
    back = {"version": "0", "made_from": "1"}
    assert send(alice, back, to=f"{PAGE}/bring-back").status_code == 303
    with acting_for(cast.clinic):
        line = db.session.scalar(select(AuditLog).where(AuditLog.action == "rules.rolled_back"))
    assert (line.detail["version"], line.detail["brought_back"]) == (2, 0)


def test_who_brings_back_on_top_of_a_newer_version_is_told(alice, cast):
    send(alice, the_form(rules__5__points="5"))
    back = {"version": "0", "made_from": "0"}
    answer = send(alice, back, to=f"{PAGE}/bring-back")
    assert answer.location.endswith("/versions")
    assert "Version 1 was published in the meantime" in alice.get(answer.location).text


def test_any_two_versions_are_compared_in_words(alice):
    send(alice, the_form(rules__5__points="5"))
    send(alice, the_form(version=1, rules__5__points="5", threshold__face_analysis="85"))
    page = alice.get(f"{PAGE}/versions?a=0&b=2").text
    assert "High budget range: points 20 → 5" in page
    assert "Threshold of face analysis: 80 → 85" in page
    assert "High budget range: points 5 → 20" in alice.get(f"{PAGE}/versions?a=2&b=0").text
    assert "score exactly alike" in alice.get(f"{PAGE}/versions?a=1&b=1").text
    assert "There is no version 9" in alice.get(f"{PAGE}/versions?a=9&b=x").text


# Visits: the same flow


@pytest.fixture
def visits(cast):
    return f"{PAGE}/sessions/{cast.site.id}"


def of_visits(**changes) -> dict:
    form = {**DEFAULT_SESSION, **changes}
    del form["unseen"]
    return form


def test_rules_of_visits_are_previewed_and_published_by_the_same_flow(alice, cast, visits):
    for visitor in range(1, 4):
        use(cast, visitor)
        use(cast, visitor, minutes=4)
    sweep(now=utc_now())
    db.session.commit()
    changes = {"bands-2-points": "30", "do": "preview"}
    answer = send(alice, of_visits(**changes), visits)
    work.run()
    page = alice.get(answer.location).text
    assert_figures(page, "Visits looked at", "3", "of 3 visitors")
    assert_figures(page, "Mean score", "30.0", "25.0 by the rules in force")
    assert table(alice, answer.location, "parts")[1] == ["Duration", "25.0", "30.0", "5.0"]
    form = {"revision": "1", "note": ""}
    assert send(alice, form, visits, f"{visits}/publish").status_code == 303
    with acting_for(cast.clinic):
        assert session_rules(cast.site.id).duration_bands[2].points == 30
    assert "Duration bands:" in alice.get(f"{visits}/versions").text


def test_other_labels_judge_the_clicks_of_the_past_anew(alice, cast, visits):
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
    answer = send(alice, of_visits(**changes), visits)
    work.run()
    assert table(alice, answer.location, "parts")[3] == ["Clicks", "6.0", "12.0", "6.0"]


def test_the_drafts_of_interactions_and_of_visits_stand_apart(alice, cast, visits):
    send(alice, changed(do="save", rules__5__points="25"))
    send(alice, of_visits(page_points="7", do="save"), visits)
    assert {(d.kind, d.site_id) for d in drafts(cast)} == {
        ("interaction", None),
        ("session", cast.site.id),
    }
    discard(alice)
    assert [d.kind for d in drafts(cast)] == ["session"]
    assert alice.get(PAGE).text.count('bg-yellow-lt ms-2">draft') == 1


# What the specification says, read off the page


def cells(page) -> dict[str, tuple[str, ...]]:
    found = re.findall(
        r'<th scope="row" class="fw-normal">([^<]+)<div[^>]*>([^<]*)</div></th>'
        r"\s*((?:<td.*?</td>)+)",
        page,
    )
    return {
        words: (told, *re.findall(r"<strong[^>]*>(\d+)<", scores)) for words, told, scores in found
    }


def test_the_check_values_of_the_specification_stand_on_the_page(alice, visits):
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
    shown = cells(alice.get(visits).text)
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


def test_a_script_in_a_name_stays_text_in_draft_preview_and_versions(alice, history):
    where = previewed(alice, rules__5__name=SCRIPT, rules__5__points="3", note=SCRIPT)
    assert SCRIPT not in alice.get(PAGE).text
    assert SCRIPT not in alice.get(where).text
    send(alice, {"revision": "1"}, to=f"{PAGE}/publish")
    assert SCRIPT not in alice.get(f"{PAGE}/versions?a=0&b=1").text
    assert "&lt;script&gt;" in alice.get(f"{PAGE}/versions?a=0&b=1").text


BASE = {"cost_calculator": 70, "ai_recommendation": 60}


def test_the_ranking_of_a_preview_is_that_of_another_hand(alice, cast):
    """Ninety visitors with scores of all kinds, computed again from the log by scikit-learn."""
    chance = random.Random(3)
    became = {}
    for visitor in range(1, 91):
        procedures = ["peel", "botox"][: 1 + visitor % 2]
        wish = {"budget": chance.choice(("high", "low")), "procedures": procedures}
        used = use(cast, visitor, chance.choice(list(BASE)), **wish)
        became[used.visitor_id] = chance.random() < (0.7 if wish["budget"] == "high" else 0.3)
        if became[used.visitor_id]:
            become_lead(cast, used, f"lead{visitor}@example.com")
            # What they do as a lead says nothing of how they became one.
            use(cast, visitor, "appointment_booked", days=5, budget="high", urgency="immediate")
    where = previewed(alice, rules__5__points="0")
    with acting_for(cast.clinic):
        told = db.session.get(Job, int(where.rpartition("/")[2])).result["ranking"]["lead"]
        acts = db.session.scalars(select(Interaction).where(Interaction.type.in_(BASE))).all()
        scores = [
            (act.score, BASE[act.type] + 15 * (len(act.data["procedures"]) > 1)) for act in acts
        ]
        truth = [became[act.visitor_id] for act in acts]
    wanted = [roc_auc_score(truth, [pair[side] for pair in scores]) for side in (0, 1)]
    assert told["positives"] == sum(truth)
    assert [area[0] for area in told["auc"]] == pytest.approx(wanted, abs=1e-6)
    assert told["difference"][0] == pytest.approx(wanted[1] - wanted[0], abs=1e-6)
    assert f"{wanted[0]:.3f} (" in alice.get(where).text
