"""Files that people send stay in memory, and are only as large as their view allows."""

import pytest
from flask import request

from app import create_app
from app.access import public
from app.uploads import takes
from tests.conftest import settings

MB = 1024 * 1024


@pytest.fixture
def sender(tmp_path):
    app = create_app(settings(f"sqlite:///{tmp_path / 'none.db'}", tmp_path))

    @app.post("/roomy")
    @takes(4 * MB, "Send a smaller one.")
    @public(csrf_exempt=True)
    def roomy():
        return str(len(request.files["file"].read()))

    @app.post("/narrow")
    @public(csrf_exempt=True)
    def narrow():
        return str(len(request.files["file"].read()))

    yield app.test_client()
    app.collector.stop()


def send(sender, address: str, size: int):
    """The form's bytes by hand: the test client would put a large file on the disk itself."""
    head = 'Content-Disposition: form-data; name="file"; filename="file.bin"'
    body = f"--edge\r\n{head}\r\n\r\n".encode() + b"x" * size + b"\r\n--edge--\r\n"
    return sender.post(address, data=body, content_type="multipart/form-data; boundary=edge")


def test_a_view_with_room_takes_more_than_others_do(sender):
    assert send(sender, "/roomy", 3 * MB).text == str(3 * MB)
    assert send(sender, "/narrow", 3 * MB).status_code == 413
    assert send(sender, "/narrow", 1024).text == "1024"


def test_there_is_an_end_to_the_room(sender):
    page = send(sender, "/roomy", 4 * MB)
    assert page.status_code == 413
    assert "Send a smaller one." in page.text


def test_no_file_touches_the_disk(sender, monkeypatch):
    def refuse(*_, **__):
        raise AssertionError("a file was opened on disk")

    monkeypatch.setattr("werkzeug.formparser.SpooledTemporaryFile", refuse)
    assert send(sender, "/roomy", 3 * MB).status_code == 200
