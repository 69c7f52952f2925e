"""Credit for everybody in the background: to the end, whatever happens to the worker."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from app.clock import utc_now
from app.extensions import db
from app.jobs import attribute_everybody, work
from app.models import Job, LeadAttribution
from app.operations.start_job import start_job
from app.tenancy import acting_for
from tests.conftest import NOW
from tests.lives import LEADS, happen


@pytest.fixture
def clinic(cast, monkeypatch):
    monkeypatch.setattr(attribute_everybody, "AT_ONCE", 3)
    monkeypatch.setattr("app.operations.attribution.attribute_leads.STEP", 2)
    with acting_for(cast.clinic):
        happen(cast.site)
        db.session.commit()
        yield cast


def calculated() -> list[tuple]:
    rows = db.session.scalars(select(LeadAttribution)).all()
    return sorted((r.lead_id, r.conversion_type, str(r.conversion_at), r.model) for r in rows)


def begin(**arguments) -> int:
    job = start_job("leads.attribute", arguments, user_id=None, now=utc_now())
    db.session.commit()
    return job.id


def found(job_id) -> Job:
    db.session.rollback()
    return db.session.get(Job, job_id, populate_existing=True)


def test_it_tells_how_much_it_did(clinic):
    job = begin()
    assert work.run() == 1
    done = found(job)
    assert (done.state, done.percent) == ("done", 100)
    assert done.result["leads"] == LEADS
    assert done.result["conversions"] * 8 == len(calculated()) > 0


def test_one_that_was_killed_goes_on_from_where_it_was(clinic, monkeypatch):
    asked = []
    real = attribute_everybody.attribute_leads

    def until_killed(after, count, **more):
        asked.append(after)
        if len(asked) == 3:
            db.session.flush()
            raise SystemExit
        return real(after, count, **more)

    monkeypatch.setattr(attribute_everybody, "attribute_leads", until_killed)
    job = begin()
    with pytest.raises(SystemExit):
        work.run()
    assert found(job).state == "running"
    half = calculated()
    over = utc_now() - timedelta(seconds=1)
    db.session.execute(update(Job).where(Job.id == job).values(leased_until=over))
    db.session.commit()
    assert work.run() == 1
    assert asked[2] == asked[3] > 0  # the step that was lost, and none before it
    assert len(set(asked)) == len(asked) - 1
    whole = calculated()
    assert set(half) < set(whole)
    assert len(set(whole)) == len(whole)
    assert found(job).result["leads"] == LEADS
    begin()
    work.run()
    assert calculated() == whole


def test_the_learned_are_renewed_once_a_night(clinic, monkeypatch):
    days = (utc_now() - NOW).days + 30
    monkeypatch.setattr(attribute_everybody, "DAYS", days)
    for _ in range(2):
        attribute_everybody.begin_after_learning()
    db.session.commit()
    [job] = db.session.scalars(select(Job)).all()
    assert job.arguments["again"] == ["markov", "shapley"]
    work.run()
    moments = db.session.scalars(select(LeadAttribution.conversion_at)).all()
    assert moments
    assert utc_now() - min(moments) < timedelta(days=days + 1)
    begin()
    work.run()
    assert utc_now() - min(db.session.scalars(select(LeadAttribution.conversion_at))) > timedelta(
        days=days + 1
    )


def test_a_job_by_other_rules_does_not_keep_the_learned_from_being_renewed(clinic):
    begin(again=["time_decay"])
    attribute_everybody.begin_after_learning()
    db.session.commit()
    asked = [job.arguments["again"] for job in db.session.scalars(select(Job).order_by(Job.id))]
    assert asked == [["time_decay"], ["markov", "shapley"]]
