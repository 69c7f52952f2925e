"""Whatever happens in the worker, the caller gets an answer or an error, and never hangs."""

import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from app.clients.worker import Worker, WorkerBusy, WorkerCrashed, WorkerTimeout

TARGET = "tests.clients.worker_tricks:handle"
MEGABYTE = 1024 * 1024


@pytest.fixture
def worker():
    made = Worker(TARGET, time_limit=30, memory_limit=512 * MEGABYTE)
    yield made
    made.stop()


def pid_of(worker: Worker) -> int:
    return worker.call("pid", {})[0]["pid"]


def test_it_answers_with_what_the_function_gave(worker):
    assert worker.call("echo", {"a": [1, "ü"]}, b"abc") == ({"a": [1, "ü"]}, b"cba")


def test_large_bodies_arrive_whole(worker):
    body = os.urandom(12 * MEGABYTE)
    assert worker.call("echo", {}, body) == ({}, body[::-1])


def test_it_works_in_another_process_and_keeps_it(worker):
    first = pid_of(worker)
    assert first != os.getpid()
    assert pid_of(worker) == first


def test_an_exception_is_told_and_the_next_call_works(worker):
    with pytest.raises(WorkerCrashed, match="broken picture"):
        worker.call("raise", {})
    assert worker.call("echo", {}, b"on")[1] == b"no"


@pytest.mark.parametrize("way", ["kill", "crash"])
def test_a_dead_process_is_an_error_and_the_next_call_gets_a_new_one(worker, way):
    before = pid_of(worker)
    with pytest.raises(WorkerCrashed):
        worker.call(way, {})
    assert pid_of(worker) != before


def test_a_process_that_died_while_idle_is_replaced(worker):
    before = pid_of(worker)
    os.kill(before, 9)
    while Path(f"/proc/{before}/stat").read_text().split()[2] != "Z":
        time.sleep(0.01)
    assert pid_of(worker) != before


def test_what_takes_too_long_is_ended():
    worker = Worker(TARGET, time_limit=0.5, memory_limit=512 * MEGABYTE)
    before = pid_of(worker)
    with pytest.raises(WorkerTimeout):
        worker.call("sleep", {"seconds": 60})
    assert not Path(f"/proc/{before}").exists()
    assert worker.call("echo", {}, b"on")[1] == b"no"
    worker.stop()


def test_who_finds_everybody_at_work_is_told(worker):
    worker.patience = 0.2
    pid_of(worker)
    with ThreadPoolExecutor() as pool:
        first = pool.submit(worker.call, "sleep", {"seconds": 2})
        while worker._idle.qsize():
            time.sleep(0.01)
        with pytest.raises(WorkerBusy):
            worker.call("echo", {})
        assert first.result() == ({"slept": True}, b"")


def test_several_callers_each_get_their_own_answer():
    worker = Worker(TARGET, time_limit=30, memory_limit=512 * MEGABYTE, size=2, patience=60)
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda n: worker.call("echo", {"n": n}), range(40)))
    assert [answer[0]["n"] for answer in answers] == list(range(40))
    worker.stop()


def test_memory_ends_at_the_limit(worker):
    assert worker.call("hoard", {"bytes": MEGABYTE})[0] == {"kept": MEGABYTE}
    with pytest.raises(WorkerCrashed, match="MemoryError"):
        worker.call("hoard", {"bytes": 2000 * MEGABYTE})


def test_no_file_can_be_written(worker, tmp_path):
    target = tmp_path / "photo.jpg"
    with pytest.raises(WorkerCrashed, match="File too large"):
        worker.call("write", {"path": str(target)}, b"face")
    assert not target.exists() or target.stat().st_size == 0


def test_it_sees_no_secret_and_carries_no_web(worker, monkeypatch):
    monkeypatch.setenv("SECRET_KEY", "hush")
    seen = worker.call("environment", {})[0]
    assert not {"SECRET_KEY", "DATABASE_URL"} & set(seen["names"])
    assert not {"flask", "sqlalchemy"} & set(seen["modules"])


def test_a_stopped_worker_leaves_no_process_and_starts_again(worker):
    before = pid_of(worker)
    worker.stop()
    assert not Path(f"/proc/{before}").exists()
    assert pid_of(worker) != before


def test_the_process_ends_with_its_parent():
    code = (
        "import os, sys; sys.path.insert(0, '.')\n"
        "from app.clients.worker import Worker\n"
        f"w = Worker('{TARGET}', time_limit=30, memory_limit=10**9)\n"
        "print(w.call('pid', {})[0]['pid'], flush=True); os._exit(0)"
    )
    root = Path(__file__).resolve().parents[2]
    told = subprocess.run(
        [sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True
    )
    child, deadline = Path(f"/proc/{told.stdout.strip()}"), time.monotonic() + 20
    while child.exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not child.exists()
