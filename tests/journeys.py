"""A lead of whom there is nothing to tell, to be changed by what a test is about."""

from datetime import UTC, datetime, timedelta

from app.domain.journeys.insight import JourneyFacts

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
QUIET = JourneyFacts(now=NOW, has_email=True, has_phone=True, may_email=True, may_text=True)


def ago(days: float) -> datetime:
    return NOW - timedelta(days=days)


def in_touch(days: float) -> dict:
    """We got in touch, so both sides were."""
    return {"last_contact_at": ago(days), "last_in_touch_at": ago(days)}
