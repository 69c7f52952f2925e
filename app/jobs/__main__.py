"""`python -m app.jobs`: the worker."""

from app import create_app
from app.jobs import deliver, work
from app.jobs.schedule import bind
from app.jobs.watch import Watch

WATCHES = (
    # name, what to do every second
    ("outbox", deliver.look),
    ("jobs", work.look),
)

if __name__ == "__main__":
    app = create_app()
    watches = [Watch(app, name, look).start() for name, look in WATCHES]
    try:
        bind(app).create_consumer(workers=1, periodic=True, initial_delay=0.2).run()
    finally:
        for watch in watches:
            watch.stop()
