"""What listens to a recording, in a worker process of its own: never imported by the web process.

A file becomes sound (sound.py), the sound words (recognizer.py), with what the organization's
vocabulary makes likely (model.py).
"""

from app.clients.speech_work import recognizer, sound
from app.clients.speech_work.refused import Refused
from app.domain.tools.vocabulary import Vocabulary


def handle(kind: str, head: dict, body: bytes) -> tuple[dict, bytes]:
    """`prepare` for a vocabulary; `transcribe` a recording with it: {"words", "margin", ...}; or
    `convert` one to WAV, given as the body. {"refused": reason} when it cannot be."""
    try:
        return KINDS[kind](head, body)
    except Refused as refused:
        return {"refused": refused.reason}, b""


def prepare(head: dict, body: bytes) -> tuple[dict, bytes]:
    recognizer.prepare(Vocabulary.from_json(head["vocabulary"]))
    return {}, b""


def transcribe(head: dict, body: bytes) -> tuple[dict, bytes]:
    heard = sound.read(body)
    vocabulary = Vocabulary.from_json(head["vocabulary"])
    found = recognizer.recognize(heard.samples, vocabulary)
    return {**found, "cut": heard.cut, "noise": heard.noise}, b""


def convert(head: dict, body: bytes) -> tuple[dict, bytes]:
    heard = sound.read(body)
    return {"cut": heard.cut}, sound.wav(heard.samples)


KINDS = {"prepare": prepare, "transcribe": transcribe, "convert": convert}
