"""A text read against a catalogue: which words are the catalogue's, which belong to any story, to
other trades or to other languages, and which nobody knows."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from app.domain.word_lists import (
    BODY,
    BORROWED,
    ELSEWHERE,
    ELSEWHERE_PAIRS,
    FOREIGN,
    GLUE,
    STORY,
)
from app.domain.words import Word

PAIR_COUNTS = 1.5  # a pair such as "hair loss" is surer than a word that it is about something else
PAIR_LEAVES = 0.3  # what its words still prove by themselves
PAIR_REACH = 2


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """A catalogue's words: `known` stems by word, `joined`: two that stand together, by how they
    look written as one; `pairs`: stems that share a phrase."""

    known: dict[str, str]
    joined: dict[str, tuple[str, str]]
    pairs: frozenset[tuple[str, str]]


@dataclass(slots=True)
class Reading:
    """The words of a text, how `sure` each is the catalogue's (0..1; 0: it is not), `where` each
    stem stands, and how many words are English glue, foreign, elsewhere's and unknown."""

    vocabulary: Vocabulary
    words: list[Word] = field(default_factory=list)
    sure: list[float] = field(default_factory=list)
    where: dict[str, list[int]] = field(default_factory=dict)
    english: int = 0
    foreign: int = 0
    elsewhere: float = 0.0
    unknown: int = 0

    @classmethod
    def of(cls, words: list[Word], vocabulary: Vocabulary, spelled: Callable) -> "Reading":
        """Reads the words; `spelled(word)` gives (the known word that it may mean, how sure)."""
        reading = cls(vocabulary)
        stems = frozenset(vocabulary.known.values())
        for word in _put_together(words, vocabulary):
            reading._count_language(word)
            for each, sure in reading._known(word, stems, spelled):
                reading.where.setdefault(each.stem, []).append(len(reading.words))
                reading.words.append(each)
                reading.sure.append(sure)
        reading._mind_pairs()
        return reading

    @property
    def is_foreign(self) -> bool:
        return self.foreign > 0 and self.foreign >= self.english

    @property
    def stems(self) -> str:
        """The catalogue's words that are wanted, as stems with blanks between."""
        told = zip(self.words, self.sure, strict=True)
        return " ".join(word.stem for word, sure in told if sure and not word.refused)

    def _count_language(self, word: Word):
        if word.flat.isdigit():
            return
        strange = not word.flat.isascii() or (word.accented and word.flat not in BORROWED)
        if strange or (word.flat in FOREIGN and word.flat not in self.vocabulary.known):
            self.foreign += 1
        elif word.stem in GLUE or word.stem in STORY:
            self.english += 1

    def _known(self, word: Word, stems: frozenset[str], spelled) -> list[tuple[Word, float]]:
        joined = self.vocabulary.joined
        if word.stem in stems:
            return [(word, 1.0)]
        if word.flat in joined:
            return [(replace(word, stem=stem), 1.0) for stem in joined[word.flat]]
        if word.stem in ELSEWHERE:
            self.elsewhere += 1
            return [(word, 0.0)]
        if word.flat.isdigit() or word.stem in GLUE | STORY | BODY:
            return [(word, 0.0)]
        meant, sure = spelled(word.flat) or (None, 0.0)
        if meant is None:
            self.unknown += 1
            return [(word, 0.0)]
        known = self.vocabulary.known.get(meant)
        means = (known,) if known else joined[meant]
        return [(replace(word, stem=stem), sure) for stem in means]

    def _mind_pairs(self):
        """Counts pairs that mean something else than their words do, and takes those words back."""
        for first, second in ELSEWHERE_PAIRS:
            if (first, second) in self.vocabulary.pairs:
                continue
            for place in self.where.get(first, ()):
                for other in self.where.get(second, ()):
                    if 0 < other - place <= PAIR_REACH:
                        self.elsewhere += PAIR_COUNTS
                        self.sure[place] *= PAIR_LEAVES
                        self.sure[other] *= PAIR_LEAVES


def _put_together(words: list[Word], vocabulary: Vocabulary) -> list[Word]:
    """Words that the catalogue writes as one: hydra facial -> hydrafacial."""
    together: list[Word] = []
    for word in words:
        last = together[-1] if together else None
        if last and last.clause == word.clause and last.flat + word.flat in vocabulary.known:
            flat = last.flat + word.flat
            together[-1] = replace(
                last,
                end=word.end,
                flat=flat,
                stem=vocabulary.known[flat],
                refused=last.refused and word.refused,
            )
        else:
            together.append(word)
    return together
