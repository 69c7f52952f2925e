"""Whether a transcript can be shown."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.tools.recording import REFUSALS, SURE, Heard, Transcript, confidence, judge

SHARE = st.floats(0, 1)


def heard(*sure: float) -> list[Heard]:
    return [Heard("word", each) for each in sure]


@given(SHARE, st.floats(-5, 5), st.floats(0, 5))
def test_a_greater_margin_is_never_trusted_less(sure, margin, more):
    assert 0 <= confidence(sure, margin) <= confidence(sure, margin + more) <= 1


@given(SHARE, SHARE, st.floats(-5, 5))
def test_surer_words_are_never_trusted_less(one, other, margin):
    less, more = sorted((one, other))
    assert confidence(less, margin) <= confidence(more, margin)


@pytest.mark.parametrize(
    ("words", "margin", "noise", "verdict"),
    [
        (heard(0.9, 0.95), 1.4, 50, 0.99),  # what fits
        (heard(0.75, 0.8), 1.1, 25, 0.9),  # the same in noise
        (heard(0.4, 0.5), -0.2, 50, "unclear"),  # another language
        (heard(0.4, 0.5), -0.9, 50, "unclear"),  # English about something else
        (heard(0.2, 0.3), 0.3, 9, "noisy"),
        (heard(), 0, 3, "noisy"),
        (heard(), 0, 40, "silent"),
    ],
)
def test_what_is_shown_and_what_is_said_instead(words, margin, noise, verdict):
    found = judge(words, margin, noise)
    assert found == verdict if isinstance(verdict, str) else found >= verdict


def test_words_hardly_understood_are_marked():
    transcript = Transcript((Heard("dark", 1), Heard("spots", SURE - 0.01), Heard("here", SURE)))
    assert transcript.text == "dark spots here"
    assert transcript.pieces == (("dark", False), ("spots", True), ("here", False))


def test_every_refusal_says_what_to_do():
    for reason, (said, tip) in REFUSALS.items():
        assert said.endswith("."), reason
        assert len(tip) > 20, reason
