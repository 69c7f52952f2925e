"""How credit is shared and journeys are judged, as forms: every value a text as typed."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from app.domain.attribution.attribution import SHORTEST_HALF_LIFE, AttributionRules
from app.domain.catalogue.catalogue_fields import FieldError, whole
from app.domain.journeys.journey_rules import BOUNDS, JourneyRules
from app.domain.validation import Invalid, plain
from app.queries.journeys.journey_rules import ATTRIBUTION, JOURNEYS


class Number(NamedTuple):
    """A number of the form: what people call it, its bounds and its unit."""

    label: str
    unit: str = "%"
    low: int | Decimal = 1
    high: int = 100


class Group(NamedTuple):
    """Numbers that belong together, and what they do."""

    title: str
    says: str
    fields: Mapping[str, Number]


def _judged(name: str, label: str, unit: str = "%") -> tuple[str, Number]:
    """A number of the journeys, with the bounds it has in the rules."""
    bounds = {"low": 0, "high": 100} | BOUNDS.get(name, {})
    return name, Number(label, unit, **bounds)


GROUPS: dict[str, tuple[Group, ...]] = {
    ATTRIBUTION: (
        Group(
            "Time decay",
            "A touch this long before the last one gets half as much credit as it.",
            {"half_life_days": Number("Half-life", "days", SHORTEST_HALF_LIFE, 3650)},
        ),
        Group(
            "U-shaped",
            "What the first and the last touch get; those between share the rest.",
            {"u_first": Number("First touch"), "u_last": Number("Last touch")},
        ),
        Group(
            "W-shaped",
            "The same with the last touch before they became an opportunity. Who never did is "
            "counted as U-shaped.",
            {
                "w_first": Number("First touch"),
                "w_opportunity": Number("Opportunity touch"),
                "w_last": Number("Last touch"),
            },
        ),
    ),
    JOURNEYS: (
        Group(
            "Engagement counts",
            "How much each part makes of a journey’s engagement; together 100%.",
            dict(
                (
                    _judged("recency", "Last sign of life"),
                    _judged("frequency", "Engagements"),
                    _judged("diversity", "Channels"),
                )
            ),
        ),
        Group(
            "Engagement is full and high",
            "From how many on each part is full. A sign of life counts less every day, and nothing "
            "after so many.",
            dict(
                (
                    _judged("recent_days", "A sign of life counts for", "days"),
                    _judged("enough_interactions", "Enough engagements", "in all"),
                    _judged("enough_channels", "Enough channels", "in all"),
                    _judged("high_engagement", "High engagement above"),
                )
            ),
        ),
        Group(
            "Trend",
            "Touches of the last days against those of as many days before.",
            dict(
                (
                    _judged("trend_days", "Days compared", "days"),
                    _judged("trend_least", "Too few to tell below", "touches"),
                    _judged("rising", "Increasing above"),
                    _judged("falling", "Declining below"),
                )
            ),
        ),
        Group(
            "Risk of losing them counts",
            "How much each part makes of the risk; together 100%.",
            dict(
                (
                    _judged("silence", "Silence"),
                    _judged("trend", "The trend"),
                    _judged("little_engagement", "What engagement lacks"),
                )
            ),
        ),
        Group(
            "Risk is full and high",
            "Whoever is silent for so long has all of the risk that silence makes.",
            dict(
                (
                    _judged("silent_days", "Full after a silence of", "days"),
                    _judged("high_risk", "High risk above"),
                )
            ),
        ),
        Group(
            "Bottlenecks and predictions",
            "A stage is a bottleneck where more than so many go no further. What a lead may still "
            "bring is predicted from enough won leads like them.",
            dict(
                (
                    _judged("drop_off", "Drop-off above"),
                    _judged("fewest_won", "Enough to predict", "won leads"),
                )
            ),
        ),
    ),
}
KINDS = {ATTRIBUTION: AttributionRules, JOURNEYS: JourneyRules}


def numbers_of(part: str) -> dict[str, Number]:
    return {name: number for group in GROUPS[part] for name, number in group.fields.items()}


def label_of(name: str) -> str:
    """What people call a field, with its group: their labels repeat."""
    groups = (group for part in GROUPS for group in GROUPS[part] if name in group.fields)
    group = next(groups, None)
    return f"{group.title}: {group.fields[name].label.lower()}" if group else name


class Typed:
    """A part as it was typed, with what is wrong with it."""

    def __init__(self, part: str, texts: Mapping[str, str]):
        self.part, self.texts, self.errors = part, dict(texts), {}

    def text(self, name: str) -> str:
        return self.texts.get(name, "")

    def error(self, name: str) -> str:
        return self.errors.get(name, "")

    def label(self, name: str) -> str:
        return label_of(name)

    def read(self) -> Any | None:
        """The rules as typed; None, and `errors` filled, when they cannot be used."""
        told: dict[str, Any] = {}
        for name, number in numbers_of(self.part).items():
            try:
                told[name] = _number(self.text(name), number)
            except FieldError as problem:
                self.errors[name] = str(problem)
        if self.errors:
            return None
        try:
            return KINDS[self.part].from_json(told)
        except Invalid as invalid:
            self.errors = {name: f"This {words}." for name, words in invalid.fields.items()}
            return None


def typed(part: str, form: Mapping[str, str]) -> Typed:
    """What was sent of a part."""
    return Typed(part, {name: form.get(name, "").strip() for name in numbers_of(part)})


def stored(part: str, rules: Any) -> Typed:
    """What is in force."""
    return Typed(part, {name: str(number) for name, number in rules.to_json().items()})


def change_in_words(name: str, pair: list) -> str:
    """A line of the audit log as people read it."""
    before, after = (f"{number:g}" for number in pair)
    return f"{label_of(name)}: {before} → {after}"


def _number(text: str, number: Number) -> int | float:
    if isinstance(number.low, int):
        return whole(number.low, number.high)(text)
    told = text.replace(",", ".")
    digits = told.replace(".", "", 1)
    if digits.isascii() and digits.isdigit() and len(told) <= 8:
        exact = Decimal(told)
        if number.low <= exact <= number.high:
            return plain(exact)
    raise FieldError(f"Enter a number from {number.low} to {number.high}.")
