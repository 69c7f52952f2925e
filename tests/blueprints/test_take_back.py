"""What was noted by mistake is taken back, with all that followed from it."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.clock import utc_now
from app.domain.leads.lifecycle import STAGES
from app.extensions import db, writing
from app.models import (
    AttributionCredit,
    AuditLog,
    Interaction,
    Lead,
    LeadAttribution,
    LeadJourney,
    LeadLifecycle,
    LeadScore,
    Rollup,
    VisitorSession,
)
from app.operations.leads.rebuild_leads import rebuild_leads
from app.operations.tracking.rebuild import rebuild
from app.operations.tracking.sweep import sweep
from app.tenancy import acting_for
from tests.leads import address, make_lead_by_calculator

DAY = timedelta(days=1)


@pytest.fixture
def lead(cast) -> Lead:
    lead = make_lead_by_calculator(cast, now=utc_now() - timedelta(hours=1))
    sweep(now=utc_now())
    db.session.commit()
    return lead


def kept(cast, lead) -> dict:
    """All that a noted engagement may change, but for the history of the score."""
    db.session.rollback()
    db.session.expire_all()
    with acting_for(cast.clinic):

        def every(model, *names):
            wanted = select(*(getattr(model, name) for name in names)).order_by(model.id)
            return [tuple(row) for row in db.session.execute(wanted)]

        journey = db.session.scalars(select(LeadJourney)).one()
        lead = db.session.get(Lead, lead.id)
        score = db.session.scalars(select(LeadScore).where(LeadScore.is_current)).one()
        counted = select(Rollup.grain, Rollup.measure, Rollup.starts_at, Rollup.key, Rollup.count)
        return {
            "lead": (lead.stage, lead.last_engaged_at, lead.lead_score, lead.grade),
            "score": (score.undecayed_score, score.contributions),
            "acts": every(Interaction, "type", "occurred_at", "label"),
            "stays": every(LeadLifecycle, "stage", "previous_stage", "exited_at"),
            "conversions": every(LeadAttribution, "conversion_type", "conversion_value", "model"),
            "credit": every(AttributionCredit, "conversion_type", "value", "model"),
            "journey": (journey.milestones, journey.total_revenue, journey.counts),
            "rollups": {row for row in db.session.execute(counted) if row.count},
            "visits": every(VisitorSession, "reached", "interactions", "lead_score"),
        }


def noted(page_of, lead, **fields) -> dict:
    """Notes it on the lead's page; where it is taken back."""
    page_of.open(address(lead))
    page_of.send("/engagements", **fields)
    assert page_of.status == 200
    with acting_for(lead.organization_id):
        newest = select(Interaction).where(Interaction.lead_id == lead.id)
        newest = newest.where(Interaction.type == fields["type"])
        act = db.session.scalars(newest.order_by(Interaction.id.desc())).first()
        return f"{address(lead)}/engagements/{act.event_id}/take-back"


@pytest.mark.parametrize(
    "fields",
    [
        {"type": "call_made", "note": "Wrong person"},
        {"type": "meeting_scheduled"},
        {"type": "purchase_made", "revenue": "5000"},
        {"type": "call_unanswered"},
    ],
)
def test_taken_back_it_is_as_if_it_had_not_been_noted(desk, cast, lead, fields):
    before = kept(cast, lead)
    back = noted(desk, lead, **fields)
    assert kept(cast, lead) != before
    assert "Undo" in desk.page
    desk.post(back)
    assert "taken back." in desk.page
    assert kept(cast, lead) == before
    rebuild_finds_nothing(cast)


def test_what_else_happened_stays(desk, cast, lead):
    noted(desk, lead, type="call_made", note="The first")
    before = kept(cast, lead)
    assert before["lead"][0] == "contacted"
    back = noted(desk, lead, type="purchase_made", revenue="50000")
    assert kept(cast, lead)["lead"][0] == "customer"
    desk.post(back)
    assert kept(cast, lead) == before


def test_a_stage_reached_by_its_points_is_left_again(desk, cast, lead):
    with acting_for(cast.clinic):
        clinic = db.session.get(type(cast.clinic), cast.clinic.id)
        at = db.session.get(Lead, lead.id).lead_score + 1
        clinic.settings = {**(clinic.settings or {}), "lifecycle": {"qualified_at": at}}
        db.session.commit()
    before = kept(cast, lead)
    back = noted(desk, lead, type="call_made")
    assert [stay[0] for stay in kept(cast, lead)["stays"]] == ["new", "contacted", "qualified"]
    desk.post(back)
    assert kept(cast, lead) == before


def test_the_audit_log_keeps_what_was_noted_and_by_whom(desk, cast, lead):
    back = noted(desk, lead, type="purchase_made", revenue="12.50", note="Typed <b>wrong</b> 🌷")
    desk.post(back)
    with acting_for(cast.clinic):
        wanted = select(AuditLog).where(AuditLog.action == "lead.engagement_taken_back")
        line = db.session.scalars(wanted).one()
        assert line.user_id == cast.alice.id
        assert line.detail["type"] == "purchase_made"
        assert (line.detail["revenue"], line.detail["note"]) == (1250, "Typed <b>wrong</b> 🌷")
        score = db.session.scalars(select(LeadScore).where(LeadScore.is_current)).one()
        assert score.reason == "purchase taken back"
        told = sum(part["points"] for part in score.contributions)
        assert told == pytest.approx(float(score.total_score))


def test_twice_it_is_not_there_any_more(desk, lead):
    back = noted(desk, lead, type="call_made")
    desk.post(back)
    desk.open(address(lead))
    desk.post(back)
    assert desk.status == 404


def test_an_agent_takes_back_their_own_of_today_and_an_admin_any(desk, doras_desk, cast, lead):
    with acting_for(cast.clinic):
        db.session.get(Lead, lead.id).assignee_id = doras_desk.user.id
        db.session.commit()
    alices = noted(desk, lead, type="call_made")
    doras_desk.open(address(lead))
    doras_desk.post(alices)
    assert doras_desk.status == 403
    doras_desk.open(address(lead))
    assert alices not in doras_desk.page
    doras = noted(doras_desk, lead, type="call_made")
    doras_desk.open(address(lead))
    assert doras in doras_desk.page
    with acting_for(cast.clinic):
        act = db.session.scalars(select(Interaction).order_by(Interaction.id.desc())).first()
        while act.type != "call_made":
            act = db.session.get(Interaction, act.id - 1)
        act.received_at = utc_now() - 2 * DAY
        db.session.commit()
    doras_desk.open(address(lead))
    doras_desk.post(doras)
    assert doras_desk.status == 403
    desk.open(address(lead))
    desk.post(doras)
    assert "taken back." in desk.page


def test_what_nobody_noted_by_hand_cannot_be_taken_back(desk, client, cast, lead):
    body = {"engagement_type": "email_opened"}
    token = {"Authorization": "Bearer clinic-token"}
    client.post(f"/api/lead-tracking/engagement/{lead.id}", json=body, headers=token)
    with acting_for(cast.clinic):
        acts = db.session.scalars(select(Interaction)).all()
    assert {act.type for act in acts} >= {"email_opened", "lead_created"}
    desk.open(address(lead))
    assert "take-back" not in desk.page
    for act in acts:
        desk.open(address(lead))
        desk.post(f"{address(lead)}/engagements/{act.event_id}/take-back")
        assert desk.status in (403, 404)


def moved(page_of, lead, stage: str, **fields) -> str:
    """Moves the lead on their page; where that is taken back."""
    page_of.open(address(lead))
    page_of.send("/stage", stage=stage, **fields)
    assert page_of.status == 200, page_of.page
    return re.search(r'action="([^"]*/moves/[^"]*/take-back\?[^"]*)"', page_of.page)[1]


def rebuild_finds_nothing(cast):
    with writing(), acting_for(cast.clinic):
        assert not any(rebuild(cast.clinic, now=utc_now()).values())
        assert not rebuild_leads(0, 10, now=utc_now())[0]
        db.session.rollback()


@pytest.mark.parametrize("stage", [stage for stage in STAGES if stage != "new"])
def test_a_move_taken_back_is_as_if_it_had_not_been_made(desk, cast, lead, stage):
    before = kept(cast, lead)
    back = moved(desk, lead, stage, reason="a slip of the mouse")
    assert kept(cast, lead)["lead"][0] == stage
    desk.post(back)
    assert "Taken back: " in desk.page
    assert "is in New." in desk.page
    assert kept(cast, lead) == before
    rebuild_finds_nothing(cast)


def test_what_happened_after_a_move_counts_as_if_it_had_not_been_made(desk, cast, lead):
    back = moved(desk, lead, "lost", reason="wrong card")
    noted(desk, lead, type="call_made")
    assert kept(cast, lead)["lead"][0] == "lost"
    desk.post(back)
    found = kept(cast, lead)
    assert [stay[:2] for stay in found["stays"]] == [("new", None), ("contacted", "new")]
    rebuild_finds_nothing(cast)


def test_points_reached_while_wrongly_elsewhere_count_once_that_is_taken_back(desk, cast, lead):
    back = moved(desk, lead, "lost", reason="wrong card")
    with acting_for(cast.clinic):
        clinic = db.session.get(type(cast.clinic), cast.clinic.id)
        at = db.session.get(Lead, lead.id).lead_score + 1
        clinic.settings = {**(clinic.settings or {}), "lifecycle": {"qualified_at": at}}
        db.session.commit()
    noted(desk, lead, type="call_made")
    assert kept(cast, lead)["lead"][0] == "lost"
    desk.post(back)
    stays = kept(cast, lead)["stays"]
    assert [stay[0] for stay in stays] == ["new", "contacted", "qualified"]
    rebuild_finds_nothing(cast)


def test_an_older_move_is_taken_back_from_the_timeline_and_the_later_one_stays(desk, cast, lead):
    moved(desk, lead, "customer", reason="wrong card")
    moved(desk, lead, "engaged", reason="not yet")
    assert "Moved by Alice" in desk.page
    first = re.findall(r'action="([^"]*/moves/[^"?]*/take-back)"', desk.page)[-1]
    desk.post(first)
    found = kept(cast, lead)
    assert [stay[:2] for stay in found["stays"]] == [("new", None), ("engaged", "new")]
    assert all(kind != "customer" for kind, *_ in found["conversions"])
    assert "Customer" not in found["journey"][0]
    rebuild_finds_nothing(cast)


def test_the_audit_log_keeps_a_move_and_its_taking_back(desk, cast, lead):
    desk.post(moved(desk, lead, "contacted"))
    with acting_for(cast.clinic):
        lines = select(AuditLog.action, AuditLog.detail, AuditLog.user_id).order_by(AuditLog.id)
        told = [line for line in db.session.execute(lines) if "stage_change" in line.action]
    assert [line.action for line in told] == ["lead.stage_changed", "lead.stage_change_taken_back"]
    assert told[1].detail["to"] == "contacted"
    assert told[1].user_id == cast.alice.id


def test_a_move_that_came_by_itself_is_not_taken_back_alone(desk, cast, lead):
    noted(desk, lead, type="call_made")
    with acting_for(cast.clinic):
        wanted = select(Interaction).where(Interaction.type == "stage_changed")
        by_itself = db.session.scalars(wanted).one()
    desk.post(f"{address(lead)}/moves/{by_itself.event_id}/take-back")
    assert desk.status == 403
    assert kept(cast, lead)["lead"][0] == "contacted"
