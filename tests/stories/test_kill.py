"""Acknowledged means committed: the server is killed in the middle of a load."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from app.clock import utc_now
from app.extensions import db
from app.models import Interaction, VisitorSession
from app.operations.tracking.rebuild import rebuild
from app.operations.tracking.sweep import sweep
from app.tenancy import acting_for

ROOT = Path(__file__).resolve().parents[2]
BATCHES = 2000
AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


@pytest.fixture
def server(app, cast, database_uri, tmp_path):
    """start() -> a server process on this test's database, and its port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    env = os.environ | {
        "DATABASE_URL": database_uri,
        "LEADLIGHT_DATA": str(tmp_path),
        "PORT": str(port),
        "LEADLIGHT_COLLECT_PER_MINUTE": "0",
        "LEADLIGHT_LOG_LEVEL": "ERROR",
    }
    running = []

    def start():
        process = subprocess.Popen(
            [sys.executable, "run.py"],
            cwd=ROOT,
            env=env,
            start_new_session=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        running.append(process)
        for _ in range(300):
            try:
                post(port, b"{}")
            except urllib.error.HTTPError:
                return process, port
            except OSError:
                time.sleep(0.1)
        raise AssertionError("the server did not come up")

    yield start
    for process in running:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGTERM)
            process.wait(20)


def post(port, body):
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/collect",
        data=body,
        headers={"Content-Type": "text/plain", "User-Agent": AGENT},
    )
    with urllib.request.urlopen(request, timeout=20) as answer:
        return json.load(answer)


def batches():
    made = []
    for _ in range(BATCHES):
        ids = [str(uuid4()) for _ in range(3)]
        events = [{"id": i, "type": t, "at": 0} for i, t in zip(ids, KINDS, strict=True)]
        page = {"url": "https://clinic.example/"}
        body = {"v": 1, "site": "clinic-key", "page": page, "events": events}
        made.append((ids, json.dumps(body).encode()))
    return made


KINDS = ("page_viewed", "click", "leave")


def test_a_kill_in_the_middle_of_a_load_loses_nothing_acknowledged(server, cast):
    process, port = server()
    todo = batches()
    waiting = iter(todo)
    acknowledged, lock = set(), threading.Lock()

    def send():
        while True:
            with lock:
                ids, body = next(waiting, (None, None))
            if ids is None:
                return
            try:
                answer = post(port, body)
            except OSError:
                return  # the server is dead: nothing was promised
            assert answer["accepted"] == 3
            with lock:
                acknowledged.update(ids)
                if len(acknowledged) > BATCHES * 3 // 3:
                    os.killpg(process.pid, signal.SIGKILL)

    senders = [threading.Thread(target=send) for _ in range(16)]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    process.wait(20)
    assert BATCHES <= len(acknowledged) < BATCHES * 3, "the kill came in the middle"
    assert acknowledged <= stored(cast)

    _, port = server()
    for _, body in todo:  # the snippet sends again what nobody acknowledged, and more
        post(port, body)
    everything = {i for ids, _ in todo for i in ids}
    assert stored(cast) == everything
    with acting_for(cast.clinic):
        assert db.session.scalar(select(func.count(Interaction.id))) == len(everything)
        assert db.session.scalar(select(func.sum(VisitorSession.interactions))) == len(everything)
    sweep(now=utc_now())
    assert not +rebuild(cast.clinic, now=utc_now())


def stored(cast):
    db.session.rollback()
    with acting_for(cast.clinic):
        return {str(i) for i in db.session.scalars(select(Interaction.event_id))}
