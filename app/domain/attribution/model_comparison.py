"""Where attribution models disagree most about who deserves the credit."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

LEAST_GAP = Decimal(10)
MOST = 3


@dataclass(frozen=True, slots=True)
class Disagreement:
    """One model gives `name` the share `high`, another `low`, both in percent."""

    name: str
    most_by: str
    high: Decimal
    least_by: str
    low: Decimal

    @property
    def gap(self) -> Decimal:
        return self.high - self.low


def disagreements(
    shares: Mapping[str, Mapping[str, Decimal]], least: Decimal = LEAST_GAP, most: int = MOST
) -> list[Disagreement]:
    """The widest gaps between two models, of `least` points or more, the widest first.

    `shares` are percent by name (a channel, say) and model, models in their order; of models that
    give alike the first is named.
    """
    found = []
    for name, by_model in shares.items():
        if not by_model:
            continue
        high = max(by_model, key=by_model.__getitem__)
        low = min(by_model, key=by_model.__getitem__)
        one = Disagreement(name, high, by_model[high], low, by_model[low])
        if one.gap >= least:
            found.append(one)
    return sorted(found, key=lambda one: (-one.gap, one.name))[:most]
