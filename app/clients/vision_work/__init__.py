"""What looks at a photo, in a worker process of its own: never imported by the web process.

A photo becomes pixels (photo.py), the pixels a face (face.py); if it can be measured fairly
(gates.py), the skin is measured (measures.py) and the face drawn anew to be shown (preview.py).
"""

from app.clients.vision_work import face, gates, measures, photo, preview
from app.clients.vision_work.refused import Refused


def handle(kind: str, head: dict, body: bytes) -> tuple[dict, bytes]:
    """`analyse` a photo: {"measures", "hidden", "regions", "width", "height"} and a JPEG of the
    face, or {"refused": reason}."""
    try:
        return analyse(body)
    except Refused as refused:
        return {"refused": refused.reason}, b""


def analyse(body: bytes) -> tuple[dict, bytes]:
    pixels = photo.read(body)
    seen = face.only_one(pixels)
    gates.check_place(seen)
    close = face.close_up(pixels, seen)
    gates.check_light(close)
    found = measures.measure(close)
    shown = preview.draw(pixels, seen, found.regions)
    told = {"measures": found.values, "hidden": found.hidden, **shown.head}
    return told, shown.jpeg
