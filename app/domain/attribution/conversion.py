"""A lead's conversions: what they are follows from its stages and its purchases."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from app.domain.attribution.attribution import CONVERSION_TYPES, LEAD_CREATED
from app.domain.leads.lifecycle import Entered

CUSTOMER = "customer"
Conversion = tuple[str, datetime]
SAME_SALE = timedelta(days=7)  # a sale is told of and logged within


def entries(stays: Sequence[Entered]) -> dict[str, datetime]:
    """When each stage was entered first, of the stages that are conversions."""
    found: dict[str, datetime] = {}
    for stay in stays:
        if stay.stage in CONVERSION_TYPES:
            found[stay.stage] = min(stay.at, found.get(stay.stage, stay.at))
    return found


def conversions(
    created_at: datetime, stays: Sequence[Entered], purchases: Iterable[tuple[datetime, int]]
) -> dict[Conversion, int]:
    """Each conversion, (type, when), with its value in minor units.

    Becoming a lead counts once, and so does each stage, when it is entered first. Every purchase
    is a conversion to customer with its revenue, those of one moment together; entering that stage
    counts, with value 0, only while there is no purchase, so that one sale is not two.
    """
    found = {(LEAD_CREATED, created_at): 0}
    found |= dict.fromkeys(entries(stays).items(), 0)
    bought: dict[Conversion, int] = {}
    for at, revenue in purchases:
        bought[CUSTOMER, at] = bought.get((CUSTOMER, at), 0) + revenue
    if bought:
        found = {key: value for key, value in found.items() if key[0] != CUSTOMER}
    return found | bought


def same_sales(
    told: Mapping[datetime, int], bought: Mapping[datetime, int]
) -> dict[datetime, datetime]:
    """Of sales that somebody told of, and purchases that came to light: which purchase is which of
    them (told -> bought, each once), by their values in minor units.

    It is the nearest within a week that has the same value; a sale or purchase of which no value is
    known fits any. Source: a sale is one conversion, whichever way it is heard of.
    """
    found: dict[datetime, datetime] = {}
    for at, paid in sorted(bought.items()):
        fits = [
            when
            for when, value in told.items()
            if when not in found and abs(when - at) <= SAME_SALE
            if value == paid or not (value and paid)
        ]
        if fits:
            found[min(fits, key=lambda when: (told[when] != paid, abs(when - at)))] = at
    return found
