"""Work in the background: taken up, followed, stopped, and found again when its worker died."""

import json
from datetime import timedelta

import pytest

from app.clock import utc_now
from app.extensions import db, writing
from app.jobs import kinds, work
from app.jobs.report import JobError
from app.models import AuditLog, Job
from app.operations.audit import audit
from app.operations.start_job import start_job
from app.operations.work_on_job import LEASE, MOST_ATTEMPTS, Stopped, cancel_job, take_up
from app.tenancy import acting_for

LATER = timedelta(seconds=1)


@pytest.fixture
def doing(monkeypatch):
    """doing(function): what a job of the kind "test" does."""

    def set_it(function):
        monkeypatch.setitem(kinds.KINDS, "test", function)

    return set_it


@pytest.fixture
def job(cast):
    with acting_for(cast.clinic):
        job = start_job("test", {"n": 3}, user_id=cast.alice.id, now=utc_now())
        db.session.commit()
        return job.id


def state(cast, job_id) -> Job:
    db.session.rollback()
    with acting_for(cast.clinic):
        return db.session.get(Job, job_id, populate_existing=True)


def test_a_job_is_done_and_keeps_its_result(cast, job, doing):
    seen = []

    def count(work, report):
        report(0, work.arguments["n"], "Counting")
        seen.append(state(cast, job).message)
        report(3, 3)
        return {"counted": work.arguments["n"]}

    doing(count)
    assert work.run() == 1
    done = state(cast, job)
    assert (done.state, done.result, done.percent) == ("done", {"counted": 3}, 100)
    assert seen == ["Counting"]
    assert work.run() == 0


def test_the_oldest_job_is_done_first_and_each_for_its_own_organization(cast, doing):
    done = []
    doing(lambda work, report: done.append((work.organization_id, work.arguments["n"])))
    for seconds, organization in ((9, cast.clinic), (1, cast.other), (5, cast.clinic)):
        with acting_for(organization):
            start_job("test", {"n": seconds}, user_id=None, now=utc_now() + seconds * LATER)
    db.session.commit()
    work.run()
    assert done == [(cast.other.id, 1), (cast.clinic.id, 5), (cast.clinic.id, 9)]


def test_what_a_job_writes_and_how_far_it_is_are_one_transaction(cast, job, doing):
    def break_in_the_middle(work, report):
        for step in range(work.kept["step"] + 1 if work.kept else 0, 4):
            with report.saving(step + 1, 4, kept={"step": step}):
                audit("test.step", str(step), user_id=None, now=utc_now())
                if step == 2 and work.attempt == 1:
                    db.session.flush()
                    raise OSError("the disk is gone")

    doing(break_in_the_middle)
    work.run()
    assert (state(cast, job).state, state(cast, job).kept) == ("waiting", {"step": 1})
    let_the_pause_pass(job)
    work.run()
    assert state(cast, job).state == "done"
    with acting_for(cast.clinic):
        steps = [line.subject for line in db.session.query(AuditLog).order_by(AuditLog.id)]
    assert steps == ["0", "1", "2", "3"]


def let_the_pause_pass(job_id):
    with writing():
        db.session.rollback()
        db.session.execute(
            db.update(Job.__table__).where(Job.__table__.c.id == job_id).values(leased_until=0)
        )
        db.session.commit()


def test_a_job_that_breaks_is_given_up_after_three_attempts_and_says_what_to_do(cast, job, doing):
    attempts = []

    def break_it(work, report):
        attempts.append(work.attempt)
        raise OSError("again")

    doing(break_it)
    for _ in range(5):
        work.run()
        let_the_pause_pass(job)
    given_up = state(cast, job)
    assert attempts == list(range(1, MOST_ATTEMPTS + 1))
    assert given_up.state == "failed"
    assert "Start it again" in given_up.message


def test_a_job_that_cannot_be_done_says_why_and_is_not_tried_again(cast, job, doing):
    def refuse(work, report):
        raise JobError("There is nothing to look at. Choose more days.")

    doing(refuse)
    work.run()
    assert (state(cast, job).state, state(cast, job).attempts) == ("failed", 1)
    assert state(cast, job).message.startswith("There is nothing")


def test_a_job_whose_worker_died_is_found_again_when_its_lease_has_run_out(cast, job, doing):
    now = utc_now()
    with writing():
        assert take_up(now).attempt == 1  # and dies
        db.session.commit()
    assert take_up(now + LEASE - LATER) is None
    with writing():
        again = take_up(now + LEASE)
        db.session.commit()
    assert (again.id, again.attempt) == (job, 2)


def test_a_job_that_kills_its_workers_is_given_up(cast, job):
    now = utc_now()
    for attempt in range(MOST_ATTEMPTS):
        with writing():
            assert take_up(now + attempt * LEASE).attempt == attempt + 1
            db.session.commit()
    with writing():
        assert take_up(now + MOST_ATTEMPTS * LEASE) is None
        db.session.commit()
    assert state(cast, job).state == "failed"
    assert "stopped three times" in state(cast, job).message


def test_a_worker_that_lost_its_lease_writes_nothing_more(cast, job, doing):
    def be_overtaken(mine, report):
        if mine.attempt > 1:
            return {"by": "the other"}
        let_the_pause_pass(job)
        with writing():
            taken = take_up(utc_now())
            db.session.commit()
        assert taken.attempt == 2
        with pytest.raises(Stopped), report.saving(1, 1):
            raise AssertionError("the lost worker got in")
        return {"by": "the lost one"}

    doing(be_overtaken)
    work.run()
    assert (state(cast, job).state, state(cast, job).result) == ("running", None)
    let_the_pause_pass(job)
    work.run()
    assert state(cast, job).result == {"by": "the other"}


def test_a_running_job_stops_where_it_next_tells_how_far_it_is(cast, job, doing):
    def be_cancelled(mine, report):
        report(1, 9, "Going")
        with acting_for(cast.clinic), writing():
            cancel_job(db.session.get(Job, job), now=utc_now())
            db.session.commit()
        report(2, 9, "Still going")
        raise AssertionError("it went on")

    doing(be_cancelled)
    work.run()
    stopped = state(cast, job)
    assert (stopped.state, stopped.done_steps) == ("cancelled", 1)


def test_a_waiting_job_is_cancelled_at_once(cast, job, doing):
    with acting_for(cast.clinic):
        cancel_job(db.session.get(Job, job), now=utc_now())
        db.session.commit()
    doing(lambda work, report: pytest.fail("it was done"))
    assert work.run() == 0
    assert state(cast, job).state == "cancelled"


def test_progress_is_told_to_the_organization_and_nobody_else(alice, sign_in, cast, job):
    told = alice.get(f"/jobs/{job}", headers={"Accept": "application/json"})
    assert told.json["state"] == "waiting"
    assert not told.json["waiting_for_worker"]
    part = alice.get(f"/jobs/{job}", headers={"X-Requested-With": "fetch"}).text
    assert "<html" not in part
    assert "Waiting for the worker" in part
    assert 'role="progressbar"' in part
    assert sign_in(cast.charlie).get(f"/jobs/{job}").status_code == 404


def test_after_a_while_it_is_said_that_no_worker_runs(alice, cast):
    with acting_for(cast.clinic):
        old = start_job("test", {}, user_id=None, now=utc_now() - timedelta(seconds=16))
        db.session.commit()
    assert "No worker has taken this up yet" in alice.get(f"/jobs/{old.id}").text


def test_a_page_without_scripts_loads_itself_again_until_the_job_is_over(alice, cast, job, doing):
    refresh = '<noscript><meta http-equiv="refresh"'
    assert refresh in alice.get(f"/jobs/{job}").text
    doing(lambda work, report: None)
    work.run()
    assert refresh not in alice.get(f"/jobs/{job}").text


def test_who_started_a_job_or_is_admin_may_cancel_it(alice, bob, cast, job, doing):
    page = bob.get(f"/jobs/{job}").text
    assert "/cancel" not in page
    form = {"csrf_token": token_of(bob)}
    assert bob.post(f"/jobs/{job}/cancel", data=form).status_code == 403
    assert state(cast, job).state == "waiting"
    form = {"csrf_token": token_of(alice)}
    assert alice.post(f"/jobs/{job}/cancel", data=form).status_code == 303
    assert state(cast, job).state == "cancelled"


def token_of(client) -> str:
    page = client.get("/settings/account").text
    return page.partition('name="csrf_token" value="')[2].partition('"')[0]


def test_a_jobs_row_holds_plain_json(cast, job, doing):
    doing(lambda work, report: {"é": ["💎", 1.5, None]})
    work.run()
    assert json.dumps(state(cast, job).result) == json.dumps({"é": ["💎", 1.5, None]})


def test_what_is_long_over_is_taken_away_and_what_is_not_stays(cast, job):
    old = utc_now() - timedelta(days=91)
    for organization in (cast.clinic, cast.other):
        with acting_for(organization):
            ended = start_job("test", {}, user_id=None, now=old)
            ended.state, ended.finished_at = "done", old
            start_job("test", {}, user_id=None, now=old)
            db.session.commit()
    work.tidy()
    with acting_for(cast.clinic):
        assert [row.state for row in db.session.query(Job)] == ["waiting", "waiting"]
    with acting_for(cast.other):
        assert [row.state for row in db.session.query(Job)] == ["waiting"]
