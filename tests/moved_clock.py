"""A clock that tests move: whatever part of the application asks for the time is told this one."""

import sys
from datetime import datetime, timedelta
from types import SimpleNamespace

import itsdangerous.timed

from app import clock

REAL = clock.utc_now


class MovedClock:
    """Stands still until it is moved."""

    def __init__(self, monkeypatch, now: datetime):
        self.now = now
        for module in list(sys.modules.values()):
            if getattr(module, "utc_now", None) is REAL:
                monkeypatch.setattr(module, "utc_now", self)
        # Signed cookies carry their own time.
        seconds = SimpleNamespace(time=lambda: int(self.now.timestamp()))
        monkeypatch.setattr(itsdangerous.timed, "time", seconds)

    def __call__(self) -> datetime:
        return self.now

    def move(self, **time) -> None:
        """Goes on by so much: move(days=1, hours=2)."""
        self.now += timedelta(**time)
