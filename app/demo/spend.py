"""What the demo clinic spends on its channels, and what its models then learn."""

from datetime import datetime, timedelta
from random import Random

from sqlalchemy import select

from app.domain.attribution.attribution import CONVERSION_TYPES
from app.extensions import db
from app.models import Lead, LeadAttribution, Spend
from app.models.types import EPOCH
from app.operations.attribution.attribute_conversion import attribute_again
from app.operations.attribution.learn_channels import learn_channels

# Channel, source, minor units a week, note.
WEEKLY = (
    ("paid search", "google", 21_000, "Search campaign"),
    ("ads", "instagram", 13_500, "Glow reels"),
    ("email", "newsletter", 2_900, "Newsletter tool"),
    ("referral", "partner", 6_000, "Dermatologists' commission"),
)
WEEK = timedelta(days=7)
MOST_LEADS = 500


def enter_spend(seed: int, days: int, now: datetime) -> None:
    """A few entries for each week that the demo has behind it."""
    chance = Random(f"spend {seed}")
    begins = now.date() - timedelta(days=days)
    while begins < now.date():
        ends = min(begins + WEEK, now.date()) - timedelta(days=1)
        part = ((ends - begins).days + 1) / 7
        for channel, source, amount, note in WEEKLY:
            spent = round(amount * part * chance.uniform(0.8, 1.25) / 100) * 100
            db.session.add(
                Spend(
                    channel=channel,
                    source=source,
                    starts_on=begins,
                    ends_on=max(begins, ends),
                    amount=max(spent, 100),
                    note=note,
                    created_at=now,
                )
            )
        begins += WEEK
    db.session.flush()


def learn(now: datetime) -> None:
    """What the night does: the data-driven models learn. Conversions of before are shared by what
    was learned, so that there is something to compare."""
    for kind in CONVERSION_TYPES:
        learn_channels(kind, now=now)
    converted = select(LeadAttribution.lead_id)
    newest = select(Lead).where(Lead.id.in_(converted)).order_by(Lead.id.desc()).limit(MOST_LEADS)
    for lead in db.session.scalars(newest).all():
        attribute_again(lead, EPOCH, now=now)
