"""How an organization's cost calculator is set: discounts, financing, budgets, quotes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from app.domain.money import money
from app.domain.tools.cost import DEFAULT_DISCOUNTS, MOST_MONEY, CostError, Discounts
from app.domain.tools.financing import HIGHEST_RATE, LONGEST
from app.domain.validation import Draft, plain

PREFIX = re.compile(r"[A-Z0-9]{1,8}")
COLOUR = re.compile(r"#[0-9a-f]{6}")
MOST_DURATIONS = 6
LONGEST_VALIDITY = 365  # days
LONGEST_TERMS = 5000
DEFAULT_TERMS = (
    "Prices are estimates for what you chose, all taxes included. Which treatment, which area and "
    "how many sessions are right for you, the doctor decides with you after an examination, and "
    "confirms the price in writing. Nothing is due before that."
)


@dataclass(frozen=True, slots=True)
class Calculator:
    """`months`: durations that are offered, rising; none: no financing. `prefix` of quote numbers;
    empty: made of the organization's name. Budgets, in minor units: low up to `low_to`, high from
    `high_from` on."""

    discounts: Discounts = DEFAULT_DISCOUNTS
    months: tuple[int, ...] = (6, 12)
    yearly_percent: Decimal = Decimal(0)
    valid_days: int = 30
    prefix: str = ""
    terms: str = DEFAULT_TERMS
    low_to: int = 50_000
    high_from: int = 200_000
    colour: str = "#0f6b70"

    def to_json(self) -> dict[str, Any]:
        names = ("valid_days", "prefix", "terms", "low_to", "high_from", "colour")
        return {
            "discounts": self.discounts.to_json(),
            "months": list(self.months),
            "yearly_percent": plain(self.yearly_percent),
        } | {name: getattr(self, name) for name in names}

    @classmethod
    def from_json(cls, data: Any) -> Calculator:
        """Settings from their JSON; what is absent keeps its default. Raises CostError naming each
        field that cannot be used, with paths such as `discounts.sessions`."""
        usual, draft = cls(), Draft(data, CostError)
        read = {
            "discounts": _discounts(draft, usual.discounts),
            "months": draft.value("months", usual.months, _are_durations, DURATIONS),
            "yearly_percent": draft.decimal(
                "yearly_percent", usual.yearly_percent, 0, HIGHEST_RATE
            ),
            "valid_days": draft.integer("valid_days", usual.valid_days, 1, LONGEST_VALIDITY),
            "prefix": draft.value("prefix", "", _matches(PREFIX, ""), PREFIXES),
            "terms": draft.value("terms", usual.terms, _is_terms, TERMS),
            "low_to": draft.integer("low_to", usual.low_to, 1, MOST_MONEY),
            "high_from": draft.integer("high_from", usual.high_from, 1, MOST_MONEY),
            "colour": draft.value("colour", usual.colour, _matches(COLOUR), "must be like #0f6b70"),
        }
        draft.check()
        if read["low_to"] > read["high_from"]:
            draft.problem("high_from", "must not be less than where a low budget ends")
        draft.check()
        read["months"] = tuple(read["months"])
        return cls(**read)


DURATIONS = (
    f"must be up to {MOST_DURATIONS} different numbers of months from 2 to {LONGEST}, rising"
)
PREFIXES = "must be 1 to 8 capital letters and digits, or empty"
TERMS = f"must be a text of at most {LONGEST_TERMS} characters"


def _discounts(draft: Draft, usual: Discounts) -> Discounts:
    given = draft.value("discounts", None, lambda v: True, "")
    if given is None:
        return usual
    try:
        return Discounts.from_json(given)
    except CostError as error:
        for name, message in error.fields.items():
            draft.problem(f"discounts.{name}", message)
        return usual


def _are_durations(value: Any) -> bool:
    if not isinstance(value, list | tuple) or len(value) > MOST_DURATIONS:
        return False
    whole = all(isinstance(m, int) and not isinstance(m, bool) and 2 <= m <= LONGEST for m in value)
    return whole and list(value) == sorted(set(value))


def _matches(pattern: re.Pattern, *others: str):
    return lambda v: isinstance(v, str) and (v in others or bool(pattern.fullmatch(v)))


def _is_terms(value: Any) -> bool:
    return isinstance(value, str) and len(value) <= LONGEST_TERMS


def budgets(calculator: Calculator, currency: str) -> dict[str, str]:
    """The labels of the answers low, medium and high (BUDGETS) in the organization's currency."""
    low, high = (money(part, currency) for part in (calculator.low_to, calculator.high_from))
    return {"low": f"Up to {low}", "medium": f"{low} to {high}", "high": f"{high} and more"}
