"""A recording of a voice: what was understood, how far it can be trusted, and why it may not be."""

import math
from dataclasses import dataclass
from typing import NamedTuple

LONGEST_SECONDS = 60
LARGEST_MB = 8
# A word below this is shown as one that was hardly understood.
SURE = 0.5
# Below this a transcript is not shown. How it was found and what it refuses: docs/speech.md
TRUSTED = 0.5
# Where speech is not understood and the voice stands out less than this, noise is to blame (dB).
CLEAR = 20.0


class Refusal(NamedTuple):
    """What is said of the recording, and the tip for a better one."""

    said: str
    tip: str


TYPE_INSTEAD = "Or type it: that always works."
REFUSALS = {
    # the file
    "empty": Refusal(
        "There was no recording in what you sent.",
        f"Record a few words, or choose a file. {TYPE_INSTEAD}",
    ),
    "too_large": Refusal(
        f"That recording is larger than {LARGEST_MB} MB.",
        f"A minute of speech is far smaller: send a shorter one. {TYPE_INSTEAD}",
    ),
    "not_audio": Refusal(
        "This file is not a recording that we can open.",
        f"Send a voice note as WebM, Ogg, M4A, MP3 or WAV. {TYPE_INSTEAD}",
    ),
    "no_sound": Refusal(
        "There is no sound in this file.",
        f"Send a voice note, not a silent film. {TYPE_INSTEAD}",
    ),
    "damaged": Refusal(
        "The file is damaged, and the recording in it cannot be opened.",
        f"It was probably not copied whole. Record it anew. {TYPE_INSTEAD}",
    ),
    "too_short": Refusal(
        "That recording is too short to hold a word.",
        "Press record, speak a sentence, and press stop when you are done.",
    ),
    # the voice
    "silent": Refusal(
        "We heard nothing in this recording.",
        f"Check that the right microphone is switched on, and speak closer to it. {TYPE_INSTEAD}",
    ),
    "noisy": Refusal(
        "There was too much noise around you to make out the words.",
        f"Try again in a quieter place, with the microphone close to your mouth. {TYPE_INSTEAD}",
    ),
    "unclear": Refusal(
        "We could not make that out.",
        "We understand English, about our treatments and what bothers you. Try once more, closer to"
        f" the microphone and in short sentences. {TYPE_INSTEAD}",
    ),
    # ourselves
    "busy": Refusal(
        "Several recordings are being listened to just now.",
        f"Send yours again in half a minute. {TYPE_INSTEAD}",
    ),
    "unavailable": Refusal(
        "Our speech recognition stumbled over this recording. We are sorry.",
        f"Send it once more. {TYPE_INSTEAD} Nothing of the recording was kept.",
    ),
}


class Heard(NamedTuple):
    """A word, and how sure it is, from 0 to 1."""

    word: str
    sure: float = 1.0


@dataclass(frozen=True)
class Transcript:
    """What was understood. `confidence` from 0 to 1, None when whoever listened gives none; `cut`:
    only the first LONGEST_SECONDS were listened to."""

    words: tuple[Heard, ...]
    confidence: float | None = None
    cut: bool = False

    @property
    def text(self) -> str:
        """The words as a text."""
        return " ".join(heard.word for heard in self.words)

    @property
    def pieces(self) -> tuple[tuple[str, bool], ...]:
        """The words, each with whether it was hardly understood."""
        return tuple((heard.word, heard.sure < SURE) for heard in self.words)


def confidence(sure: float, margin: float) -> float:
    """How likely it is that a transcript says what was said, from 0 to 1.

    `sure`: the mean probability of its words among all that the recognizer weighed. `margin`: how
    much likelier the sound is as these words than as any English words, in nats for each frame of
    10 ms. A logistic regression over synthetic recordings (docs/speech.md)."""
    return 1 / (1 + math.exp(-(5.35 * sure + 5.22 * margin - 5.71)))


def judge(words: list[Heard], margin: float, noise: float) -> float | str:
    """The confidence in what was heard; else the reason not to show it. `noise`: how far the voice
    stands above what is behind it, in dB."""
    if not words:
        return "silent" if noise >= CLEAR else "noisy"
    trust = confidence(sum(heard.sure for heard in words) / len(words), margin)
    if trust >= TRUSTED:
        return trust
    return "unclear" if noise >= CLEAR else "noisy"
