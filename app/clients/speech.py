"""Listening to a recording: in a process of its own (app/clients/speech_work), or where the
settings say (app/clients/remote_speech.py)."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from flask import current_app

from app.clients import remote_speech
from app.clients.worker import Worker, WorkerBusy, WorkerError
from app.domain.tools.recording import Heard, Transcript, judge
from app.domain.tools.spelling import spelled
from app.domain.tools.vocabulary import Vocabulary

MB = 1024 * 1024
# A minute takes about 15 s, in bad sound twice that, and a new vocabulary 4 s before. 360 MB held.
worker = Worker("app.clients.speech_work:handle", time_limit=90, memory_limit=900 * MB, patience=20)


@dataclass(frozen=True, slots=True)
class Refusal:
    """Nothing can be shown; `reason` is one of app.domain.tools.recording.REFUSALS."""

    reason: str


def listener() -> str | None:
    """The host that recordings are sent to; None when they stay in the house."""
    address = current_app.config["SPEECH_URL"]
    return urlsplit(address).hostname if address else None


def prepare(vocabulary: Vocabulary) -> None:
    """Makes the first answer faster; waits until that is done. Failing says nothing yet."""
    try:
        if not listener():
            worker.call("prepare", {"vocabulary": vocabulary.to_json()})
    except WorkerError:
        pass


def transcribe(recording: bytes, vocabulary: Vocabulary) -> Transcript | Refusal:
    """What is said in a recording, in words of this vocabulary and everyday ones."""
    try:
        return _remotely(recording, vocabulary) if listener() else _here(recording, vocabulary)
    except WorkerBusy:
        return Refusal("busy")
    except (WorkerError, remote_speech.Unavailable):
        return Refusal("unavailable")


def _here(recording: bytes, vocabulary: Vocabulary) -> Transcript | Refusal:
    found, _ = worker.call("transcribe", {"vocabulary": vocabulary.to_json()}, recording)
    if "refused" in found:
        return Refusal(found["refused"])
    heard = [Heard(word, sure) for word, sure in found["words"]]
    trust = judge(heard, found["margin"], found["noise"])
    if isinstance(trust, str):
        return Refusal(trust)
    return Transcript(spelled(heard, vocabulary), trust, found["cut"])


def _remotely(recording: bytes, vocabulary: Vocabulary) -> Transcript | Refusal:
    """What leaves the house is the sound alone, without what else the file told."""
    found, wav = worker.call("convert", {}, recording)
    if "refused" in found:
        return Refusal(found["refused"])
    text = remote_speech.transcribe(wav, vocabulary, current_app.config)
    words = tuple(Heard(word) for word in text.split())
    return Transcript(words, None, found["cut"]) if words else Refusal("silent")
