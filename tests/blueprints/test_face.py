"""The face analysis as a visitor without JavaScript meets it: a photo sent, measured by the worker
process, and answered."""

import os
import signal
import struct
import tempfile
import threading
import time
import zlib
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import select

from app.blueprints.tools.face import pictures
from app.clients import vision
from app.clients.worker import Worker
from app.domain.tools.photo import REFUSALS
from app.extensions import db
from app.models import Consent, Interaction, Lead, Treatment
from app.operations.leads.erase_lead import erase_lead
from app.tenancy import acting_for
from tests import portrait as of
from tests.conftest import NOW
from tests.passerby import Passerby
from tests.portrait import jpeg, png

PAGE = "/enhanced-face/"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


@pytest.fixture(scope="module")
def face():
    return of.portrait()


@pytest.fixture(scope="module")
def photo(face):
    return jpeg(face, 95)


@pytest.fixture(scope="module", autouse=True)
def worker_ends():
    yield
    vision.worker.stop()


def analyse(visitor, photo: bytes | None, **fields):
    """Fills in the form and sends it, with the consent unless said otherwise; the page."""
    visitor.get(PAGE)
    return send(visitor, photo, **fields)


def send(visitor, photo: bytes | None, **changes):
    """Sends the form of the page as a browser does, its bytes put together here: the test client
    would keep a large file on the disk."""
    form = visitor.form(PAGE)
    fields = {**form.fields, "consent": "1", **changes}
    visitor.page = visitor.client.post(
        PAGE,
        data=encoded(photo, fields),
        content_type="multipart/form-data; boundary=line",
        headers=visitor.headers,
        follow_redirects=True,
    )
    return visitor.page


def encoded(photo: bytes | None, fields: dict) -> bytes:
    parts = []
    for name, values in fields.items():
        for value in [values] if isinstance(values, str) else values or []:
            head = f'--line\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n'
            parts.append(f"{head}{value}\r\n".encode())
    if photo is not None:
        head = 'Content-Disposition: form-data; name="photo"; filename="me.jpg"'
        parts.append(f"--line\r\n{head}\r\n\r\n".encode() + photo + b"\r\n")
    return b"".join([*parts, b"--line--\r\n"])


def use_of(visitor) -> UUID:
    assert "/result/" in visitor.page.request.path, visitor.page.text
    return UUID(visitor.page.request.path.rpartition("/")[2])


def stored(cast, kind="face_analysis"):
    db.session.expire_all()
    with acting_for(cast.clinic):
        wanted = select(Interaction).where(Interaction.type == kind).order_by(Interaction.id)
        return list(db.session.scalars(wanted))


def receipts(cast):
    db.session.expire_all()
    with acting_for(cast.clinic):
        return list(db.session.scalars(select(Consent).order_by(Consent.id)))


# The form


def test_no_box_is_ticked_beforehand(visitor):
    visitor.get(PAGE)
    form = visitor.form(PAGE)
    assert {"photo", "consent", "keep", "concerns", "budget", "urgency"} <= form.names
    assert not {"consent", "keep", "concerns", "procedures"} & form.ticked


def test_both_pages_say_what_it_is_and_on_how_few_faces_it_was_checked(visitor, photo):
    for page in (visitor.get(PAGE), analyse(visitor, photo)):
        assert "Cosmetic guidance, not a diagnosis." in page.text
        assert "one light-skinned woman" in page.text


def test_concerns_are_asked_that_the_catalogue_answers(visitor, clinic):
    assert "Pigment spots" in visitor.get(PAGE).text
    with acting_for(clinic.clinic):
        for row in db.session.scalars(select(Treatment)):
            row.active = row.slug == "lip-filler"
        db.session.commit()
    page = visitor.get(PAGE).text
    assert "Pigment spots" not in page
    assert "Thin or dry lips" in page


def test_a_treatment_one_came_from_is_chosen_already(visitor):
    visitor.get(f"{PAGE}?treatment=ipl&treatment=no-such-thing")
    assert visitor.form(PAGE).fields["procedures"] == ["ipl"]


# A use


def test_a_face_is_measured_and_shown_with_its_regions(visitor, photo):
    page = analyse(visitor, photo, concerns=["pigment spots"])
    for words in ("Redness of the cheeks", "Contrast under the eyes", "Shine", "give or take 1.5"):
        assert words in page.text
    assert "data:image/jpeg;base64," in page.text
    assert page.text.count('<polygon class="halo"') == 6  # cheeks, under both eyes, nose, forehead
    assert page.headers["Cache-Control"] == "no-store"


def test_what_was_named_and_measured_finds_treatments_with_price_and_downtime(visitor, face):
    page = analyse(visitor, png(of.painted(face, of.CHEEKS, 1, 12)), concerns=["scars"])
    assert "redness of the cheeks: high" in page.text
    assert "you named scars" in page.text
    assert "IPL for pigmentation and redness" in page.text
    assert "Microneedling" in page.text
    assert "€170 – €260" in page.text
    assert "Downtime" in page.text
    assert "/enhanced-cost/?treatment=ipl" in page.text


def test_nothing_named_and_nothing_measured_is_answered_with_nothing(visitor, photo):
    page = analyse(visitor, photo)
    assert "calls for one of our treatments" in page.text
    assert 'class="card fit"' not in page.text


def test_an_analysis_scores_eighty_and_asks_for_contact_in_place(visitor, clinic, photo):
    analyse(visitor, photo)
    (use,) = stored(clinic)
    assert use.score == 80
    assert visitor.forms("/step/")


def test_immediate_and_a_high_budget_come_to_125_capped_at_100(visitor, clinic, photo):
    analyse(visitor, photo, budget="high", urgency="immediate")
    (use,) = stored(clinic)
    assert use.score == 100
    told = {part["name"]: part["points"] for part in use.contributions}
    assert told == {
        "Face analysis used": 80,
        "High budget range": 20,
        "Immediate urgency": 25,
        "Cap at 100": -25,
    }


def test_treatments_that_fit_are_not_taken_for_asked_for(visitor, clinic, face):
    analyse(visitor, png(of.painted(face, of.CHEEKS, 1, 12)), concerns=["scars", "wrinkles"])
    analyse(visitor, jpeg(face, 90), procedures=["ipl", "hydrafacial"])
    first, second = stored(clinic)
    assert "procedures" not in first.data
    assert second.data["procedures"] == ["ipl", "hydrafacial"]
    assert "More than one procedure" in {part["name"] for part in second.contributions}


def test_the_same_form_sent_twice_counts_once_and_leaves_one_receipt(visitor, clinic, photo):
    visitor.get(PAGE)
    form_page = visitor.page
    for _ in range(2):
        visitor.page = form_page
        send(visitor, photo)
    assert len(stored(clinic)) == 1
    assert len(receipts(clinic)) == 1


# Consent


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


def test_a_result_is_seen_by_the_browser_that_made_it_only(visitor, app, photo):
    analyse(visitor, photo, keep="1")
    event_id = use_of(visitor)
    stranger = Passerby(app.test_client())
    assert stranger.get(f"{PAGE}result/{event_id}").status_code == 404
    assert stranger.get(f"{PAGE}?from={event_id}").status_code == 404
    assert visitor.get(f"{PAGE}result/{event_id}").status_code == 200


def test_another_photo_begins_with_the_same_answers(visitor, photo):
    analyse(visitor, photo, concerns=["scars"], budget="low", urgency="immediate")
    visitor.get(f"{PAGE}?from={use_of(visitor)}")
    fields = visitor.form(PAGE).fields
    assert fields["concerns"] == ["scars"]
    assert (fields["budget"], fields["urgency"]) == (["low"], ["immediate"])


def test_who_came_from_the_recommendation_is_known_to_have(visitor, clinic, photo):
    visitor.get(f"{PAGE}?from=ai")
    send(visitor, photo)
    assert stored(clinic)[0].data["from"] == "ai"


# What is wrong


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"concerns": ["<script>alert(1)</script>"]}, "Choose among the answers shown."),
        ({"procedures": ["no-such-thing"]}, "no longer offered"),
        ({"budget": "enormous"}, "Choose one of the answers"),
        ({"urgency": "💉"}, "Choose one of the answers"),
        ({"consent": "yes"}, "Tick this box first"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_recorded(visitor, clinic, photo, wrong, said):
    page = analyse(visitor, photo, **wrong)
    assert page.status_code == 422
    assert said in page.text
    assert 'role="alert"' in page.text
    assert "<script>alert(1)" not in page.text
    assert stored(clinic) == []


@pytest.mark.parametrize("photo", [None, b""])
def test_without_a_photo_one_is_asked_for(visitor, clinic, photo):
    page = analyse(visitor, photo, concerns=["scars"])
    assert page.status_code == 422
    assert "Take a photo, or choose one." in page.text
    assert visitor.form(PAGE).fields["concerns"] == ["scars"]


def test_a_text_in_the_place_of_the_photo_is_no_photo(visitor, clinic):
    visitor.get(PAGE)
    page = visitor.send(PAGE, consent="1", photo="\u202ea text")
    assert page.status_code == 422
    assert "Take a photo, or choose one." in page.text


def test_without_the_token_nothing_is_taken(visitor, clinic, photo):
    assert analyse(visitor, photo, csrf_token="forged").status_code == 400
    assert stored(clinic) == []


def test_a_photo_of_more_than_twelve_megabytes_is_refused_in_its_own_words(visitor):
    visitor.get(PAGE)
    body = b"--line\r\n\r\n" + b"x" * (12 * 1024 * 1024)
    page = visitor.client.post(
        PAGE,
        data=body,
        content_type="multipart/form-data; boundary=line",
        headers=visitor.headers,
    )
    assert page.status_code == 413
    assert "larger than 12 MB" in page.text


def test_a_photo_of_five_megabytes_is_taken(visitor, face):
    large = png(of.noisy(of.scaled(face, 2.4), 4))
    assert 5 * 1024 * 1024 < len(large) < 12 * 1024 * 1024
    analyse(visitor, large)
    assert use_of(visitor)


def bomb() -> bytes:
    """A PNG of 50,000 x 50,000 pixels in a few hundred kB."""

    def chunk(kind, data):
        packed = kind + data
        return struct.pack(">I", len(data)) + packed + struct.pack(">I", zlib.crc32(packed))

    packer = zlib.compressobj(9)
    row = b"\0" * 6251
    data = b"".join([packer.compress(row) for _ in range(50_000)] + [packer.flush()])
    head = struct.pack(">IIBBBBB", 50_000, 50_000, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


REFUSED = {
    "no_face": lambda face: png(face.crop((0, 480, *face.size))),
    "several_faces": lambda face: jpeg(of.beside(face, face, face)),
    "too_small": lambda face: of.ORIGINAL.read_bytes(),
    "too_dark": lambda face: jpeg(of.changed(face, lambda rgb: rgb * 0.2)),
    "too_bright": lambda face: jpeg(of.changed(face, lambda rgb: rgb * 1.6)),
    "blurred": lambda face: jpeg(of.blurred(face, 6)),
    "light_from_side": lambda face: jpeg(of.lit_from_side(face, 0.3)),
    "cut_off": lambda face: jpeg(face.crop((280, 0, *face.size))),
    "turned": lambda face: jpeg(of.turned(face, 32)),
    "no_colour": lambda face: jpeg(face.convert("L")),
    "too_many_pixels": lambda face: bomb(),
    "vector": lambda face: SVG,
    "stowaway": lambda face: jpeg(face) + b"PK\x03\x04" + b"x" * 50 + b"PK\x05\x06" + b"\0" * 18,
    "truncated": lambda face: jpeg(face)[:-3000],
    "heic": lambda face: b"\0\0\0\x18ftypheic\0\0\0\0mif1heic",
    "animation": lambda face: b"GIF89a\x01\0\x01\0",
    "not_a_photo": lambda face: b"%PDF-1.7",
}


@pytest.mark.parametrize("reason", REFUSED)
def test_each_photo_that_cannot_be_measured_has_its_own_answer_and_tip(
    visitor, clinic, face, reason
):
    page = analyse(visitor, REFUSED[reason](face), concerns=["scars"], budget="high")
    assert page.status_code == 422
    told = page.text.replace("&gt;", ">").replace("&#39;", "'")
    assert REFUSALS[reason].said in told
    assert REFUSALS[reason].tip in told
    assert visitor.form(PAGE).fields["concerns"] == ["scars"]
    assert stored(clinic) == []
    assert receipts(clinic) == []
    (attempt,) = stored(clinic, "event")
    assert attempt.data == {"name": "photo_refused", "reason": reason}
    assert attempt.score is None


def test_a_refusal_of_somebody_untracked_leaves_nothing(client, clinic):
    quiet = Passerby(client, DNT="1")
    assert analyse(quiet, SVG).status_code == 422
    assert stored(clinic, "event") == []


# The worker


def worker(target: str, **more) -> Worker:
    limits = {"time_limit": 20, "memory_limit": 800 * vision.MB, "patience": 5} | more
    return Worker(target, **limits)


@pytest.fixture
def swapped(monkeypatch):
    """swapped(worker) puts another one in the place of the face analysis' own, for one test."""
    stops = []

    def swap(other: Worker) -> Worker:
        monkeypatch.setattr(vision, "worker", other)
        stops.append(other.stop)
        return other

    yield swap
    for stop in stops:
        stop()


@pytest.mark.parametrize("trick", ["abort", "sleep", "raise_error", "hoard"])
def test_a_worker_that_fails_is_an_apology_and_the_next_photo_is_served(
    visitor, clinic, photo, swapped, monkeypatch, trick
):
    with monkeypatch.context() as broken:
        bad = worker(f"tests.clients.vision_tricks:{trick}", time_limit=1.5)
        broken.setattr(vision, "worker", bad)
        page = analyse(visitor, photo, concerns=["scars"])
        bad.stop()
    assert page.status_code == 503
    assert "We are sorry" in page.text
    assert visitor.form(PAGE).fields["concerns"] == ["scars"]
    assert stored(clinic) == []
    assert visitor.get("/").status_code == 200
    analyse(visitor, photo)
    assert use_of(visitor)


def test_a_worker_killed_in_the_middle_is_an_apology(visitor, clinic, photo, swapped):
    slow = swapped(worker("tests.clients.vision_tricks:sleep"))
    slow.call("pid", {})
    killer = threading.Thread(target=_kill_when_busy, args=(slow,))
    killer.start()
    page = analyse(visitor, photo)
    killer.join()
    assert page.status_code == 503
    assert "We are sorry" in page.text
    assert page.headers["Retry-After"]


def _kill_when_busy(slow: Worker):
    process = slow._idle.queue[-1]._popen.pid
    until = time.monotonic() + 10
    while slow._idle.qsize() and time.monotonic() < until:
        time.sleep(0.02)
    os.kill(process, signal.SIGKILL)


def test_too_many_at_once_are_asked_to_come_back(visitor, photo, swapped):
    slow = swapped(worker("tests.clients.vision_tricks:sleep", patience=0.2, time_limit=4))
    other = threading.Thread(target=_ignore_failure, args=(slow,))
    other.start()
    while slow._idle.qsize():
        time.sleep(0.01)
    page = analyse(visitor, photo)
    assert page.status_code == 503
    assert "Several photos are being looked at" in page.text
    slow._idle.queue.clear()
    other.join()


def _ignore_failure(slow: Worker):
    try:
        slow.call("analyse", {}, b"")
    except Exception:
        return


def test_where_the_packages_are_missing_the_page_leads_elsewhere(visitor, photo, monkeypatch):
    visitor.get(PAGE)
    monkeypatch.setattr(vision, "is_installed", lambda: False)
    assert send(visitor, photo).status_code == 503
    page = visitor.get(PAGE)
    assert "not installed here" in page.text
    assert "/enhanced-ai/" in page.text


# The disk


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
