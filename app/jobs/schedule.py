"""What runs when."""

from functools import wraps

from flask import Flask
from huey import Huey, RedisHuey, SqliteHuey, crontab

from app.extensions import writing
from app.jobs import catch_up, deliver, night, sizes, sweep, work

SCHEDULE = (
    # name, when, what
    ("sweep", crontab(minute="*"), sweep.run),
    ("catch up", crontab(minute="*"), catch_up.run),
    ("night", crontab(hour="2", minute="30"), night.begin),
    ("look at sizes", crontab(minute="*/10"), sizes.look_if_grown),
    ("tidy outbox", crontab(minute="*"), deliver.tidy),
    ("tidy jobs", crontab(hour="3", minute="10"), work.tidy),
)


def bind(app: Flask) -> Huey:
    """The job queue of the application, with the schedule on it."""
    redis = app.config["REDIS_URL"]
    queue = (
        RedisHuey("leadlight", url=redis)
        if redis
        else SqliteHuey("leadlight", filename=str(app.config["DATA"] / "jobs.db"))
    )
    for name, when, run in SCHEDULE:
        queue.periodic_task(when, name=name)(_inside(app, run))
    return queue


def _inside(app: Flask, run):
    @wraps(run)
    def task():
        with app.app_context(), writing():
            return run()

    return task
