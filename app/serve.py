"""Serving: granian, one worker process, many threads (waiting on a commit costs a thread)."""

from flask import Flask
from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels


def serve(app: Flask, target: str = "run:app"):
    """Serves until it is told to stop. `target` is imported again in the worker process."""
    host = app.config["HOST"]
    print(f"Leadlight is at http://{host}:{app.config['PORT']} (sign in at /login)", flush=True)
    Granian(
        target,
        address=host,
        port=app.config["PORT"],
        interface=Interfaces.WSGI,
        workers=1,
        blocking_threads=app.config["THREADS"],
        backpressure=app.config["THREADS"] * 4,
        log_level=LogLevels.error,
        respawn_failed_workers=True,
    ).serve()
