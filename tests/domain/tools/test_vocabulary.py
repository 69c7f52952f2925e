"""What may be said to an organization."""

from hypothesis import given
from hypothesis import strategies as st

from app.domain.tools.recording import Heard
from app.domain.tools.spelling import spelled
from app.domain.tools.vocabulary import Vocabulary, sentences, words_of

TEXTS = st.lists(st.text(max_size=40), max_size=4).map(tuple)
CLINIC = Vocabulary(
    treatments=("HydraFacial", "IPL", "Intense pulsed light"),
    concerns=("crow’s feet", "redness"),
    areas=("Décolleté",),
    texts=("We begin with LED light. Then you rest.",),
)


def test_words_are_as_they_are_spoken():
    assert words_of("Crow’s feet & fine lines") == ("crow's", "feet", "and", "fine", "lines")
    assert words_of("Décolleté, at 42 or 7 or 30") == (
        *("decollete", "at", "forty", "two", "or", "seven", "or", "thirty"),
    )
    assert words_of("💉 1234 —") == ()


def test_every_name_and_concern_can_be_asked_for():
    said = {" ".join(words) for words, _ in sentences(CLINIC)}
    assert "how much is hydrafacial" in said
    assert "i would like an intense pulsed light" in said
    assert "can you help with the redness" in said
    assert "crow's feet" in said
    assert "then you rest" in said


def test_of_a_large_catalogue_every_name_can_be_asked_for_in_a_model_of_bounded_size():
    letters = "abcdefghijklmnopqrstuvwxyz"
    names = tuple(f"treat{a}{b}{c}" for a in letters for b in letters for c in "aeiou")
    large = Vocabulary(names, concerns=("redness",), texts=("Some words. " * 9000,))
    told = list(sentences(large))
    assert len(told) < 150_000
    assert set(names) <= {word for words, _ in told for word in words}


@given(st.builds(Vocabulary, TEXTS, TEXTS, TEXTS, TEXTS))
def test_whatever_stands_in_a_catalogue_makes_sentences_of_plain_words(vocabulary):
    for words, weight in sentences(vocabulary):
        assert words
        assert weight > 0
        assert all(word.isascii() and word.replace("'", "").isalpha() for word in words)


def test_the_same_words_have_the_same_fingerprint_and_others_another():
    assert Vocabulary.from_json(CLINIC.to_json()) == CLINIC
    assert Vocabulary.from_json(CLINIC.to_json()).fingerprint == CLINIC.fingerprint
    assert Vocabulary(treatments=("Peel",)).fingerprint != CLINIC.fingerprint


def test_capitals_are_those_of_the_catalogue():
    heard = [Heard(word, 0.5) for word in ("can", "i", "have", "led", "or", "hydrafacial")]
    written = spelled(heard, CLINIC)
    assert " ".join(word for word, _ in written) == "Can I have LED or HydraFacial"
    assert {sure for _, sure in written} == {0.5}
    assert spelled([], CLINIC) == ()
