"""Faces that were analysed, held in this process's memory for a while, to be shown to the browser
that sent them. Nothing here is ever written anywhere; another process does not have them."""

import threading
import time
from uuid import UUID

from app.clients.vision import Picture

HELD_SECONDS = 15 * 60
MOST = 60  # of about 30 kB each

_lock = threading.Lock()
_held: dict[UUID, tuple[float, Picture]] = {}


def hold(use: UUID, picture: Picture):
    with _lock:
        _forget_old()
        while len(_held) >= MOST:
            del _held[next(iter(_held))]
        _held[use] = (time.monotonic(), picture)


def held(use: UUID) -> Picture | None:
    with _lock:
        _forget_old()
        found = _held.get(use)
        return found[1] if found else None


def forget(use: UUID):
    with _lock:
        _held.pop(use, None)


def _forget_old():
    now = time.monotonic()
    for use in [use for use, (since, _) in _held.items() if now - since > HELD_SECONDS]:
        del _held[use]
