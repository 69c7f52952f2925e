"""What would make a set of treatments cheaper: another place, a package, one thing more or less."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from decimal import Decimal
from typing import Any

from app.domain.tools.cost import (
    Clinic,
    Discounts,
    Estimate,
    Option,
    Price,
    Selection,
    Step,
    estimate,
)

MOST = 4


@dataclass(frozen=True, slots=True)
class Saving:
    """One change and what it takes off: `price` in minor units, 0 <= low.

    kind      name                what is saved
    place     the other city      of the total
    extra     "extra, treatment"  of the total, done without
    together  "2"                 of what is chosen now, with so many treatments
    package   "3 sessions of x"   of what so many sessions cost without the discount
    """

    kind: str
    name: str
    price: Price
    percent: Decimal | None = None

    def to_json(self) -> dict[str, Any]:
        percent = None if self.percent is None else float(self.percent)
        return asdict(self) | {"percent": percent}


def savings(
    selections: Sequence[Selection],
    clinic: Clinic,
    others: Sequence[Clinic],
    discounts: Discounts,
) -> tuple[Saving, ...]:
    """What would lower the price of what was chosen, the most first; at most four."""
    now = estimate(selections, clinic, discounts)
    found = [
        *_places(selections, now, others, discounts),
        *_extras(selections, now, clinic, discounts),
        *_together(selections, now, clinic, discounts),
        *_packages(selections, clinic, discounts),
    ]
    worth = [saving for saving in found if saving.price.low >= 0 and saving.price.high > 0]
    return tuple(sorted(worth, key=lambda saving: -saving.price.high)[:MOST])


def _places(selections, now: Estimate, others: Sequence[Clinic], discounts) -> list[Saving]:
    totals = ((place, estimate(selections, place, discounts).total) for place in others)
    return [Saving("place", place.city or place.name, _off(now.total, t)) for place, t in totals]


def _extras(selections, now: Estimate, clinic: Clinic, discounts) -> list[Saving]:
    found = []
    for at, chosen in enumerate(selections):
        for option in _options(chosen):
            left = tuple(key for key in chosen.options if key != option.key)
            without = [*selections]
            without[at] = replace(chosen, options=left)
            price = _off(now.total, estimate(without, clinic, discounts).total)
            found.append(Saving("extra", f"{option.name}, {chosen.treatment.name}", price))
    return found


def _options(chosen: Selection) -> list[Option]:
    return [option for option in chosen.treatment.options if option.key in chosen.options]


def _together(selections, now: Estimate, clinic: Clinic, discounts: Discounts) -> list[Saving]:
    chosen = len({each.treatment.key for each in selections})
    step = _above(chosen, discounts.procedures)
    if step is None or not chosen:
        return []
    # The same, as if so many treatments were chosen already.
    reached = replace(discounts, procedures=(Step(1, step.percent),))
    price = _off(now.total, estimate(selections, clinic, reached).total)
    return [Saving("together", str(step.at_least), price, step.percent)]


def _packages(selections, clinic: Clinic, discounts: Discounts) -> list[Saving]:
    found = []
    for chosen in selections:
        treatment = chosen.treatment
        sessions = treatment.sessions if chosen.sessions is None else chosen.sessions
        step = _above(sessions, discounts.sessions)
        if step is None or step.at_least > treatment.max_sessions:
            continue
        package = [replace(chosen, sessions=step.at_least)]
        alone = estimate(package, clinic, discounts)
        price = _off(alone.subtotal, alone.total)
        name = f"{step.at_least} sessions of {treatment.name}"
        found.append(Saving("package", name, price, step.percent))
    return found


def _above(count: int, steps: Sequence[Step]) -> Step | None:
    """The next step, unless it takes off nothing."""
    return next((step for step in steps if step.at_least > count and step.percent), None)


def _off(before: Price, after: Price) -> Price:
    return before - after
