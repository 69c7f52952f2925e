"""How alike texts are: TF-IDF over words and over pieces of words, by scikit-learn.

A pure function of the texts it was made from. scikit-learn takes a moment to load, so it is loaded
when the first index is made and not when the application starts.
"""

from collections.abc import Sequence
from difflib import SequenceMatcher

# Two spellings of one word share most of their letters, in order.
SAME_WORD = 0.8
SAME_START = 0.9
CLOSE_ENOUGH = 0.33
SHORTEST = 4
CANDIDATES = 4


class Likeness:
    """Compares a text with the `documents` (stems, blanks between), and a word with the `words`."""

    def __init__(self, documents: Sequence[str], words: Sequence[str]):
        from sklearn.feature_extraction.text import TfidfVectorizer

        self.words = list(words)
        self._by_word = TfidfVectorizer(
            ngram_range=(1, 2), token_pattern=r"\S+", sublinear_tf=True, lowercase=False
        )
        self._by_piece = TfidfVectorizer(
            analyzer="char_wb", ngram_range=(3, 5), sublinear_tf=True, lowercase=False
        )
        self._by_letter = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 3), lowercase=False)
        self._in_words = self._by_word.fit_transform(documents)
        self._in_pieces = self._by_piece.fit_transform(documents)
        self._in_letters = self._by_letter.fit_transform(self.words)

    def of_words(self, text: str) -> list[float]:
        """Cosine of the text with each document, by words and pairs of words: 0..1."""
        return (self._in_words @ self._by_word.transform([text]).T).toarray().ravel().tolist()

    def of_pieces(self, text: str) -> list[float]:
        """Cosine of the text with each document, by pieces of three to five letters: 0..1."""
        return (self._in_pieces @ self._by_piece.transform([text]).T).toarray().ravel().tolist()

    def spelled(self, word: str) -> tuple[str, float] | None:
        """The known word that a misspelt one means, and how sure that is (0..1); None for none."""
        if len(word) < SHORTEST:
            return None
        near = (self._in_letters @ self._by_letter.transform([word]).T).toarray().ravel()
        best = [place for place in near.argsort()[::-1][:CANDIDATES] if near[place] > CLOSE_ENOUGH]
        likely = [(_ratio(word, self.words[place]), self.words[place]) for place in best]
        sure, known = max(likely, default=(0, ""))
        least = SAME_WORD if known[:1] == word[:1] else SAME_START
        return (known, sure) if sure >= least else None


def _ratio(word: str, known: str) -> float:
    return SequenceMatcher(None, word, known).ratio()
