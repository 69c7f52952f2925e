"""The public holidays of a country, from the `holidays` package."""

from datetime import date
from functools import cache
from typing import NamedTuple

import holidays


class Holiday(NamedTuple):
    day: date
    name: str


def public_holidays(country: str, first: date, last: date) -> list[Holiday]:
    """A country's public holidays from `first` to `last`, in English where the names are known.

    `country` is its code ("FR"), with a region after a dash where regions differ ("DE-BY").
    Raises ValueError for a country or region that is not known.
    """
    code, _, region = country.partition("-")
    if code not in countries() or (region and region not in regions(code)):
        raise ValueError(f"No public holidays are known for {country!r}.")
    years = range(first.year, last.year + 1)
    found = holidays.country_holidays(code, subdiv=region or None, years=years, language="en_US")
    return [Holiday(day, name) for day, name in sorted(found.items()) if first <= day <= last]


@cache
def countries() -> tuple[str, ...]:
    """The codes of two letters of all countries whose holidays are known."""
    return tuple(sorted(code for code in holidays.list_supported_countries() if len(code) == 2))


@cache
def regions(country: str) -> tuple[str, ...]:
    """The regions of a country that have holidays of their own."""
    return tuple(holidays.list_supported_countries()[country])
