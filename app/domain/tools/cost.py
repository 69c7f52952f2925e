"""The cost calculator: an itemised price range for a set of treatments.

Money is whole minor units (cents); every product is rounded half up where it arises, so the parts
of a line, the lines and the discounts add up to the cent. Source: lead-capture, "Enhanced Cost
Calculator System".
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, fields
from decimal import Decimal
from typing import Any

from app.domain.score import round_half_up
from app.domain.validation import Draft, Invalid, plain

MOST_MONEY = 10**11


class CostError(Invalid):
    """A catalogue entry or a selection that cannot be priced; `fields` says why."""


@dataclass(frozen=True, slots=True)
class Price:
    """A range of money in minor units, low <= high."""

    low: int = 0
    high: int = 0

    def __add__(self, other: Price) -> Price:
        return Price(self.low + other.low, self.high + other.high)

    def __sub__(self, other: Price) -> Price:
        return Price(self.low - other.low, self.high - other.high)

    def times(self, factor: int | Decimal) -> Price:
        return Price(round_half_up(self.low * factor), round_half_up(self.high * factor))


@dataclass(frozen=True, slots=True)
class Area:
    """A part of the body; `factor` multiplies the treatment's price."""

    key: str
    name: str
    factor: Decimal = Decimal(1)

    def to_json(self) -> dict[str, Any]:
        return {"key": self.key, "name": self.name, "factor": plain(self.factor)}

    @classmethod
    def read(cls, draft: Draft) -> Area:
        factor = draft.decimal("factor", Decimal(1))
        return cls(draft.text("key", longest=64), draft.text("name"), factor)


@dataclass(frozen=True, slots=True)
class Option:
    """An extra with its own price range, charged once, or for each session."""

    key: str
    name: str
    price_low: int
    price_high: int
    each_session: bool = False

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def read(cls, draft: Draft) -> Option:
        return cls(
            draft.text("key", longest=64),
            draft.text("name"),
            draft.integer("price_low", high=MOST_MONEY),
            draft.integer("price_high", high=MOST_MONEY),
            draft.flag("each_session", False),
        )


@dataclass(frozen=True, slots=True)
class Treatment:
    """A catalogue entry; prices are per session. `sessions` is what is usual."""

    key: str
    name: str
    price_low: int
    price_high: int
    areas: tuple[Area, ...] = ()
    options: tuple[Option, ...] = ()
    sessions: int = 1
    max_sessions: int = 12

    def __post_init__(self) -> None:
        priced = {"price": self} | {f"options.{option.key}": option for option in self.options}
        bad = {
            name: "needs 0 <= low <= high"
            for name, it in priced.items()
            if not 0 <= it.price_low <= it.price_high
        }
        bad |= {f"areas.{a.key}": "needs a factor above 0" for a in self.areas if a.factor <= 0}
        if not 1 <= self.sessions <= self.max_sessions:
            bad["sessions"] = f"must be 1..{self.max_sessions}"
        if bad:
            raise CostError(bad)

    def to_json(self) -> dict[str, Any]:
        lists = {name: [each.to_json() for each in getattr(self, name)] for name in _LISTS}
        return {each.name: getattr(self, each.name) for each in fields(self)} | lists

    @classmethod
    def from_json(cls, data: Any) -> Treatment:
        """A treatment from its JSON. Raises CostError with paths such as `areas.0.factor`."""
        draft = Draft(data, CostError)
        values = {
            "key": draft.text("key", longest=64),
            "name": draft.text("name"),
            "price_low": draft.integer("price_low", high=MOST_MONEY),
            "price_high": draft.integer("price_high", high=MOST_MONEY),
            "areas": draft.each("areas", (), Area.read),
            "options": draft.each("options", (), Option.read),
            "sessions": draft.integer("sessions", 1, low=1),
            "max_sessions": draft.integer("max_sessions", 12, low=1),
        }
        draft.check()
        return cls(**values)


_LISTS = ("areas", "options")


@dataclass(frozen=True, slots=True)
class Clinic:
    """Where it is done; `factor` multiplies every price there."""

    name: str
    city: str = ""
    factor: Decimal = Decimal(1)

    def __post_init__(self) -> None:
        if self.factor <= 0:
            raise CostError({"clinic": "needs a factor above 0"})


@dataclass(frozen=True, slots=True)
class Selection:
    """One thing chosen: keys of an area and of options of the treatment; None means the usual."""

    treatment: Treatment
    area: str | None = None
    sessions: int | None = None
    options: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """From `at_least` of something on, `percent` off."""

    at_least: int
    percent: Decimal


@dataclass(frozen=True, slots=True)
class Discounts:
    """What several procedures, and several sessions of one, take off. The steps rise; the highest
    one reached counts."""

    procedures: tuple[Step, ...] = (Step(2, Decimal(5)), Step(3, Decimal(10)))
    sessions: tuple[Step, ...] = (Step(3, Decimal(5)), Step(6, Decimal(10)))

    def to_json(self) -> dict[str, Any]:
        return {name: _steps_json(getattr(self, name)) for name in ("procedures", "sessions")}

    @classmethod
    def from_json(cls, data: Any) -> Discounts:
        """Discounts from their JSON; absent lists keep their defaults. Raises CostError."""
        draft = Draft(data, CostError)
        usual = cls()
        read = {
            name: draft.each(name, getattr(usual, name), _read_step)
            for name in ("procedures", "sessions")
        }
        draft.check()
        for name, steps in read.items():
            if [s.at_least for s in steps] != sorted({s.at_least for s in steps}):
                draft.problem(name, "must rise from step to step")
        draft.check()
        return cls(**read)


DEFAULT_DISCOUNTS = Discounts()


@dataclass(frozen=True, slots=True)
class Part:
    """What one cause adds to a line."""

    name: str
    price: Price
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One selection priced; `price` is the sum of the parts."""

    treatment: str
    name: str
    sessions: int
    price: Price
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Discount:
    """A reduction; `price` holds negative amounts, `low` belonging to the low total."""

    name: str
    percent: Decimal
    price: Price


@dataclass(frozen=True, slots=True)
class Estimate:
    """Lines sum to `subtotal`; with the discounts, to `total`."""

    lines: tuple[Line, ...]
    discounts: tuple[Discount, ...]
    subtotal: Price
    total: Price

    def to_json(self) -> dict[str, Any]:
        data = asdict(self)
        for line, discount in zip(data["discounts"], self.discounts, strict=True):
            line["percent"] = plain(discount.percent)
        return data


def estimate(
    selections: Iterable[Selection], clinic: Clinic, discounts: Discounts = DEFAULT_DISCOUNTS
) -> Estimate:
    """The itemised price range of what was chosen.

    Package discounts are taken from each line, then the one for several procedures from what is
    left. Raises CostError naming `selections.<place>.<field>`.
    """
    lines = tuple(_line(place, chosen, clinic) for place, chosen in enumerate(selections))
    subtotal = _sum(line.price for line in lines)
    packages = [d for line in lines if (d := _package_discount(line, discounts))]
    after_packages = subtotal + _sum(d.price for d in packages)
    together = _procedures_discount(lines, after_packages, discounts)
    total = after_packages + _sum(d.price for d in together)
    return Estimate(lines, (*packages, *together), subtotal, total)


def _line(place: int, chosen: Selection, clinic: Clinic) -> Line:
    area, options, sessions = _checked(place, chosen)
    treatment = chosen.treatment
    parts = [Part("Treatment", Price(treatment.price_low, treatment.price_high), "one session")]
    if area:
        parts.append(_factor_part(f"Area: {area.name}", parts, area.factor))
    if sessions > 1:
        parts.append(_factor_part(f"{sessions} sessions", parts, Decimal(sessions)))
    parts += [_option_part(option, sessions) for option in options]
    if clinic.factor != 1:
        parts.append(_factor_part(f"Clinic: {clinic.name}", parts, clinic.factor))
    price = _sum(part.price for part in parts)
    return Line(treatment.key, treatment.name, sessions, price, tuple(parts))


def _factor_part(name: str, parts: Sequence[Part], factor: Decimal) -> Part:
    so_far = _sum(part.price for part in parts)
    return Part(name, so_far.times(factor) - so_far, f"× {factor}")


def _option_part(option: Option, sessions: int) -> Part:
    times = sessions if option.each_session else 1
    price = Price(option.price_low, option.price_high).times(times)
    return Part(option.name, price, f"{times} × each session" if option.each_session else "once")


def _checked(place: int, chosen: Selection) -> tuple[Area | None, list[Option], int]:
    treatment, at = chosen.treatment, f"selections.{place}"
    areas = {area.key: area for area in treatment.areas}
    options = {option.key: option for option in treatment.options}
    sessions = treatment.sessions if chosen.sessions is None else chosen.sessions
    problems = {}
    if chosen.area is not None and chosen.area not in areas:
        problems[f"{at}.area"] = "must be one of " + ", ".join(areas)
    if not set(chosen.options) <= set(options):
        problems[f"{at}.options"] = "must be among " + ", ".join(options)
    if not 1 <= sessions <= treatment.max_sessions:
        problems[f"{at}.sessions"] = f"must be 1..{treatment.max_sessions}"
    if problems:
        raise CostError(problems)
    once_each = dict.fromkeys(chosen.options)
    return areas.get(chosen.area), [options[key] for key in once_each], sessions


def _package_discount(line: Line, discounts: Discounts) -> Discount | None:
    percent = _percent(line.sessions, discounts.sessions)
    name = f"{line.sessions} sessions of {line.name}"
    return _discount(name, line.price, percent) if percent else None


def _procedures_discount(
    lines: Sequence[Line], price: Price, discounts: Discounts
) -> list[Discount]:
    procedures = len({line.treatment for line in lines})
    percent = _percent(procedures, discounts.procedures)
    return [_discount(f"{procedures} procedures together", price, percent)] if percent else []


def _discount(name: str, price: Price, percent: Decimal) -> Discount:
    return Discount(name, percent, Price() - price.times(percent / 100))


def _percent(count: int, steps: tuple[Step, ...]) -> Decimal:
    return next((s.percent for s in reversed(steps) if count >= s.at_least), Decimal(0))


def _sum(prices: Iterable[Price]) -> Price:
    return sum(prices, Price())


def _read_step(draft: Draft) -> Step:
    return Step(draft.integer("at_least", low=2, high=1000), draft.decimal("percent"))


def _steps_json(steps: tuple[Step, ...]) -> list[dict[str, Any]]:
    return [{"at_least": step.at_least, "percent": plain(step.percent)} for step in steps]


# What a visitor means to spend (each organization has labels of its own: domain/calculator.py), and
# when.
BUDGETS = {"low": "Up to 500", "medium": "500 to 2,000", "high": "2,000 and more"}
URGENCIES = {
    "immediate": "As soon as possible",
    "this_month": "This month",
    "just_looking": "Just looking",
}
