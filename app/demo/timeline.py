"""What happens in the demo, in order of time."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from heapq import heappop, heappush
from itertools import count

from app.operations.tracking.track import Hit

Act = Callable[[datetime], None]


class Timeline:
    """What is going to happen; what happens may bring about more."""

    def __init__(self):
        self._acts: list[tuple[datetime, int, Act]] = []
        self._numbers = count()

    def add(self, at: datetime, act: Act) -> None:
        """At a moment this happens, after what was added before of the same moment."""
        heappush(self._acts, (at, next(self._numbers), act))

    def until(self, moment: datetime) -> Iterator[tuple[datetime, Act]]:
        """Takes out what happens up to a moment."""
        while self._acts and self._acts[0][0] <= moment:
            at, _, act = heappop(self._acts)
            yield at, act


class Arrivals:
    """Visits, told event by event as time goes on."""

    def __init__(self):
        self._to_come: deque[Hit] = deque()
        self._begun: list[Hit] = []

    def add(self, hits: Iterable[Hit]) -> None:
        """More visits, each begun after those before it."""
        self._to_come.extend(hits)

    def until(self, moment: int) -> list[Hit]:
        """Takes out what is done up to a moment, in milliseconds since 1970."""
        while self._to_come and self._to_come[0].events[0].occurred_at <= moment:
            self._begun.append(self._to_come.popleft())
        told, going_on = [], []
        for hit in self._begun:
            done = [event for event in hit.events if event.occurred_at <= moment]
            if done:
                told.append(replace(hit, events=done, received_at=done[-1].occurred_at))
            hit.events = hit.events[len(done) :]
            if hit.events:
                going_on.append(hit)
        self._begun = going_on
        return told
