"""Cohorts: leads by when they came, and how many of them became customers, and how soon.

Source: lead-tracking-analytics, "Cohort Analysis".
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from statistics import mean, median

DAY_SECONDS = 86_400


@dataclass(frozen=True, slots=True)
class Came:
    """A lead: when it came, when it became a customer (None: not), what it brought (minor units)
    and where it came from; or so many `leads` of one day and source, none of them a customer, and
    what they brought together."""

    at: datetime
    won_at: datetime | None = None
    revenue: int = 0
    source: str = ""
    leads: int = 1


@dataclass(slots=True)
class Cohort:
    """Leads that came in the same month or week; `starts_on` is its first day. `won_after` counts
    customers by whole calendar months, or weeks, from the one in which they came."""

    starts_on: date
    leads: int = 0
    customers: int = 0
    revenue: int = 0
    days: list[float] = field(default_factory=list)
    won_after: dict[int, int] = field(default_factory=dict)

    @property
    def conversion_rate(self) -> float | None:
        """Customers to leads, 0 to 1; None without leads."""
        return self.customers / self.leads if self.leads else None

    @property
    def mean_days(self) -> float | None:
        """Days from coming to winning, on average."""
        return mean(self.days) if self.days else None

    @property
    def median_days(self) -> float | None:
        return median(self.days) if self.days else None

    def take(self, lead: Came, after: int | None):
        self.leads += lead.leads
        self.revenue += lead.revenue
        if lead.won_at is not None:
            self.customers += 1
            self.days.append((lead.won_at - lead.at).total_seconds() / DAY_SECONDS)
            self.won_after[after] = self.won_after.get(after, 0) + 1


def month_of(day: date) -> date:
    """The first day of its month."""
    return day.replace(day=1)


def week_of(day: date) -> date:
    """The Monday of its week."""
    return day - timedelta(days=day.weekday())


def months_between(first: date, second: date) -> int:
    """Whole calendar months from one to the other."""
    return (second.year - first.year) * 12 + second.month - first.month


def weeks_between(first: date, second: date) -> int:
    """Whole weeks from one Monday to the other."""
    return (second - first).days // 7


KINDS = {"monthly": (month_of, months_between), "weekly": (week_of, weeks_between)}


def cohorts(leads: Iterable[Came], kind: str = "monthly") -> list[Cohort]:
    """The cohorts of these leads, the oldest first; days are UTC."""
    begin, between = KINDS[kind]
    found: dict[date, Cohort] = {}
    for lead in leads:
        starts_on = begin(lead.at.date())
        cohort = found.setdefault(starts_on, Cohort(starts_on))
        won_on = lead.won_at and begin(lead.won_at.date())
        cohort.take(lead, between(starts_on, won_on) if won_on else None)
    return [found[day] for day in sorted(found)]


def by_source(leads: Iterable[Came]) -> dict[str, Cohort]:
    """The same figures by where leads came from."""
    found: dict[str, Cohort] = {}
    for lead in leads:
        day = lead.at.date()
        cohort = found.setdefault(lead.source, Cohort(day))
        cohort.starts_on = min(cohort.starts_on, day)
        won_on = lead.won_at and month_of(lead.won_at.date())
        cohort.take(lead, months_between(month_of(day), won_on) if won_on else None)
    return dict(sorted(found.items()))
