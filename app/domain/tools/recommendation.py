"""Which treatments fit what somebody wrote, why, and when nothing does.

Evidence is what the text says of a treatment's name, synonyms and concerns; likeness to all its
texts decides between equals. Little evidence, or much talk of other things beside it, is no answer.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from app.domain.tools.likeness import Likeness
from app.domain.tools.phrases import OWN_AT_LEAST, Hit, Offer, Phrase, find, phrases_of
from app.domain.tools.reading import PART, Reading, Vocabulary
from app.domain.tools.refusals import with_refusals
from app.domain.tools.word_lists import AMBIGUOUS, BODY, ELSEWHERE, GLUE, STORY
from app.domain.tools.words import words_of

MOST = 3
BY_WORDS, BY_PIECES = 0.6, 0.3
# The evidence that an answer needs: more with each word of another trade and each unknown one. In a
# long story some of both are natural.
LEAST = 0.6
# Words of this trade alone (acne) are believed beside more of that than loose ones (spots).
FOR_ELSEWHERE = {"own": 0.45, "loose": 0.8}
FOR_UNKNOWN = {"own": 0.25, "loose": 0.7}
LONG = 7
UNKNOWN_SHARE = 0.12
# What may stand beside the best, by its evidence.
BESIDE, LEAST_BESIDE = 0.3, 0.35
# What has been answered already counts this much less for the second and the third.
TWICE = 0.4
# A phrase said this well is meant, though a word of it is missing.
MOSTLY = 0.45
SHOWN = 0.5
BEGUN = 0.7  # how sure the beginning of a word is the word
MOST_REASONS = 4
EVERYBODYS = AMBIGUOUS | BODY | STORY | GLUE


@dataclass(frozen=True, slots=True)
class Match:
    """A treatment that fits. `score` ranks it, `evidence` is the part that it rests on (both above
    0, without a bound); `concerns` and `names`: which of its own phrases matched, the best first;
    `spans`: where their words stand in the text."""

    key: str
    score: float
    evidence: float
    concerns: tuple[str, ...]
    names: tuple[str, ...]
    spans: tuple[tuple[int, int], ...]
    is_own: bool

    def share_of(self, spans: Collection[tuple[int, int]]) -> float:
        """How much of the evidence are words at these places."""
        shared = sum(span in spans for span in self.spans)
        return self.evidence * shared / len(self.spans) if self.spans else 0.0


@dataclass(frozen=True, slots=True)
class Answer:
    """The matches, the best first; the keys of treatments `named` by the text, and of those
    `left_out` because it refuses them. Without matches, `refusal` says why: "blank", "language",
    "nothing" fits, or what fits is "left_out"."""

    matches: tuple[Match, ...] = ()
    named: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    refusal: str | None = None


class Recommender:
    """Answers for one catalogue; the order of its offers is of no effect."""

    def __init__(self, offers: Iterable[Offer]):
        self.offers = sorted(offers, key=lambda offer: offer.key)
        phrases = [p for place, offer in enumerate(self.offers) for p in phrases_of(place, offer)]
        self._phrases: dict[str, list[Phrase]] = {}
        for phrase in phrases:
            for stem in phrase.stems:
                self._phrases.setdefault(stem, []).append(phrase)
        told = [phrase for phrase in phrases if phrase.is_telling]
        self._vocabulary = _vocabulary(told)
        words = sorted({*self._vocabulary.known, *self._vocabulary.joined})
        documents = [_document(offer) for offer in self.offers]
        self._likeness = Likeness(documents, words) if words else None

    def recommend(self, text: str, most: int = MOST) -> Answer:
        """What fits the text, at most so many; or why nothing does."""
        words = with_refusals(words_of(text))
        if not words:
            return Answer(refusal="blank")
        if self._likeness is None:
            return Answer(refusal="nothing")
        reading = Reading.of(words, self._vocabulary, self._likeness.spelled)
        if reading.is_foreign:
            return Answer(refusal="language")
        hits = self._hits(reading)
        said = (hit for hit in hits if hit.phrase.is_telling and hit.quality >= MOSTLY)
        reading.mind_borrowed({place for hit in said for place in hit.places})
        named, left_out = _called(hits, reading)
        matches = self._ranked(reading, [hit for hit in hits if hit.phrase.place not in left_out])
        refused = self._keys(left_out)
        if not matches or matches[0].evidence < _needed(reading, matches[0]):
            return Answer(left_out=refused, refusal="left_out" if refused else "nothing")
        least = max(BESIDE * matches[0].evidence, LEAST_BESIDE)
        likely = [match for match in matches if match.evidence >= least]
        return Answer(_together(likely, most), self._keys(named - left_out), refused)

    def search(self, text: str) -> tuple[Match, ...]:
        """Every offer that has to do with the text, the best first, however little that is; words
        may be begun only. Nothing is refused: who searches reads on by themselves."""
        words = words_of(text)
        if not words or self._likeness is None:
            return ()
        reading = Reading.of(words, self._vocabulary, self._begun)
        alike = self._likeness.of_words(" ".join(w.stem for w in words if w.stem not in GLUE))
        found = self._ranked(reading, self._hits(reading))
        more = [
            Match(offer.key, round(likeness, 6), 0.0, (), (), (), False)
            for offer, likeness in zip(self.offers, alike, strict=True)
            if likeness and offer.key not in {match.key for match in found}
        ]
        return (*found, *sorted(more, key=lambda match: (-match.score, match.key)))

    def _begun(self, word: str) -> tuple[str, float] | None:
        known = [each for each in self._vocabulary.known if each.startswith(word)]
        if len(word) >= PART and known:
            return min(known, key=lambda each: (len(each), each)), BEGUN
        return self._likeness.spelled(word)

    def _keys(self, places: set[int]) -> tuple[str, ...]:
        return tuple(self.offers[place].key for place in sorted(places))

    def _hits(self, reading: Reading) -> list[Hit]:
        said = {
            id(phrase): phrase for stem in reading.where for phrase in self._phrases.get(stem, ())
        }
        hits = (find(p, reading.words, reading.where) for p in said.values())
        return [hit for hit in hits if hit]

    def _ranked(self, reading: Reading, hits: list[Hit]) -> list[Match]:
        by_place: dict[int, list[Hit]] = {}
        for hit in hits:
            by_place.setdefault(hit.phrase.place, []).append(hit)
        words = self._likeness.of_words(reading.stems)
        pieces = self._likeness.of_pieces(reading.stems)
        matches = []
        for place, found in by_place.items():
            evidence, support = _evidence(found, reading)
            if evidence:
                alike = BY_WORDS * words[place] + BY_PIECES * pieces[place]
                key = self.offers[place].key
                matches.append(_match(key, evidence, support + alike, found, reading))
        return sorted(matches, key=lambda match: (-match.score, match.key))


def _vocabulary(phrases: Sequence[Phrase]) -> Vocabulary:
    texts = {phrase.stems for phrase in phrases}
    often = Counter(stem for stems in texts for stem in stems)
    alone = {stems[0] for stems in texts if len(stems) == 1}
    in_names = {stem for phrase in phrases if phrase.kind == "name" for stem in phrase.stems}
    pairs = [pair for phrase in phrases for pair in pairwise(phrase.words)]
    return Vocabulary(
        known={word.flat: word.stem for phrase in phrases for word in phrase.words},
        stems=frozenset(often),
        joined={
            first.flat + second.flat: (first.stem, second.stem)
            for first, second in pairs
            if second.start - first.end == 1 and min(len(first.flat), len(second.flat)) >= PART
        },
        pairs=frozenset((a, b) for stems in texts for a in stems for b in stems),
        own=frozenset(
            stem
            for stem, count in often.items()
            if stem not in EVERYBODYS
            if count > 1 or (stem in alone and stem not in ELSEWHERE)
        ),
        borrowed=frozenset(
            stem
            for stem, count in often.items()
            if stem in ELSEWHERE and count == 1 and stem not in in_names | alone
        ),
    )


def _needed(reading: Reading, match: Match) -> float:
    count = len(reading.words)
    elsewhere = reading.elsewhere * min(1.0, LONG / count)
    unknown = max(reading.unknown - UNKNOWN_SHARE * count, 0)
    kind = "own" if match.is_own else "loose"
    return LEAST + FOR_ELSEWHERE[kind] * elsewhere + FOR_UNKNOWN[kind] * unknown


def _together(matches: list[Match], most: int) -> tuple[Match, ...]:
    """The best, then whatever adds most to it: who names two concerns gets an answer to both."""
    chosen: list[Match] = []
    left = list(matches)
    while left and len(chosen) < most:
        said = {span for match in chosen for span in match.spans}
        best = max(left, key=lambda match: match.score - TWICE * match.share_of(said))
        chosen.append(best)
        left.remove(best)
    return tuple(chosen)


def _called(hits: Iterable[Hit], reading: Reading) -> tuple[set[int], set[int]]:
    """The offers that a text calls by name, and those it refuses. A longer name keeps its words
    from shorter ones: who says vampire facial has not said facial."""
    names = [h for h in hits if h.whole and h.phrase.is_name and len(_wishes(h, reading)) == 1]
    taken: set[int] = set()
    named: set[int] = set()
    left_out: set[int] = set()
    for length in sorted({len(hit.places) for hit in names}, reverse=True):
        free = [h for h in names if len(h.places) == length and not taken & set(h.places)]
        for hit in free:
            if True in _wishes(hit, reading):
                left_out.add(hit.phrase.place)
            elif hit.phrase.kind != "category":
                named.add(hit.phrase.place)
            taken |= set(hit.places)
    return named, left_out


def _wishes(hit: Hit, reading: Reading) -> set[bool]:
    return {reading.words[place].refused for place in hit.places}


def _evidence(hits: Iterable[Hit], reading: Reading) -> tuple[float, float]:
    """What the hits of one offer amount to, each word by its best phrase; and the support of the
    places of the body that it treats, which prove nothing alone."""
    told: dict[str, float] = {}
    places: dict[str, float] = {}
    for hit in hits:
        kept = places if hit.phrase.kind == "area" else told
        for place, weight in zip(hit.places, hit.weights, strict=True):
            word = reading.words[place]
            if not (word.refused and hit.phrase.is_name):
                proved = weight * hit.quality
                if hit.phrase.is_telling and reading.is_own(place):
                    proved = max(proved, weight * OWN_AT_LEAST)
                kept[word.stem] = max(kept.get(word.stem, 0.0), proved)
    return sum(told.values()), sum(kept for stem, kept in places.items() if stem not in told)


def _match(key: str, evidence: float, more: float, hits: list[Hit], reading: Reading) -> Match:
    told = [hit for hit in hits if hit.phrase.is_telling]
    told.sort(key=lambda hit: (-sum(hit.weights) * hit.quality, hit.phrase.text))
    shown = _saying_more([hit for hit in told if hit.quality >= SHOWN] or told[:1] or hits)
    spans = {
        (reading.words[place].start, reading.words[place].end)
        for hit in shown
        for place in hit.places
    }
    return Match(
        key,
        round(evidence + more, 6),
        round(evidence, 6),
        _texts(shown, "concern"),
        _texts(shown, "name", "synonym"),
        tuple(sorted(spans)),
        any(reading.is_own(place) for hit in told for place in hit.places),
    )


def _saying_more(hits: Iterable[Hit]) -> list[Hit]:
    """The hits that explain a word which none before them has."""
    explained: set[int] = set()
    more = []
    for hit in hits:
        if not explained.issuperset(hit.places):
            more.append(hit)
            explained |= set(hit.places)
    return more


def _texts(hits: Sequence[Hit], *kinds: str) -> tuple[str, ...]:
    texts = dict.fromkeys(hit.phrase.text for hit in hits if hit.phrase.kind in kinds)
    return tuple(texts)[:MOST_REASONS]


def _document(offer: Offer) -> str:
    """All that an offer says, as stems; what it is called and helps with more than once."""
    texts = [offer.name] * 3 + [*offer.synonyms, *offer.concerns] * 2
    texts += [offer.category, offer.summary, offer.description, *offer.areas]
    stems = (word.stem for text in texts for word in words_of(text))
    return " ".join(stem for stem in stems if stem not in GLUE)
