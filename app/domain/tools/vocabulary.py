"""What may be said to the recommendation: the organization's own words in the sentences people use.

The recogniser knows nothing but these words and everyday language, so everything that the catalogue
offers is put into the sentences in which patients ask for it.
"""

import hashlib
import json
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from itertools import islice

from app.domain.tools.patient_sentences import AGES, BODY, FRAMES, LOOKS

WORD = re.compile(r"[a-z]+(?:'[a-z]+)*")
SENTENCE_END = re.compile(r"[.!?;:]\s|\n")
LONGEST = 24  # words of a sentence of the catalogue's own texts
# How often each kind of sentence counts, all in all.
FRAME_COUNT = 12.0
TEXT_COUNT = 1.5
# In a large catalogue each sentence is filled with some of the phrases; each phrase comes in some.
MOST_TURNS = 400
MOST_TEXTS = 3000
ONES = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen"
ONES = (ONES + " fifteen sixteen seventeen eighteen nineteen").split()
TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]


@dataclass(frozen=True)
class Vocabulary:
    """An organization's words: names of treatments and what else they are called, concerns, areas
    and its own texts, each as it is written."""

    treatments: tuple[str, ...] = ()
    concerns: tuple[str, ...] = ()
    areas: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()

    @property
    def fingerprint(self) -> str:
        """The same for the same words, whatever process asks."""
        told = json.dumps(asdict(self), sort_keys=True)
        return hashlib.sha256(told.encode("utf-8", "replace")).hexdigest()[:16]

    def to_json(self) -> dict:
        """The vocabulary as plain lists."""
        return asdict(self)

    @classmethod
    def from_json(cls, kept: dict) -> "Vocabulary":
        """What to_json gave."""
        return cls(**{name: tuple(words) for name, words in kept.items()})


def words_of(text: str) -> tuple[str, ...]:
    """The words of a text as they are spoken: lower case, no accents, numbers under a hundred in
    words, other signs left out."""
    plain = unicodedata.normalize("NFKD", text.replace("’", "'").replace("&", " and ").lower())
    plain = re.sub(r"\d+", lambda found: f" {number_in_words(found[0])} ", plain)
    return tuple(WORD.findall("".join(c for c in plain if not unicodedata.combining(c))))


def number_in_words(digits: str) -> str:
    """42 -> forty two; nothing for a number of three digits or more."""
    if len(digits) > 2:
        return ""
    tens, ones = divmod(int(digits), 10)
    if int(digits) < len(ONES):
        return ONES[int(digits)]
    return TENS[tens - 2] + (f" {ONES[ones]}" if ones else "")


def sentences(vocabulary: Vocabulary) -> Iterator[tuple[tuple[str, ...], float]]:
    """Every sentence of the model, as words, with how often it counts."""
    slots = _slots(vocabulary)
    for number, frame in enumerate(FRAMES.strip().splitlines()):
        yield from _filled(frame, slots, number * MOST_TURNS)
    for words in islice(_own(vocabulary), MOST_TEXTS):
        yield words, TEXT_COUNT


def _own(vocabulary: Vocabulary) -> Iterator[tuple[str, ...]]:
    """The sentences of the catalogue's own texts."""
    for text in vocabulary.texts:
        for sentence in SENTENCE_END.split(text + " "):
            if words := words_of(sentence)[:LONGEST]:
                yield words


def _slots(vocabulary: Vocabulary) -> dict[str, list[tuple[str, ...]]]:
    told = {
        "t": vocabulary.treatments,
        "c": vocabulary.concerns,
        "b": (*BODY, *vocabulary.areas),
        "d": LOOKS,
        "n": AGES,
    }
    found = {name: {words_of(each) for each in slot} - {()} for name, slot in told.items()}
    for name in "tc":
        found[name] |= {(*article, *words) for words in found[name] for article in _articles(words)}
    return {name: sorted(each) for name, each in found.items()}


def _articles(words: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """What may stand before a phrase: "a double chin", "an intense pulsed light", "the redness"."""
    yield ("the",)
    if not words[-1].endswith("s"):
        yield ("an" if words[0][0] in "aeiou" else "a",)


def _filled(frame: str, slots, start: int) -> Iterator[tuple[tuple[str, ...], float]]:
    """The frame with each phrase in turn. Where there are several slots, the phrases take turns
    beside one another: every phrase comes, not every pair of phrases."""
    parts = re.split(r"\{(\w)\}", frame)
    names, said = parts[1::2], [words_of(part) for part in parts[0::2]]
    if not all(slots[name] for name in names):
        return
    turns = max((len(slots[name]) for name in names), default=1)
    if turns > MOST_TURNS:
        turns = MOST_TURNS
    else:
        start = 0  # all of them come
    for turn in range(start, start + turns):
        words = list(said[0])
        for at, name in enumerate(names):
            phrases = slots[name]
            # A different stride for each slot, so that neighbours do not always meet.
            words += phrases[(turn * (2 * at + 1) + 7 * at) % len(phrases)]
            words += said[at + 1]
        yield tuple(words), FRAME_COUNT / turns
