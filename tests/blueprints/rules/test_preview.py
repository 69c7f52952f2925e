"""A draft of rules tried on history: what it would have done, to whom, and how well it ranks."""

import random

import pytest
from sklearn.metrics import roc_auc_score
from sqlalchemy import select

from app.clock import utc_now
from app.extensions import db
from app.models import Interaction, Job
from app.tenancy import acting_for
from tests.rules import (
    PAGE,
    SCRIPT,
    assert_figures,
    become_lead,
    changed,
    discard,
    previewed,
    send,
    table,
    token,
    use,
)


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
    csrf_token = token(bob)
    for address in ("", "/publish", "/previews", "/bring-back"):
        form = {**changed(do="save"), "csrf_token": csrf_token}
        assert bob.post(f"{PAGE}{address}", data=form).status_code == 403


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
