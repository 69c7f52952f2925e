"""Where leads stall: the bottlenecks of their journeys."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from app.domain.journeys.journey import Bottleneck, bottlenecks, flows, usual_days
from app.queries.journeys.journey_rules import journey_rules
from app.queries.journeys.lead_analytics import Standing, places
from app.queries.journeys.won import won


class Stall(NamedTuple):
    """A bottleneck, and the days after which a lead in its stage has had the time to go on."""

    bottleneck: Bottleneck
    usual_days: float


def stalls(standing: Sequence[Standing], now: datetime) -> list[Stall]:
    """The stages with too high a drop-off, those of enough leads first, then the worst, of leads
    that stand so."""
    history = won()
    through = flows(places(standing, now), history.stays)
    return [
        Stall(each, usual_days(each.stage, history.stays))
        for each in bottlenecks(through, history.mean_value, journey_rules())
    ]
