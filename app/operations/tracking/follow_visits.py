"""What visits do to the leads whose they are, in the transaction that stores them."""

from collections.abc import Iterator, Mapping
from datetime import datetime

from app.operations.tracking.catch_up import catch_up
from app.queries.tracking.returning import lengths_of_pasts

# The collector's other senders wait meanwhile: about a quarter of a second at most.
MOST_LEADS = 50
MOST_ACTS = 5000


def follow_visits(seen: Mapping[int, datetime], *, now: datetime) -> int:
    """Brings the leads who were on the website in line with what they did there, each with when
    the oldest of that happened; how many leads.

    Those whose pasts together are too long for others to wait are left to the worker, which
    catches up with everybody within a minute (`app.jobs.catch_up`).
    """
    some = set(_that_are_soon_told(lengths_of_pasts(seen)))
    return catch_up({lead_id: at for lead_id, at in seen.items() if lead_id in some}, now=now)


def _that_are_soon_told(lengths: Mapping[int, int]) -> Iterator[int]:
    acts = 0
    for lead_id, length in sorted(lengths.items(), key=lambda each: each[1])[:MOST_LEADS]:
        acts += length
        if acts > MOST_ACTS:
            return
        yield lead_id
