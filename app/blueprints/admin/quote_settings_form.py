"""The calculator's settings as they are typed, and what they mean."""

from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation

from werkzeug.datastructures import MultiDict

from app.domain.tools.calculator import Calculator
from app.domain.tools.cost import CostError, Discounts, Step

ROWS = 4  # steps of a discount that can be typed
STEPS = ("procedures", "sessions")
PLAIN = ("valid_days", "prefix", "colour")
MONEY = ("low_to", "high_from")
LABELS = {
    "months": "Months",
    "yearly_percent": "Interest a year",
    "procedures": "Several treatments",
    "sessions": "Several sessions",
    "valid_days": "Valid for",
    "prefix": "Beginning of numbers",
    "terms": "Terms",
    "low_to": "Low budget up to",
    "high_from": "High budget from",
    "colour": "Colour",
    "logo": "Logo",
}


@dataclass
class Draft:
    """The fields as texts, by the names of the form; what is wrong, by LABELS' names."""

    texts: dict[str, str]
    errors: dict[str, str] = field(default_factory=dict)

    @property
    def steps(self) -> dict[str, list[tuple[str, str]]]:
        """The rows of each discount: from how many on, and how many percent."""
        return {name: [self._row(name, place) for place in range(ROWS)] for name in STEPS}

    def _row(self, name: str, place: int) -> tuple[str, str]:
        found = (self.texts.get(f"{name}-{part}-{place}", "") for part in ("from", "percent"))
        return tuple(text.strip() for text in found)


def draft_of(settings: Calculator) -> Draft:
    """What the form shows of settings."""
    texts = {
        "months": ", ".join(map(str, settings.months)),
        "yearly_percent": f"{settings.yearly_percent.normalize():f}",
        "terms": settings.terms,
    }
    texts |= {name: str(getattr(settings, name)) for name in PLAIN}
    texts |= {name: f"{Decimal(getattr(settings, name)) / 100:f}" for name in MONEY}
    texts |= _rows(settings.discounts)
    return Draft(texts)


def _rows(discounts: Discounts) -> dict[str, str]:
    texts = {}
    for name in STEPS:
        steps: tuple[Step, ...] = getattr(discounts, name)
        for place, step in enumerate(steps[:ROWS]):
            texts[f"{name}-from-{place}"] = str(step.at_least)
            texts[f"{name}-percent-{place}"] = f"{step.percent.normalize():f}"
    return texts


def read(form: MultiDict) -> Draft:
    """The form as it was sent."""
    return Draft({name: value[:6000] for name, value in form.items()})


def settings_of(draft: Draft) -> Calculator | None:
    """What the draft means; None, with the draft's errors filled in, when it cannot be used."""
    text = draft.texts.get
    terms = text("terms", "").replace("\r\n", "\n").strip()
    told = {
        "months": [_number(part) for part in text("months", "").split(",") if part.strip()],
        "yearly_percent": _number(text("yearly_percent", "") or "0"),
        "valid_days": _number(text("valid_days", "")),
        "prefix": text("prefix", "").strip().upper(),
        "colour": text("colour", "").strip().lower(),
        "terms": terms,
        "discounts": {
            name: [
                {"at_least": _number(from_), "percent": _number(percent)}
                for from_, percent in rows
                if from_ or percent
            ]
            for name, rows in draft.steps.items()
        },
    } | {name: _cents(text(name, "")) for name in MONEY}
    try:
        return Calculator.from_json(told)
    except CostError as error:
        for path, message in error.fields.items():
            name = path.removeprefix("discounts.").partition(".")[0]
            draft.errors.setdefault(name, _worded(path, message))
        return None


def _worded(path: str, message: str) -> str:
    if path in MONEY and "whole number" in message:
        return "must be an amount above 0, such as 500"
    _, _, detail = path.removeprefix("discounts.").rpartition(".")
    says = {
        "at_least": "each line begins at a whole number from 2 on",
        "percent": "each line takes off 0 to 100 percent",
    }
    return says.get(detail, message)


def _number(text: str) -> int | float | str:
    """The number that a text is, written with a point or a comma; else the text."""
    text = text.strip()
    if text.isascii() and text.isdigit() and len(text) < 12:
        return int(text)
    try:
        number = Decimal(text.replace(",", ".")) if len(text) < 12 else None
    except InvalidOperation:
        return text
    return float(number) if number is not None and number.is_finite() else text


def _cents(text: str) -> int | str:
    """An amount in minor units; the text when it is none."""
    text = text.strip().replace(",", ".")
    try:
        cents = Decimal(text) * 100 if 0 < len(text) < 12 else Decimal("NaN")
    except InvalidOperation:
        return text
    return int(cents) if cents.is_finite() and cents == int(cents) else text
