"""Bumps to the roll-ups, gathered while a batch is stored."""

from collections import defaultdict
from urllib.parse import urlsplit

from app.domain.tracking.visit import BIT, STEPS, score_band
from app.models import Rollup

HOUR = 3_600_000
DAY = 24 * HOUR
KEY_LENGTH = 200
# Too many keys, or distinct visitors: these are kept by the day alone.
DAY_ONLY = frozenset(("page", "campaign", "visitors", "reached"))
ROLLUPS = Rollup.__table__
ROLLUP_COLUMNS = ("organization_id", "grain", "measure", "starts_at", "site_id", "key", "count")


def day_of(moment: int) -> int:
    """The beginning of the UTC day, all in milliseconds."""
    return moment - moment % DAY


class Counters(defaultdict):
    """Bumps to roll-ups: amount by (measure, key, hour, site)."""

    def __init__(self):
        super().__init__(int)

    def count(self, measure: str, key: str, moment: int, site_id: int, amount: int = 1):
        """Bumps a counter in the hour of a moment (milliseconds)."""
        self[measure, key, moment - moment % HOUR, site_id] += amount

    def count_interaction(
        self, kind: str, at: int, site_id: int, url: str | None, points: int | None, data: dict
    ):
        """Counts one interaction of the log; `points` when it was scored."""
        self.count("interactions", kind, at, site_id)
        if kind == "page_viewed" and url:
            self.count("page", urlsplit(url).path or "/", at, site_id)
        if points is not None:
            self.count("tool", kind, at, site_id)
            self.count("interaction_band", score_band(points), at, site_id)
        elif kind == "lead_created":
            self.count("leads", data.get("source") or "direct", at, site_id)
            if data.get("tool"):
                self.count("tool_leads", data["tool"], at, site_id)

    def count_steps(self, bits: int, before: int, day: int, site_id: int):
        """Counts the funnel steps that `bits` has and `before` had not; takes back the reverse."""
        for step in STEPS:
            change = bool(bits & BIT[step]) - bool(before & BIT[step])
            if change:
                measure, key = ("visitors", "") if step == "visited" else ("reached", step)
                self.count(measure, key, day, site_id, change)

    def rows(self, organization_id: int) -> list[tuple]:
        """Rows of ROLLUP_COLUMNS, by hour where hours are kept and by day, in one order for
        every writer."""
        places = defaultdict(int)
        for (measure, key, hour, site_id), amount in self.items():
            if amount:
                key = key[:KEY_LENGTH]
                places["day", measure, day_of(hour), site_id, key] += amount
                if measure not in DAY_ONLY:
                    places["hour", measure, hour, site_id, key] += amount
        return [
            (organization_id, *place, places[place]) for place in sorted(places) if places[place]
        ]
