"""A file that somebody sent -> the first minute of its sound, one channel, 16 kHz, nothing else.

What the file is, its content says; its name is not asked. Only the containers and codecs named here
are opened: others of FFmpeg's read further files or addresses.
"""

import wave
from dataclasses import dataclass
from io import BytesIO

import av
import numpy as np
from av.audio.resampler import AudioResampler
from av.container import InputContainer

from app.clients.speech_work.refused import Refused
from app.domain.tools.recording import LONGEST_SECONDS

RATE = 16_000
FASTEST_RATE = 192_000
MOST_CHANNELS = 8
SHORTEST = 0.3  # seconds of anything
FRAME = RATE // 50
QUIETEST = -58.0  # of full scale: below, nobody spoke
SILENT = -96.0
# A voice that stands this far, in dB, above what is behind it has pauses; it is what stands above
# this part of that distance, and so many frames beside it.
FROM_NOISE = 12.0
VOICED = 0.3
BESIDE = 20
CODECS = (
    "opus,libopus,vorbis,aac,aac_latm,mp3,mp3float,flac,alac,amrnb,amrwb,libopencore_amrnb,"
    "libopencore_amrwb,pcm_s16le,pcm_s16be,pcm_s24le,pcm_s32le,pcm_u8,pcm_f32le,pcm_f64le,pcm_alaw,"
    "pcm_mulaw"
)


@dataclass
class Heard:
    """`samples`: 16 bit, one channel, RATE a second; `cut`: there was more; `noise`: how far the
    voice stands above what is behind it, in dB."""

    samples: np.ndarray
    cut: bool
    noise: float


def read(body: bytes) -> Heard:
    """The sound of a recording. Raises Refused."""
    if not body:
        raise Refused("empty")
    samples, cut = _decoded(body, _container(body))
    if len(samples) < SHORTEST * RATE:
        raise Refused("too_short")
    levels = _levels(samples)
    loud, behind = _loudest(levels), float(np.percentile(levels, 10))
    if loud < QUIETEST:
        raise Refused("silent")
    return Heard(_without_pauses(samples, levels, loud, behind), cut, loud - behind)


def _container(body: bytes) -> str:
    """FFmpeg's name for the container. Raises Refused for what is no recording we read."""
    head = body[:4096]
    if head.startswith(b"\x1a\x45\xdf\xa3"):
        return "matroska"
    if head.startswith(b"OggS"):
        return "ogg"
    if head[:4] in (b"RIFF", b"RF64") and head[8:12] == b"WAVE":
        return "wav"
    if head[4:8] in (b"ftyp", b"moov", b"styp"):
        return "mov"
    if head.startswith(b"fLaC"):
        return "flac"
    if head.startswith(b"#!AMR"):
        return "amr"
    if head.startswith(b"caff"):
        return "caf"
    if head.startswith(b"ID3"):
        return "mp3"
    if len(head) > 1 and head[0] == 0xFF and head[1] & 0xE0 == 0xE0:
        return "aac" if head[1] & 0x06 == 0 else "mp3"
    raise Refused("not_audio")


def _decoded(body: bytes, container: str) -> tuple[np.ndarray, bool]:
    try:
        with av.open(
            BytesIO(body),
            format=container,
            options={"codec_whitelist": CODECS},
            metadata_errors="ignore",
        ) as opened:
            return _samples(opened)
    except (av.FFmpegError, ValueError, OverflowError) as error:
        raise Refused("damaged") from error


def _samples(opened: InputContainer) -> tuple[np.ndarray, bool]:
    if not opened.streams.audio:
        raise Refused("no_sound")
    stream = opened.streams.audio[0]
    _check(stream.codec_context)
    parts, wanted = [], LONGEST_SECONDS * RATE
    resampler = _resampler()
    try:
        for frame in opened.decode(stream):
            try:
                given = resampler.resample(frame)
            except ValueError:  # the sound changes its kind in the middle
                resampler = _resampler()
                given = resampler.resample(frame)
            parts += [part.to_ndarray().ravel() for part in given]
            wanted -= sum(part.samples for part in given)
            if wanted < 0:
                break
        else:
            parts += [part.to_ndarray().ravel() for part in resampler.resample(None)]
    except av.FFmpegError:
        if not parts:  # what could be heard before the break is heard
            raise
    joined = np.concatenate(parts) if parts else np.zeros(0, np.int16)
    return joined[: LONGEST_SECONDS * RATE], wanted < 0


def _check(codec):
    if codec.channels > MOST_CHANNELS or codec.sample_rate > FASTEST_RATE:
        raise Refused("damaged")


def _resampler() -> AudioResampler:
    return AudioResampler(format="s16", layout="mono", rate=RATE)


def _levels(samples: np.ndarray) -> np.ndarray:
    """The loudness of each fiftieth of a second, in dB of full scale."""
    whole = samples[: len(samples) // FRAME * FRAME].reshape(-1, FRAME).astype(np.float64)
    whole -= whole.mean(axis=1, keepdims=True)
    power = np.mean(whole**2, axis=1) / 32768.0**2
    return np.maximum(10 * np.log10(np.maximum(power, 1e-12)), SILENT)


def _loudest(levels: np.ndarray) -> float:
    """The level of the loudest tenth of a second: a click is shorter."""
    return float(np.convolve(levels, np.ones(5) / 5, "valid").max())


def _without_pauses(samples: np.ndarray, levels: np.ndarray, loud: float, behind: float):
    """The sound without its long pauses, which the recognizer would take for the room's tone."""
    if loud - behind < FROM_NOISE:
        return samples
    voiced = levels > max(behind + VOICED * (loud - behind), QUIETEST)
    kept = np.convolve(voiced, np.ones(2 * BESIDE + 1), "same") > 0
    whole = samples[: len(levels) * FRAME].reshape(-1, FRAME)
    return whole[kept].ravel()


def wav(samples: np.ndarray) -> bytes:
    """The sound as a WAV file."""
    file = BytesIO()
    with wave.open(file, "wb") as written:
        written.setnchannels(1)
        written.setsampwidth(2)
        written.setframerate(RATE)
        written.writeframes(samples.tobytes())
    return file.getvalue()
