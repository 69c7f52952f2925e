"""How people are found: by a name, an address or a phone number, however it is typed."""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

MOST_WORDS = 8
LONGEST_WORD = 254
FEW_DIGITS, WHOLE_NUMBER = 3, 6
LONGEST_COUNTRY = 3  # digits of a country's code

# What remains to be done once NFKD took letters and accents apart: capitals, letters with a stroke
# instead of an accent, signs that look alike. Marks are left off, and so is what only says in which
# direction to read, or how to join.
_CAPITALS = (
    letter
    for letter in map(chr, (*range(0xC0, 0x250), *range(0x370, 0x530)))
    if len(letter.casefold()) == 1 and not unicodedata.decomposition(letter)
)
_STROKED = {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "ħ": "h", "ŧ": "t", "ı": "i"}
_SMALL = {letter: _STROKED.get(letter.casefold(), letter.casefold()) for letter in _CAPITALS}
SAME = {letter: small for letter, small in _SMALL.items() if letter != small}
SAME |= {"ẞ": "ß"} | dict.fromkeys("‘’ʼ", "'") | dict.fromkeys("‐‒–—―−", "-")
LEFT_OFF = "".join(
    chr(code)
    for first, last in ((0x300, 0x36F), (0x200B, 0x200F), (0x202A, 0x202E), (0x2060, 0x2069))
    for code in range(first, last + 1)
)
LONGER = {"ß": "ss", "æ": "ae", "œ": "oe"}

_ASCII = {chr(code): chr(code + 32) for code in range(ord("A"), ord("Z") + 1)}
_TABLE = str.maketrans(_ASCII | SAME | dict.fromkeys(LEFT_OFF))
_ODD = ("Cc", "Cs")  # control characters, halves of letters
_OF_NUMBERS = frozenset("+()0123456789./-")


def folded(text: str) -> str:
    """The text in one form for all its spellings: small letters without accents, ß as ss, ø as o,
    the apostrophes and dashes of a keyboard. Databases fold alike (app.models.folded)."""
    if text.isascii():
        return text.lower()
    told = unicodedata.normalize("NFKD", text).translate(_TABLE)
    for letter, letters in LONGER.items():
        told = told.replace(letter, letters)
    return told


@dataclass(frozen=True, slots=True)
class Word:
    """One thing that must be found: the folded text, or a phone number that holds one of these runs
    of digits as E.164 has them. `parts`: or else each of these words, as which a number was typed.
    """

    text: str
    digits: tuple[str, ...] = ()
    parts: tuple["Word", ...] = ()


def words_of(query: str) -> list[Word]:
    """What somebody looks for: at most MOST_WORDS words and phone numbers.

    A number may be typed with spaces, dots, dashes, slashes and brackets, and begin with a plus,
    with 00, with a zero or without. Control characters are left off.
    """
    typed = "".join(
        letter for letter in query if letter.isspace() or unicodedata.category(letter) not in _ODD
    )
    pieces = [piece.removeprefix("tel:")[:LONGEST_WORD] for piece in folded(typed).split()]
    words = (word for run in _runs(list(filter(None, pieces))) for word in _words(run))
    return list(words)[:MOST_WORDS]


def _runs(pieces: list[str]) -> Iterator[list[str]]:
    """Each word by itself, the pieces of a number together; a plus begins another number."""
    run: list[str] = []
    for piece in pieces:
        goes_on = run and _OF_NUMBERS.issuperset(run[-1] + piece) and not piece.startswith("+")
        if run and not goes_on:
            yield run
            run = []
        run.append(piece)
    if run:
        yield run


def _words(run: list[str]) -> list[Word]:
    parts = [Word(piece, _digits(piece)) for piece in run]
    whole = "".join(run)
    if len(run) == 1 or sum(sign.isdigit() for sign in whole) < WHOLE_NUMBER:
        return parts
    return [Word(whole, _digits(whole), tuple(parts[:MOST_WORDS]))]


def _digits(typed: str) -> tuple[str, ...]:
    """What of a number stands in its form as E.164: without the zero that is dialled within the
    country only, also where it was left in after the country's code."""
    if not _OF_NUMBERS.issuperset(typed):
        return ()
    digits = "".join(filter(str.isdigit, typed))
    found = [digits.lstrip("0")]
    if typed.startswith(("+", "00", "(+", "(00")) or typed.find("(0)") > 0:
        found += [
            found[0][:place] + found[0][place + 1 :]
            for place in range(1, LONGEST_COUNTRY + 1)
            if found[0][place : place + 1] == "0"
        ]
    return tuple(each for each in dict.fromkeys(found) if len(each) >= FEW_DIGITS)
