"""Look every second whether something is due, so that nobody waits for the schedule's minute."""

from collections.abc import Callable
from threading import Event, Thread

import structlog
from flask import Flask

from app.extensions import db

log = structlog.get_logger()
EVERY = 1.0  # seconds
REST = 60.0  # after something broke


class Watch:
    """A thread that calls `look` every second; what that returns, if anything, is how many
    seconds to rest instead. `stop` waits for what is in its hands."""

    def __init__(self, app: Flask, name: str, look: Callable[[], float | None]):
        self.app, self.look = app, look
        self._end = Event()
        self._thread = Thread(target=self._run, name=f"watch {name}", daemon=True)

    def start(self) -> "Watch":
        self._thread.start()
        return self

    def stop(self, patience: float = 20):
        self._end.set()
        self._thread.join(patience)

    def _run(self):
        pause = 0.0
        while not self._end.wait(pause):
            pause = self._looked()

    def _looked(self) -> float:
        with self.app.app_context():
            try:
                return self.look() or EVERY
            except Exception:
                log.exception("watch.broken", watch=self._thread.name)
                return REST
            finally:
                db.session.remove()
