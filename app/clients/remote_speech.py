"""A transcriber elsewhere that speaks OpenAI's interface: POST {base}/audio/transcriptions."""

import json
import secrets
import urllib.error
import urllib.request
from collections.abc import Mapping
from http.client import HTTPException

import structlog

from app.domain.tools.vocabulary import Vocabulary

SECONDS = 30
LONGEST_ANSWER = 200_000
LONGEST_TEXT = 2_000
LONGEST_HINT = 800

log = structlog.get_logger()


class Unavailable(Exception):
    """No transcript could be had."""


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Wherever a redirect leads: the key and the voice are not meant for it."""

    def redirect_request(self, *_):
        return None


def transcribe(wav: bytes, vocabulary: Vocabulary, config: Mapping) -> str:
    """What the transcriber of the settings hears in a WAV file. Raises Unavailable."""
    request = _request(wav, vocabulary, config)
    try:
        opener = urllib.request.build_opener(_NoRedirect)
        with opener.open(request, timeout=config.get("SPEECH_SECONDS", SECONDS)) as answer:
            told = json.loads(answer.read(LONGEST_ANSWER))
        text = told["text"]
        if not isinstance(text, str):
            raise TypeError(f"text is {type(text).__name__}")
    except (OSError, HTTPException, ValueError, KeyError, TypeError) as error:
        # The address may hold a key, and an answer what was said: neither is logged.
        log.warning("remote_speech.failed", kind=type(error).__name__, status=_status(error))
        raise Unavailable from error
    return text.replace("\0", " ").strip()[:LONGEST_TEXT]


def _status(error: Exception) -> int | None:
    if not isinstance(error, urllib.error.HTTPError):
        return None
    error.close()
    return error.code


def _request(wav: bytes, vocabulary: Vocabulary, config: Mapping) -> urllib.request.Request:
    fields = {
        "model": config["SPEECH_MODEL"],
        "language": "en",
        "response_format": "json",
        "prompt": ", ".join((*vocabulary.treatments, *vocabulary.concerns))[:LONGEST_HINT],
    }
    edge = secrets.token_hex(16)
    headers = {"Content-Type": f"multipart/form-data; boundary={edge}"}
    if config["SPEECH_KEY"]:
        headers["Authorization"] = f"Bearer {config['SPEECH_KEY']}"
    address = config["SPEECH_URL"].rstrip("/") + "/audio/transcriptions"
    return urllib.request.Request(address, _multipart(fields, wav, edge), headers)


def _multipart(fields: dict[str, str], wav: bytes, edge: str) -> bytes:
    disposition = "Content-Disposition: form-data; name"
    parts = [
        f'--{edge}\r\n{disposition}="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in fields.items()
    ]
    head = (
        f'--{edge}\r\n{disposition}="file"; filename="voice.wav"\r\nContent-Type: audio/wav\r\n\r\n'
    )
    return b"".join((*parts, head.encode(), wav, f"\r\n--{edge}--\r\n".encode()))
