"""Group commit: requests that wait together are committed together.

One writer thread a process takes all that is queued, stores it in one transaction, and only then
lets the requests answer: one sync to disk a batch, not a request.
"""

import gc
import threading
from collections import Counter, deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

import structlog
from sqlalchemy import Connection

from app.clock import utc_now
from app.extensions import db, joined, writing
from app.operations.tracking.book_shelf import BookShelf
from app.operations.tracking.follow_visits import follow_visits
from app.operations.tracking.track import Hit, track
from app.tenancy import acting_for

log = structlog.get_logger()
MOST_EVENTS_AT_ONCE = 2000


class Overloaded(Exception):
    """More is waiting than can be written soon."""


class _LeadsLeft(Exception):
    """What the events do to leads could not be worked out."""


def _count_anew(hits: Iterable[Hit]):
    for hit in hits:
        hit.accepted = hit.duplicates = 0
        hit.stored_as = (None, None)


@dataclass(slots=True)
class Waiting:
    hit: Hit
    done: threading.Lock
    error: Exception | None = None


@dataclass
class Stats:
    """Since the process began."""

    accepted: int = 0
    duplicates: int = 0
    dropped: Counter = field(default_factory=Counter)
    commits: int = 0
    hits: int = 0
    failures: int = 0


class GroupCommit:
    """The process's one writer to the log. `stop` waits until all that was queued is stored."""

    def __init__(self, app, most_waiting: int):
        self.app = app
        self.most_waiting = most_waiting
        self.stats = Stats()
        self._queue: deque[Waiting] = deque()
        self._work = threading.Event()
        self._gate = threading.Lock()
        self._thread: threading.Thread | None = None
        self._stopping = False
        self._connection: Connection | None = None  # the writer's own
        self._shelf = BookShelf()

    @property
    def depth(self) -> int:
        """Requests waiting to be committed."""
        return len(self._queue)

    @property
    def is_alive(self) -> bool:
        """Whether what is given will be stored: the writer works, or will begin with the first."""
        return self._thread is None or self._thread.is_alive()

    def store(self, hit: Hit) -> None:
        """Returns when the hit is on disk; raises Overloaded, or what went wrong."""
        waiting = Waiting(hit, threading.Lock())
        waiting.done.acquire()
        with self._gate:
            if len(self._queue) >= self.most_waiting or self._stopping:
                raise Overloaded
            self._queue.append(waiting)
            if self._thread is None or not self._thread.is_alive():
                self._start()
        self._work.set()
        waiting.done.acquire()
        if waiting.error is not None:
            raise waiting.error

    def stop(self):
        """Stores what is queued, then ends the writer."""
        with self._gate:
            self._stopping = True
        self._work.set()
        if self._thread is not None:
            self._thread.join()

    def _start(self):
        # Not before the first event: a server forks its workers after the app is made.
        # What is there now stays: the garbage collector need not walk it again, nor look so often
        # at the many small rows that pass through.
        gc.freeze()
        gc.set_threshold(50_000, 20, 100)
        self._thread = threading.Thread(target=self._write, name="log-writer", daemon=True)
        self._thread.start()

    def _write(self):
        with self.app.app_context(), writing():
            while self._queue or not self._stopping:
                self._work.wait()
                self._work.clear()
                while self._queue:
                    self._commit(self._take())
            self._disconnect()

    def _take(self) -> list[Waiting]:
        batch, events = [], 0
        while self._queue and events < MOST_EVENTS_AT_ONCE:
            batch.append(self._queue.popleft())
            events += len(batch[-1].hit.events)
        return batch

    def _commit(self, batch: list[Waiting]):
        try:
            self._store(batch)
        except Exception as error:
            if len(batch) > 1:
                # One poisoned request must not take its neighbours with it.
                _count_anew(waiting.hit for waiting in batch)
                for waiting in batch:
                    self._commit([waiting])
                return
            self.stats.failures += 1
            log.exception("collector.failed", organization_id=batch[0].hit.organization_id)
            batch[0].error = error
        for waiting in batch:
            waiting.done.release()

    def _store(self, batch: list[Waiting]):
        hits = [waiting.hit for waiting in batch]
        try:
            self._write_down(hits, follow=True)
        except _LeadsLeft:
            # The events are stored all the same; the worker tries again within a minute.
            log.exception("collector.leads_left")
            _count_anew(hits)
            self._write_down(hits, follow=False)
        stats = self.stats
        stats.commits += 1
        stats.hits += len(batch)
        for waiting in batch:
            stats.accepted += waiting.hit.accepted
            stats.duplicates += waiting.hit.duplicates
            stats.dropped.update(reason for _, reason in waiting.hit.dropped)

    def _write_down(self, hits: list[Hit], follow: bool):
        now = utc_now()
        try:
            self._connection = self._connection or db.engine.connect()
            with self._connection.begin():
                met = track(hits, now=now, connection=self._connection, shelf=self._shelf)
                if follow:
                    self._follow(met, now)
        except BaseException:
            self._disconnect()
            raise

    def _follow(self, met: dict[int, dict[int, datetime]], now: datetime):
        """What leads did reaches their scores in the transaction that stores it."""
        try:
            for organization_id, seen in met.items():
                with acting_for(organization_id), joined(self._connection):
                    follow_visits(seen, now=now)
                # A lead's new stage is an act of the visit that made the lead.
                self._shelf.forget(organization_id)
        except Exception as error:
            raise _LeadsLeft from error

    def _disconnect(self):
        """Another connection next time: this one may be broken, and what it knew is in doubt."""
        self._shelf.clear()
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()
