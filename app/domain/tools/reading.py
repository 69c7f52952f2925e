"""A text read against a catalogue: which words are the catalogue's, which belong to any story, to
other trades or to other languages, and which nobody knows."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from app.domain.tools.word_lists import (
    ALIKE,
    BODY,
    BORROWED,
    ELSEWHERE,
    ELSEWHERE_PAIRS,
    FOREIGN,
    GLUE,
    OTHER,
    STORY,
)
from app.domain.tools.words import Word

PAIR_COUNTS = 1.5  # a pair such as "hair loss" is surer than a word that it is about something else
PAIR_LEAVES = 0.3  # what its words still prove by themselves
PAIR_REACH = 2
BORROWABLE = 0.5  # botox and laser are said in every language
PART = 3  # letters that each part of a word written in two has at least
NEUTRAL = GLUE | STORY | BODY
LIKE = 0.85  # how sure it is that a word stands for one that says the same


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """A catalogue's words: `known` stems by word, and all of the `stems`; `joined`: two that stand
    together, by how they look written as one; `pairs`: stems that share a phrase; `own`: stems that
    are its own matter; `borrowed`: those of another trade that it has in one phrase only (turkey
    neck)."""

    known: dict[str, str]
    stems: frozenset[str]
    joined: dict[str, tuple[str, str]]
    pairs: frozenset[tuple[str, str]]
    own: frozenset[str]
    borrowed: frozenset[str]


@dataclass(slots=True)
class Reading:
    """The words of a text; `where` each of the catalogue's stems stands, and how sure that is
    (0..1); how many words are English glue, foreign, of elsewhere and unknown."""

    vocabulary: Vocabulary
    words: list[Word] = field(default_factory=list)
    where: dict[str, dict[int, float]] = field(default_factory=dict)
    english: float = 0.0
    foreign: int = 0
    elsewhere: float = 0.0
    unknown: int = 0

    @classmethod
    def of(cls, words: list[Word], vocabulary: Vocabulary, spelled: Callable) -> "Reading":
        """Reads the words; `spelled(word)` gives (the known word that it may mean, how sure)."""
        reading = cls(vocabulary)
        for word in _put_together(words, vocabulary):
            reading._count_language(word)
            for stem, sure in reading._meant(word, spelled):
                place = len(reading.words)
                reading.words.append(replace(word, stem=stem))
                for other in (stem, *ALIKE.get(stem, ())) if sure else ():
                    if other in vocabulary.stems:
                        likely = sure if other == stem else sure * LIKE
                        reading.where.setdefault(other, {})[place] = likely
        reading._mind_pairs()
        return reading

    @property
    def is_foreign(self) -> bool:
        return self.foreign > 0 and self.foreign >= self.english

    @property
    def stems(self) -> str:
        """The catalogue's words that are wanted, as stems with blanks between."""
        told = {
            place: stem
            for stem, places in self.where.items()
            for place in places
            if not self.words[place].refused
            and (stem == self.words[place].stem or self.words[place].stem not in self.where)
        }
        return " ".join(stem for _, stem in sorted(told.items()))

    def is_own(self, place: int) -> bool:
        """Whether the word at this place is said exactly, and is of this trade alone."""
        stem = self.words[place].stem
        return self.where.get(stem, {}).get(place) == 1.0 and stem in self.vocabulary.own

    def mind_borrowed(self, places: set[int]):
        """Counts borrowed words where their phrase is not meant; `places`: of the words of phrases
        that are."""
        for place, word in enumerate(self.words):
            if word.stem in self.vocabulary.borrowed and place not in places:
                self.elsewhere += 1

    def _count_language(self, word: Word):
        if word.flat.isdigit():
            return
        strange = not word.flat.isascii() or (word.accented and word.flat not in BORROWED)
        if strange or (word.flat in FOREIGN and word.flat not in self.vocabulary.known):
            self.foreign += 1
        elif word.stem in GLUE or word.stem in STORY:
            self.english += 1
        elif word.flat in self.vocabulary.known:
            self.english += BORROWABLE

    def _meant(self, word: Word, spelled) -> list[tuple[str, float]]:
        """The stems that a word stands for, and how sure each is; 0: it is not the catalogue's."""
        joined, stems = self.vocabulary.joined, self.vocabulary.stems
        if word.stem in stems or not stems.isdisjoint(ALIKE.get(word.stem, ())):
            return [(word.stem, 1.0)]
        if word.flat in joined:
            return [(stem, 1.0) for stem in joined[word.flat]]
        if word.stem in ELSEWHERE:
            self.elsewhere += 1
            return [(word.stem, 0.0)]
        if word.stem in NEUTRAL or any(letter.isdigit() for letter in word.flat):
            return [(word.stem, 0.0)]
        meant, sure = (word.stem not in OTHER and spelled(word.flat)) or (None, 0.0)
        if meant is None:
            self.unknown += 1
            return [(word.stem, 0.0)]
        known = self.vocabulary.known.get(meant)
        return [(stem, sure) for stem in ((known,) if known else joined[meant])]

    def _mind_pairs(self):
        """Counts pairs that mean something else than their words do, and takes those words back."""
        stands: dict[str, list[int]] = {}
        for place, word in enumerate(self.words):
            stands.setdefault(word.stem, []).append(place)
        for first, second in ELSEWHERE_PAIRS:
            if (first, second) in self.vocabulary.pairs:
                continue
            for place in stands.get(first, ()):
                for other in stands.get(second, ()):
                    if 0 < other - place <= PAIR_REACH:
                        self.elsewhere += PAIR_COUNTS
                        self._doubt(place)
                        self._doubt(other)

    def _doubt(self, doubtful: int):
        for places in self.where.values():
            if doubtful in places:
                places[doubtful] *= PAIR_LEAVES


def _put_together(words: list[Word], vocabulary: Vocabulary) -> list[Word]:
    """Words that the catalogue writes as one: hydra facial -> hydrafacial."""
    together: list[Word] = []
    for word in words:
        last = together[-1] if together else word
        flat = last.flat + word.flat
        parts = min(len(last.flat), len(word.flat)) >= PART and last.clause == word.clause
        if together and parts and flat in vocabulary.known:
            refused = last.refused and word.refused
            stem = vocabulary.known[flat]
            together[-1] = replace(last, end=word.end, flat=flat, stem=stem, refused=refused)
        else:
            together.append(word)
    return together
