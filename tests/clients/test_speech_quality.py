"""How well synthetic voices are understood, on sentences that were put aside before anything was
tuned; a part of what `python -m bench.speech` measures for docs/speech.md."""

import numpy as np
import pytest

from app.clients.speech import Refusal, transcribe
from app.domain.tools.vocabulary import words_of
from tests import voices
from tests.voices import SENTENCES, VOICES, encoded, errors, spoken

SAID = SENTENCES["held_out"]


def read_out(texts: list[str]):
    """Each text, by the next voice."""
    return [(text, spoken(text, VOICES[at % len(VOICES)])) for at, text in enumerate(texts)]


def share_wrong(recordings, vocabulary) -> tuple[float, float]:
    """The share of words wrong in what is shown, and of recordings refused."""
    wrong = words = refused = 0
    for text, samples in recordings:
        heard = transcribe(encoded(samples, "webm"), vocabulary)
        if isinstance(heard, Refusal):
            refused += 1
            continue
        said = words_of(text)
        words += len(said)
        wrong += errors(said, words_of(heard.text))
    return wrong / words, refused / len(recordings)


def test_what_is_said_in_a_quiet_room_is_understood(app, vocabulary):
    wrong, refused = share_wrong(read_out(SAID), vocabulary)
    assert wrong <= 0.06
    assert refused <= 0.06


def test_what_is_said_in_some_noise_is_mostly_understood(app, vocabulary):
    noisy = [
        (text, voices.with_noise(samples, 25, at))
        for at, (text, samples) in enumerate(read_out(SAID[::3]))
    ]
    wrong, refused = share_wrong(noisy, vocabulary)
    assert wrong <= 0.16
    assert refused <= 0.34


@pytest.mark.parametrize("kind", ["other_languages", "everyday_english"])
def test_other_speech_is_refused(app, vocabulary, kind):
    shown = [
        (text, heard.text)
        for text, samples in read_out(SENTENCES[kind]["held_out"])
        if not isinstance(heard := transcribe(encoded(samples, "webm"), vocabulary), Refusal)
    ]
    assert len(shown) <= 1, shown


def test_several_voices_at_once_are_hardly_ever_taken_for_one(app, vocabulary):
    crowds = [
        voices.babble(*(spoken(SAID[at + step], VOICES[step % 5]) for step in (0, 8, 17, 26)))
        for at in range(8)
    ]
    heard = [transcribe(encoded(crowd, "webm"), vocabulary) for crowd in crowds]
    assert sum(not isinstance(one, Refusal) for one in heard) <= 2


def test_sentences_with_pauses_between_them_are_understood_together(app, vocabulary):
    said = [SENTENCES["tuning"][at] for at in (5, 13, 20)]
    with_pauses = [part for text in said for part in (spoken(text, "rms"), voices.silence(1.5))]
    wrong, refused = share_wrong([(" ".join(said), np.concatenate(with_pauses))], vocabulary)
    assert refused == 0
    assert wrong <= 0.1
