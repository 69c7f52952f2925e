"""What is to be done, by when: tasks put together as a day is planned."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

WEEK = timedelta(days=7)
# name -> its heading, in the order in which things are done
GROUPS = {
    "overdue": "Overdue",
    "today": "Today",
    "week": "Within a week",
    "later": "Later",
    "undated": "Without a date",
}


def group_of(due_at: datetime | None, now: datetime, zone: ZoneInfo) -> str:
    """The group of a task that is due at a moment, as the calendar of a time zone has it: what is
    due within the next seven days counts to the end of the seventh."""
    if due_at is None:
        return "undated"
    if due_at < now:
        return "overdue"
    ahead = due_at.astimezone(zone).date() - now.astimezone(zone).date()
    if not ahead:
        return "today"
    return "week" if ahead <= WEEK else "later"


def day_begins(now: datetime, zone: ZoneInfo) -> datetime:
    """When today began, there."""
    return now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
