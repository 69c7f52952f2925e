"""What a field of a lead may hold, as people say it and as it is stored."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Choices:
    """Values with their words, in the order in which they are offered."""

    words: dict[str, str]

    def said(self, value: str) -> str:
        """A value in people's words, also one that is not known: "this_month" -> "This month"."""
        return self.words.get(value) or in_words(value)

    def stored(self, typed: str) -> str:
        """The value that somebody means who types it or its words, however they are written; else
        what they typed."""
        if typed in self.words:
            return typed
        meant = _folded(typed)
        by_value = {_folded(value): value for value in self.words}
        by_words = {_folded(words): value for value, words in reversed(self.words.items())}
        return by_value.get(meant) or by_words.get(meant) or typed


def choices(known: Mapping[str, str], others: Iterable[str] = ()) -> Choices:
    """The values that are `known` with their words, then `others` that are no other spelling of
    one before."""
    words, seen = dict(known), {_folded(text) for pair in known.items() for text in pair}
    for value in others:
        if _folded(value) not in seen:
            seen.add(_folded(value))
            words[value] = in_words(value)
    return Choices(words)


def in_words(value: str) -> str:
    """A stored value as a few words: "bike_fitter" -> "Bike fitter"."""
    words = value.replace("_", " ")
    return words[:1].upper() + words[1:]


def _folded(text: str) -> str:
    return " ".join(text.replace("_", " ").split()).casefold()
