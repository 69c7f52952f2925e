"""Conditions over facts: a field, a comparison, a value.

Source: lead-capture, "Lead Scoring Algorithm". Facts are nested mappings:
`{"interaction": {"type", "procedures", "budget", ...}, "session": {...}, "visitor": {...}}`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from app.domain.tools.cost import BUDGETS, URGENCIES
from app.domain.tracking.channel import CHANNELS
from app.domain.validation import REQUIRED, Draft, is_number, is_text

Facts = Mapping[str, Any]
MISSING = object()
FIELD_PATH = re.compile(r"(interaction|session|visitor)(\.[A-Za-z][A-Za-z0-9_]{0,63}){1,4}")

# What the editor offers; any other path over the facts is allowed too.
FIELDS = {
    "interaction.procedures": "Procedures in the request",
    "interaction.budget": "Budget range",
    "interaction.urgency": "Urgency",
    "interaction.concerns": "Concerns named",
    "session.engaged_seconds": "Engaged seconds of the session",
    "session.page_views": "Pages viewed in the session",
    "session.channel": "Channel of the session",
    "session.device": "Device",
    "visitor.sessions": "Sessions of the visitor",
    "visitor.earlier_high_intent": "Earlier high-intent interactions",
}
# What the values of a field are, and which comparisons can hold for such.
FIELD_KINDS = {
    "interaction.procedures": "list",
    "interaction.concerns": "list",
    "interaction.budget": "text",
    "interaction.urgency": "text",
    "session.channel": "text",
    "session.device": "text",
    "session.engaged_seconds": "number",
    "session.page_views": "number",
    "visitor.sessions": "number",
    "visitor.earlier_high_intent": "number",
}
SUITED = {
    "list": ("contains", "count_at_least", "exists"),
    "text": ("equals", "one_of", "contains", "exists"),
    "number": ("equals", "one_of", "at_least", "at_most", "exists"),
}
# The values of fields that have only these.
FIELD_VALUES = {
    "interaction.budget": tuple(BUDGETS),
    "interaction.urgency": tuple(URGENCIES),
    "session.channel": CHANNELS,
    "session.device": ("desktop", "mobile", "tablet"),
}


def look_up(facts: Any, path: str) -> Any:
    """The value at a dotted path, or MISSING; null counts as missing."""
    for name in path.split("."):
        facts = facts.get(name, MISSING) if isinstance(facts, Mapping) else MISSING
    return MISSING if facts is None else facts


def count_of(value: Any) -> int:
    """How many things a value stands for: items of a list, a whole number itself, 1 for a text."""
    if isinstance(value, list | tuple | set | frozenset | Mapping):
        return len(value)
    if isinstance(value, str):
        return int(bool(value.strip()))
    return max(int(value), 0) if is_number(value) else 0


def same(actual: Any, expected: Any) -> bool:
    """Equality as people mean it: texts whatever their case, numbers by value, never 1 for true."""
    if isinstance(actual, str) and isinstance(expected, str):
        return actual.strip().casefold() == expected.strip().casefold()
    if isinstance(actual, bool) or isinstance(expected, bool):
        return actual is expected
    return is_number(actual) and is_number(expected) and actual == expected


def _contains(actual: Any, expected: Any) -> bool:
    if isinstance(actual, list | tuple | set | frozenset):
        return any(same(item, expected) for item in actual)
    if isinstance(actual, str) and isinstance(expected, str):
        return expected.strip().casefold() in actual.casefold()
    return False


def _compares(actual: Any, expected: Any) -> bool:
    return is_number(actual) and is_number(expected)


def _is_scalar(value: Any) -> bool:
    return is_text(value) or isinstance(value, bool) or is_number(value)


def _is_count(value: Any) -> bool:
    return is_number(value) and value == int(value) and 1 <= value <= 1000


def _is_choices(value: Any) -> bool:
    return isinstance(value, list | tuple) and len(value) > 0 and all(map(_is_scalar, value))


@dataclass(frozen=True, slots=True)
class Operator:
    """A comparison: its human label, the test, which values it takes, and how it reads when true
    (`{field}`, `{actual}`, `{count}`, `{expected}`)."""

    label: str
    holds: Callable[[Any, Any], bool]
    accepts: Callable[[Any], bool]
    needs: str
    reads: str


SCALAR, NUMBER = "needs a text or a number", "needs a number"
OPERATORS: dict[str, Operator] = {
    "equals": Operator("equals", same, _is_scalar, SCALAR, "{field}: {actual}"),
    "one_of": Operator(
        "is one of",
        lambda actual, choices: any(same(actual, choice) for choice in choices),
        _is_choices,
        "needs a list of texts or numbers",
        "{field}: {actual}",
    ),
    "at_least": Operator(
        "is at least",
        lambda actual, least: _compares(actual, least) and actual >= least,
        is_number,
        NUMBER,
        "{field} {actual}, at least {expected}",
    ),
    "at_most": Operator(
        "is at most",
        lambda actual, most: _compares(actual, most) and actual <= most,
        is_number,
        NUMBER,
        "{field} {actual}, at most {expected}",
    ),
    "contains": Operator("contains", _contains, _is_scalar, SCALAR, "{field} contain {expected}"),
    "exists": Operator(
        "exists",
        lambda actual, _: actual not in ("", [], (), {}),
        lambda value: value is None,
        "takes no value",
        "{field} given",
    ),
    "count_at_least": Operator(
        "counts at least",
        lambda actual, least: is_number(least) and count_of(actual) >= least,
        _is_count,
        "needs a whole number 1..1000",
        "{count} {field}",
    ),
}


@dataclass(frozen=True, slots=True)
class Condition:
    """A test of one fact. A missing field or a value of another type is simply not a match."""

    field: str
    operator: str
    value: Any = None

    def holds(self, facts: Facts) -> bool:
        actual = look_up(facts, self.field)
        return actual is not MISSING and OPERATORS[self.operator].holds(actual, self.value)

    def detail(self, facts: Facts) -> str:
        """Why it held, in words: "2 procedures", "budget: high"."""
        actual = look_up(facts, self.field)
        name = self.field.rpartition(".")[2].replace("_", " ")
        return OPERATORS[self.operator].reads.format(
            field=name, actual=actual, count=count_of(actual), expected=self.value
        )

    def describe(self) -> str:
        """The condition as a sentence for the rule list."""
        shown = ", ".join(map(str, self.value)) if isinstance(self.value, tuple) else self.value
        words = (FIELDS.get(self.field, self.field), OPERATORS[self.operator].label, shown)
        return " ".join(str(word) for word in words if word is not None)

    @property
    def doubt(self) -> str:
        """Why the condition can never hold, in words; empty when it may."""
        kind = FIELD_KINDS.get(self.field)
        if kind and self.operator not in SUITED[kind]:
            suited = ", ".join(OPERATORS[name].label for name in SUITED[kind])
            return f"Never true: this field is a {kind}, for which there is: {suited}."
        given = self.value if isinstance(self.value, tuple) else (self.value,)
        if kind == "number" and self.operator in ("equals", "one_of"):
            return "" if any(map(is_number, given)) else "Never true: this field is a number."
        known = FIELD_VALUES.get(self.field, ())
        possible = any(same(value, each) for value in given for each in known)
        if known and self.operator in ("equals", "one_of") and not possible:
            return f"Never true: the values of this field are {', '.join(known)}."
        return ""

    def to_json(self) -> dict[str, Any]:
        value = list(self.value) if isinstance(self.value, tuple) else self.value
        return {"field": self.field, "operator": self.operator, "value": value}

    @classmethod
    def read(cls, draft: Draft) -> Condition:
        path = draft.value("field", REQUIRED, is_path, PATH_NEEDED)
        operator = draft.choice("operator", OPERATORS)
        value = draft.value("value", None, lambda _: True, "")
        if operator and not OPERATORS[operator].accepts(value):
            draft.problem("value", OPERATORS[operator].needs)
        return cls(path, operator, tuple(value) if isinstance(value, list) else value)


PATH_NEEDED = "must be a path such as interaction.budget, session.page_views, visitor.sessions"


def is_path(value: Any) -> bool:
    return isinstance(value, str) and FIELD_PATH.fullmatch(value) is not None
