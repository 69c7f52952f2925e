"""Forms and photos that cannot be measured: each is told why, with a tip, and loses no answer."""

import struct
import zlib

import pytest

from app.domain.tools.photo import REFUSALS
from tests import portrait as of
from tests.faces import PAGE, SVG, analyse, receipts, stored, use_of
from tests.passerby import Passerby
from tests.portrait import jpeg, png


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
