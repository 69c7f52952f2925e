"""Learn from the organization's journeys what each channel is worth."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from fractions import Fraction

from sqlalchemy import delete

from app.domain.data_driven import (
    Journey,
    chain,
    conversions_of,
    removal_effects,
    shapley_values,
)
from app.extensions import db
from app.models import ChannelWorth
from app.queries.channel_journeys import journeys

WINDOW = timedelta(days=365)


def learn_channels(conversion_type: str, *, now: datetime) -> dict[str, dict[str, float]]:
    """Replaces what is known by what the journeys of the last year say: worth by model and channel.

    Without a single conversion nothing is known, and nothing is kept.
    """
    known = journeys(conversion_type, now - WINDOW)
    learned = worth_by_model(known)
    db.session.execute(delete(ChannelWorth).where(ChannelWorth.conversion_type == conversion_type))
    count = sum(journey.conversions + journey.losses for journey in known)
    for model, worth in learned.items():
        for channel, value in worth.items():
            db.session.add(
                ChannelWorth(
                    conversion_type=conversion_type,
                    model=model,
                    channel=channel,
                    worth=float(value),
                    journeys=count,
                    conversions=conversions_of(known),
                    learned_at=now,
                )
            )
    db.session.flush()
    return learned


def worth_by_model(known: list[Journey]) -> dict[str, Mapping[str, float | Fraction]]:
    """What each channel is worth by each model that learns; empty without a conversion."""
    if not conversions_of(known):
        return {}
    return {"markov": removal_effects(chain(known)), "shapley": shapley_values(known)}
