"""Reads the pictures that people upload and makes them anew: what else was in them is gone."""

from io import BytesIO
from typing import NamedTuple

from PIL import Image, UnidentifiedImageError

FORMATS = ("PNG", "JPEG", "WEBP")
LONGEST_SIDE = 4000
FITS = (900, 300)
NO_PICTURE = "This is no picture we can read. Send a PNG, JPEG or WebP file."
TOO_LARGE = f"This picture is too large. Send one of at most {LONGEST_SIDE} pixels a side."


class BadPicture(ValueError):
    """A file that is no picture, or none to be shown: the words say why."""


class Picture(NamedTuple):
    """A PNG and its size in pixels."""

    png: bytes
    width: int
    height: int


def logo(file: bytes) -> Picture:
    """A picture for the head of documents, made small enough. Raises BadPicture."""
    try:
        with Image.open(BytesIO(file), formats=FORMATS) as image:
            if max(image.size) > LONGEST_SIDE:
                raise BadPicture(TOO_LARGE)
            small = image.convert("RGBA")
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise BadPicture(TOO_LARGE) from None
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError) as problem:
        if isinstance(problem, BadPicture):
            raise
        raise BadPicture(NO_PICTURE) from None
    small.thumbnail(FITS)
    out = BytesIO()
    small.save(out, "PNG", optimize=True)
    return Picture(out.getvalue(), *small.size)
