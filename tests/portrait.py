"""One portrait (tests/data/portrait), and what may be done to it: causes painted in, and what
light, cameras and files do to a photo of the same face.

The face is small in the original, 43 pixels between the eyes: it is cut out and enlarged to 112.
Enlarging adds no detail, so nothing here says how real pores would measure.
"""

from io import BytesIO
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageFilter

ORIGINAL = Path(__file__).parent / "data" / "portrait" / "astronaut.png"
FACE = (100, 0, 350, 280)  # left, top, right, bottom in the original
ENLARGED = 2.6

# Parts of the face as ellipses in the original: middle and half width, half height.
CHEEKS = ((196, 117, 11, 11), (253, 121, 11, 11))
UNDER_EYES = ((203, 107, 12, 4), (247, 109.5, 12, 4))
FOREHEAD_AND_NOSE = ((222, 88, 18, 6), (224, 119, 5, 9))
EYES = ((204, 102, 18, 12), (247, 104, 18, 12))
EYES_AND_TEETH = ((204, 102, 10, 5), (247, 104, 10, 5), (224, 152, 20, 7))
WHOLE_FACE = ((225, 120, 52, 62),)
BROW = ((224, 84, 45, 13),)


def portrait() -> Image.Image:
    with Image.open(ORIGINAL) as picture:
        face = picture.convert("RGB").crop(FACE)
    return face.resize([round(side * ENLARGED) for side in face.size], Image.Resampling.LANCZOS)


def png(picture: Image.Image) -> bytes:
    return _encoded(picture, "PNG", compress_level=1)


def jpeg(picture: Image.Image, quality: int = 92, **more) -> bytes:
    return _encoded(picture, "JPEG", quality=quality, **more)


def webp(picture: Image.Image) -> bytes:
    return _encoded(picture, "WEBP", quality=92)


def _encoded(picture: Image.Image, kind: str, **more) -> bytes:
    file = BytesIO()
    picture.save(file, kind, **more)
    return file.getvalue()


def changed(picture: Image.Image, change) -> Image.Image:
    """The picture with its values (0 to 255, floats) changed by a function."""
    values = change(np.asarray(picture).astype(np.float32))
    return Image.fromarray(np.clip(values, 0, 255).round().astype(np.uint8))


def exposed(picture: Image.Image, factor: float, colours=(1, 1, 1)) -> Image.Image:
    """As if more or less light, or light of another colour, had reached the camera."""
    return changed(picture, lambda rgb: 255 * _encode(_decode(rgb / 255) * factor * colours))


def _decode(value):
    return np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)


def _encode(light):
    light = np.clip(light, 0, 1)
    return np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055)


def turned(picture: Image.Image, degrees: float) -> Image.Image:
    return picture.rotate(degrees, Image.Resampling.BICUBIC, fillcolor=(190, 180, 180))


def scaled(picture: Image.Image, factor: float) -> Image.Image:
    size = [round(side * factor) for side in picture.size]
    return picture.resize(size, Image.Resampling.LANCZOS)


def blurred(picture: Image.Image, radius: float) -> Image.Image:
    return picture.filter(ImageFilter.GaussianBlur(radius))


def noisy(picture: Image.Image, deviation: float) -> Image.Image:
    chance = np.random.default_rng(7)
    return changed(picture, lambda rgb: rgb + chance.normal(0, deviation, rgb.shape))


def lit_from_side(picture: Image.Image, loss: float) -> Image.Image:
    """The right half of the picture in the shade."""
    fall = 1 - loss * np.linspace(0, 2, picture.width)[None, :, None]
    return changed(picture, lambda rgb: rgb * np.clip(fall, 0, 1))


def painted(picture: Image.Image, parts, channel: int, by: float) -> Image.Image:
    """Parts of the face changed softly in one channel of CIELAB (0: L*, 1: a*)."""
    lab = _lab(picture)
    lab[..., channel] += by * _softly(picture, parts)
    return _from_lab(lab)


def shining(picture: Image.Image, strength: float) -> Image.Image:
    """Highlights on forehead and nose; `strength` 0 to 1."""
    lab, light = _lab(picture), strength * _softly(picture, FOREHEAD_AND_NOSE)[..., None]
    return _from_lab(lab * (1 - light) + np.float32([97, 0, 2]) * light)


def covered(picture: Image.Image, parts, colour) -> Image.Image:
    """Parts of the face under something of one colour."""
    mask = _mask(picture, parts)[..., None]
    return changed(picture, lambda rgb: rgb * (1 - mask) + np.float32(colour) * mask)


def with_darker_skin(picture: Image.Image, left: float) -> Image.Image:
    """The same photo with the skin's lightness times `left`; eyes and teeth stay white. It is no
    photo of a dark-skinned person, and shows only that no gate asks for light skin."""
    lab, eyes = _lab(picture), cv2.GaussianBlur(_mask(picture, EYES_AND_TEETH), (0, 0), 2)
    skin = cv2.GaussianBlur(_mask(picture, WHOLE_FACE), (0, 0), 6) * (1 - eyes)
    lab[..., 0] *= 1 - (1 - left) * skin
    return _from_lab(lab)


def _mask(picture: Image.Image, parts) -> np.ndarray:
    mask = np.zeros((picture.height, picture.width), np.float32)
    for part in parts:
        middle = ((part[0] - FACE[0]) * ENLARGED, (part[1] - FACE[1]) * ENLARGED)
        half = (part[2] * ENLARGED, part[3] * ENLARGED)
        axes = tuple(round(each) for each in half)
        cv2.ellipse(mask, tuple(round(each) for each in middle), axes, 0, 0, 360, 1, -1)
    return mask


def _softly(picture: Image.Image, parts) -> np.ndarray:
    return cv2.GaussianBlur(_mask(picture, parts), (0, 0), 5)


def _lab(picture: Image.Image) -> np.ndarray:
    return cv2.cvtColor(np.asarray(picture).astype(np.float32) / 255, cv2.COLOR_RGB2LAB)


def _from_lab(lab: np.ndarray) -> Image.Image:
    rgb = cv2.cvtColor(lab.astype(np.float32), cv2.COLOR_LAB2RGB)
    return Image.fromarray((np.clip(rgb, 0, 1) * 255).round().astype(np.uint8))


def beside(*pictures: Image.Image) -> Image.Image:
    """Pictures in a row."""
    row = Image.new("RGB", (sum(p.width for p in pictures), max(p.height for p in pictures)))
    left = 0
    for picture in pictures:
        row.paste(picture, (left, 0))
        left += picture.width
    return row
