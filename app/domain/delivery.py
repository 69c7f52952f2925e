"""When a message that could not be delivered is tried again."""

from datetime import datetime, timedelta

FIRST_PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(days=1)
MOST_ATTEMPTS = 8


def next_attempt(attempts: int, failed_at: datetime) -> datetime | None:
    """When to try again after `attempts` (1 or more) have failed, the last at `failed_at`; None:
    give up.

    The pauses grow fourfold from a minute to at most a day: 1, 4, 16, 64 minutes, 4 and 17 hours,
    a day. A server that is down for a weekend's day loses nothing.
    """
    if attempts >= MOST_ATTEMPTS:
        return None
    return failed_at + min(FIRST_PAUSE * 4 ** (attempts - 1), LONGEST_PAUSE)
