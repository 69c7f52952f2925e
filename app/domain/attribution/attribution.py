"""Attribution: how the credit for a conversion is shared among the touches before it.

Source: lead-tracking-analytics, "Multi-Touch Attribution": the six heuristic models; scoring.md 6
for the two that learn from the organization's journeys (app.domain.attribution.data_driven).
Weights have six decimals and sum to exactly 1 (largest remainder).
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from math import lcm
from typing import Any, Protocol, TypeVar

from app.domain.attribution.data_driven import spread
from app.domain.validation import Draft, plain

LEAD_CREATED = "lead_created"
CONVERSION_TYPES = (LEAD_CREATED, "qualified", "opportunity", "customer")
PLACES = 6
DAY_SECONDS = 86_400
HUNDRED = 100

Shares = Sequence[Fraction | int]


class AttributionError(ValueError):
    """No touches, touches out of order, or an unknown model."""


class Touched(Protocol):
    """Anything with a time and a channel; attribution needs no more."""

    at: datetime
    channel: str


AnyTouch = TypeVar("AnyTouch", bound=Touched)


@dataclass(frozen=True, slots=True)
class Touch:
    """An interaction that attribution counts."""

    at: datetime
    id: str = ""
    channel: str = ""
    source: str = ""
    name: str = ""
    engagement_type: str = ""
    source_type: str = ""


@dataclass(frozen=True, slots=True)
class AttributionRules:
    """How an organization's models share credit: the half-life of time decay, and in whole percent
    what the U- and the W-shaped model give to their peaks; all other touches share the rest."""

    half_life_days: Decimal = Decimal(7)
    u_first: int = 40
    u_last: int = 40
    w_first: int = 30
    w_opportunity: int = 30
    w_last: int = 30

    @property
    def u_others(self) -> int:
        return HUNDRED - self.u_first - self.u_last

    @property
    def w_others(self) -> int:
        return HUNDRED - self.w_first - self.w_opportunity - self.w_last

    def to_json(self) -> dict[str, Any]:
        return {name: plain(getattr(self, name)) for name in self.__slots__}

    @classmethod
    def from_json(cls, data: Any) -> AttributionRules:
        """Rules from their JSON; absent fields keep their defaults. Raises Invalid."""
        draft, usual = Draft(data), cls()
        half_life = draft.decimal("half_life_days", usual.half_life_days, high=3650)
        if half_life < SHORTEST_HALF_LIFE:
            draft.problem("half_life_days", f"must be {SHORTEST_HALF_LIFE} or more")
        # A peak without any credit would leave nothing to share where there is no other touch.
        peaks = {name: draft.integer(name, getattr(usual, name), low=1) for name in PEAKS}
        draft.check()
        rules = cls(half_life, **peaks)
        for name, others in (("u_last", rules.u_others), ("w_last", rules.w_others)):
            if others < 0:
                draft.problem(name, f"must not be so much: together that is {HUNDRED - others}%")
        draft.check()
        return rules

    def changed_models(self, other: AttributionRules) -> tuple[str, ...]:
        """The models that share credit otherwise by the `other` rules. Without an opportunity the
        W-shaped model is the U-shaped."""
        differs = {name for name in self.__slots__ if getattr(self, name) != getattr(other, name)}
        depends = {
            "time_decay": {"half_life_days"},
            "u_shaped": {"u_first", "u_last"},
            "w_shaped": set(PEAKS),
        }
        return tuple(model for model, fields in depends.items() if fields & differs)


SHORTEST_HALF_LIFE = Decimal("0.1")
PEAKS = ("u_first", "u_last", "w_first", "w_opportunity", "w_last")
DEFAULT_ATTRIBUTION_RULES = AttributionRules()


@dataclass(frozen=True, slots=True)
class Path:
    """What a model looks at: the touches' times and channels, the organization's rules, the place
    of the opportunity touch (None: no opportunity), and what each channel is worth to the
    organization by the model's own measure."""

    times: tuple[datetime, ...]
    rules: AttributionRules
    opportunity: int | None
    channels: tuple[str, ...] = ()
    worth: Mapping[str, float | Fraction] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Model:
    """A way to share credit; `shares` gives each touch its part, in any unit. `learns`: it needs
    to know what each channel is worth. `described` says with which rules."""

    label: str
    description: str
    shares: Callable[[Path], Shares]
    learns: bool = False

    def described(self, rules: AttributionRules = DEFAULT_ATTRIBUTION_RULES) -> str:
        names = (*AttributionRules.__slots__, "u_others", "w_others")
        return self.description.format(**{name: plain(getattr(rules, name)) for name in names})


def _first_touch(path: Path) -> Shares:
    return _at_places(path, {0: 1})


def _last_touch(path: Path) -> Shares:
    return _at_places(path, {len(path.times) - 1: 1})


def _linear(path: Path) -> Shares:
    return [1] * len(path.times)


def _time_decay(path: Path) -> Shares:
    # Ages from the last touch give the same weights as from the conversion, and cannot all vanish.
    last = path.times[-1]
    half_life = float(path.rules.half_life_days)
    ages = [(last - at).total_seconds() / DAY_SECONDS for at in path.times]
    return [Fraction(0.5 ** (age / half_life)) for age in ages]


def _u_shaped(path: Path) -> Shares:
    rules = path.rules
    ends = {0: rules.u_first, len(path.times) - 1: rules.u_last}
    return _at_places(path, ends, others=rules.u_others)


def _w_shaped(path: Path) -> Shares:
    last = len(path.times) - 1
    if path.opportunity in (None, 0, last):
        return _u_shaped(path)
    rules = path.rules
    peaks = {
        0: rules.w_first,
        path.opportunity: rules.w_opportunity,
        last: rules.w_last,
    }
    return _at_places(path, peaks, others=rules.w_others)


def _by_worth(path: Path) -> Shares:
    return spread(path.channels, path.worth)


MODELS: dict[str, Model] = {
    "first_touch": Model("First touch", "All credit to the first touch", _first_touch),
    "last_touch": Model("Last touch", "All credit to the last touch", _last_touch),
    "linear": Model("Linear", "The same credit to every touch", _linear),
    "time_decay": Model(
        "Time decay", "Credit halves with every {half_life_days:g} days back", _time_decay
    ),
    "u_shaped": Model(
        "U-shaped", "{u_first}% first, {u_last}% last, {u_others}% the others", _u_shaped
    ),
    "w_shaped": Model(
        "W-shaped",
        "{w_first}% first, {w_opportunity}% opportunity, {w_last}% last, {w_others}% the others",
        _w_shaped,
    ),
    "markov": Model(
        "Markov", "By the conversions that would be lost without the channel", _by_worth, True
    ),
    "shapley": Model(
        "Shapley", "By what the channel adds to every set of the others", _by_worth, True
    ),
}
HEURISTIC = tuple(name for name, model in MODELS.items() if not model.learns)


def attribute(
    touches: Sequence[Touched],
    model: str,
    conversion_at: datetime,
    rules: AttributionRules = DEFAULT_ATTRIBUTION_RULES,
    opportunity_at: datetime | None = None,
    worth: Mapping[str, float | Fraction] | None = None,
) -> list[Decimal]:
    """The weight of each touch, in their order; the sum is exactly 1.

    Touches must be ordered by time and not after the conversion (see `touches_before`).
    `opportunity_at` is when the lead entered stage opportunity; `worth`, for the models that learn,
    what each channel is worth (without any: all touches alike). Raises AttributionError.
    """
    if model not in MODELS:
        known = ", ".join(MODELS)
        raise AttributionError(f"{model} is not a model; the models are {known}")
    if not touches:
        raise AttributionError("there are no touches to attribute to")
    times = tuple(touch.at for touch in touches)
    if any(a > b for a, b in zip(times, (*times[1:], conversion_at), strict=True)):
        raise AttributionError("touches must be ordered by time and not come after the conversion")
    channels = tuple(touch.channel for touch in touches)
    path = Path(times, rules, _opportunity(times, opportunity_at), channels, worth or {})
    return share_out(Decimal(1), MODELS[model].shares(path), PLACES)


def touches_before(touches: Iterable[AnyTouch], conversion_at: datetime) -> list[AnyTouch]:
    """The touches at or before the conversion, ordered by time."""
    return sorted((t for t in touches if t.at <= conversion_at), key=lambda touch: touch.at)


def credit(value: Decimal, weights: Sequence[Decimal], places: int = 2) -> list[Decimal]:
    """A conversion's value shared by weight, summing exactly to `value` (to `places` decimals)."""
    return share_out(value, _whole(weights), places)


def _whole(weights: Sequence[Decimal]) -> Shares:
    """The same proportions, in whole numbers where the weights have the decimals of `attribute`."""
    scaled = [weight.scaleb(PLACES) for weight in weights]
    whole = [int(weight) for weight in scaled]
    return whole if whole == scaled else [Fraction(weight) for weight in weights]


def summary(touches: Sequence[Touched], weights: Sequence[Decimal]) -> dict[str, Any]:
    """What a calculation says in short: how many touches, over how many days (two decimals), how
    many hours lay between them on average (None for one touch), and the places of the two touches
    with the most credit (`secondary` None for one touch; the earlier of equals)."""
    times = [touch.at for touch in touches]
    seconds = (times[-1] - times[0]).total_seconds()
    gaps = len(times) - 1
    primary = weights.index(max(weights))
    others = [*weights[:primary], *weights[primary + 1 :]]
    second = others.index(max(others)) if others else None
    return {
        "total_touchpoints": len(times),
        "journey_duration_days": round(seconds / DAY_SECONDS, 2),
        "avg_hours_between_touches": round(seconds / 3600 / gaps, 2) if gaps else None,
        "primary": primary,
        "secondary": second if second is None else second + (second >= primary),
    }


def share_out(amount: Decimal, shares: Shares, places: int) -> list[Decimal]:
    """`amount` in proportion to `shares`, by largest remainder; ties go to the earlier share."""
    units = int(amount.scaleb(places))
    if not units:
        return [Decimal(0).scaleb(-places)] * len(shares)
    # Whole numbers from here on: exact as fractions are, and several times as fast.
    scale = lcm(*{share.denominator for share in shares})
    parts = shares
    if scale > 1 or not isinstance(shares[0], int):
        parts = [share.numerator * (scale // share.denominator) for share in shares]
    whole = sum(parts)
    given = [part * units // whole for part in parts]
    if left := units - sum(given):
        rests = [part * units % whole for part in parts]
        by_remainder = sorted(range(len(given)), key=rests.__getitem__, reverse=True)
        for place in by_remainder[:left]:
            given[place] += 1
    # Of many touches most have the same few shares.
    made = {part: Decimal(part).scaleb(-places) for part in set(given)}
    return [made[part] for part in given]


def _opportunity(times: tuple[datetime, ...], opportunity_at: datetime | None) -> int | None:
    if opportunity_at is None:
        return None
    before = bisect_right(times, opportunity_at)
    return before - 1 if before else None


def _at_places(path: Path, shares: dict[int, int], others: int = 0) -> Shares:
    """These touches have these shares, the rest have `others` together."""
    rest = len(path.times) - len(shares)
    found = [others] * len(path.times)
    for place, share in shares.items():
        found[place] = share * (rest or 1)
    return found
