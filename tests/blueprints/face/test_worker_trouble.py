"""A face analysis whose worker fails, is killed, is busy or is missing is an apology."""

import os
import signal
import threading
import time

import pytest

from app.clients import vision
from app.clients.worker import Worker
from tests.faces import PAGE, analyse, send, stored, use_of


def worker(target: str, **more) -> Worker:
    limits = {"time_limit": 20, "memory_limit": 800 * vision.MB, "patience": 5} | more
    return Worker(target, **limits)


@pytest.fixture
def swapped(monkeypatch):
    """swapped(worker) puts another one in the place of the face analysis' own, for one test."""
    stops = []

    def swap(other: Worker) -> Worker:
        monkeypatch.setattr(vision, "worker", other)
        stops.append(other.stop)
        return other

    yield swap
    for stop in stops:
        stop()


@pytest.mark.parametrize("trick", ["abort", "sleep", "raise_error", "hoard"])
def test_a_worker_that_fails_is_an_apology_and_the_next_photo_is_served(
    visitor, clinic, photo, swapped, monkeypatch, trick
):
    with monkeypatch.context() as broken:
        bad = worker(f"tests.clients.vision_tricks:{trick}", time_limit=1.5)
        broken.setattr(vision, "worker", bad)
        page = analyse(visitor, photo, concerns=["scars"])
        bad.stop()
    assert page.status_code == 503
    assert "We are sorry" in page.text
    assert visitor.form(PAGE).fields["concerns"] == ["scars"]
    assert stored(clinic) == []
    assert visitor.get("/").status_code == 200
    analyse(visitor, photo)
    assert use_of(visitor)


def test_a_worker_killed_in_the_middle_is_an_apology(visitor, clinic, photo, swapped):
    slow = swapped(worker("tests.clients.vision_tricks:sleep"))
    slow.call("pid", {})
    killer = threading.Thread(target=_kill_when_busy, args=(slow,))
    killer.start()
    page = analyse(visitor, photo)
    killer.join()
    assert page.status_code == 503
    assert "We are sorry" in page.text
    assert page.headers["Retry-After"]


def _kill_when_busy(slow: Worker):
    process = slow._idle.queue[-1]._popen.pid
    until = time.monotonic() + 10
    while slow._idle.qsize() and time.monotonic() < until:
        time.sleep(0.02)
    os.kill(process, signal.SIGKILL)


def test_too_many_at_once_are_asked_to_come_back(visitor, photo, swapped):
    slow = swapped(worker("tests.clients.vision_tricks:sleep", patience=0.2, time_limit=4))
    other = threading.Thread(target=_ignore_failure, args=(slow,))
    other.start()
    while slow._idle.qsize():
        time.sleep(0.01)
    page = analyse(visitor, photo)
    assert page.status_code == 503
    assert "Several photos are being looked at" in page.text
    slow._idle.queue.clear()
    other.join()


def _ignore_failure(slow: Worker):
    try:
        slow.call("analyse", {}, b"")
    except Exception:
        return


def test_where_the_packages_are_missing_the_page_leads_elsewhere(visitor, photo, monkeypatch):
    visitor.get(PAGE)
    monkeypatch.setattr(vision, "is_installed", lambda: False)
    assert send(visitor, photo).status_code == 503
    page = visitor.get(PAGE)
    assert "not installed here" in page.text
    assert "/enhanced-ai/" in page.text
