"""What measures of a face mean: levels, how sure they are, and which treatments answer them.

Three measures, each a difference within one face (docs/face-analysis.md says how they are taken and
how their noise was found). The borders between levels are ours, set on one light-skinned face: they
order what is seen, they diagnose nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

LEVELS = ("low", "medium", "high")
MOST_FITS = 3


@dataclass(frozen=True, slots=True)
class Measure:
    """`value` >= `borders[0]` is medium, >= `borders[1]` high; `noise` is how far the same face
    moves under other light, another camera, a tilted head. `answers`: words in a treatment's
    concerns that mean the same."""

    key: str
    name: str
    unit: str
    borders: tuple[float, float]
    noise: float
    how: str
    says: Mapping[str, str]
    answers: tuple[str, ...]


MEASURES = (
    Measure(
        "redness",
        "Redness of the cheeks",
        "steps of red (a*)",
        (2.0, 6.0),
        1.5,
        "How much redder your cheeks are than your nose and chin.",
        {
            "low": "Your cheeks are about as red as the rest of your face.",
            "medium": "Your cheeks are somewhat redder than the rest of your face. Warmth, sport or"
            " a cold wind do that for an hour; if it stays, a doctor can tell why.",
            "high": "Your cheeks are clearly redder than the rest of your face. If it stays, or"
            " burns, let a doctor look at it.",
        },
        ("redness", "rosacea", "vessels", "couperose", "flush"),
    ),
    Measure(
        "under_eyes",
        "Contrast under the eyes",
        "steps of lightness (L*)",
        (8.5, 13.0),
        1.5,
        "How much darker the skin under your eyes is than your cheeks.",
        {
            "low": "The skin under your eyes is at most a little darker than your cheeks.",
            "medium": "The skin under your eyes is somewhat darker than your cheeks. A short night"
            " or a lamp above you is enough for that.",
            "high": "The skin under your eyes is clearly darker than your cheeks. Light from above"
            " makes it more; take a second photo facing a window to compare.",
        },
        ("dark circle", "under-eye", "under the eye", "under eye", "tear trough"),
    ),
    Measure(
        "shine",
        "Shine",
        "% of the skin there",
        (4.0, 12.0),
        2.5,
        "How much of your forehead and nose reflects the light.",
        {
            "low": "Forehead and nose hardly shine.",
            "medium": "Forehead and nose shine in places. A lamp in front of you, or cream, adds to"
            " it.",
            "high": "Forehead and nose shine widely: oil, cream, sweat, or a flash.",
        },
        ("oily", "shiny", "greasy", "sebum"),
    ),
)
BY_KEY = {measure.key: measure for measure in MEASURES}
REGIONS = {
    "cheeks": "the cheeks",
    "under_eyes": "the skin under the eyes",
    "nose": "the nose",
    "chin": "the chin",
    "forehead": "the forehead",
}


@dataclass(frozen=True, slots=True)
class Reading:
    """A measure of one face. `perhaps`: the level that lies within the noise, None when none."""

    measure: Measure
    value: float
    level: str
    perhaps: str | None

    @property
    def says(self) -> str:
        return self.measure.says[self.level]


def read(values: Mapping[str, float]) -> list[Reading]:
    """The readings of measured values, in the order of MEASURES; unknown names are left out."""
    return [_reading(measure, values[measure.key]) for measure in MEASURES if measure.key in values]


def _reading(measure: Measure, value: float) -> Reading:
    level = level_of(measure, value)
    around = {level_of(measure, value + sign * measure.noise) for sign in (-1, 1)} - {level}
    return Reading(measure, value, level, min(around, key=LEVELS.index) if around else None)


def in_short(values: Mapping[str, float]) -> str:
    """The levels in a line: "Redness of the cheeks low, shine high"."""
    return ", ".join(f"{r.measure.name.lower()} {r.level}" for r in read(values)).capitalize()


def level_of(measure: Measure, value: float) -> str:
    """low, medium or high."""
    return LEVELS[sum(value >= border for border in measure.borders)]


@dataclass(frozen=True, slots=True)
class Concern:
    """Something that bothers people about their face; `words` stand for it in a catalogue."""

    key: str
    words: tuple[str, ...]


CONCERNS = (
    Concern("wrinkles", ("wrinkle", "lines")),
    Concern("redness", BY_KEY["redness"].answers),
    Concern("dark circles", BY_KEY["under_eyes"].answers),
    Concern("shine", BY_KEY["shine"].answers),
    Concern("pigment spots", ("pigment", "sun spots", "age spots", "brown spots", "melasma")),
    Concern("scars", ("scar",)),
    Concern("large pores", ("pore", "blackhead")),
    Concern("blemishes", ("acne", "breakout", "blemish", "pimple")),
    Concern("uneven texture", ("texture", "rough skin")),
    Concern("dull or dry skin", ("dull", "dehydrated", "dry skin", "glow")),
    Concern("loss of firmness", ("firmness", "slack skin", "sagging", "loose skin")),
    Concern("thin or dry lips", ("thin lips", "dry lips", "lip ")),
)


@dataclass(frozen=True, slots=True)
class Offer:
    """A treatment of the catalogue; what it is for, the most important first."""

    slug: str
    concerns: Sequence[str]


@dataclass(frozen=True, slots=True)
class Fit:
    """A treatment that answers what was named or measured, and why."""

    slug: str
    points: float
    reasons: tuple[str, ...]


NAMED = 1.5
MEASURED = {"low": 0.0, "medium": 0.6, "high": 1.0}
FADES = 8  # a concern counts half when this many stand before it in a treatment's list


def offered(concerns: Iterable[Concern], offers: Sequence[Offer]) -> list[Concern]:
    """The concerns that at least one of the treatments is for."""
    return [c for c in concerns if any(_weight(offer, c.words) for offer in offers)]


def fits(
    readings: Iterable[Reading], named: Iterable[Concern], offers: Iterable[Offer]
) -> list[Fit]:
    """At most three treatments, the best first; none when nothing was named or stands out."""
    asked = [(f"you named {concern.key}", concern.words, NAMED) for concern in named]
    asked += [
        (f"{reading.measure.name.lower()}: {reading.level}", reading.measure.answers, weight)
        for reading in readings
        if (weight := MEASURED[reading.level])
    ]
    found = [_fit(offer, asked) for offer in offers]
    return sorted((fit for fit in found if fit.points), key=lambda fit: -fit.points)[:MOST_FITS]


def _fit(offer: Offer, asked: list[tuple[str, tuple[str, ...], float]]) -> Fit:
    points = {why: weight * _weight(offer, words) for why, words, weight in asked}
    reasons = tuple(why for why, won in points.items() if won)
    return Fit(offer.slug, sum(points.values()), reasons)


def _weight(offer: Offer, words: tuple[str, ...]) -> float:
    """How much a treatment is for something: 1 when it stands first in its concerns, else less."""
    for place, concern in enumerate(offer.concerns):
        if any(word in concern.casefold() for word in words):
            return FADES / (FADES + place)
    return 0.0
