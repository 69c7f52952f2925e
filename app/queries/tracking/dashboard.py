"""The main dashboard's figures, from roll-ups alone: three queries, whatever the log holds."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from sqlalchemy import case, func, select

from app.domain.period import Period
from app.extensions import db
from app.models import Rollup

COUNTED = (
    "interactions",
    "visitors",
    "reached",
    "leads",
    "source",
    "source_leads",
    "tool",
    "tool_leads",
    "score_band",
    "session_score_sum",
    "sessions_scored",
    "dropped",
)
TOP_PAGES = 10


@dataclass(frozen=True, slots=True)
class Counts:
    """Counts by measure and key."""

    by_measure: dict[str, dict[str, int]] = field(default_factory=lambda: defaultdict(dict))

    def of(self, measure: str, key: str | None = None) -> int:
        """One key's count, or that of all keys together."""
        found = self.by_measure.get(measure, {})
        return sum(found.values()) if key is None else found.get(key, 0)

    def keys(self, measure: str) -> dict[str, int]:
        """Each key's count, the largest first."""
        found = self.by_measure.get(measure, {})
        return dict(sorted(found.items(), key=lambda item: (-item[1], item[0])))


@dataclass
class Figures:
    """What the panels show of a period and a site (all sites when none); read when first asked."""

    period: Period
    site_id: int | None = None

    @property
    def counts(self) -> Counts:
        return self._both[0]

    @property
    def counts_before(self) -> Counts:
        """Those of the period before, for comparison."""
        return self._both[1]

    @cached_property
    def _both(self) -> tuple[Counts, Counts]:
        starts_at = self.period.starts_at
        now = func.sum(case((Rollup.starts_at >= starts_at, Rollup.count), else_=0))
        before = func.sum(case((Rollup.starts_at < starts_at, Rollup.count), else_=0))
        wanted = self._rollups(
            select(Rollup.measure, Rollup.key, now, before).where(Rollup.measure.in_(COUNTED)),
            self.period.before.starts_at,
        ).group_by(Rollup.measure, Rollup.key)
        both = Counts(), Counts()
        for measure, key, *amounts in db.session.execute(wanted):
            for counts, amount in zip(both, amounts, strict=True):
                if amount:
                    counts.by_measure[measure][key] = int(amount)
        return both

    @cached_property
    def series(self) -> dict[str, dict[datetime, int]]:
        """Interactions by type and the beginning of the hour (for one day) or day."""
        grain = "hour" if self.period.days == 1 else "day"
        wanted = self._rollups(
            select(Rollup.key, Rollup.starts_at, func.sum(Rollup.count)).where(
                Rollup.measure == "interactions"
            ),
            self.period.starts_at,
            grain,
        ).group_by(Rollup.key, Rollup.starts_at)
        found: dict[str, dict[datetime, int]] = defaultdict(dict)
        for key, starts_at, amount in db.session.execute(wanted):
            found[key][starts_at] = int(amount)
        return dict(found)

    @cached_property
    def pages(self) -> list[tuple[str, int]]:
        """The most viewed paths."""
        views = func.sum(Rollup.count)
        wanted = self._rollups(
            select(Rollup.key, views).where(Rollup.measure == "page"), self.period.starts_at
        )
        top = wanted.group_by(Rollup.key).order_by(views.desc(), Rollup.key).limit(TOP_PAGES)
        return [(path, int(amount)) for path, amount in db.session.execute(top)]

    def _rollups(self, wanted, since: datetime, grain: str = "day"):
        wanted = wanted.where(
            Rollup.grain == grain,
            Rollup.starts_at >= since,
            Rollup.starts_at < self.period.ends_at,
        )
        return wanted.where(Rollup.site_id == self.site_id) if self.site_id else wanted


def dropped_since(site_id: int, since: datetime) -> dict[str, int]:
    """What was dropped on a site from that UTC day on, by reason, the most frequent first."""
    amount = func.sum(Rollup.count)
    wanted = select(Rollup.key, amount).where(
        Rollup.grain == "day",
        Rollup.measure == "dropped",
        Rollup.starts_at >= since,
        Rollup.site_id == site_id,
    )
    grouped = wanted.group_by(Rollup.key).order_by(amount.desc(), Rollup.key)
    return {reason: int(count) for reason, count in db.session.execute(grouped)}
