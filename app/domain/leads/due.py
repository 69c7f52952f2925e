"""When a task is due: at a time, or some time that day."""

from __future__ import annotations

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

LAST_MINUTE = time(23, 59)


def due_moment(day: date, at: time | None, zone: ZoneInfo) -> datetime:
    """The moment a task is due; without a time of day the last minute of that day, there."""
    return datetime.combine(day, at or LAST_MINUTE, zone)


def is_whole_day(due_at: datetime, zone: ZoneInfo) -> bool:
    """Whether a task is due some time that day rather than at a time."""
    return due_at.astimezone(zone).time() == LAST_MINUTE
