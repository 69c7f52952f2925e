"""When a message that could not be delivered is tried again."""

from datetime import UTC, datetime, timedelta

import pytest

from app.domain.delivery import LONGEST_PAUSE, MOST_ATTEMPTS, next_attempt

NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("attempts", "minutes"), [(1, 1), (2, 4), (3, 16), (4, 64), (5, 256), (6, 1024), (7, 1440)]
)
def test_the_pauses_grow_to_a_day(attempts, minutes):
    assert next_attempt(attempts, NOW) == NOW + timedelta(minutes=minutes)


def test_after_the_last_attempt_it_is_given_up():
    assert next_attempt(MOST_ATTEMPTS, NOW) is None
    assert next_attempt(MOST_ATTEMPTS + 1, NOW) is None


def test_a_server_may_be_down_for_a_day_and_a_half():
    pauses = [next_attempt(n, NOW) - NOW for n in range(1, MOST_ATTEMPTS)]
    assert sum(pauses, timedelta()) > timedelta(hours=36)
    assert max(pauses) == LONGEST_PAUSE
