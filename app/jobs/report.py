"""How a running job tells how far it is."""

from contextlib import contextmanager
from datetime import timedelta

from app.clock import utc_now
from app.extensions import db, writing
from app.operations.leads.lock_lead import lock_leads
from app.operations.work_on_job import LEASE, Work, hold, note_progress

EVERY = timedelta(seconds=0.5)  # nobody sees more, and each telling is a commit
READING = timedelta(minutes=10)  # a lease for reading the whole log, which tells nothing meanwhile


class JobError(Exception):
    """The job cannot be done; the message says to people why, and what to do."""


class Report:
    """`report(done, all, message)` ends what the job was reading and notes how far it is.

    `saving` is for jobs that write. Both raise Stopped when the job is not wanted any more: let
    it through.
    """

    def __init__(self, work: Work):
        self.work = work
        self._told_at = None

    def __call__(
        self,
        done: int,
        all_steps: int | None = None,
        message: str | None = None,
        lease: timedelta = LEASE,
    ):
        """With a message the job is this worker's for at least the `lease` from now on."""
        now = utc_now()
        if self._told_at and now - self._told_at < EVERY and message is None:
            return
        with self._transaction():
            note_progress(self.work, now=now, lease=lease, **_given(done, all_steps, message))

    @contextmanager
    def saving(self, done: int, all_steps: int | None = None, kept: dict | None = None):
        """Inside, the job writes: that, its progress and what it `kept` to go on from are one
        short transaction, so that no step is done twice. Nobody else changes the organization's
        leads meanwhile."""
        with self._transaction():
            lock_leads()
            hold(self.work)
            yield
            values = _given(done, all_steps, None)
            note_progress(self.work, now=utc_now(), kept=kept, **values)

    @contextmanager
    def _transaction(self):
        db.session.rollback()
        with writing():
            try:
                yield
                db.session.commit()
            except BaseException:
                db.session.rollback()
                raise
        self._told_at = utc_now()


def _given(done: int, all_steps: int | None, message: str | None) -> dict:
    values = {"done_steps": done, "all_steps": all_steps, "message": message}
    return {name: value for name, value in values.items() if value is not None}
