"""The public holidays of a country, from the `holidays` package."""

from datetime import date
from functools import cache
from typing import NamedTuple

import holidays
from holidays.registry import COUNTRIES


class Holiday(NamedTuple):
    day: date
    name: str


def public_holidays(country: str, first: date, last: date) -> list[Holiday]:
    """A country's public holidays from `first` to `last`, in English where the names are known.

    `country` is its code ("FR"), with a region after a dash where regions differ ("DE-BY").
    Raises ValueError for a country or region that is not known.
    """
    code, _, region = country.partition("-")
    if code not in countries():
        raise ValueError("No public holidays are known for this country. Add them as closures.")
    if region and region not in regions(code):
        known = f"One of {', '.join(regions(code))}." if regions(code) else "It has none."
        raise ValueError(f"There is no region {region[:20]} of {countries()[code]}. {known}")
    years = range(first.year, last.year + 1)
    found = holidays.country_holidays(code, subdiv=region or None, years=years, language="en_US")
    return [Holiday(day, name) for day, name in sorted(found.items()) if first <= day <= last]


@cache
def countries() -> dict[str, str]:
    """The countries whose holidays are known: their names by their codes of two letters."""
    names = {code: name for name, (_, code, *_) in COUNTRIES.items()}
    known = [code for code in holidays.list_supported_countries() if len(code) == 2]
    titled = {code: names.get(code, code).replace("_", " ").title() for code in known}
    return dict(sorted(titled.items(), key=lambda country: country[1]))


@cache
def regions(country: str) -> tuple[str, ...]:
    """The regions of a country that have holidays of their own."""
    return tuple(holidays.list_supported_countries()[country])
