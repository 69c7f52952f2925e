"""A recording sent to the recommendation, as a visitor without JavaScript meets it."""

from queue import Queue
from urllib.parse import urlencode

import pytest
from sqlalchemy import func, select

from app.clients import speech
from app.clients.speech import Refusal
from app.domain.tools.recording import REFUSALS, Heard, Transcript
from app.extensions import db
from app.models import Interaction
from app.tenancy import acting_for

TOOL, VOICE = "/enhanced-ai/", "/enhanced-ai/voice"
WORDS = (Heard("My"), Heard("cheeks"), Heard("are", 0.3), Heard("red"))
UNDERSTOOD = Transcript(WORDS, 0.97)


@pytest.fixture
def hears(monkeypatch):
    """hears(what) -> what is understood of whatever comes, and the recordings that came."""

    def understands(found):
        came = []

        def transcribe(recording, vocabulary):
            came.append((recording, vocabulary))
            return found

        monkeypatch.setattr(speech, "transcribe", transcribe)
        return came

    return understands


def multipart(fields: dict, recording: bytes) -> bytes:
    """The form's bytes by hand: the test client would put a large file on the disk itself."""
    parts = [
        f'--edge\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, values in fields.items()
        for value in values
    ]
    file = b'--edge\r\nContent-Disposition: form-data; name="recording"; filename="voice"\r\n\r\n'
    return b"".join((*parts, file, recording, b"\r\n--edge--\r\n"))


def say(visitor, recording=b"a voice", _part=False, **typed):
    """Sends a recording with the form as it stands."""
    visitor.get(TOOL)
    return say_again(visitor, recording, _part, **typed)


def say_again(visitor, recording=b"a voice", _part=False, **typed):
    fields = visitor.form(TOOL).fields | {name: [value] for name, value in typed.items()}
    headers = visitor.headers | ({"X-Requested-With": "fetch"} if _part else {})
    visitor.page = visitor.client.post(
        VOICE,
        data=multipart(fields, recording),
        content_type="multipart/form-data; boundary=edge",
        headers=headers,
    )
    return visitor.page


def stored(cast, type="ai_recommendation"):
    db.session.expire_all()
    with acting_for(cast.clinic):
        return list(db.session.scalars(select(Interaction).where(Interaction.type == type)))


def everything_stored(cast) -> int:
    db.session.expire_all()
    with acting_for(cast.clinic):
        return db.session.scalar(select(func.count()).select_from(Interaction))


def test_what_was_said_stands_in_the_text_box_to_be_corrected(visitor, clinic, hears):
    came = hears(UNDERSTOOD)
    page = say(visitor)
    assert page.status_code == 200
    assert visitor.form(TOOL).fields["text"] == ["My cheeks are red"]
    assert "Is this what you said?" in page.text
    assert "<mark>are</mark>" in page.text
    assert "not sure of the marked words: are." in page.text
    ((recording, vocabulary),) = came
    assert recording == b"a voice"
    assert "HydraFacial" in vocabulary.treatments


def test_it_is_a_use_only_once_it_is_sent_and_then_says_that_it_was_spoken(visitor, clinic, hears):
    hears(UNDERSTOOD)
    say(visitor)
    assert everything_stored(clinic) == 0
    visitor.send(TOOL, text="My cheeks are always red")
    (use,) = stored(clinic)
    assert use.data["spoken"] is True
    assert use.data["text"] == "My cheeks are always red"
    assert visitor.page.request.path.startswith("/enhanced-ai/result/")


def test_what_was_typed_is_not_said_to_be_spoken(visitor, clinic):
    visitor.get(TOOL)
    visitor.send(TOOL, text="my cheeks are always red")
    (use,) = stored(clinic)
    assert "spoken" not in use.data


def test_what_was_typed_and_chosen_before_stays(visitor, hears):
    hears(UNDERSTOOD)
    say(visitor, text="Since last summer.", budget="high", urgency="immediate")
    fields = visitor.form(TOOL).fields
    assert fields["text"] == ["Since last summer.\nMy cheeks are red"]
    assert (fields["budget"], fields["urgency"]) == (["high"], ["immediate"])


@pytest.mark.parametrize("reason", REFUSALS)
def test_every_refusal_is_said_kindly_and_loses_nothing(visitor, clinic, hears, reason):
    hears(Refusal(reason))
    page = say(visitor, text="Since last summer.")
    assert page.status_code in (422, 503)
    assert REFUSALS[reason].tip in page.text.replace("&#39;", "'")
    assert 'role="alert"' in page.text
    assert visitor.form(TOOL).fields["text"] == ["Since last summer."]
    assert everything_stored(clinic) == 0


def test_a_script_is_given_the_part_that_changed(visitor, hears):
    hears(UNDERSTOOD)
    page = say(visitor, _part=True)
    assert "<html" not in page.text
    assert 'data-transcript="My cheeks are red"' in page.text
    hears(Refusal("noisy"))
    visitor.get(TOOL)
    page = say_again(visitor, _part=True)
    assert page.status_code == 422
    assert REFUSALS["noisy"].said in page.text
    assert "data-transcript" not in page.text


def test_scripts_that_were_heard_are_text(visitor, hears):
    hears(Transcript((Heard("<script>alert('💉')</script>", 0.1),)))
    page = say(visitor)
    assert "<script>alert" not in page.text
    assert "💉" in page.text


def test_the_first_minute_is_said_to_be_all(visitor, hears):
    hears(Transcript(WORDS, 0.9, cut=True))
    assert "first minute only" in say(visitor).text


def test_a_form_without_a_recording_is_told_so(visitor, hears):
    came = hears(UNDERSTOOD)
    page = say(visitor, b"")
    assert page.status_code == 422
    assert REFUSALS["empty"].said in page.text
    assert came == []


@pytest.mark.parametrize("size", [8_500_000, 12_000_000])
def test_what_is_too_large_is_told_so(visitor, hears, size):
    came = hears(UNDERSTOOD)
    page = say(visitor, b"\0" * size)
    assert page.status_code in (413, 422)
    assert "larger than 8 MB" in page.text
    assert came == []


def test_without_the_token_nobody_listens(visitor, hears):
    came = hears(UNDERSTOOD)
    assert say(visitor, csrf_token="forged").status_code == 400
    assert came == []


def test_a_large_recording_never_touches_the_disk(visitor, hears, monkeypatch):
    def refuse(*_, **__):
        raise AssertionError("a file was opened on disk")

    came = hears(UNDERSTOOD)
    monkeypatch.setattr("werkzeug.formparser.SpooledTemporaryFile", refuse)
    assert say(visitor, b"x" * 4_000_000).status_code == 200
    assert len(came[0][0]) == 4_000_000


def test_the_database_is_free_while_we_listen(visitor, clinic, monkeypatch):
    def transcribe(recording, vocabulary):
        assert not db.session().in_transaction()
        return UNDERSTOOD

    monkeypatch.setattr(speech, "transcribe", transcribe)
    assert say(visitor).status_code == 200


def test_what_was_said_is_kept_in_no_cache(visitor, hears):
    hears(UNDERSTOOD)
    assert say(visitor).headers["Cache-Control"] == "no-store"


def test_who_listens_is_said(app, visitor):
    assert "Our own server turns it into words" in visitor.get(TOOL).text
    app.config["SPEECH_URL"] = "https://speech.example/v1"
    page = visitor.get(TOOL)
    assert "sent to speech.example" in page.text
    assert "Our own server" not in page.text


def test_speaking_can_be_announced(visitor, monkeypatch):
    prepared = Queue()
    monkeypatch.setattr(speech, "prepare", prepared.put)
    visitor.get(TOOL)
    token = visitor.form(TOOL).fields["csrf_token"][0]
    page = visitor.client.post(
        f"{VOICE}/ready", data={"csrf_token": token}, headers=visitor.headers
    )
    assert page.status_code == 204
    assert "HydraFacial" in prepared.get(timeout=30).treatments


def test_a_form_sent_in_another_shape_is_answered(visitor):
    visitor.get(TOOL)
    fields = visitor.form(TOOL).fields
    page = visitor.client.post(
        VOICE,
        data=urlencode(fields | {"recording": "voice.webm"}, doseq=True),
        content_type="application/x-www-form-urlencoded",
        headers=visitor.headers,
    )
    assert page.status_code == 422
    assert REFUSALS["empty"].said in page.text
