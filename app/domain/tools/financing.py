"""Paying month by month: a price as equal instalments.

With a rate of interest it is an annuity in arrears: M = P * i / (1 - (1 + i)^-n), P what is lent,
n the months, i the rate of one month (the nominal yearly rate / 12). What equal instalments leave
open after n of them, M being whole cents, is settled with the last one. The effective yearly rate
is (1 + i)^12 - 1. Source: Brealey, Myers, Allen, "Principles of Corporate Finance", chapter 2.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from decimal import ROUND_FLOOR, Context, Decimal, localcontext
from typing import Any

from app.domain.score import round_half_up
from app.domain.tools.cost import CostError, Price
from app.domain.validation import plain

LONGEST = 120  # months
HIGHEST_RATE = 100  # percent a year
_EXACT = Context(prec=60)


@dataclass(frozen=True, slots=True)
class Instalments:
    """What is paid, in minor units: (months - 1) times `monthly`, then `last`: together `total`.

    `interest` is what it costs more than paying at once.
    """

    monthly: int
    last: int
    total: int
    interest: int


@dataclass(frozen=True, slots=True)
class Plan:
    """A price range over `months`, at both of its ends; `yearly_percent` is the nominal rate,
    `effective_percent` what it comes to with the interest of the months before."""

    months: int
    yearly_percent: Decimal
    effective_percent: Decimal
    low: Instalments
    high: Instalments

    def to_json(self) -> dict[str, Any]:
        rates = ("yearly_percent", "effective_percent")
        return asdict(self) | {name: plain(getattr(self, name)) for name in rates}


def plan(price: Price, months: int, yearly_percent: Decimal = Decimal(0)) -> Plan:
    """The price range in `months` instalments. Raises CostError."""
    low, high = (instalments(part, months, yearly_percent) for part in (price.low, price.high))
    return Plan(months, yearly_percent, effective_percent(yearly_percent), low, high)


def plans(
    price: Price, offered: Iterable[int], yearly_percent: Decimal = Decimal(0)
) -> tuple[Plan, ...]:
    """A plan for each number of months that is offered."""
    return tuple(plan(price, months, yearly_percent) for months in offered)


def instalments(amount: int, months: int, yearly_percent: Decimal = Decimal(0)) -> Instalments:
    """`amount` in minor units paid back over `months` (1..120) at a nominal yearly rate in percent
    (0..100). Raises CostError naming `months`, `amount` or `yearly_percent`."""
    _check(amount, months, yearly_percent)
    with localcontext(_EXACT):
        rate = yearly_percent / 1200
        grown = (1 + rate) ** months
        # What instalments of 1 at the end of each month are worth at the end of the last.
        of_one = (grown - 1) / rate if rate else Decimal(months)
        exact = amount * grown / of_one
        monthly = round_half_up(exact)
        last = _last(amount, grown, of_one, monthly)
        if last < 0:  # a few cents over many months
            monthly = int(exact.to_integral_value(ROUND_FLOOR))
            last = _last(amount, grown, of_one, monthly)
    total = monthly * (months - 1) + last
    return Instalments(monthly, last, total, total - amount)


def _last(amount: int, grown: Decimal, of_one: Decimal, monthly: int) -> int:
    return round_half_up(amount * grown - monthly * (of_one - 1))


def effective_percent(yearly_percent: Decimal) -> Decimal:
    """The effective yearly rate of a nominal one, in percent to two places: 6 -> 6.17."""
    with localcontext(_EXACT):
        return round_half_up(((1 + yearly_percent / 1200) ** 12 - 1) * 100, 2)


def _check(amount: int, months: int, yearly_percent: Decimal):
    checks = {
        "amount": ("must not be negative", amount >= 0),
        "months": (f"must be 1..{LONGEST}", 1 <= months <= LONGEST),
        "yearly_percent": (f"must be 0..{HIGHEST_RATE}", 0 <= yearly_percent <= HIGHEST_RATE),
    }
    if bad := {name: message for name, (message, fine) in checks.items() if not fine}:
        raise CostError(bad)
