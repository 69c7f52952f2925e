"""Lead score and automatic moves: drafted, previewed on today's leads, published, brought back."""

import re
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from app.blueprints.settings import lead_scoring_form as forms
from app.clock import utc_now
from app.domain.leads.lifecycle import AUTOMATIC, LifecycleRules
from app.domain.scoring.lead_score import COMPONENTS, LeadRules, Tier
from app.domain.scoring.lead_scoring import LeadScoring
from app.extensions import db
from app.jobs import score_leads, work
from app.models import AuditLog, EngagementType, Job, Lead, LeadJourney, LeadScore, Organization
from app.operations.leads.renew_lead import renew_lead
from app.operations.scoring.score_lead import score_lead
from app.operations.tracking.track_engagement import track_engagement
from app.queries.scoring.lead_facts import lead_rules
from app.tenancy import acting_for
from tests.conftest import NOW

PAGE = "/settings/lead-scoring"
DEFAULTS = forms.texts_of(LeadScoring())


@pytest.fixture
def send(alice):
    """send(address, field=value...) -> the answer to the form, with the page's token."""

    def sent(address, values):
        token = re.search(r'name="csrf_token" value="([^"]+)"', alice.get(PAGE).text)[1]
        return alice.post(address, data={"csrf_token": token, **values})

    return sent


@pytest.fixture
def preview(alice, send):
    """preview(field=value...) -> the address of the finished preview of the defaults so changed."""

    def previewed(**changed):
        answer = send(PAGE, DEFAULTS | {n.replace("__", "-"): v for n, v in changed.items()})
        assert answer.status_code == 303, answer.text
        work.run()
        return answer.location

    return previewed


@pytest.fixture
def publish(send, preview):
    """publish(field=value...): the same, and in force then."""

    def published(**changed):
        job = preview(**changed).rpartition("/")[2]
        return send(f"{PAGE}/publish", {"job": job, "note": "because"})

    return published


@pytest.fixture
def lead(cast):
    """Ada, who answered two mails lately and was called; scored."""
    with acting_for(cast.clinic):
        ada = Lead(
            email="ada@example.com",
            first_name="Ada",
            stage="new",
            location="Lyon",
            created_at=NOW,
            updated_at=NOW,
        )
        db.session.add(ada)
        db.session.flush()
        for kind in ("email_replied", "email_replied", "call_made"):
            track_engagement(ada, kind, now=utc_now())
        score_lead(ada, reason="test", now=utc_now())
        db.session.commit()
        return ada.id


def words(page) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page.text).split())


def in_force(cast) -> dict:
    db.session.expire_all()
    organization = db.session.get(Organization, cast.clinic.id)
    return organization.settings or {}


def job_of(address) -> str:
    return address.rpartition("/")[2]


def test_the_page_shows_what_is_in_force(alice, cast):
    cast.clinic.settings = {
        "lead_rules": {"version": 7, "email_consent_points": 33, "target_locations": ["Lyon"]},
        "lifecycle": {"switched_off": ["silent"], "qualified_at": 61},
    }
    db.session.commit()
    page = alice.get(PAGE).text
    assert "Version 7 is in force" in page
    assert 'name="email_consent_points" type="text" value="33"' in page
    assert ">\nLyon</textarea>" in page
    assert 'name="qualified_at" type="text" value="61"' in page
    assert 'id="move-silent" name="move-silent" value="on">' in page
    assert 'id="move-reply" name="move-reply" value="on" checked>' in page


def test_typing_alone_puts_nothing_in_force(cast, preview, lead):
    preview(email_consent_points="5")
    assert in_force(cast) == {}


def test_a_preview_shows_what_the_draft_would_do_to_todays_leads(alice, cast, preview, lead):
    with acting_for(cast.clinic):
        before = db.session.scalar(select(Lead.lead_score).where(Lead.id == lead))
    told = alice.get(
        preview(weight__intent="40", weight__firmographic="0", weight__behavioral="15")
    )
    page = words(told)
    assert "Weight of intent: 15 → 40" in page
    assert "Leads looked at 1" in page
    assert "Score otherwise 1" in page
    assert f'href="/admin/leads/{lead}">Ada</a>' in told.text
    assert 'href="/admin/leads?grade=A%2B">A+</a>' in told.text
    shown = re.search(rf"Ada {before} (\d+) (-?\d+)", page)
    assert int(shown[1]) - before == int(shown[2]) != 0


def test_the_preview_says_who_would_move_by_themselves(alice, cast, preview, lead):
    with acting_for(cast.clinic):
        db.session.add(
            Lead(
                email="old@example.com",
                stage="new",
                created_at=utc_now() - timedelta(days=40),
                updated_at=NOW,
            )
        )
        db.session.commit()
    told = words(alice.get(preview(qualified_at="10", silent_days="30")))
    assert "1 lead stands at the score that qualifies (10) and not qualified yet" in told
    assert (
        "1 lead is silent for 30 days or more: the next night moves them to churned; 0 by" in told
    )


def test_a_switched_off_move_moves_nobody(alice, preview, lead):
    told = words(alice.get(preview(move__silent="", silent_days="1")))
    assert "0 leads are silent for 1 days" in told
    assert "Moves by itself: silent for too long: yes → no" in told


def test_a_preview_counts_what_the_score_then_is(alice, cast, publish, preview, lead):
    """The preview's word is kept: the job gives each lead exactly the score that was shown."""
    address = preview(
        points__email_replied="40", reply_window="1", weight__intent="20", weight__engagement="20"
    )
    shown = re.search(r"Ada \d+ (\d+)", words(alice.get(address)))
    publish(
        points__email_replied="40", reply_window="1", weight__intent="20", weight__engagement="20"
    )
    work.run()
    with acting_for(cast.clinic):
        db.session.expire_all()
        assert db.session.scalar(select(Lead.lead_score).where(Lead.id == lead)) == int(shown[1])


def test_publishing_counts_the_version_up_and_scores_all_leads_again(alice, cast, publish, lead):
    answer = publish(points__call_made="30", weight__intent="15")
    assert answer.location == PAGE
    settings = in_force(cast)
    assert settings["lead_rules"]["version"] == 2
    assert settings["lead_rules"]["engagement_points"]["call_made"] == 30
    assert "Leads are being scored again" in alice.get(PAGE).text
    work.run()
    with acting_for(cast.clinic):
        current = db.session.scalar(
            select(LeadScore).where(LeadScore.lead_id == lead, LeadScore.is_current)
        )
    assert (current.rules_version, current.reason) == (2, "lead rules version 2")


@pytest.mark.parametrize("changed", ["temperature-0", "qualified_at"])
def test_journeys_follow_what_is_hot_and_what_qualifies(cast, publish, changed):
    """A stranger with a phone number whom nobody called yet."""
    with acting_for(cast.clinic):
        bob = Lead(email="bob@example.com", phone="+33123456789", created_at=NOW, updated_at=NOW)
        db.session.add(bob)
        db.session.flush()
        renew_lead(bob, since=NOW, reason="test", now=utc_now())
        score, warmth = bob.lead_score, bob.temperature
        db.session.commit()
    assert (warmth, score < 50) == ("cold", True)
    both = {"temperature__1": str(score - 1), "temperature__0": str(score)}
    publish(**(both if changed == "temperature-0" else {"qualified_at": str(score)}))
    work.run()
    with acting_for(cast.clinic):
        journey = db.session.scalar(select(LeadJourney).where(LeadJourney.lead_id == bob.id))
    if changed == "temperature-0":
        assert "hot_not_contacted" in {each["name"] for each in journey.insights}
    else:
        assert journey.next_action["reason"].startswith(f"lead score {score}, and nobody has")


def test_moves_alone_are_published_without_scoring_anybody(cast, publish, lead):
    publish(silent_days="90")
    assert in_force(cast)["lifecycle"]["silent_days"] == 90
    assert in_force(cast)["lead_rules"]["version"] == 1
    with acting_for(cast.clinic):
        assert db.session.scalar(select(Job).where(Job.kind == score_leads.KIND)) is None


def test_other_settings_of_the_organization_stay(cast, publish):
    cast.clinic.settings = {"region": "CH", "cost": {"terms": "x"}}
    db.session.commit()
    publish(silent_days="90")
    assert in_force(cast)["region"] == "CH"
    assert in_force(cast)["cost"] == {"terms": "x"}


def test_a_publication_is_in_the_audit_log_with_before_and_after(alice, cast, publish):
    publish(silent_days="90")
    with acting_for(cast.clinic):
        line = db.session.scalar(
            select(AuditLog).where(AuditLog.action == "lead_scoring.published")
        )
    assert line.detail["before"]["lifecycle"]["silent_days"] == 180
    assert line.detail["after"]["lifecycle"]["silent_days"] == 90
    assert (line.user_id, line.detail["note"]) == (cast.alice.id, "because")
    assert "Days of silence: 180 → 90" in alice.get(PAGE).text


def test_what_was_before_is_previewed_and_brought_back(alice, cast, publish, send):
    publish(silent_days="90", points__call_made="30")
    line = re.search(r'name="line" value="(\d+)"', alice.get(PAGE).text)[1]
    answer = send(f"{PAGE}/previews", {"line": line})
    work.run()
    assert "Days of silence: 90 → 180" in words(alice.get(answer.location))
    send(f"{PAGE}/publish", {"job": job_of(answer.location)})
    assert in_force(cast)["lifecycle"]["silent_days"] == 180
    assert in_force(cast)["lead_rules"]["version"] == 3


def test_nothing_goes_live_before_its_preview_is_done(cast, send):
    answer = send(PAGE, DEFAULTS | {"silent_days": "90"})
    send(f"{PAGE}/publish", {"job": job_of(answer.location)})
    assert in_force(cast) == {}


def test_a_draft_is_not_published_over_what_somebody_published_since(
    alice, cast, preview, publish, send
):
    mine = preview(silent_days="90")
    publish(silent_days="60")
    assert "Something was published since" in alice.get(mine).text
    send(f"{PAGE}/publish", {"job": job_of(mine)})
    assert in_force(cast)["lifecycle"]["silent_days"] == 60
    again = send(f"{PAGE}/previews", {"job": job_of(mine)})
    work.run()
    send(f"{PAGE}/publish", {"job": job_of(again.location)})
    assert in_force(cast)["lifecycle"]["silent_days"] == 90


def test_a_draft_is_gone_on_with(alice, preview):
    page = alice.get(f"{PAGE}?draft={job_of(preview(silent_days='90'))}").text
    assert 'name="silent_days" type="text" value="90"' in page
    assert "Not in force: a draft that changes 1 thing" in page


def test_the_defaults_are_filled_in(alice, cast, publish):
    publish(silent_days="90")
    page = alice.get(f"{PAGE}?from=defaults").text
    assert 'name="silent_days" type="text" value="180"' in page
    assert in_force(cast)["lifecycle"]["silent_days"] == 90


def test_what_differs_in_nothing_is_not_previewed(alice, cast, send):
    answer = send(PAGE, DEFAULTS)
    assert answer.location == PAGE
    assert "there is nothing to preview" in alice.get(PAGE).text


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("weight-intent", "5", "They sum to 90%, not to 100%."),
        ("weight-intent", "a lot", "Enter a number from 0 to 100."),
        ("weight-intent", "-15", "Enter a number from 0 to 100."),
        ("email_consent_points", "101", "Enter a whole number from 0 to 100."),
        ("reply_window", "0", "Enter a whole number from 1 to 3650."),
        ("points-call_made", "1.5", "Enter a whole number from 0 to 1000."),
        ("profile-email", "", "Enter a whole number from 0 to 1000."),
        ("stage_share", "200", "Enter a number from 0 to 100."),
        ("band-1-below", "7", "More than 7: the days rise from line to line."),
        ("grade-2", "80", "Below 80, where A begins."),
        ("grade-6", "5", "must fall from step to step and end at 0"),
        ("temperature-1", "75", "Below 75, where hot begins."),
        ("decay-mode", "magic", "Choose one."),
        ("decay-rate", "1e5", "Enter a number from 0 to 100."),
        ("decay-half_life_days", "0", "Enter a number above 0."),
        ("qualified_at", "0", "Enter a whole number from 1 to 100."),
        ("silent_days", "٩", "Enter a whole number from 1 to 3650."),
        ("customer_tiers-0-points", "x", "Enter a whole number from 0 to 100."),
        ("customer_tiers-0-values", "", "Which values? Divide them by commas."),
        ("source_tiers-0-name", "", "Give it a name"),
        ("target_locations", "x" * 201, "Keep each line to 200 characters."),
        ("target_locations", "\n".join(map(str, range(501))), "Keep it to 500 lines."),
        ("source_tiers-1-values", ",".join(map(str, range(501))), "Keep it to 500 values."),
    ],
)
def test_what_cannot_be_used_is_told_and_nothing_typed_is_lost(cast, send, field, value, told):
    answer = send(PAGE, DEFAULTS | {field: value, "silent_days-x": "", "reply_cap": "29"})
    assert answer.status_code == 422
    assert told in words(answer)
    assert 'name="reply_cap" type="text" value="29"' in answer.text
    assert in_force(cast) == {}
    with acting_for(cast.clinic):
        assert db.session.scalar(select(Job)) is None


def test_an_empty_form_is_answered_with_what_is_missing(send):
    answer = send(PAGE, {})
    assert answer.status_code == 422
    assert "They sum to" not in answer.text
    assert "Choose one." in answer.text


def test_scripts_are_escaped(alice, preview):
    address = preview(target_locations="<script>x</script>")
    for page in (address, f"{PAGE}?draft={job_of(address)}"):
        assert "<script>x" not in alice.get(page).text


def test_own_types_keep_their_points_in_the_preview_and_after(alice, cast, preview, publish, lead):
    with acting_for(cast.clinic):
        db.session.add(
            EngagementType(
                name="open_day", label="Open day", channel="web", points=9, created_at=NOW
            )
        )
        db.session.commit()
        ada = db.session.scalar(select(Lead).where(Lead.id == lead))
        track_engagement(ada, "open_day", now=utc_now())
        db.session.commit()
        score = ada.lead_score
    assert "Score otherwise 0" in words(alice.get(preview(silent_days="90")))
    publish(silent_days="90")
    with acting_for(cast.clinic):
        assert lead_rules().engagement_points["open_day"] == 9
        assert "open_day" not in in_force(cast)["lead_rules"]["engagement_points"]
        ada = db.session.scalar(select(Lead).where(Lead.id == lead))
        score_lead(ada, reason="test", now=utc_now())
        assert ada.lead_score == score


def test_an_analyst_sees_the_preview_and_changes_nothing(bob, cast, preview):
    address = preview(silent_days="90")
    assert "Days of silence" in bob.get(address).text
    assert "Publish, and score" not in bob.get(address).text
    assert "Preview on today" not in bob.get(PAGE).text
    token = re.search(r'name="csrf_token" value="([^"]+)"', bob.get("/settings/account").text)[1]
    values = {"csrf_token": token, "job": job_of(address)}
    for where in (PAGE, f"{PAGE}/publish", f"{PAGE}/previews"):
        assert bob.post(where, data=values).status_code == 403
    assert in_force(cast) == {}


@pytest.mark.parametrize("table", ["grades", "temperatures", "named"])
def test_every_table_has_its_csv(alice, preview, lead, table):
    answer = alice.get(
        f"{preview(weight__intent='25', weight__engagement='15')}?format=csv&table={table}"
    )
    assert answer.mimetype == "text/csv"
    assert "In force,Draft" in answer.text


def test_what_is_no_preview_is_not_found(alice, cast, preview, send):
    address = preview(silent_days="90")
    assert alice.get(f"{address}?format=csv&table=secrets").status_code == 404
    assert alice.get(f"{PAGE}/previews/99").status_code == 404
    assert alice.get(f"{PAGE}?draft=99").status_code == 404
    assert send(f"{PAGE}/publish", {"job": "99"}).status_code == 404
    assert send(f"{PAGE}/publish", {}).status_code == 404
    assert send(f"{PAGE}/previews", {"line": "99"}).status_code == 404


def test_an_organization_without_leads_is_previewed_too(alice, preview):
    assert "Leads looked at 0" in words(alice.get(preview(silent_days="90")))


# The form

points = st.integers(0, 100)


@st.composite
def scorings(draw) -> LeadScoring:
    cuts = sorted(draw(st.lists(points, min_size=4, max_size=4)))
    parts = [b - a for a, b in zip([0, *cuts], [*cuts, 100], strict=True)]
    tier = st.builds(
        Tier,
        st.text("abc é", min_size=1, max_size=9).map(str.strip).filter(bool),
        points,
        st.lists(st.sampled_from("xyz"), min_size=1, unique=True).map(tuple),
    )
    rules = LeadRules(
        weights={n: Decimal(p) / 100 for n, p in zip(COMPONENTS, parts, strict=True)},
        email_consent_points=draw(points),
        engagement_points=draw(
            st.dictionaries(st.sampled_from(["call_made", "email_opened", "own_kind"]), points)
        ),
        target_locations=tuple(draw(st.lists(st.sampled_from(["Lyon", "Nice"]), unique=True))),
        customer_tiers=tuple(draw(st.lists(tier, max_size=4))),
        high_intent_types=tuple(draw(st.lists(st.sampled_from(["search", "own"]), unique=True))),
    )
    off = draw(st.frozensets(st.sampled_from(list(AUTOMATIC))))
    return LeadScoring(rules, LifecycleRules(draw(st.integers(1, 100)), 30, off))


@given(scorings())
def test_a_form_that_nobody_touched_changes_nothing(scoring):
    form = forms.sent(forms.texts_of(scoring), forms.texts_of(scoring))
    read = forms.read(form, scoring)
    assert form.errors == {}
    assert forms.changes(scoring, read) == []
    assert LeadScoring.from_json(read.to_json()).to_json() == read.to_json()


def test_every_field_has_a_name_that_people_read():
    for name in DEFAULTS:
        assert forms.label_of(name)[0].isupper()
        assert len(forms.parts_of([name])) == 1, name
