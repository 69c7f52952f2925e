"""Looking at a photo of a face, in a process of its own (app/clients/vision_work)."""

from dataclasses import dataclass
from importlib.util import find_spec

from app.clients.worker import Worker

MB = 1024 * 1024
# A picture of 40 million pixels takes 1.5 s and 640 MB, a usual one 0.2 s and 190 MB.
worker = Worker("app.clients.vision_work:handle", time_limit=15, memory_limit=800 * MB, patience=8)


@dataclass(frozen=True, slots=True)
class Picture:
    """The face, encoded anew, with the outlines of what was measured, as (x, y), by measure."""

    jpeg: bytes
    width: int
    height: int
    outlines: dict[str, list[list[tuple[float, float]]]]


@dataclass(frozen=True, slots=True)
class Analysis:
    """`values` by the keys of app.domain.tools.skin.MEASURES, those only that could be taken;
    `hidden`: regions that are too little skin."""

    values: dict[str, float]
    hidden: list[str]
    picture: Picture


@dataclass(frozen=True, slots=True)
class Refusal:
    """The photo cannot be measured fairly; `reason` is one of app.domain.tools.photo.REFUSALS."""

    reason: str


def is_installed() -> bool:
    """Whether the packages of requirements-vision.txt are there; some machines have none."""
    return all(find_spec(name) for name in ("mediapipe", "cv2"))


def analyse(photo: bytes) -> Analysis | Refusal:
    """What is measured of the one face in a photo. Raises WorkerError when it could not be looked
    at: busy, too slow, crashed."""
    head, jpeg = worker.call("analyse", {}, photo)
    if "refused" in head:
        return Refusal(head["refused"])
    picture = Picture(jpeg, head["width"], head["height"], head["regions"])
    return Analysis(head["measures"], head["hidden"], picture)
