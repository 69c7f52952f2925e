"""The one place that asks what time it is; everything below the edge is told."""

from datetime import UTC, datetime


def utc_now() -> datetime:
    """Now, aware, in UTC."""
    return datetime.now(UTC)
