"""Segments: what kind of lead somebody is, by score and engagement.

Source: lead-analytics-insights; scoring.md 8.
"""

from collections.abc import Callable

SEGMENTS: tuple[tuple[str, Callable[[int, float], bool]], ...] = (
    ("Champion", lambda score, engagement: score >= 80 and engagement >= 70),
    ("Promising", lambda score, engagement: score >= 60 and engagement >= 50),
    ("Qualified Unengaged", lambda score, engagement: score >= 70 and engagement < 30),
    ("Cold", lambda score, engagement: score < 40 and engagement < 30),
    ("Standard", lambda score, engagement: True),
)


def segment(score: int, engagement: float) -> str:
    """The first segment that fits a lead score and its engagement component, both 0 to 100."""
    return next(name for name, fits in SEGMENTS if fits(score, engagement))
