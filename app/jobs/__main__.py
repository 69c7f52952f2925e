"""`python -m app.jobs`: the worker."""

from app import create_app
from app.jobs.schedule import bind

bind(create_app()).create_consumer(workers=1, periodic=True, initial_delay=0.2).run()
