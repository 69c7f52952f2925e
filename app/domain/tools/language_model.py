"""What people are likely to say, as an n-gram model: sentences in, a model in the ARPA format out.

Word triples are counted and smoothed after Witten and Bell ("The zero-frequency problem", IEEE
Transactions on Information Theory 37, 1991): a history that was followed by many different words
leaves more room for one that never followed it. Below the sentences lies everyday language, so that
"my sister said" is possible between two treatments.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

START, END = "<s>", "</s>"
NEVER = -99.0
# What everyday language keeps of each word, however much the sentences say.
FLOOR = 0.2
# Everyday pairs count like so many words that once followed the history.
EVERYDAY_WEIGHT = 6.0


@dataclass
class Everyday:
    """Everyday language: the probability of words, and of a word after another."""

    words: Mapping[str, float] = field(default_factory=dict)
    pairs: Mapping[tuple[str, str], float] = field(default_factory=dict)


@dataclass
class _Counts:
    """How often each word followed a history, and what they sum to."""

    after: dict = field(default_factory=lambda: defaultdict(lambda: defaultdict(float)))

    def add(self, history, word: str, weight: float):
        self.after[history][word] += weight


def arpa(sentences: Iterable[tuple[tuple[str, ...], float]], everyday: Everyday) -> str:
    """A model of three words in the ARPA format. Each sentence is its words and how often it
    counts; probabilities of `everyday` need not sum to one."""
    pairs, triples, single = _Counts(), _Counts(), defaultdict(float)
    for words, weight in sentences:
        said = (START, *words, END)
        for at in range(1, len(said)):
            single[said[at]] += weight
            pairs.add(said[at - 1], said[at], weight)
            if at > 1:
                triples.add(said[at - 2 : at], said[at], weight)
    ones = _words(single, everyday)
    twos, left_two = _pairs(pairs, ones, everyday)
    threes, left_three = _triples(triples, twos, left_two, ones)
    return _written(ones, twos, threes, left_two, left_three)


def _words(single: Mapping[str, float], everyday: Everyday) -> dict[str, float]:
    """The probability of each word: mostly the sentences', and everyday language for the rest."""
    said = sum(single.values()) or 1.0
    usual = sum(everyday.words.values()) or 1.0
    mixed = {word: (1 - FLOOR) * count / said for word, count in single.items()}
    for word, likely in everyday.words.items():
        mixed[word] = mixed.get(word, 0.0) + FLOOR * likely / usual
    whole = sum(mixed.values())
    return {word: likely / whole for word, likely in mixed.items()}


def _pairs(counts: _Counts, ones, everyday: Everyday):
    """The probability of a word after another, and what is left there for words not seen."""
    usual = defaultdict(dict)
    for (before, word), likely in everyday.pairs.items():
        if word in ones and (before in ones or before == START):
            usual[before][word] = likely
    found, left = {}, {}
    for before in {*counts.after, *usual}:
        seen, common = counts.after.get(before, {}), usual[before]
        room = float(len(seen)) or 1.0
        weight = EVERYDAY_WEIGHT if common else 0.0
        whole = sum(seen.values()) + room + weight
        # What everyday language does not say here it leaves to the words themselves.
        rest = 1 - sum(common.values())
        spread = (room + weight * max(rest, 0.0)) / whole
        for word in {*seen, *common}:
            own = (seen.get(word, 0.0) + weight * common.get(word, 0.0)) / whole
            found[before, word] = own + spread * ones[word]
        left[before] = spread
    return found, left


def _triples(counts: _Counts, twos, left_two, ones):
    found, left = {}, {}
    for history, seen in counts.after.items():
        room = float(len(seen))
        whole = sum(seen.values()) + room
        for word, count in seen.items():
            before = history[1]
            lower = twos.get((before, word)) or left_two.get(before, 1.0) * ones[word]
            found[*history, word] = (count + room * lower) / whole
        left[history] = room / whole
    return found, left


def _written(ones, twos, threes, left_two, left_three) -> str:
    lines = ["\\data\\", f"ngram 1={len(ones) + 1}", f"ngram 2={len(twos)}"]
    lines += [f"ngram 3={len(threes)}", "", "\\1-grams:"]
    lines.append(_line(NEVER, START, _log(left_two.get(START, 1.0))))
    for word, likely in sorted(ones.items()):
        lines.append(_line(_log(likely), word, _log(left_two.get(word, 1.0))))
    lines += ["", "\\2-grams:"]
    for pair, likely in sorted(twos.items()):
        lines.append(_line(_log(likely), " ".join(pair), _log(left_three.get(pair, 1.0))))
    lines += ["", "\\3-grams:"]
    for triple, likely in sorted(threes.items()):
        lines.append(f"{_log(likely):.4f}\t{' '.join(triple)}")
    return "\n".join([*lines, "", "\\end\\", ""])


def _line(likely: float, words: str, left: float) -> str:
    return f"{likely:.4f}\t{words}\t{left:.4f}"


def _log(likely: float) -> float:
    return math.log10(likely) if likely > 0 else NEVER
