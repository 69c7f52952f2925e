"""A file that somebody sent -> the pixels of its picture, upright, in sRGB, and nothing else of it.

What the file is, its content says; its name is not asked. The decoders run here and nowhere else.
"""

import re
import struct
from contextlib import suppress
from io import BytesIO

import numpy as np
from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

from app.clients.vision_work.refused import Refused

MOST_PIXELS = 40_000_000
LONGEST_SIDE = 16_000
LONGEST_KEPT = 4096
PAPER = (128, 128, 128)  # what shows through where a picture is transparent

# The first bytes of what is no photo, each with its own answer.
HEIC = re.compile(rb"....ftyp(hei|hev|mif1|msf1|avif|avis)", re.DOTALL)
VECTOR = re.compile(rb"\s*(\xef\xbb\xbf)?\s*<(\?xml|svg|!doctype svg|!--)", re.IGNORECASE)
# What has no business behind the end of a picture. Phones do keep things there (a second picture,
# a short film, their own notes): those are left behind unread.
STOWAWAY = re.compile(
    rb"PK\x05\x06|<script|<html|<svg|<\?php|<!doctype|%PDF-|\x7fELF|Rar!\x1a|7z\xbc\xaf",
    re.IGNORECASE,
)

# The next marker after a JPEG's packed data, in which 0xFF is followed by 0 or a restart.
PACKED_ENDS = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]", re.DOTALL)

Image.MAX_IMAGE_PIXELS = None  # asked below, before anything is decoded


def read(body: bytes) -> np.ndarray:
    """RGB pixels (height, width, 3), 8 bit, at most LONGEST_KEPT a side. Raises Refused."""
    if not body:
        raise Refused("no_photo")
    end = _end_of_picture(body)
    if STOWAWAY.search(body, end):
        raise Refused("stowaway")
    return _pixels(body[:end])


def _end_of_picture(body: bytes) -> int:
    """Where the picture ends in the file. Raises Refused for what is no picture we read."""
    for magic, end_of in ENDS.items():
        if body.startswith(magic):
            return end_of(body)
    if HEIC.match(body):
        raise Refused("heic")
    if VECTOR.match(body[:200]):
        raise Refused("vector")
    if body.startswith(b"GIF8"):
        raise Refused("animation")
    raise Refused("not_a_photo")


def _end_of_jpeg(body: bytes) -> int:
    place = 2
    while place + 4 <= len(body):
        if body[place] != 0xFF:
            raise Refused("damaged")
        marker = body[place + 1]
        if marker == 0xD9:
            return place + 2
        if marker == 0xFF or 0xD0 <= marker <= 0xD8 or marker == 0x01:
            place += 1 if marker == 0xFF else 2
            continue
        place += 2 + int.from_bytes(body[place + 2 : place + 4])
        if marker == 0xDA:
            place = _next_marker(body, place)
    if body[place : place + 2] == b"\xff\xd9":
        return place + 2
    raise Refused("truncated")


def _next_marker(body: bytes, place: int) -> int:
    found = PACKED_ENDS.search(body, place)
    if found is None:
        raise Refused("truncated")
    return found.start()


def _end_of_png(body: bytes) -> int:
    place = 8
    while place + 12 <= len(body):
        length, kind = struct.unpack_from(">I4s", body, place)
        place += 12 + length
        if kind == b"IEND":
            return place
    # A header that promises more than can be looked at is said to be too large, not cut short.
    if len(body) >= 24 and _is_too_large(*struct.unpack_from(">II", body, 16)):
        raise Refused("too_many_pixels")
    raise Refused("truncated")


def _end_of_webp(body: bytes) -> int:
    if body[8:12] != b"WEBP":
        raise Refused("not_a_photo")
    end = 8 + int.from_bytes(body[4:8], "little")
    if end > len(body):
        raise Refused("truncated")
    return end + end % 2


ENDS = {
    b"\xff\xd8\xff": _end_of_jpeg,
    b"\x89PNG\r\n\x1a\n": _end_of_png,
    b"RIFF": _end_of_webp,
}


def _is_too_large(width: int, height: int) -> bool:
    return width * height > MOST_PIXELS or max(width, height) > LONGEST_SIDE


def _pixels(body: bytes) -> np.ndarray:
    try:
        with Image.open(BytesIO(body), formats=("JPEG", "PNG", "WEBP")) as picture:
            if _is_too_large(*picture.size):
                raise Refused("too_many_pixels")
            if picture.format in ("PNG", "WEBP") and getattr(picture, "n_frames", 1) > 1:
                raise Refused("animation")
            picture.draft("RGB", (LONGEST_KEPT, LONGEST_KEPT))  # JPEG: decode no more than is used
            picture.load()
            return _plain(picture)
    except UnidentifiedImageError:
        raise Refused("damaged") from None
    except (OSError, SyntaxError, ValueError, struct.error) as error:
        reason = "truncated" if "truncated" in str(error) else "damaged"
        raise Refused(reason) from None


def _plain(picture: Image.Image) -> np.ndarray:
    picture.thumbnail((LONGEST_KEPT, LONGEST_KEPT), Image.Resampling.BOX, reducing_gap=2)
    return np.asarray(_in_srgb(ImageOps.exif_transpose(picture)))


def _in_srgb(picture: Image.Image) -> Image.Image:
    profile = picture.info.get("icc_profile")
    if picture.mode.startswith(("I", "F")):  # 16 bit grey
        grey = np.asarray(picture, dtype=np.float32)
        return Image.fromarray((grey / max(grey.max(), 1) * 255).astype(np.uint8)).convert("RGB")
    if picture.mode in ("P", "PA", "LA", "La", "RGBa") or "transparency" in picture.info:
        picture = picture.convert("RGBA")
    if picture.mode == "RGBA":
        paper = Image.new("RGBA", picture.size, PAPER)
        picture = Image.alpha_composite(paper, picture).convert("RGB")
    if profile and picture.mode in ("RGB", "CMYK"):
        # A profile that is broken, or not of these colours, is as good as none.
        with suppress(ImageCms.PyCMSError, OSError, ValueError, TypeError):
            given = ImageCms.ImageCmsProfile(BytesIO(profile))
            srgb = ImageCms.createProfile("sRGB")
            return ImageCms.profileToProfile(picture, given, srgb, outputMode="RGB")
    return picture.convert("RGB")
