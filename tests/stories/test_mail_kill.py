"""The worker is killed while mail goes out: nothing is lost, and nothing that was noted as sent
goes out again."""

import os
import signal
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from app.clock import utc_now
from app.extensions import db, writing
from app.models import OutboxMessage
from app.operations.queue_mail import queue_mail
from app.tenancy import acting_for
from tests.jobs.test_deliver import FACTS
from tests.smtp_sink import SmtpSink

ROOT = Path(__file__).resolve().parents[2]
MANY = 25


@pytest.fixture
def sink():
    sink = SmtpSink()
    yield sink
    sink.stop()


@pytest.fixture
def worker(database_uri, tmp_path, sink):
    """start() -> a worker process on this test's database."""
    env = os.environ | {
        "DATABASE_URL": database_uri,
        "LEADLIGHT_DATA": str(tmp_path),
        "LEADLIGHT_MAIL": sink.url,
        "LEADLIGHT_MAIL_FROM": "Leadlight <mail@clinic.example>",
        "LEADLIGHT_LOG_LEVEL": "ERROR",
    }
    running = []

    def start():
        command = [sys.executable, "-m", "app.jobs"]
        process = subprocess.Popen(
            command, cwd=ROOT, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        running.append(process)
        return process

    yield start
    for process in running:
        process.kill()
        process.wait(20)


def queue(cast, count):
    now = utc_now()
    with writing(), acting_for(cast.clinic):
        for number in range(count):
            to = f"n{number}@example.com"
            queue_mail("lead_created", to, FACTS, due_at=now, now=now)
        db.session.commit()


def states(cast) -> list[str]:
    db.session.rollback()
    with acting_for(cast.clinic):
        messages = db.session.scalars(select(OutboxMessage).order_by(OutboxMessage.id))
        found = [message.state for message in messages]
    db.session.rollback()
    return found


def wait_until(question, seconds=60):
    until = time.monotonic() + seconds
    while not question():
        assert time.monotonic() < until
        time.sleep(0.05)


def end_leases(cast):
    """As if the minutes of the killed worker's lease had passed."""
    with writing(), acting_for(cast.clinic):
        for message in db.session.scalars(select(OutboxMessage)):
            if message.leased_until:
                message.leased_until = utc_now() - timedelta(seconds=1)
        db.session.commit()


def test_killed_between_handing_over_and_noting_it_a_mail_goes_out_twice_as_the_same_mail(
    cast, sink, worker
):
    queue(cast, 1)
    sink.slowly = 30
    first = worker()
    assert sink.handed_over.wait(60)
    os.kill(first.pid, signal.SIGKILL)
    first.wait(20)
    assert states(cast) == ["waiting"]
    sink.slowly = 0
    second = worker()
    queue(cast, 1)
    wait_until(lambda: "sent" in states(cast))
    assert states(cast) == ["waiting", "sent"]  # the lease still holds
    end_leases(cast)
    wait_until(lambda: states(cast) == ["sent", "sent"])
    second.kill()
    one, _, other = sink.mails
    assert one["Message-ID"] == other["Message-ID"]


def test_workers_killed_in_the_middle_lose_nothing_and_repeat_no_more_than_what_they_had(
    cast, sink, worker
):
    queue(cast, MANY)
    sink.slowly = 0.05
    kills = 0
    while states(cast).count("sent") < MANY:
        workers = [worker(), worker()]
        had = len(sink.mails)
        wait_until(lambda had=had: len(sink.mails) > had or states(cast).count("sent") == MANY)
        if kills < 2:
            for process in workers:
                os.kill(process.pid, signal.SIGKILL)
                process.wait(20)
                kills += 1
            end_leases(cast)
        else:
            wait_until(lambda: states(cast).count("sent") == MANY)
    told = [str(mail["To"]) for mail in sink.mails]
    assert set(told) == {f"n{number}@example.com" for number in range(MANY)}
    assert len(told) - MANY <= kills
