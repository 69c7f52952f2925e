"""The demo clinic's weeks are lived in order of time: nothing is known before it happened."""

import pytest
from sqlalchemy import func, select

from app import create_app
from app.domain.scoring.lead_score import score_lead
from app.extensions import db
from app.models import Appointment, Lead, LeadLifecycle, LeadScore, Organization
from app.queries.scoring.lead_facts import Past, lead_rules
from app.tenancy import acting_for
from tests.conftest import settings


@pytest.fixture(scope="module")
def demo(template_database, tmp_path_factory):
    """Acting for the demo clinic, made once for the tests below."""
    if template_database.server:
        pytest.skip("one database is enough for the demo")
    folder = tmp_path_factory.mktemp("demo")
    app = create_app(settings(f"sqlite:///{folder}/demo.db", folder))
    told = ("--visitors", "300", "--days", "25", "--seed", "7")
    result = app.test_cli_runner().invoke(args=["demo", *told])
    assert result.exit_code == 0, result.output
    with app.app_context():
        with acting_for(db.session.scalars(select(Organization)).one()):
            yield
        app.collector.stop()
        db.session.remove()
        db.engine.dispose()


def lines_of(lead) -> list[LeadScore]:
    wanted = select(LeadScore).where(LeadScore.lead_id == lead.id)
    return list(db.session.scalars(wanted.order_by(LeadScore.id)))


def stage_at(lead, at) -> str:
    wanted = select(LeadLifecycle.stage).where(
        LeadLifecycle.lead_id == lead.id, LeadLifecycle.entered_at <= at
    )
    return db.session.scalars(wanted.order_by(LeadLifecycle.id.desc()).limit(1)).one()


def test_no_line_of_a_score_knows_what_happened_later(demo):
    rules, reasons = lead_rules(), []
    for lead in db.session.scalars(select(Lead)):
        past, lines = Past(lead, rules), lines_of(lead)
        moments = [line.calculated_at for line in lines]
        assert moments == sorted(moments)
        for line in lines:
            then = past.facts_at(line.calculated_at, stage_at(lead, line.calculated_at))
            known = [part.to_json() for part in score_lead(then, rules).contributions]
            assert line.contributions == known, (lead.id, line.reason)
            reasons.append(line.reason.partition(",")[0])
    assert len(reasons) > 3 * db.session.scalar(select(func.count(Lead.id)))
    assert {"lead created", "meeting_scheduled", "appointment_booked"} <= set(reasons)


def test_appointments_are_booked_before_they_are_held(demo):
    for appointment in db.session.scalars(select(Appointment)):
        assert appointment.created_at < appointment.starts_at
        lead = db.session.scalars(select(Lead).where(Lead.id == appointment.lead_id)).one()
        assert lead.created_at < appointment.created_at
    states = set(db.session.scalars(select(Appointment.state)))
    assert states & {"attended", "missed"}
