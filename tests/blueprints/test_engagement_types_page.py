"""Kinds of engagement: the built-in ones as they count, the organization's own to edit."""

import re
from decimal import Decimal

import pytest
from sqlalchemy import select

from app.clock import utc_now
from app.domain.tracking.own_type import read_type
from app.domain.validation import Invalid
from app.extensions import db
from app.jobs import work
from app.jobs.score_leads import KIND
from app.models import AuditLog, EngagementType, Job, Lead
from app.operations.scoring.score_lead import score_lead
from app.operations.tracking.track_engagement import track_engagement
from app.tenancy import acting_for
from tests.conftest import NOW

PAGE = "/settings/engagement-types"
OPEN_DAY = {"label": "Open day", "name": "", "channel": "social", "points": "12"}


@pytest.fixture
def own(cast):
    """own() -> the clinic's own types as (name, label, channel, points)."""

    def found():
        with acting_for(cast.clinic):
            db.session.expire_all()
            rows = db.session.scalars(select(EngagementType).order_by(EngagementType.id)).all()
        return [(r.name, r.label, r.channel, r.points) for r in rows]

    return found


@pytest.fixture
def visited(cast):
    """A lead who came to two open days; their id."""
    with acting_for(cast.clinic):
        lead = Lead(email="ada@example.com", stage="new", created_at=NOW, updated_at=NOW)
        db.session.add(lead)
        db.session.flush()
        for _ in range(2):
            track_engagement(lead, "open_day", now=utc_now())
        score_lead(lead, reason="test", now=utc_now())
        db.session.commit()
        return lead.id


def the_id(cast) -> int:
    with acting_for(cast.clinic):
        return db.session.scalars(select(EngagementType.id)).one()


def jobs(cast) -> list[Job]:
    with acting_for(cast.clinic):
        return list(db.session.scalars(select(Job).where(Job.kind == KIND)))


def behavioral(cast, lead_id) -> Decimal:
    with acting_for(cast.clinic):
        lead = db.session.scalar(select(Lead).where(Lead.id == lead_id))
        row = score_lead(lead, reason="test", now=utc_now())
        db.session.commit()
        return Decimal(str(row.score_factors["behavioral"]))


def test_the_built_in_types_stand_with_the_points_in_force(alice, cast):
    cast.clinic.settings = {"lead_rules": {"engagement_points": {"call_made": 33}}}
    db.session.commit()
    page = alice.get(PAGE).text
    row = re.search(r"<tr><td>Call</td>.*?</tr>", page)[0]
    assert "<code>call_made</code>" in row
    assert '<td class="text-end">33</td>' in row


def test_a_type_gets_its_name_of_its_label(send, own, alice):
    assert send(PAGE, **OPEN_DAY).status_code == 303
    assert own() == [("open_day", "Open day", "social", 12)]
    page = alice.get(PAGE).text
    assert "Programs track it as open_day" in page
    assert "not yet" in page


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("label", " ", "What do you call it?"),
        ("label", "x" * 81, "Keep it to 80"),
        ("name", "Open Day", "Use small letters"),
        ("name", "call_made", "call_made is built in already."),
        ("name", "lead_created", "lead_created is built in already."),
        ("channel", "telepathy", "Choose one of"),
        ("points", "101", "Enter a whole number from 0 to 100."),
        ("points", "", "Enter a whole number from 0 to 100."),
    ],
)
def test_what_cannot_be_used_is_told_beside_its_field(send, own, field, value, told):
    answer = send(PAGE, **{**OPEN_DAY, field: value})
    assert answer.status_code == 422
    assert f'id="{field}-error">{told}' in answer.text
    assert own() == []


def test_a_label_without_latin_letters_asks_for_a_name(send):
    answer = send(PAGE, **{**OPEN_DAY, "label": "開放日"})
    assert answer.status_code == 422
    assert 'id="name-error">Use small letters' in answer.text
    assert "開放日" in answer.text


def test_a_name_is_given_once(send, own):
    send(PAGE, **OPEN_DAY)
    answer = send(PAGE, **OPEN_DAY)
    assert "You have a type called open_day already." in answer.text
    assert len(own()) == 1


def test_what_is_added_can_be_tracked_at_once(send, cast):
    send(PAGE, **OPEN_DAY)
    with acting_for(cast.clinic):
        lead = Lead(email="ben@example.com", stage="new", created_at=NOW, updated_at=NOW)
        db.session.add(lead)
        db.session.flush()
        act, _ = track_engagement(lead, "open_day", now=utc_now())
        assert act.channel == "social"
        with pytest.raises(Invalid):
            track_engagement(lead, "closed_day", now=utc_now())


def test_other_points_score_all_leads_again_with_progress_shown(alice, cast, send, open_day):
    lead_id = open_day(12)
    before = behavioral(cast, lead_id)
    send(f"{PAGE}/{the_id(cast)}", **{**OPEN_DAY, "points": "30"})
    [job] = jobs(cast)
    assert job.arguments["reason"] == "engagement type open_day: 12 to 30 points"
    assert "Leads are being scored again" in alice.get(PAGE).text
    assert behavioral(cast, lead_id) == before + 2 * 18


@pytest.fixture
def open_day(cast, request):
    """open_day(points): the type is there, and a lead came to it twice; the lead's id."""

    def made(points):
        with acting_for(cast.clinic):
            db.session.add(
                EngagementType(
                    name="open_day",
                    label="Open day",
                    channel="social",
                    points=points,
                    created_at=NOW,
                )
            )
            db.session.flush()
        return request.getfixturevalue("visited")

    return made


def test_another_label_scores_nobody(cast, send, open_day):
    open_day(12)
    send(f"{PAGE}/{the_id(cast)}", **{**OPEN_DAY, "label": "Open house"})
    assert jobs(cast) == []


def test_points_of_what_was_never_tracked_score_nobody(cast, send):
    send(PAGE, **OPEN_DAY)
    send(f"{PAGE}/{the_id(cast)}", **{**OPEN_DAY, "points": "30"})
    assert jobs(cast) == []


def test_the_name_stays_whatever_is_sent(cast, send, own):
    send(PAGE, **OPEN_DAY)
    send(f"{PAGE}/{the_id(cast)}", **{**OPEN_DAY, "name": "call_made", "label": "Open house"})
    assert own() == [("open_day", "Open house", "social", 12)]


def test_removing_a_tracked_type_says_first_what_happens_to_its_past(alice, open_day):
    open_day(12)
    page = alice.get(PAGE).text
    assert (
        'data-confirm="Remove Open day? The 2 tracked stay in the log and in attribution, and '
        'count no points any more. New ones are refused."'
    ) in page


def test_what_was_tracked_stays_in_the_log_and_counts_no_points(alice, cast, send, own, open_day):
    lead_id = open_day(12)
    before = behavioral(cast, lead_id)
    send(f"{PAGE}/{the_id(cast)}/remove")
    assert own() == []
    assert "In the log the 2 that were tracked stay; they count no points" in alice.get(PAGE).text
    assert behavioral(cast, lead_id) == before - 2 * 12
    assert "Open day" in alice.get(f"/admin/leads/{lead_id}").text
    assert len(jobs(cast)) == 1


def test_a_removal_is_undone(alice, cast, send, own, open_day):
    lead_id = open_day(12)
    before = behavioral(cast, lead_id)
    send(f"{PAGE}/{the_id(cast)}/remove")
    with acting_for(cast.clinic):
        line = db.session.scalar(
            select(AuditLog.id).where(AuditLog.action == "engagement_type.removed")
        )
    for _ in range(2):  # twice is once
        send(f"{PAGE}/undo/{line}")
    assert own() == [("open_day", "Open day", "social", 12)]
    assert behavioral(cast, lead_id) == before


def test_nothing_else_of_the_log_is_undone_here(cast, send):
    send(PAGE, **OPEN_DAY)
    with acting_for(cast.clinic):
        line = db.session.scalar(select(AuditLog.id))
    assert send(f"{PAGE}/undo/{line}").status_code == 404


def test_the_job_gives_every_lead_the_score_of_the_new_points(alice, cast, send, open_day):
    lead_id = open_day(12)
    send(f"{PAGE}/{the_id(cast)}", **{**OPEN_DAY, "points": "30"})
    assert work.run() == 2  # the scores, then the journeys that tell of them
    [job] = jobs(cast)
    assert (job.state, job.result) == ("done", {"leads": 1, "changed": 1})
    assert "Leads are being scored again" not in alice.get(PAGE).text
    with acting_for(cast.clinic):
        lead = db.session.scalar(select(Lead).where(Lead.id == lead_id))
        shown = lead.lead_score
        score_lead(lead, reason="test", now=utc_now())
        assert lead.lead_score == shown


def test_an_analyst_reads_and_changes_nothing(bob, cast, send, own):
    send(PAGE, **OPEN_DAY)
    page = bob.get(PAGE).text
    assert "Open day" in page
    assert "Remove" not in page
    assert bob.get(f"{PAGE}/{the_id(cast)}").status_code == 200
    token = re.search(r'name="csrf_token" value="([^"]+)"', bob.get("/settings/account").text)[1]
    for address in (PAGE, f"{PAGE}/{the_id(cast)}", f"{PAGE}/{the_id(cast)}/remove"):
        assert bob.post(address, data={"csrf_token": token, **OPEN_DAY}).status_code == 403
    assert len(own()) == 1


def test_every_change_is_in_the_audit_log(cast, send):
    send(PAGE, **OPEN_DAY)
    send(f"{PAGE}/{the_id(cast)}", **{**OPEN_DAY, "points": "30"})
    send(f"{PAGE}/{the_id(cast)}/remove")
    with acting_for(cast.clinic):
        lines = db.session.scalars(select(AuditLog).order_by(AuditLog.id)).all()
    assert [line.action.partition(".")[2] for line in lines] == ["added", "changed", "removed"]
    assert lines[1].detail["changed"] == {"points": [12, 30]}


def test_labels_with_scripts_are_escaped(alice, send):
    send(PAGE, **{**OPEN_DAY, "label": "<script>x</script>", "name": "odd"})
    assert "<script>x" not in alice.get(PAGE).text


def test_all_that_is_wrong_is_told_at_once():
    with pytest.raises(Invalid) as problem:
        read_type({})
    assert problem.value.fields.keys() == {"label", "channel", "points"}
