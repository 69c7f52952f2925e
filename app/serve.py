"""Serving: granian, one worker process, many threads (waiting on a commit costs a thread)."""

from flask import Flask
from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels


def serve(app: Flask, target: str = "run:app"):
    """Serves until it is told to stop. `target` is imported again in the worker process."""
    Granian(
        target,
        address=app.config["HOST"],
        port=app.config["PORT"],
        interface=Interfaces.WSGI,
        workers=1,
        blocking_threads=app.config["THREADS"],
        backpressure=app.config["THREADS"] * 4,
        log_level=LogLevels.warning,
        respawn_failed_workers=True,
    ).serve()
