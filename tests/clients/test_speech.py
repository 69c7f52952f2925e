"""Recordings and what becomes of them, by the real worker process."""

import struct

import numpy as np
import pytest

from app.clients import speech
from app.clients.speech import Refusal, transcribe
from app.clients.worker import Worker, WorkerBusy
from app.domain.tools.recording import LONGEST_SECONDS
from app.domain.tools.vocabulary import Vocabulary
from tests import voices
from tests.voices import FORMATS, encoded, spoken

DARK_SPOTS = "I would like to get rid of the dark spots on my cheeks"


@pytest.mark.parametrize("kind", FORMATS)
def test_what_browsers_and_phones_record_is_understood(app, vocabulary, kind):
    heard = transcribe(encoded(spoken(DARK_SPOTS), kind, "stereo"), vocabulary)
    assert heard.text == DARK_SPOTS
    assert heard.confidence > 0.9
    assert not heard.cut


def test_names_are_written_as_the_catalogue_writes_them(app, vocabulary):
    heard = transcribe(encoded(spoken("how much is a hydrafacial")), vocabulary)
    assert heard.text == "How much is a HydraFacial"


def test_what_lies_beyond_a_minute_is_left_out_and_said(app, vocabulary):
    long = [spoken(DARK_SPOTS), voices.silence(LONGEST_SECONDS), spoken("how much is it")]
    heard = transcribe(encoded(np.concatenate(long), "webm"), vocabulary)
    assert heard.cut
    assert heard.text == DARK_SPOTS


def test_hours_in_a_small_file_cost_a_minute_only(app, vocabulary):
    hours = encoded(voices.silence(3600), "flac")
    assert len(hours) < 1_000_000
    assert transcribe(hours, vocabulary) == Refusal("silent")


@pytest.mark.parametrize("seed", range(3))
def test_music_is_refused(app, vocabulary, seed):
    assert transcribe(encoded(voices.music(seed=seed)), vocabulary).reason in ("unclear", "noisy")


@pytest.mark.parametrize("loud", [300, 3000, 9000])
def test_noise_is_refused(app, vocabulary, loud):
    assert transcribe(encoded(voices.hiss(4, loud)), vocabulary) == Refusal("noisy")


@pytest.mark.parametrize("loud", [0, 3, 30])
def test_silence_is_refused(app, vocabulary, loud):
    assert transcribe(encoded(voices.hiss(4, loud)), vocabulary) == Refusal("silent")


def test_speech_played_backwards_is_refused(app, vocabulary):
    backwards = encoded(spoken("what can you do for a double chin")[::-1].copy())
    assert isinstance(transcribe(backwards, vocabulary), Refusal)


def test_a_voice_drowned_in_noise_is_refused_and_the_noise_is_blamed(app, vocabulary):
    drowned = voices.with_noise(spoken(DARK_SPOTS), 0, seed=1)
    assert transcribe(encoded(drowned), vocabulary) == Refusal("noisy")


def wav_that_claims_much() -> bytes:
    kind = struct.pack("<HHIIHH", 1, 2, 384_000_000, 768_000_000, 4, 16)
    head = b"RIFF\xff\xff\xff\xffWAVEfmt \x10\0\0\0" + kind + b"data\xff\xff\xff\xff"
    return head + b"\1" * 90_000


BROKEN = {
    "nothing": (b"", "empty"),
    "letters": (b"this is no recording " * 50, "not_audio"),
    "an archive": (b"PK\x03\x04" + b"0" * 900, "not_audio"),
    "a picture": (b"\x89PNG\r\n\x1a\n" + b"0" * 900, "not_audio"),
    "a list of other files": (b"#EXTM3U\n#EXTINF:9,\nfile:///etc/passwd\n", "not_audio"),
    "a list by FFmpeg": (b"ffconcat version 1.0\nfile /etc/passwd\n", "not_audio"),
    "the head of a WebM": (b"\x1a\x45\xdf\xa3" + b"\xff" * 3000, "damaged"),
    "the head of an Ogg": (b"OggS" + b"\xff" * 3000, "damaged"),
    "the head of an M4A": (b"\0\0\0\x20ftypM4A " + b"\xff" * 3000, "damaged"),
    "the head of an MP3": (b"\xff\xfb" + b"\x11" * 4000, "damaged"),
    "a rate nobody hears": (wav_that_claims_much(), "damaged"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_no_recording_is_told_apart(app, vocabulary, name):
    body, reason = BROKEN[name]
    assert transcribe(body, vocabulary) == Refusal(reason)


def test_a_film_without_sound_is_told_so(app, vocabulary):
    assert transcribe(voices.film_without_sound(), vocabulary) == Refusal("no_sound")


def test_a_click_is_too_short(app, vocabulary):
    assert transcribe(encoded(voices.hiss(0.1)), vocabulary) == Refusal("too_short")


def test_of_a_file_cut_off_the_beginning_is_heard(app, vocabulary):
    whole = encoded(spoken(DARK_SPOTS), "webm")
    heard = transcribe(whole[: len(whole) * 3 // 4], vocabulary)
    assert heard.text.startswith("I would like to get rid of the dark")


def test_an_m4a_cut_off_has_lost_its_index(app, vocabulary):
    whole = encoded(spoken(DARK_SPOTS), "m4a")
    assert transcribe(whole[: len(whole) // 2], vocabulary) == Refusal("damaged")


def test_another_vocabulary_is_another_recognizer(app, vocabulary):
    garden = Vocabulary(treatments=("rhododendron", "wisteria"), concerns=("greenfly",))
    said = encoded(spoken("I would like a rhododendron"))
    assert "rhododendron" in transcribe(said, garden).text.lower()
    assert transcribe(encoded(spoken(DARK_SPOTS)), vocabulary).text == DARK_SPOTS


def test_an_organization_without_a_catalogue_breaks_nothing(app):
    heard = transcribe(encoded(spoken("I want to look younger")), Vocabulary())
    assert heard.text == "I want to look younger"


TRICKS = "tests.clients.worker_tricks:handle"


class Elsewhere:
    """A worker whose calls do something else than what was asked."""

    def __init__(self, does):
        self.call = does


def test_a_worker_that_crashes_is_an_apology(app, vocabulary, monkeypatch):
    worker = Worker(TRICKS, time_limit=5, memory_limit=2**29)
    monkeypatch.setattr(speech, "worker", Elsewhere(lambda *_: worker.call("crash", {})))
    assert transcribe(b"RIFF", vocabulary) == Refusal("unavailable")
    worker.stop()


def test_a_worker_that_takes_too_long_is_an_apology(app, vocabulary, monkeypatch):
    worker = Worker(TRICKS, time_limit=0.2, memory_limit=2**29)
    sleep = Elsewhere(lambda *_: worker.call("sleep", {"seconds": 30}))
    monkeypatch.setattr(speech, "worker", sleep)
    assert transcribe(b"RIFF", vocabulary) == Refusal("unavailable")
    worker.stop()


def test_a_worker_that_is_busy_says_so(app, vocabulary, monkeypatch):
    def busy(*_):
        raise WorkerBusy("all at work")

    monkeypatch.setattr(speech, "worker", Elsewhere(busy))
    assert transcribe(b"RIFF", vocabulary) == Refusal("busy")
    speech.prepare(vocabulary)  # nobody is told
