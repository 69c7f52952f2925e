"""Reading rules that came from outside: every problem is found and named by its field, at once."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any

REQUIRED: Any = object()
SLUG = re.compile(r"[a-z][a-z0-9_]{0,63}")


class Invalid(ValueError):
    """Data that cannot be used: `fields` maps each bad field (dotted path) to what is wrong."""

    def __init__(self, fields: Mapping[str, str]):
        self.fields = dict(fields)
        super().__init__("; ".join(f"{name}: {message}" for name, message in self.fields.items()))


class Draft:
    """A JSON object being read. A bad or missing value is noted and the default handed back;
    `check()` then raises one error with all of them. Fields that nobody read are problems too."""

    def __init__(self, data: Any, error: type[Invalid] = Invalid, path: str = ""):
        self.error, self.path, self.problems = error, path, {}
        self._is_object = isinstance(data, Mapping)
        self.data = data if self._is_object else {}
        self._read: set[str] = set()
        self._parts: list[Draft] = []
        if not self._is_object:
            self.problems[path.rstrip(".") or "data"] = "must be an object"

    def problem(self, name: str, message: str) -> None:
        self.problems.setdefault(self.path + name, message)

    def all_problems(self) -> dict[str, str]:
        unknown = {f"{self.path}{name}": "is not a known field" for name in self.data}
        found = {n: m for n, m in unknown.items() if n.removeprefix(self.path) not in self._read}
        found.update(self.problems)
        for part in self._parts:
            found.update(part.all_problems())
        return found

    def check(self) -> None:
        """Raises the draft's error when anything was wrong."""
        if problems := self.all_problems():
            raise self.error(problems)

    def value(self, name: str, default: Any, fits: Callable[[Any], bool], must: str) -> Any:
        self._read.add(name)
        if name not in self.data:
            if default is REQUIRED and self._is_object:
                self.problem(name, "is required")
            return None if default is REQUIRED else default
        if fits(self.data[name]):
            return self.data[name]
        self.problem(name, must)
        return None if default is REQUIRED else default

    def integer(self, name: str, default: Any = REQUIRED, low: int = 0, high: int = 100) -> int:
        return self.value(name, default, _whole(low, high), f"must be a whole number {low}..{high}")

    def decimal(self, name: str, default: Any = REQUIRED, low: int = 0, high: int = 100) -> Decimal:
        return _decimal(
            self.value(name, default, _number(low, high), f"must be a number {low}..{high}")
        )

    def flag(self, name: str, default: Any = REQUIRED) -> bool:
        return self.value(name, default, lambda v: isinstance(v, bool), "must be true or false")

    def text(self, name: str, default: Any = REQUIRED, longest: int = 200) -> str:
        must = f"must be a text of 1..{longest} characters"
        return self.value(name, default, lambda v: is_text(v, longest), must)

    def slug(self, name: str, default: Any = REQUIRED) -> str:
        must = "must be a name of small letters, digits and _"
        return self.value(name, default, is_slug, must)

    def choice(self, name: str, choices: Iterable[str], default: Any = REQUIRED) -> str:
        known = tuple(choices)
        must = "must be one of " + ", ".join(known)
        return self.value(name, default, lambda v: isinstance(v, str) and v in known, must)

    def optional(self, name: str, read: Callable[..., Any], *args: Any, **kw: Any) -> Any:
        """None when the field is absent or null, else what `read` makes of it."""
        self._read.add(name)
        return None if self.data.get(name) is None else read(name, *args, **kw)

    def texts(self, name: str, default: Any = REQUIRED) -> tuple[str, ...]:
        must = "must be a list of texts"
        found = self.value(name, default, lambda v: _listed(v, is_text), must)
        return tuple(found or ())

    def integers(self, name: str, default: Any = REQUIRED, low: int = 0, high: int = 100) -> dict:
        must = f"must map names to whole numbers {low}..{high}"
        found = self.value(name, default, lambda v: _mapped(v, _whole(low, high)), must)
        return dict(found or {})

    def decimals(self, name: str, default: Any = REQUIRED, low: int = 0, high: int = 100) -> dict:
        must = f"must map names to numbers {low}..{high}"
        found = self.value(name, default, lambda v: _mapped(v, _number(low, high)), must)
        return {key: _decimal(number) for key, number in (found or {}).items()}

    def part(self, name: str) -> Draft:
        """The object under `name`, read and checked as a part of this one."""
        self._read.add(name)
        return self._child(self.data.get(name), f"{name}.")

    def each(self, name: str, default: tuple, make: Callable[[Draft], Any]) -> tuple:
        """`make` of every object in the list under `name`; `default` when it is absent."""
        found = self.value(name, None, lambda v: isinstance(v, list | tuple), "must be a list")
        if found is None:
            return default
        return tuple(make(self._child(item, f"{name}.{i}.")) for i, item in enumerate(found))

    def _child(self, data: Any, path: str) -> Draft:
        child = Draft(data, self.error, self.path + path)
        self._parts.append(child)
        return child


def is_number(value: Any) -> bool:
    """A finite number; true and false are not numbers."""
    if isinstance(value, Decimal):
        return value.is_finite()
    if isinstance(value, int):  # however long: as a float it might overflow
        return not isinstance(value, bool)
    return isinstance(value, float) and math.isfinite(value)


def is_text(value: Any, longest: int = 200) -> bool:
    return isinstance(value, str) and len(value.strip()) > 0 and len(value) <= longest


def is_slug(value: Any) -> bool:
    return isinstance(value, str) and SLUG.fullmatch(value) is not None


def plain(number: int | Decimal) -> int | float:
    """A number as JSON has it: whole ones as int, others as the float that prints the same."""
    return int(number) if number == int(number) else float(number)


def _whole(low: int, high: int) -> Callable[[Any], bool]:
    return lambda v: isinstance(v, int) and not isinstance(v, bool) and low <= v <= high


def _number(low: int, high: int) -> Callable[[Any], bool]:
    return lambda v: is_number(v) and low <= v <= high


def _decimal(value: Any) -> Any:
    return Decimal(str(value)) if is_number(value) else value


def _listed(value: Any, fits: Callable[[Any], bool]) -> bool:
    return isinstance(value, list | tuple) and all(fits(item) for item in value)


def _mapped(value: Any, fits: Callable[[Any], bool]) -> bool:
    return isinstance(value, Mapping) and all(is_text(k) and fits(v) for k, v in value.items())
