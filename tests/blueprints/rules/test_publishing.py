"""Rules put in force: seen before, joined with a colleague's, told to the leads, brought back."""

import re
from datetime import timedelta

from sqlalchemy import select

from app.domain.scoring.rules import DEFAULT_RULES
from app.extensions import db
from app.jobs import work
from app.models import AuditLog, Interaction, Lead, LeadScore, RuleSetVersion
from app.operations.scoring.publish_rules import publish_interaction_rules
from app.queries.scoring.rules import interaction_rules
from app.tenancy import acting_for
from tests.conftest import NOW
from tests.rules import PAGE, become_lead, changed, drafts, previewed, send, the_form, use, value_of


def lead_of(cast, email) -> Lead:
    db.session.expire_all()
    with acting_for(cast.clinic):
        return db.session.scalar(select(Lead).where(Lead.email == email))


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


def test_without_a_token_of_the_form_nothing_is_published(alice, cast):
    assert alice.post(PAGE, data=the_form(rules__5__points="30")).status_code == 400
    with acting_for(cast.clinic):
        assert db.session.scalars(select(RuleSetVersion)).all() == []


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
