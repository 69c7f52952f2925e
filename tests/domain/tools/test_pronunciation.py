"""How words sound that no dictionary lists."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.tools.pronunciation import SPOKEN, by_letters, pronunciations

ALL = (
    "AA AE AH AO AW AY B CH D DH EH ER EY F G HH IH IY JH K L M N NG OW OY P R S SH T TH UH UW V W"
    " Y Z ZH"
)
SOUNDS = frozenset(ALL.split())
WRITTEN = st.text("abcdefghijklmnopqrstuvwxyz'", min_size=1, max_size=24)
LISTED = {"facial": "F EY SH AH L", "clinic": "K L IH N IH K", "peel": "P IY L", "glow": "G L OW"}


@pytest.mark.parametrize(
    ("word", "sounds"),
    [
        ("peel", "P IY L"),
        ("hydrafacial", "HH AY D R AH F EY SH AH L"),
        ("melasma", "M AH L AE Z M AH"),
        ("ipl", "AY P IY EH L"),
        ("xyz", "Z IH Z"),
        ("bbq", "B IY B IY K Y UW"),
        ("cryofacial", "K R AY OW F EY SH AH L"),
        ("glowpeel", "G L OW P IY L"),
        ("peels", "P IY L Z"),
        ("peeled", "P IY L D"),
        ("clinics", "K L IH N IH K S"),
        ("clinic's", "K L IH N IH K S"),
        ("morphing", "M AO R F IH NG"),
        ("sofwave", "S AA F W EY V"),
    ],
)
def test_the_likeliest_way_comes_first(word, sounds):
    assert pronunciations(word, LISTED.get)[0] == sounds


def test_a_name_is_also_read_as_strangers_read_it():
    assert by_letters("juvederm") in pronunciations("juvederm", LISTED.get)


def test_the_words_of_the_trade_have_sounds_that_exist():
    for word, ways in SPOKEN.items():
        assert set(" ".join(ways).split()) <= SOUNDS, word


@given(WRITTEN.filter(lambda word: word.strip("'")))
def test_every_word_can_be_said(word):
    ways = pronunciations(word, LISTED.get)
    assert ways
    assert all(way and set(way.split()) <= SOUNDS for way in ways), ways
