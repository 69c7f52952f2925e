"""The face analysis on one portrait: what is measured, how far it can be trusted, and what is
refused. Each photo goes through the worker process, as a visitor's does."""

import re
import struct
import zlib
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms

from app.clients import vision
from app.clients.vision import Analysis, Refusal
from app.domain.tools.photo import REFUSALS
from app.domain.tools.skin import BY_KEY, MEASURES, level_of
from tests import portrait as of
from tests.portrait import jpeg, png

WORK = Path(vision.__file__).parent / "vision_work"


@pytest.fixture(scope="module")
def face():
    return of.portrait()


@pytest.fixture(scope="module")
def plain(face):
    """What is measured of the portrait as it is."""
    return measured(png(face))


@pytest.fixture(scope="module", autouse=True)
def worker_ends():
    yield
    vision.worker.stop()


def measured(photo: bytes) -> dict:
    found = vision.analyse(photo)
    assert isinstance(found, Analysis), found
    return found.values


def refused(photo: bytes) -> str:
    found = vision.analyse(photo)
    assert isinstance(found, Refusal), found
    return found.reason


# What moves each measure


def test_redness_follows_red_painted_on_the_cheeks(face, plain):
    some, more = (measured(png(of.painted(face, of.CHEEKS, 1, by))) for by in (6, 12))
    assert 4 < some["redness"] - plain["redness"] < 8
    assert 9 < more["redness"] - plain["redness"] < 14
    levels = [level_of(BY_KEY["redness"], found["redness"]) for found in (plain, some, more)]
    assert levels == ["low", "medium", "high"]


def test_the_contrast_under_the_eyes_follows_shadows_painted_there(face, plain):
    some, more = (measured(png(of.painted(face, of.UNDER_EYES, 0, by))) for by in (-5, -10))
    assert 3 < some["under_eyes"] - plain["under_eyes"] < 6
    assert 6 < more["under_eyes"] - plain["under_eyes"] < 11
    levels = [level_of(BY_KEY["under_eyes"], found["under_eyes"]) for found in (plain, some, more)]
    assert levels == ["low", "medium", "high"]


def test_shine_follows_highlights_painted_on_forehead_and_nose(face, plain):
    steps = [measured(png(of.shining(face, strength)))["shine"] for strength in (0.4, 0.6, 0.9)]
    assert plain["shine"] < steps[0] < steps[1] < steps[2]
    levels = {level_of(BY_KEY["shine"], value) for value in (plain["shine"], *steps)}
    assert levels == {"low", "medium", "high"}


@pytest.mark.parametrize(
    ("parts", "channel", "by", "moved"),
    [(of.CHEEKS, 1, 12, "redness"), (of.UNDER_EYES, 0, -10, "under_eyes")],
)
def test_a_cause_moves_its_own_measure_only(face, plain, parts, channel, by, moved):
    found = measured(png(of.painted(face, parts, channel, by)))
    for measure in MEASURES:
        if measure.key != moved:
            assert abs(found[measure.key] - plain[measure.key]) < measure.noise


# What must not move them further than the noise that is stated

WARM, COOL = (1.12, 1, 0.75), (0.86, 1, 1.15)
NUISANCES = {
    "darker": lambda face: png(of.exposed(face, 0.6)),
    "a little darker": lambda face: png(of.exposed(face, 0.8)),
    "lighter": lambda face: png(of.exposed(face, 1.15)),
    "more contrast": lambda face: png(of.changed(face, lambda rgb: 255 * (rgb / 255) ** 1.2)),
    "less contrast": lambda face: png(of.changed(face, lambda rgb: 255 * (rgb / 255) ** 0.85)),
    "warm light": lambda face: png(of.exposed(face, 1, WARM)),
    "cool light": lambda face: png(of.exposed(face, 1, COOL)),
    "greenish light": lambda face: png(of.exposed(face, 1, (0.96, 1.06, 0.96))),
    "warm and darker": lambda face: png(of.exposed(face, 0.8, WARM)),
    "JPEG 60": lambda face: jpeg(face, 60),
    "JPEG 75": lambda face: jpeg(face, 75),
    "JPEG 95": lambda face: jpeg(face, 95),
    "WebP": of.webp,
    "tilted left": lambda face: png(of.turned(face, 8)),
    "tilted right": lambda face: png(of.turned(face, -8)),
    "smaller": lambda face: png(of.scaled(face, 0.85)),
    "larger": lambda face: png(of.scaled(face, 2.5)),
    "noise": lambda face: png(of.noisy(face, 6)),
    "slightly out of focus": lambda face: png(of.blurred(face, 2)),
    "the other way round": lambda face: png(face.transpose(Image.Transpose.FLIP_LEFT_RIGHT)),
    "moved": lambda face: png(face.crop((40, 20, *face.size))),
}


@pytest.mark.parametrize("name", NUISANCES)
def test_light_and_camera_move_no_measure_beyond_its_noise(face, plain, name):
    found = measured(NUISANCES[name](face))
    moved = {m.key: round(found[m.key] - plain[m.key], 2) for m in MEASURES}
    assert all(abs(moved[m.key]) <= m.noise for m in MEASURES), moved


@pytest.mark.parametrize("name", ["warm and darker", "cool light", "JPEG 75", "tilted left"])
def test_red_cheeks_stay_red_in_other_light(face, name):
    found = measured(NUISANCES[name](of.painted(face, of.CHEEKS, 1, 12)))
    assert level_of(BY_KEY["redness"], found["redness"]) == "high"


# What is refused, each by its own reason

UNFAIR = {
    "no face": (
        lambda face: Image.effect_mandelbrot((600, 600), (-3, -2.5, 2, 2.5), 60),
        "no_face",
    ),
    "one colour": (lambda face: Image.new("RGB", (900, 900), (210, 170, 150)), "no_face"),
    "two faces": (lambda face: of.beside(face, of.scaled(face, 0.8)), "several_faces"),
    "a face and a smaller one": (
        lambda face: of.beside(face, of.scaled(face, 0.4)),
        "several_faces",
    ),
    "four faces": (lambda face: of.beside(face, face, face, face), "several_faces"),
    "the original, eyes 43 pixels apart": (lambda face: Image.open(of.ORIGINAL), "too_small"),
    "a face far away": (lambda face: _on_wall(of.scaled(face, 0.25)), "too_small"),
    "half a face": (lambda face: face.crop((280, 0, *face.size)), "cut_off"),
    "no chin": (lambda face: face.crop((0, 0, face.width, 390)), "cut_off"),
    "a tilted head": (lambda face: of.turned(face, 32), "turned"),
    "in the dark": (lambda face: of.changed(face, lambda rgb: rgb * 0.2), "too_dark"),
    "at dusk": (lambda face: of.changed(face, lambda rgb: rgb * 0.45), "too_dark"),
    "burnt out": (lambda face: of.changed(face, lambda rgb: rgb * 1.6), "too_bright"),
    "out of focus": (lambda face: of.blurred(face, 5), "blurred"),
    "light from the side": (lambda face: of.lit_from_side(face, 0.3), "light_from_side"),
    "black and white": (lambda face: face.convert("L"), "no_colour"),
    "a white mask": (lambda face: _masked(face, (240, 240, 240)), "no_skin"),
    "a blue mask": (lambda face: _masked(face, (120, 160, 200)), "no_skin"),
}


def _on_wall(face: Image.Image) -> Image.Image:
    wall = Image.new("RGB", (2400, 2000), (150, 150, 150))
    wall.paste(face, (1100, 900))
    return wall


def _masked(face: Image.Image, colour) -> Image.Image:
    return of.covered(face, [(224, 145, 44, 39)], colour)


@pytest.mark.parametrize("name", UNFAIR)
def test_a_photo_that_cannot_be_measured_fairly_is_refused(face, name):
    make, reason = UNFAIR[name]
    assert refused(png(make(face))) == reason


def test_shine_is_not_taken_for_redness(face, plain):
    for strength in (0.4, 0.6, 0.8, 1):
        found = measured(png(of.shining(face, strength)))
        assert abs(found["redness"] - plain["redness"]) <= BY_KEY["redness"].noise


def test_sunglasses_leave_the_rest_to_be_measured(face):
    found = vision.analyse(png(of.covered(face, of.EYES, (25, 25, 28))))
    assert found.hidden == ["under_eyes"]
    assert found.values.keys() == {"redness", "shine"}


def test_hair_on_the_forehead_is_left_out_and_said(face):
    found = vision.analyse(png(of.covered(face, of.BROW, (60, 45, 30))))
    assert found.hidden == ["forehead"]
    assert found.values.keys() == {"redness", "under_eyes", "shine"}


@pytest.mark.parametrize("left", [0.7, 0.5, 0.35])
def test_no_gate_asks_for_light_skin(face, left):
    found = vision.analyse(png(of.with_darker_skin(face, left)))
    assert isinstance(found, Analysis), found
    assert found.hidden == []


def test_dark_glasses_and_a_fringe_leave_too_little(face):
    photo = of.covered(of.covered(face, of.EYES, (25, 25, 28)), of.BROW, (60, 45, 30))
    assert refused(png(photo)) == "no_skin"


# Files


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def huge_png(width: int, height: int, rows: int) -> bytes:
    """A black and white PNG that says it is this large, and holds this many rows."""
    row = b"\0" * (1 + (width + 7) // 8)
    packed = zlib.compressobj(9)
    data = b"".join([packed.compress(row) for _ in range(rows)] + [packed.flush()])
    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


SVG = (
    b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
)


@pytest.mark.parametrize(
    ("photo", "reason"),
    [
        (b"", "no_photo"),
        (b"hello", "not_a_photo"),
        (b"\0" * 5000, "not_a_photo"),
        (b"%PDF-1.7\n1 0 obj", "not_a_photo"),
        (b"PK\x03\x04" + b"\0" * 100, "not_a_photo"),
        (b"RIFF\x10\0\0\0WAVEfmt ", "not_a_photo"),
        (SVG, "vector"),
        (b"\xef\xbb\xbf  <svg width='9'/>", "vector"),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "heic"),
        (b"\0\0\0\x1cftypavif\0\0\0\0", "heic"),
        (b"GIF89a\x01\0\x01\0", "animation"),
        (huge_png(50_000, 50_000, 50_000), "too_many_pixels"),
        (huge_png(50_000, 50_000, 3), "too_many_pixels"),
        (huge_png(30_000, 10, 10), "too_many_pixels"),
        (huge_png(800, 800, 800)[:-12], "truncated"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 40, "truncated"),
        (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", b"\0") + chunk(b"IEND", b""), "damaged"),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF", "truncated"),
        (b"\xff\xd8\xff\xd9", "damaged"),
    ],
)
def test_a_file_that_is_no_photo_is_refused_by_what_it_is(photo, reason):
    assert refused(photo) == reason


@pytest.mark.parametrize("encode", [png, jpeg, of.webp])
@pytest.mark.parametrize("part", [0.3, 0.6, 0.97])
def test_a_file_that_was_cut_short_is_said_to_be(face, encode, part):
    whole = encode(face)
    assert refused(whole[: int(len(whole) * part)]) == "truncated"


@pytest.mark.parametrize("encode", [png, jpeg, of.webp])
@pytest.mark.parametrize(
    "rider",
    [
        b"PK\x03\x04" + b"x" * 60 + b"PK\x05\x06" + b"\0" * 18,
        b"<html><script>alert(1)</script>",
        b"\n%PDF-1.4\n",
        b"<?php system($_GET[0]);",
    ],
)
def test_what_hides_behind_a_photo_is_refused(face, encode, rider):
    assert refused(encode(face) + rider) == "stowaway"


def test_what_phones_keep_behind_a_photo_is_left_behind(face, plain):
    gain_map = jpeg(of.scaled(face, 0.3)) + b"\0\0\0\x18ftypmp42film of a second"
    found = vision.analyse(jpeg(face, 95) + gain_map)
    assert abs(found.values["redness"] - plain["redness"]) < 1


def test_a_film_of_pictures_is_refused(face):
    file = BytesIO()
    face.save(file, "PNG", save_all=True, append_images=[of.scaled(face, 0.5).resize(face.size)])
    assert refused(file.getvalue()) == "animation"


def as_rgba(face):
    face = face.convert("RGBA")
    face.putalpha(255)
    return png(face)


def with_wide_profile(face):
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    return jpeg(face, icc_profile=profile)


def lying_down(face):
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned by 90 degrees
    return jpeg(face.transpose(Image.Transpose.ROTATE_90), exif=exif)


FORMS = {
    "RGBA": as_rgba,
    "CMYK": lambda face: jpeg(face.convert("CMYK"), 95),
    "sRGB profile": with_wide_profile,
    "broken profile": lambda face: jpeg(face, icc_profile=b"nonsense"),
    "lying down": lying_down,
    "progressive": lambda face: jpeg(face, 95, progressive=True),
}


@pytest.mark.parametrize("name", FORMS)
def test_every_form_of_a_photo_measures_the_same(face, plain, name):
    found = measured(FORMS[name](face))
    assert all(abs(found[m.key] - plain[m.key]) <= m.noise for m in MEASURES)


def test_a_palette_is_read_as_its_colours(face):
    assert measured(png(face.quantize(256)))


def test_sixteen_bits_of_grey_are_black_and_white(face):
    grey = np.asarray(face.convert("L")).astype(np.uint16) * 256
    assert refused(png(Image.fromarray(grey))) == "no_colour"


# What comes back


def test_the_picture_that_comes_back_holds_the_face_and_nothing_else(face):
    exif = Image.Exif()
    exif[0x010E] = "SECRET-PLACE"
    photo = jpeg(face, 95, exif=exif, comment=b"SECRET-COMMENT")
    picture = vision.analyse(photo).picture
    assert b"SECRET" not in picture.jpeg
    with Image.open(BytesIO(picture.jpeg)) as shown:
        assert shown.format == "JPEG"
        assert shown.size == (picture.width, picture.height)
        assert not shown.getexif()
        assert not {"icc_profile", "comment", "exif"} & shown.info.keys()


def test_each_measure_has_its_outlines_on_the_picture(face):
    found = vision.analyse(png(face))
    picture = found.picture
    assert picture.outlines.keys() == found.values.keys()
    for outlines in picture.outlines.values():
        for outline in outlines:
            assert len(outline) >= 3
            assert all(0 < x < picture.width and 0 < y < picture.height for x, y in outline)


def test_every_reason_has_its_words():
    raised = set()
    for path in WORK.glob("*.py"):
        raised |= set(re.findall(r'Refused\("(\w+)"', path.read_text()))
    assert raised | {"too_small", "no_face", "truncated", "damaged"} == REFUSALS.keys()
    assert len({refusal.said for refusal in REFUSALS.values()}) == len(REFUSALS)
