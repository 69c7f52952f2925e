"""A score that can be taken apart: its contributions always sum exactly to its points."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Any

from app.domain.validation import Draft, is_number, plain

Number = int | Decimal | float

# Far beyond any score, so that quantize never runs out of digits.
_CONTEXT = Context(prec=400, rounding=ROUND_HALF_UP)


def round_half_up(value: Number, places: int = 0) -> int | Decimal:
    """`value` to `places` decimals, halves away from zero; an int when `places` is 0.

    A float counts as the decimal that it prints as (2.675 to two places is 2.68).
    """
    exact = value if isinstance(value, Decimal) else Decimal(str(value))
    rounded = exact.quantize(Decimal(1).scaleb(-places), context=_CONTEXT)
    return rounded if places else int(rounded)


@dataclass(frozen=True, slots=True)
class Contribution:
    """Points that one named cause added to a score, or took from it.

    A float is kept as the decimal that it prints as, so that sums are exact.
    """

    name: str
    points: int | Decimal
    detail: str = ""

    def __post_init__(self) -> None:
        if type(self.points) is int:
            return
        if not is_number(self.points):
            raise ValueError(f"points: must be a finite number, not {self.points!r}")
        if isinstance(self.points, float):
            object.__setattr__(self, "points", Decimal(str(self.points)))

    def to_json(self) -> dict[str, Any]:
        return {"name": self.name, "points": plain(self.points), "detail": self.detail}


@dataclass(frozen=True, slots=True)
class Score:
    """Points, and the contributions that sum exactly to them."""

    points: int | Decimal
    contributions: tuple[Contribution, ...] = ()

    def to_json(self) -> dict[str, Any]:
        parts = [contribution.to_json() for contribution in self.contributions]
        return {"points": plain(self.points), "contributions": parts}

    @classmethod
    def from_json(cls, data: Any) -> Score:
        """The score that `to_json` wrote. Raises Invalid, also when the sum is not the points."""
        draft = Draft(data)
        points = draft.value("points", 0, is_number, "must be a number")
        parts = draft.each("contributions", (), _read_contribution)
        draft.check()
        score = cls(Contribution("", points).points, parts)
        if total_of(parts) != score.points:
            draft.problem("contributions", "must sum to the points")
        draft.check()
        return score


def total_of(contributions: Iterable[Contribution]) -> int | Decimal:
    return sum([contribution.points for contribution in contributions])


def capped(contributions: Iterable[Contribution], low: Number = 0, high: Number = 100) -> Score:
    """The score of `contributions` held within low..high; what the limit takes or gives is a
    contribution of its own ("Cap at 100", -5), so that the sum stays true."""
    parts = tuple(contributions)
    total = total_of(parts)
    if total > high:
        return Score(high, (*parts, Contribution(f"Cap at {high}", high - total)))
    if total < low:
        return Score(low, (*parts, Contribution(f"Floor at {low}", low - total)))
    return Score(total, parts)


def _read_contribution(draft: Draft) -> Contribution:
    name = draft.value("name", "", lambda v: isinstance(v, str), "must be a text")
    points = draft.value("points", 0, is_number, "must be a number")
    detail = draft.value("detail", "", lambda v: isinstance(v, str), "must be a text")
    return Contribution(name, points, detail)
