"""What is measured of the skin, each against another part of the same face: lamps and cameras
change both alike, so the difference holds where the values themselves do not.

Units: redness and under-eye contrast in CIELAB steps (a*, L*), shine in percent of the skin.
Source: `measure` below is what docs/face-analysis.md describes and tests/clients/test_vision.py
holds to its stated noise.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from app.clients.vision_work.face import CloseUp
from app.clients.vision_work.refused import Refused

# Outlines by landmark; "right" is the person's own.
CHEEKS = ((117, 118, 101, 36, 205, 50), (346, 347, 330, 266, 425, 280))
UNDER_EYES = (
    (110, 24, 23, 22, 26, 232, 231, 230, 229, 228),
    (339, 254, 253, 252, 256, 452, 451, 450, 449, 448),
)
NOSE = ((197, 3, 51, 45, 4, 275, 281, 248),)
CHIN = ((200, 201, 208, 171, 175, 396, 428, 421),)
FOREHEAD = ((9, 107, 66, 104, 69, 108, 151, 337, 299, 333, 296, 336),)
REGIONS = {
    "cheeks": CHEEKS,
    "under_eyes": UNDER_EYES,
    "nose": NOSE,
    "chin": CHIN,
    "forehead": FOREHEAD,
}

# A pixel is skin when it is near this face's own: no tone is taken for the usual one.
NEAR_COLOUR = 16.0
DARKER = 28.0
LEAST_SKIN = 0.6
LEAST_RED, LEAST_YELLOW = -5.0, -10.0  # a*, b*
FULL = 253  # of 255: a channel that is full tells no colour any more
SHEEN = 1.0  # how much paler than the face skin is that reflects a little light
LEAST_DULL = 0.2

# A highlight: lighter than the skin around it, and paler.
LIGHTER = 9.0
PALER = 2.0

# measure -> the regions that are looked at, and those they are held against
NEEDS = {
    "redness": (("cheeks",), ("nose", "chin")),
    "under_eyes": (("under_eyes",), ("cheeks",)),
    "shine": (("forehead", "nose"), ("cheeks",)),
}


@dataclass(frozen=True, slots=True)
class Found:
    """Values by measure, those only that could be taken; the regions that are too little skin;
    the outlines that were looked at, by measure."""

    values: dict[str, float]
    hidden: list[str]
    regions: dict[str, list[tuple[int, ...]]]


def measure(close: CloseUp) -> Found:
    """All measures that the face allows. Raises Refused when it allows none."""
    skin = Skin(close)
    bare = [region for region in REGIONS if skin.share(region) >= LEAST_SKIN]
    # The cheeks of somebody with a mask are alike too: they must be like something above them.
    if "cheeks" not in bare or not {"under_eyes", "forehead"} & set(bare) or skin.is_not_of_skin:
        raise Refused("no_skin")
    values, regions = {}, {}
    for name, (looked_at, against) in NEEDS.items():
        seen = [region for region in looked_at if region in bare]
        held = [region for region in against if region in bare]
        if seen and held:
            values[name] = round(float(MEASURES[name](skin, seen, held)), 2)
            regions[name] = [outline for region in seen for outline in REGIONS[region]]
    return Found(values, [region for region in REGIONS if region not in bare], regions)


def inside(close: CloseUp, outline: tuple[int, ...]) -> np.ndarray:
    """The pixels of the close-up within an outline, as a mask."""
    mask = np.zeros(close.lab.shape[:2], np.uint8)
    cv2.fillPoly(mask, [close.face[outline].round().astype(np.int32)], 1)
    return mask.astype(bool)


class Skin:
    """A face's own skin: what it looks like, and which pixels of each region are it."""

    def __init__(self, close: CloseUp):
        self._lab = cv2.medianBlur(close.lab, 3)
        self._tells = np.all(close.rgb < FULL, axis=2)
        self._masks = {
            name: np.any([inside(close, outline) for outline in outlines], axis=0)
            for name, outlines in REGIONS.items()
        }
        own = self._lab[np.any([self._masks[n] for n in ("cheeks", "nose", "chin")], axis=0)]
        self.own = np.median(own, axis=0)

    @property
    def is_not_of_skin(self) -> bool:
        """Whether no skin in any common light is of this colour: green or blue, cloth or paint."""
        return bool(self.own[1] < LEAST_RED or self.own[2] < LEAST_YELLOW)

    def share(self, region: str) -> float:
        """How much of a region is skin, 0 to 1."""
        return float(self._is_skin(self._lab[self._masks[region]]).mean())

    def pixels(self, regions: list[str]) -> np.ndarray:
        """The skin of some regions as rows of L*, a*, b*."""
        seen = self._lab[np.any([self._masks[region] for region in regions], axis=0)]
        return seen[self._is_skin(seen)]

    def dull_pixels(self, region: str) -> np.ndarray:
        """The skin of a region without what is burnt out, or both lighter and paler than the face:
        light that is reflected hides the colour below."""
        seen = self._lab[self._masks[region] & self._tells]
        pale = np.hypot(*seen[:, 1:].T) < np.hypot(*self.own[1:]) - SHEEN
        return seen[self._is_skin(seen) & ~(pale & (seen[:, 0] > self.own[0]))]

    def is_lit(self, lab: np.ndarray, around: np.ndarray) -> np.ndarray:
        """Which pixels are highlights, next to the skin that `around` is the median of."""
        pale = np.hypot(*lab[:, 1:].T) < np.hypot(*around[1:]) - PALER
        return pale & (lab[:, 0] > around[0] + LIGHTER)

    def _is_skin(self, lab: np.ndarray) -> np.ndarray:
        lightness, colour = lab[:, 0] - self.own[0], lab[:, 1:] - self.own[1:]
        pale = (lightness > 0) & (np.hypot(*lab[:, 1:].T) < np.hypot(*self.own[1:]))
        return (lightness > -DARKER) & (pale | (np.hypot(*colour.T) < NEAR_COLOUR))


def _redness(skin: Skin, seen: list[str], held: list[str]) -> float:
    return _red(skin, seen) - _red(skin, held)


def _red(skin: Skin, regions: list[str]) -> float:
    """a* of what neither shines nor is burnt out; each region counts the same, whatever its size,
    and one of which too little is left not at all."""
    found = []
    for region in regions:
        dull = skin.dull_pixels(region)
        if len(dull) >= LEAST_DULL * len(skin.pixels([region])):
            found.append(np.median(dull[:, 1]))
    if not found:
        raise Refused("too_bright")
    return np.mean(found)


def _under_eyes(skin: Skin, seen: list[str], held: list[str]) -> float:
    return np.median(skin.pixels(held)[:, 0]) - np.median(skin.pixels(seen)[:, 0])


def _shine(skin: Skin, seen: list[str], held: list[str]) -> float:
    return 100 * np.mean(skin.is_lit(skin.pixels(seen), np.median(skin.pixels(held), axis=0)))


MEASURES = {"redness": _redness, "under_eyes": _under_eyes, "shine": _shine}
