"""What happens in the demo happens in order of time."""

from datetime import timedelta

from app.demo.timeline import Arrivals, Timeline
from app.domain.tracking.event import Event
from app.models.types import to_millis
from app.operations.tracking.track import Hit
from tests.conftest import NOW

HOUR = timedelta(hours=1)


def test_what_brings_about_more_is_followed_by_it_in_its_time():
    timeline, told = Timeline(), []

    def become(at):
        told.append("became")
        timeline.add(at + HOUR, lambda _: told.append("called"))
        timeline.add(at + 3 * HOUR, lambda _: told.append("came"))

    timeline.add(NOW + 2 * HOUR, lambda _: told.append("visited"))
    timeline.add(NOW, become)
    timeline.add(NOW, lambda _: told.append("left"))
    for at, act in timeline.until(NOW + 2 * HOUR):
        act(at)
    assert told == ["became", "left", "called", "visited"]
    for at, act in timeline.until(NOW + 9 * HOUR):
        act(at)
    assert told[4:] == ["came"]


def hit(*hours) -> Hit:
    events = [
        Event(bytes([n] * 16), "click", to_millis(NOW + hour * HOUR))
        for n, hour in enumerate(hours)
    ]
    return Hit(1, 0, events)


def test_visits_are_told_as_far_as_they_have_come():
    arrivals = Arrivals()
    arrivals.add([hit(0, 2, 5), hit(1, 2), hit(4)])

    def told(hours) -> list[int]:
        return [len(each.events) for each in arrivals.until(to_millis(NOW + hours * HOUR))]

    assert [told(hours) for hours in (-1, 0, 2, 3, 4, 9, 9)] == [[], [1], [1, 2], [], [1], [1], []]
