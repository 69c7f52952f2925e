"""The phrases by which a treatment is known, and how well a text says them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from app.domain.tools.word_lists import BODY, ELSEWHERE, GLUE, kind_of
from app.domain.tools.words import Word, words_of

# How much a phrase proves, by where it stands in the catalogue.
KINDS = {"name": 1.0, "synonym": 1.0, "concern": 1.0, "category": 0.55, "text": 0.3, "area": 0.35}
LAST_CONCERN = 0.85  # the first concern counts 1, the last this much
# How much a word counts in a phrase: on its own, and among others.
ALONE = {"own": 1.0, "loose": 0.9, "body": 0.8, "story": 0.6}
AMONG = {"own": 1.0, "loose": 0.9, "body": 0.6, "story": 0.4}
# What a word of the trade proves at least, however little of its phrase is said.
OWN_AT_LEAST = 0.65
# A phrase half said counts less than half; words strewn over a sentence count less than together.
WHOLENESS = 1.5
STRAY, STRAY_AT_MOST = 0.06, 0.5
NEW_CLAUSE = 1.5
REACH = 5


@dataclass(frozen=True, slots=True)
class Offer:
    """A treatment as the matching reads it: its texts."""

    key: str
    name: str
    category: str = ""
    summary: str = ""
    description: str = ""
    concerns: tuple[str, ...] = ()
    synonyms: tuple[str, ...] = ()
    areas: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Phrase:
    """A phrase of the offer at `place` of the catalogue, as stems with what each of them counts."""

    place: int
    text: str
    kind: str
    words: tuple[Word, ...]
    stems: tuple[str, ...]
    weights: tuple[float, ...]
    factor: float

    @property
    def is_name(self) -> bool:
        """Whether it says what is done, not what it is done for."""
        return self.kind in ("name", "synonym", "category")

    @property
    def is_telling(self) -> bool:
        """Whether somebody wrote it down to be found by."""
        return self.kind in ("name", "synonym", "concern")


@dataclass(frozen=True, slots=True)
class Hit:
    """A phrase found in a text: its words at `places` count `weights`, as well as `quality` (0..1)
    says; `whole`: none is missing."""

    phrase: Phrase
    places: tuple[int, ...]
    weights: tuple[float, ...]
    quality: float
    whole: bool


def phrases_of(place: int, offer: Offer) -> Iterator[Phrase]:
    """Every phrase of an offer: name, synonyms and concerns, then single words of its texts."""
    yield from _each(place, "name", (offer.name,))
    yield from _each(place, "synonym", offer.synonyms)
    yield from _each(place, "concern", offer.concerns)
    for kind, texts in (
        ("category", (offer.category,)),
        ("text", (offer.summary,)),
        ("area", offer.areas),
    ):
        for text in texts:
            for word in words_of(text):
                if _tells(word, kind):
                    yield from _phrase(place, kind, text, [word], KINDS[kind])


def _each(place: int, kind: str, texts: Sequence[str]) -> Iterator[Phrase]:
    last = max(len(texts) - 1, 1)
    for order, text in enumerate(texts):
        later = (1 - LAST_CONCERN) * order / last if kind == "concern" else 0
        yield from _phrase(place, kind, text, words_of(text), KINDS[kind] * (1 - later))


def _tells(word: Word, kind: str) -> bool:
    if kind == "area":
        return word.stem in BODY
    return kind_of(word.stem) in ("own", "loose") and word.stem not in ELSEWHERE


def _phrase(place, kind, text, words: list[Word], factor: float) -> Iterator[Phrase]:
    words = [word for word in words if word.stem not in GLUE] or words
    stems = tuple(dict.fromkeys(word.stem for word in words))
    if stems:
        table = ALONE if len(stems) == 1 else AMONG
        weights = tuple(table[kind_of(stem)] for stem in stems)
        yield Phrase(place, text, kind, tuple(words), stems, weights, factor)


def find(phrase: Phrase, words: Sequence[Word], where: dict[str, dict[int, float]]) -> Hit | None:
    """The phrase where its words stand closest together; None where it has none.

    `where`: the places of each stem in the text, with how sure each is (0..1).
    """
    places = [where.get(stem, {}) for stem in phrase.stems]
    anchors = sorted({place for each in places for place in each})
    found = [_around(anchor, phrase, places, words) for anchor in anchors]
    return max(found, key=lambda hit: hit.quality, default=None)


def _around(anchor: int, phrase: Phrase, places, words: Sequence[Word]) -> Hit:
    reach = REACH + len(phrase.stems)
    chosen, weights = [], []
    for each, weight in zip(places, phrase.weights, strict=True):
        near = [place for place in each if abs(place - anchor) <= reach and place not in chosen]
        if near:
            chosen.append(min(near, key=lambda place: (abs(place - anchor), place)))
            weights.append(weight * each[chosen[-1]])
    said = (sum(weights) / sum(phrase.weights)) ** WHOLENESS
    together = max(1 - STRAY * _between(chosen, words), STRAY_AT_MOST)
    whole = len(chosen) == len(phrase.stems)
    return Hit(phrase, tuple(chosen), tuple(weights), said * together * phrase.factor, whole)


def _between(places: Sequence[int], words: Sequence[Word]) -> float:
    """What stands between the words of a phrase: other words that mean something, new clauses."""
    first, last = min(places), max(places)
    others = [
        place
        for place in range(first + 1, last)
        if place not in places and words[place].stem not in GLUE
    ]
    return len(others) + NEW_CLAUSE * (words[last].clause - words[first].clause)
