"""A transcriber elsewhere, played by a small server of our own."""

import json
from contextlib import contextmanager
from email import message_from_bytes
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest

from app.clients.speech import Refusal, transcribe
from app.config import settings_from_environment
from app.domain.tools.vocabulary import Vocabulary
from tests import voices

VOCABULARY = Vocabulary(treatments=("HydraFacial",), concerns=("dark spots",))


@contextmanager
def transcriber(app, status=200, body=b'{"text": "I have dark spots"}', **more):
    """A server with this answer, configured; gives the requests it got."""
    got = []

    class Answers(BaseHTTPRequestHandler):
        def do_POST(self):
            got.append(
                (self.path, self.headers, self.rfile.read(int(self.headers["Content-Length"])))
            )
            self.send_response(status)
            for name, value in more.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    server = HTTPServer(("127.0.0.1", 0), Answers)
    Thread(target=server.serve_forever, daemon=True).start()
    app.config["SPEECH_URL"] = f"http://127.0.0.1:{server.server_port}/v1/"
    app.config["SPEECH_KEY"] = "the-key"
    yield got
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def recording():
    """Noise will do: nobody listens to it here."""
    return voices.encoded(voices.hiss(1), "webm")


def parts(headers, body: bytes) -> dict[str, bytes]:
    told = b"Content-Type: " + headers["Content-Type"].encode() + b"\r\n\r\n" + body
    return {
        part.get_param("name", header="Content-Disposition"): part.get_payload(decode=True)
        for part in message_from_bytes(told).get_payload()
    }


def test_what_it_hears_is_taken_as_it_is_written(app, recording):
    with transcriber(app):
        heard = transcribe(recording, VOCABULARY)
    assert heard.text == "I have dark spots"
    assert heard.confidence is None
    assert [unsure for _, unsure in heard.pieces] == [False] * 4


def test_it_is_sent_the_bare_sound_the_model_the_key_and_what_to_expect(app, recording):
    with transcriber(app) as got:
        transcribe(recording, VOCABULARY)
    ((path, headers, body),) = got
    sent = parts(headers, body)
    assert path == "/v1/audio/transcriptions"
    assert headers["Authorization"] == "Bearer the-key"
    assert sent["model"] == b"whisper-1"
    assert sent["file"].startswith(b"RIFF")
    assert b"HydraFacial" in sent["prompt"]


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (500, b"{}"),
        (401, b'{"error": "wrong key"}'),
        (429, b""),
        (200, b"not json"),
        (200, b"[]"),
        (200, b'{"words": []}'),
        (200, b'{"text": 7}'),
        (200, json.dumps({"text": "a" * 300_000}).encode()),
    ],
)
def test_what_it_cannot_do_is_an_apology(app, recording, status, body):
    with transcriber(app, status, body):
        assert transcribe(recording, VOCABULARY) == Refusal("unavailable")


def test_it_may_send_nobody_elsewhere(app, recording):
    with transcriber(app) as got, transcriber(app, 307, Location=app.config["SPEECH_URL"]):
        assert transcribe(recording, VOCABULARY) == Refusal("unavailable")
    assert got == []


def test_nobody_there_is_an_apology(app, recording):
    app.config["SPEECH_URL"] = "http://127.0.0.1:9/v1"
    assert transcribe(recording, VOCABULARY) == Refusal("unavailable")


def test_silence_in_words_is_silence(app, recording):
    with transcriber(app, body=b'{"text": "  "}'):
        assert transcribe(recording, VOCABULARY) == Refusal("silent")


def test_what_is_no_recording_never_leaves_the_house(app):
    with transcriber(app) as got:
        assert transcribe(b"MZ" * 500, VOCABULARY) == Refusal("not_audio")
    assert got == []


def test_its_address_is_checked_when_the_server_starts(tmp_path):
    settings = {"LEADLIGHT_DATA": str(tmp_path), "LEADLIGHT_SPEECH_URL": "speech.example"}
    with pytest.raises(ValueError, match="LEADLIGHT_SPEECH_URL"):
        settings_from_environment(settings)
