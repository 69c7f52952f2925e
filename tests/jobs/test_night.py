"""The night: every organization learns from its past, and its journeys are brought up to date."""

from datetime import timedelta

from sqlalchemy import func, select, text

from app.clock import utc_now
from app.domain.attribution.attribution import CONVERSION_TYPES
from app.extensions import db
from app.jobs import night, work
from app.models import ChannelWorth, Job, Lead, LeadJourney, LearnedHistory
from app.operations.leads.enter_stage import enter_stage
from app.operations.tracking.record_interaction import record_interaction
from app.tenancy import acting_for

DAY = timedelta(days=1)


def come(n, days_ago):
    at = utc_now() - days_ago * DAY
    lead = Lead(email=f"lead{n}@example.com", created_at=at, updated_at=at)
    db.session.add(lead)
    db.session.flush()
    more = {"site": None, "lead_id": lead.id, "occurred_at": at, "now": at}
    record_interaction("email_clicked", channel="email", **more)
    enter_stage(lead, "new", now=at)


def test_each_organization_learns_from_its_own_past_alone(cast, monkeypatch):
    monkeypatch.setattr(night, "AT_ONCE", 2)
    with acting_for(cast.clinic):
        for n in range(5):
            come(n, days_ago=10 * n)
        db.session.commit()
    assert night.begin() == 2
    assert night.begin() == 0  # they wait already
    assert work.run() == 3  # and the clinic's credit is shared by what was learned
    with acting_for(cast.clinic):
        assert set(db.session.scalars(select(Job.state))) == {"done"}
        result = db.session.scalar(select(Job.result).where(Job.kind == night.KIND))
        assert result == {"leads": 5, "churned": 0}
        assert db.session.scalar(select(LearnedHistory)).history["reached"]["new"] == 5
        worth = db.session.scalars(select(ChannelWorth).where(ChannelWorth.model == "shapley"))
        assert [(row.channel, row.conversion_type, row.worth) for row in worth] == [
            ("email", "lead_created", 5.0)
        ]
        risks = db.session.scalars(
            select(LeadJourney.churn_risk).order_by(LeadJourney.lead_id)
        ).all()
        assert len(risks) == 5
        assert risks == sorted(risks)  # the longer silent, the riskier
    with acting_for(cast.other):
        assert db.session.scalar(select(LearnedHistory)).history["reached"]["new"] == 0
        assert db.session.scalar(select(func.count()).select_from(LeadJourney)) == 0


def test_nobody_waits_while_the_log_is_read_and_nobody_else_takes_the_job(cast, monkeypatch):
    leases, study = [], night.study

    def read(*what, **more):
        with db.engine.connect() as somebody_else:
            somebody_else.execute(text("UPDATE organizations SET name = name"))
            somebody_else.commit()
        leases.append(db.session.scalar(select(func.max(Job.leased_until))) - utc_now())
        return study(*what, **more)

    monkeypatch.setattr(night, "study", read)
    night.begin()
    assert work.run() == 2
    assert len(leases) == 2 * len(CONVERSION_TYPES)
    assert min(leases) > timedelta(minutes=5)


def test_the_night_hears_what_was_missed_before_it_lets_anybody_go(cast):
    with acting_for(cast.clinic):
        come(1, days_ago=300)
        lead = db.session.scalars(select(Lead)).one()
        lead.last_engaged_at = None
        at = utc_now() - 5 * DAY
        record_interaction(
            "email_replied", site=None, lead_id=lead.id, occurred_at=at, now=at, channel="email"
        )
        db.session.commit()
    night.begin()
    work.run()
    with acting_for(cast.clinic):
        lead = db.session.scalars(select(Lead)).one()
        assert abs(lead.last_engaged_at - at) < timedelta(milliseconds=1)
        assert lead.stage != "churned"
