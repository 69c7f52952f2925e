"""How well spoken English is understood, and what is refused.

Synthetic voices (Debian's flite) read sentences that were put aside before anything was tuned
(tests/data/spoken_sentences.json); they are recorded as WebM, as browsers do, and go through the
very code that visitors' recordings go through. `python -m bench.speech [held_out|tuning]`.
"""

import sys
from collections import defaultdict
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from app.clients.speech_work import handle
from app.domain.tools.recording import Heard, judge
from app.domain.tools.vocabulary import Vocabulary, words_of
from tests import voices
from tests.voices import SENTENCES, VOICES, spoken


class Recording(NamedTuple):
    """What it is, who speaks, what is said ("" when nothing that should be understood)."""

    kind: str
    voice: str
    said: str
    samples: np.ndarray


OTHERS = {"other languages": "other_languages", "other English": "everyday_english"}


def recordings(part: str) -> Iterator[Recording]:
    told = SENTENCES[part]
    for at, said in enumerate(told):
        for number, voice in enumerate(VOICES):
            samples = spoken(said, voice)
            yield Recording("clean", voice, said, samples)
            if (at + number) % 5 in (0, 2):
                yield Recording("25 dB", voice, said, voices.with_noise(samples, 25, at))
            if (at + number) % 5 == 1:
                yield Recording("15 dB", voice, said, voices.with_noise(samples, 15, at))
            if (at + number) % 5 == 3:
                yield Recording("played backwards", voice, "", samples[::-1].copy())
    for kind, name in OTHERS.items():
        for said in SENTENCES[name][part]:
            for voice in VOICES:
                yield Recording(kind, voice, "", spoken(said, voice))
    for at in range(20):
        crowd = [spoken(told[(at + step) % len(told)], VOICES[step % 5]) for step in (0, 8, 17, 26)]
        yield Recording("four at once", "", "", voices.babble(*crowd))
        yield Recording("music", "", "", voices.music(seed=at + 100))
        yield Recording("noise", "", "", voices.hiss(4, 10 ** (1.8 + at / 10), seed=at))


def listen(recording: Recording, words: Vocabulary) -> tuple[tuple[str, ...], bool]:
    """The words heard, and whether they would be shown."""
    body = voices.encoded(recording.samples, "webm")
    found, _ = handle("transcribe", {"vocabulary": words.to_json()}, body)
    if "refused" in found:
        return (), False
    heard = [Heard(*each) for each in found["words"]]
    trust = judge(heard, found["margin"], found["noise"])
    return tuple(each.word for each in heard), not isinstance(trust, str)


class Tally:
    """Recordings of one kind: how many were shown, and the words wrong in all and in those."""

    def __init__(self):
        self.all = self.shown = self.words = self.wrong = self.shown_words = self.shown_wrong = 0

    def add(self, recording: Recording, heard: tuple[str, ...], shown: bool):
        said = words_of(recording.said)
        wrong = voices.errors(said, heard)
        self.all += 1
        self.shown += shown
        self.words += len(said)
        self.wrong += wrong
        self.shown_words += len(said) * shown
        self.shown_wrong += wrong * shown


def measure(part: str) -> dict[str, Tally]:
    words, tallies = voices.clinic(), defaultdict(Tally)
    for recording in recordings(part):
        heard, shown = listen(recording, words)
        tallies[recording.kind].add(recording, heard, shown)
        if recording.kind == "clean":
            tallies[f"clean, {recording.voice}"].add(recording, heard, shown)
    return tallies


def report(tallies: dict[str, Tally]) -> str:
    lines = [
        "| recordings | how many | refused | words wrong, all | words wrong, those shown |",
        "|---|---|---|---|---|",
    ]
    for kind, tally in tallies.items():
        refused = f"{tally.all - tally.shown} ({_percent(tally.all - tally.shown, tally.all)})"
        wrong = _percent(tally.wrong, tally.words)
        shown = _percent(tally.shown_wrong, tally.shown_words)
        lines.append(f"| {kind} | {tally.all} | {refused} | {wrong} | {shown} |")
    return "\n".join(lines)


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f}%" if whole else ""


if __name__ == "__main__":
    print(report(measure(sys.argv[1] if len(sys.argv) > 1 else "held_out")))
