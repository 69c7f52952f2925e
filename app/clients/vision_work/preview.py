"""The face to show: cut out of the pixels and encoded anew, with no metadata, and where in it the
measured regions lie."""

from dataclasses import dataclass
from io import BytesIO

import numpy as np
from PIL import Image

from app.clients.vision_work.face import Face

WIDTH = 480
# Around the face's outline, in parts of its width and height.
ASIDE, ABOVE, BELOW = 0.28, 0.35, 0.2


@dataclass(frozen=True, slots=True)
class Preview:
    """`head`: width, height, and outlines by measure as lists of (x, y)."""

    head: dict
    jpeg: bytes


def draw(pixels: np.ndarray, face: Face, regions: dict[str, list[tuple[int, ...]]]) -> Preview:
    left, top, right, bottom = face.box
    wide, high = right - left, bottom - top
    corner = np.array([max(left - ASIDE * wide, 0), max(top - ABOVE * high, 0)]).round()
    end = np.array([right + ASIDE * wide, bottom + BELOW * high]).round()
    end = np.minimum(end, face.size)
    (x0, y0), (x1, y1) = corner.astype(int), end.astype(int)
    scale = WIDTH / (x1 - x0)
    size = (WIDTH, max(1, round((y1 - y0) * scale)))
    picture = Image.fromarray(pixels[y0:y1, x0:x1]).resize(size, Image.Resampling.LANCZOS)
    encoded = BytesIO()
    picture.save(encoded, "JPEG", quality=80, optimize=True)
    drawn = {
        name: [((face[outline] - corner) * scale).round(1).tolist() for outline in outlines]
        for name, outlines in regions.items()
    }
    head = {"regions": drawn, "width": size[0], "height": size[1]}
    return Preview(head, encoded.getvalue())
