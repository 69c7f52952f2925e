"""Recordings for tests: synthetic voices (Debian's flite), noise, and the formats of browsers."""

import json
import os
import shutil
import subprocess
from functools import cache
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

import av
import numpy as np
import pytest

from app.demo.catalogue import CLINIC
from app.domain.tools.vocabulary import Vocabulary

RATE = 16_000
VOICES = ("kal", "kal16", "awb", "rms", "slt")
SENTENCES = json.loads((Path(__file__).parent / "data" / "spoken_sentences.json").read_text())
# name -> container, codec
FORMATS = {
    "webm": ("webm", "libopus", 48_000),
    "ogg": ("ogg", "libopus", 48_000),
    "m4a": ("mp4", "aac", 44_100),
    "mp3": ("mp3", "libmp3lame", 44_100),
    "wav": ("wav", "pcm_s16le", 44_100),
    "flac": ("flac", "flac", 44_100),
}


def clinic() -> Vocabulary:
    """The demo clinic's words, as app/queries/tools/vocabulary.py takes them from the database."""
    treatments = json.loads(CLINIC.read_text(encoding="utf-8"))["treatments"]
    return Vocabulary(
        treatments=tuple(name for t in treatments for name in (t["name"], *t["synonyms"])),
        concerns=tuple(concern for t in treatments for concern in t["concerns"]),
        areas=tuple(area["name"] for t in treatments for area in t["areas"]),
        texts=tuple(
            text for t in treatments for text in (t["summary"], t["description"], *t["questions"])
        ),
    )


def need_flite():
    """Skips where nothing can speak; fails there in CI."""
    if shutil.which("flite"):
        return
    if os.environ.get("CI") == "true":
        pytest.fail("flite is missing, and CI must run the tests with spoken recordings")
    pytest.skip("flite is missing: apt install flite")


@cache
def spoken(text: str, voice: str = "slt") -> np.ndarray:
    """What a synthetic voice makes of a text: 16 bit, one channel, RATE."""
    need_flite()
    with TemporaryDirectory() as folder:
        path = f"{folder}/said.wav"
        subprocess.run(["flite", "-voice", voice, "-t", text, "-o", path], check=True)
        with av.open(path) as opened:
            resampler = av.AudioResampler(format="s16", layout="mono", rate=RATE)
            frames = [f for frame in opened.decode(audio=0) for f in resampler.resample(frame)]
            frames += resampler.resample(None)
    return np.concatenate([frame.to_ndarray().ravel() for frame in frames])


def silence(seconds: float) -> np.ndarray:
    return np.zeros(int(seconds * RATE), np.int16)


def hiss(seconds: float, loud: float = 2000, seed: int = 1) -> np.ndarray:
    return _whole(np.random.default_rng(seed).normal(0, loud, int(seconds * RATE)))


def with_noise(samples: np.ndarray, decibels: float, seed: int) -> np.ndarray:
    """The voice with white noise behind it, so many decibels below."""
    voiced = samples[np.abs(samples) > 200].astype(float)
    power = np.mean(voiced**2) / 10 ** (decibels / 10)
    noise = np.random.default_rng(seed).normal(0, np.sqrt(power), len(samples))
    return _whole(samples + noise)


def music(seconds: float = 4, seed: int = 1) -> np.ndarray:
    """Plucked notes with their overtones."""
    chance, made = np.random.default_rng(seed), np.zeros(int(seconds * RATE) + RATE)
    time = np.arange(RATE // 2) / RATE
    for begins in range(0, int(seconds * RATE), RATE // 4):
        pitch = 220 * 2 ** (chance.integers(0, 24) / 12)
        note = sum(np.sin(2 * np.pi * pitch * n * time) / n for n in range(1, 5))
        made[begins : begins + len(time)] += note * np.exp(-time * 5)
    return _whole(made / np.abs(made).max() * 12_000)


def babble(*recordings: np.ndarray) -> np.ndarray:
    """Several people at once."""
    shortest = min(map(len, recordings))
    return _whole(sum(each[:shortest].astype(float) for each in recordings) / 2)


def _whole(samples) -> np.ndarray:
    return np.clip(samples, -32_768, 32_767).astype(np.int16)


def encoded(samples: np.ndarray, kind: str = "wav", layout: str = "mono") -> bytes:
    """The samples as a file of this kind."""
    container, codec, rate = FORMATS[kind]
    file = BytesIO()
    with av.open(file, "w", format=container) as opened:
        stream = opened.add_stream(codec, rate=rate)
        stream.layout = layout
        fitted = av.AudioResampler(
            format=stream.codec_context.format,
            layout=layout,
            rate=rate,
            frame_size=stream.codec_context.frame_size or 1024,
        )
        for begins in range(0, len(samples), 10 * RATE):
            some = samples[begins : begins + 10 * RATE].reshape(1, -1)
            frame = av.AudioFrame.from_ndarray(some, format="s16", layout="mono")
            frame.sample_rate = RATE
            for part in fitted.resample(frame):
                opened.mux(stream.encode(part))
        for part in fitted.resample(None):
            opened.mux(stream.encode(part))
        opened.mux(stream.encode(None))
    return file.getvalue()


def film_without_sound() -> bytes:
    file = BytesIO()
    with av.open(file, "w", format="webm") as opened:
        stream = opened.add_stream("libvpx", rate=10)
        stream.width = stream.height = 64
        stream.pix_fmt = "yuv420p"
        for _ in range(10):
            picture = np.zeros((64, 64, 3), np.uint8)
            opened.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        opened.mux(stream.encode(None))
    return file.getvalue()


def errors(said: tuple[str, ...], heard: tuple[str, ...]) -> int:
    """How many words must be put in, taken out or changed."""
    costs = list(range(len(heard) + 1))
    for row, word in enumerate(said, 1):
        left, costs[0] = costs[0], row
        for column, other in enumerate(heard, 1):
            changed = left + (word != other)
            left = costs[column]
            costs[column] = min(costs[column] + 1, costs[column - 1] + 1, changed)
    return costs[-1]
