"""Learn from the organization's journeys what each channel is worth."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from fractions import Fraction
from typing import NamedTuple

from sqlalchemy import delete

from app.domain.attribution.data_driven import (
    Journey,
    chain,
    conversions_of,
    removal_effects,
    shapley_values,
)
from app.extensions import db
from app.models import ChannelWorth
from app.queries.attribution.channel_journeys import journeys

WINDOW = timedelta(days=365)


class Learned(NamedTuple):
    """Worth by model and channel, and how many journeys said so, converted or not."""

    worth: dict[str, Mapping[str, float | Fraction]]
    journeys: int
    conversions: int


def study(conversion_type: str, *, now: datetime) -> Learned:
    """What the journeys of the last year say. Takes its time, and writes nothing."""
    known = journeys(conversion_type, now - WINDOW)
    count = sum(journey.conversions + journey.losses for journey in known)
    return Learned(worth_by_model(known), count, conversions_of(known))


def learn_channels(
    conversion_type: str, *, now: datetime, learned: Learned | None = None
) -> dict[str, Mapping[str, float | Fraction]]:
    """Replaces what is known by what was learned (`study`, unless it is given): worth by model and
    channel.

    Without a single conversion nothing is known, and nothing is kept.
    """
    learned = learned or study(conversion_type, now=now)
    db.session.execute(delete(ChannelWorth).where(ChannelWorth.conversion_type == conversion_type))
    for model, worth in learned.worth.items():
        for channel, value in worth.items():
            db.session.add(
                ChannelWorth(
                    conversion_type=conversion_type,
                    model=model,
                    channel=channel,
                    worth=float(value),
                    journeys=learned.journeys,
                    conversions=learned.conversions,
                    learned_at=now,
                )
            )
    db.session.flush()
    return learned.worth


def worth_by_model(known: list[Journey]) -> dict[str, Mapping[str, float | Fraction]]:
    """What each channel is worth by each model that learns; empty without a conversion."""
    if not conversions_of(known):
        return {}
    return {"markov": removal_effects(chain(known)), "shapley": shapley_values(known)}
