"""The words of a text: where each stands, and its stem."""

import re
import unicodedata
from dataclasses import dataclass

from app.domain.tools.stems import stem

WORD = re.compile(r"[^\W_]+(?:['’ʼ`´][^\W_]+)*")
BREAK = re.compile(r"[.,;:!?()\n/–—]|\s-\s")
APOSTROPHES = str.maketrans("", "", "'’ʼ`´")


@dataclass(frozen=True, slots=True)
class Word:
    """A word from `start` to `end` of its text. `flat`: without case, accents and apostrophes;
    `accented`: it had accents; `clause` counts the parts of sentences; `refused`: somebody said
    that they do not want it."""

    start: int
    end: int
    flat: str
    stem: str
    clause: int = 0
    refused: bool = False
    accented: bool = False


def words_of(text: str) -> list[Word]:
    """The words of a text, in order."""
    found, clause, last = [], 0, 0
    for match in WORD.finditer(text):
        clause += bool(BREAK.search(text, last, match.start()))
        last = match.end()
        if flat := flatten(match[0]):
            accented = any(unicodedata.decomposition(letter) for letter in match[0])
            word = Word(match.start(), last, flat, stem(flat), clause, accented=accented)
            found.append(word)
    return found


def flatten(text: str) -> str:
    """Crow’s -> crows, Décolleté -> decollete."""
    plain = unicodedata.normalize("NFKD", text).casefold().translate(APOSTROPHES)
    return "".join(letter for letter in plain if not unicodedata.combining(letter))
