"""What a lead did, period by period."""

from datetime import UTC, date, datetime

from app.domain.journeys.activity import summaries

TODAY = date(2026, 3, 4)


def at(day: int) -> datetime:
    return datetime(2026, 3, day, 9, tzinfo=UTC)


def test_a_stage_changed_where_there_was_one_before():
    """Whoever came on a day had no stage at its beginning: that is no change of one."""
    stages = [(at(2), "new"), (at(4), "engaged")]
    *_, before, came, quiet, moved = summaries([], [], stages, "daily", TODAY)
    told = [each.to_json()["stage_changed"] for each in (before, came, quiet, moved)]
    assert told == [False, False, False, True]
    assert (came.stage_start, came.stage_end) == (None, "new")
