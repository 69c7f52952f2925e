"""The language model: a true one, that expects what it was told."""

import math
from collections import defaultdict

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.tools.language_model import END, START, Everyday, arpa

WORDS = ("i", "want", "a", "peel", "botox")
SAID = st.lists(
    st.tuples(
        st.lists(st.sampled_from(WORDS), min_size=1, max_size=5).map(tuple), st.floats(0.1, 9)
    ),
    min_size=1,
    max_size=12,
)
USUAL = Everyday(
    {"i": 0.5, "said": 0.3, "want": 0.1, END: 0.1}, {("i", "said"): 0.4, (START, "i"): 0.3}
)


class Model:
    """An ARPA text read back."""

    def __init__(self, text: str):
        self.likely, self.left = {}, {}
        for line in text.splitlines():
            fields = line.split("\t")
            if len(fields) > 1:
                words = tuple(fields[1].split())
                self.likely[words] = 10 ** float(fields[0])
                self.left[words] = 10 ** float(fields[2]) if len(fields) > 2 else 1.0

    def of(self, word: str, *before: str) -> float:
        if (*before, word) in self.likely:
            return self.likely[*before, word]
        return self.left.get(before, 1.0) * self.of(word, *before[1:])


@pytest.mark.parametrize("everyday", [Everyday(), USUAL], ids=["alone", "with everyday words"])
@given(said=SAID)
@settings(max_examples=60, deadline=None)
def test_after_every_history_the_words_share_one_whole(everyday, said):
    model = Model(arpa(said, everyday))
    words = [one for one, *more in model.likely if not more and one != START]
    for history in {(), (START,), *(words[:-1] for words in model.likely if len(words) > 1)}:
        if END not in history:
            whole = sum(model.of(word, *history) for word in words)
            assert math.isclose(whole, 1, abs_tol=0.02), history


def test_what_was_told_is_likelier_than_what_was_not():
    model = Model(arpa([(("i", "want", "a", "peel"), 3), (("i", "said", "so"), 1)], USUAL))
    assert model.of("peel", "want", "a") > model.of("so", "want", "a")
    assert model.of("want", START, "i") > model.of("peel", START, "i")


def test_everyday_words_are_possible_where_nobody_told_of_them():
    without = Model(arpa([(("i", "want", "botox"), 5)], Everyday()))
    with_them = Model(arpa([(("i", "want", "botox"), 5)], USUAL))
    assert ("said",) not in without.likely
    assert with_them.of("said", "i") > 10 * with_them.of("said", "botox")


def test_the_counts_at_its_head_are_those_of_its_lines():
    text = arpa([(("i", "want", "botox"), 5), (("a", "peel"), 1)], USUAL)
    told = dict(line[6:].split("=") for line in text.splitlines() if line.startswith("ngram "))
    found = defaultdict(int)
    for words in Model(text).likely:
        found[str(len(words))] += 1
    assert {order: int(count) for order, count in told.items()} == found
