"""What a visitor consents to before a face is measured, what is kept of it, and what is not."""

import os
import struct
import tempfile
import time
import zlib
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import select

from app.blueprints.tools.face import pictures
from app.clients import vision
from app.extensions import db
from app.models import Lead
from app.operations.leads.erase_lead import erase_lead
from app.tenancy import acting_for
from tests import portrait as of
from tests.conftest import NOW
from tests.faces import PAGE, SVG, analyse, receipts, send, stored, use_of
from tests.passerby import Passerby
from tests.portrait import png


def test_without_the_consent_the_photo_is_not_looked_at(visitor, clinic, photo, monkeypatch):
    monkeypatch.setattr(vision, "analyse", lambda body: pytest.fail("the photo was looked at"))
    page = analyse(visitor, photo, consent=None, concerns=["scars"], budget="low")
    assert page.status_code == 422
    assert "Tick this box first" in page.text
    assert "choose it again" in page.text
    form = visitor.form(PAGE)
    assert (form.fields["concerns"], form.fields["budget"]) == (["scars"], ["low"])
    assert stored(clinic) == []


def test_the_consent_is_for_one_photo_and_is_asked_anew(visitor, photo):
    assert analyse(visitor, SVG, keep="1").status_code == 422
    assert not {"consent", "keep"} & visitor.form(PAGE).ticked


def test_the_very_words_are_kept_as_a_receipt(visitor, clinic, photo):
    page = analyse(visitor, photo, keep="1")
    (use,) = stored(clinic)
    by_kind = {receipt.kind: receipt for receipt in receipts(clinic)}
    assert by_kind.keys() == {"face_analysis", "face_measurements"}
    form = visitor.get(PAGE).text
    for receipt in by_kind.values():
        assert receipt.granted
        assert receipt.visitor_id == use.visitor_id
        assert receipt.text in form
        assert use.data["consents"][receipt.kind]["text"] == receipt.text
    assert page.status_code == 200


def test_without_leave_to_keep_them_the_measurements_are_shown_and_not_stored(
    visitor, clinic, photo
):
    page = analyse(visitor, photo)
    assert "Redness of the cheeks" in page.text
    assert "half an hour" in page.text
    (use,) = stored(clinic)
    assert use.data.keys() == {"consents"}
    again = visitor.get(page.request.path)
    assert "Redness of the cheeks" in again.text


def test_measurements_that_were_not_kept_are_gone_with_the_browser_s_memory(visitor, clinic, photo):
    address = analyse(visitor, photo, concerns=["scars"]).request.path
    with visitor.client.session_transaction() as session:
        session["face"]["at"] -= 31 * 60 * 1000
        session.modified = True
    page = visitor.get(address)
    assert "The measurements are gone" in page.text
    assert "Microneedling" in page.text  # what was named still finds its treatments


def test_with_leave_the_measurements_are_kept_and_nothing_else(visitor, clinic, photo):
    page = analyse(visitor, photo, keep="1")
    (use,) = stored(clinic)
    assert use.data["measures"].keys() == {"redness", "under_eyes", "shine"}
    assert use.data["hidden"] == []
    assert use.label == "Redness of the cheeks low, contrast under the eyes low, shine low"
    with visitor.client.session_transaction() as session:
        assert "face" not in session
    pictures.forget(use.event_id)
    page = visitor.get(page.request.path)
    assert "Redness of the cheeks" in page.text
    assert "The picture is no longer held" in page.text
    assert "data:image" not in page.text


def test_picture_and_measurements_can_be_forgotten_at_once(visitor, clinic, photo):
    analyse(visitor, photo, keep="1")
    event_id = use_of(visitor)
    page = visitor.send("/forget")
    assert page.status_code == 200
    assert "The measurements are gone" in page.text
    assert pictures.held(event_id) is None
    (use,) = stored(clinic)
    assert not {"measures", "hidden"} & use.data.keys()
    assert use.label is None
    assert use.score == 80
    withdrawn = receipts(clinic)[-1]
    assert (withdrawn.kind, withdrawn.granted) == ("face_measurements", False)


def test_erasing_a_person_erases_what_was_measured_of_them(visitor, clinic, photo):
    analyse(visitor, photo, keep="1", concerns=["scars"])
    visitor.answer(email="ida@example.com")
    with acting_for(clinic.clinic):
        lead = db.session.scalar(select(Lead))
        erase_lead(lead, user_id=None, now=NOW)
        db.session.commit()
    (use,) = stored(clinic)
    assert not {"measures", "hidden"} & use.data.keys()
    assert use.label is None
    assert use.score == 80


def test_who_refuses_tracking_is_analysed_and_the_words_stay_with_the_use(client, clinic, photo):
    quiet = Passerby(client, DNT="1")
    analyse(quiet, photo)
    (use,) = stored(clinic)
    assert use.visitor_id is None
    assert use.data["consents"]["face_analysis"]["granted"] is True
    assert receipts(clinic) == []


MARK = b"LEADLIGHT-PHOTO-MARKER-7f3a"


def test_nothing_of_a_photo_is_on_disk_afterwards(visitor, app, clinic, face, monkeypatch):
    """A photo with a mark in it, large enough to be spooled, is sent as a browser does: no
    temporary file is opened, and neither mark nor picture is found where anything could be
    written."""
    photo = png(of.noisy(of.scaled(face, 1.6), 4))
    photo = photo[:33] + _text_chunk(MARK) + photo[33:]
    assert len(photo) > 1024 * 1024
    visitor.get(PAGE)
    began = time.time() - 1

    def opened(*args, **kwargs):
        raise AssertionError("a temporary file was opened")

    for name in ("SpooledTemporaryFile", "TemporaryFile", "NamedTemporaryFile", "mkstemp"):
        monkeypatch.setattr(tempfile, name, opened)
    monkeypatch.setattr("werkzeug.formparser.SpooledTemporaryFile", opened)
    page = send(visitor, photo, keep="1")
    assert "data:image/jpeg;base64," in page.text
    held = pictures.held(UUID(page.request.path.rpartition("/")[2])).jpeg
    signs = (MARK, held[-400:], held[-400:].hex().encode(), photo[5000:5400])
    checked = 0
    for path, body in _written_since(began, app.config["DATA"], tempfile.gettempdir(), "/var/tmp"):
        checked += path.parent == app.config["DATA"]
        for sign in signs:
            assert sign not in body, path
    if db.engine.dialect.name == "sqlite":
        assert checked, "the database at least was written"
    (use,) = stored(clinic)
    assert len(str(use.data)) < 2000


def _text_chunk(text: bytes) -> bytes:
    packed = b"tEXtComment\0" + text
    return struct.pack(">I", len(packed) - 4) + packed + struct.pack(">I", zlib.crc32(packed))


def _written_since(moment: float, *folders):
    """Files written since that can be read, with what is in them; the database and its log are
    among them. What others write there may be gone again before it is read."""
    walked = (place for folder in folders for place in os.walk(folder))
    for path in (Path(within, name) for within, _, names in walked for name in names):
        try:
            if path.is_file() and not path.is_symlink() and path.stat().st_mtime >= moment:
                yield path, path.read_bytes()
        except OSError:
            continue
