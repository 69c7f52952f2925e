"""The face in a picture: whether there is exactly one, and where its parts are."""

import sys
import types
from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np

from app.clients.vision_work.refused import Refused

# MediaPipe imports matplotlib for its drawings, which nothing here draws.
if "matplotlib" not in sys.modules:
    bare = types.ModuleType("matplotlib")
    bare.pyplot = types.ModuleType("matplotlib.pyplot")
    sys.modules.update({"matplotlib": bare, "matplotlib.pyplot": bare.pyplot})

from mediapipe.python.solutions import face_detection, face_mesh

LOOKED_AT = 1280  # the longest side in which faces are searched for
MOST_FACES = 4
TILE = 640  # where none was found: parts of this size are searched too
EYES_APART = 120  # in the close-up; every photo is measured at the same scale
# The close-up around the middle of the eyes, in eye distances: left, up, right, down.
FRAME = (2.2, 2.1, 2.2, 3.0)
IRISES = (468, 473)
OVAL = (
    *(10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377),
    *(152, 148, 176, 149, 150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109),
)


@dataclass(frozen=True, slots=True)
class Face:
    """Landmarks in pixels of a picture, (478, 3), and that picture's width and height."""

    points: np.ndarray
    size: tuple[int, int]

    def __getitem__(self, names) -> np.ndarray:
        return self.points[list(names), :2]

    @property
    def eyes(self) -> np.ndarray:
        return self[IRISES]

    @property
    def eyes_apart(self) -> float:
        return float(np.linalg.norm(self.eyes[1] - self.eyes[0]))

    @property
    def box(self) -> np.ndarray:
        """Left, top, right, bottom of the face's outline."""
        outline = self[OVAL]
        return np.concatenate([outline.min(0), outline.max(0)])


@dataclass(frozen=True, slots=True)
class CloseUp:
    """A face at the scale at which all are measured. `lab`: CIELAB, L* 0 to 100."""

    rgb: np.ndarray
    lab: np.ndarray
    face: Face


@cache
def _mesh() -> face_mesh.FaceMesh:
    return face_mesh.FaceMesh(
        static_image_mode=True, max_num_faces=MOST_FACES, refine_landmarks=True
    )


@cache
def _detector() -> face_detection.FaceDetection:
    # The full-range model: sees faces in the background that the mesh's own overlooks.
    return face_detection.FaceDetection(model_selection=1, min_detection_confidence=0.6)


def only_one(pixels: np.ndarray) -> Face:
    """The one face of a picture. Raises Refused when there is none, or another."""
    height, width = pixels.shape[:2]
    scale = min(1, LOOKED_AT / max(height, width))
    small = cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    faces, boxes = _meshes(small), _boxes(small)
    if len(faces) > 1:
        raise Refused("several_faces")
    if not faces:
        if len(boxes) > 1:
            raise Refused("several_faces")
        raise Refused("too_small" if boxes or _is_far_away(pixels) else "no_face")
    face = faces[0]
    if any(not _is_inside(box, face.box) for box in boxes):
        raise Refused("several_faces")
    return Face(face.points / scale, (width, height))


def _is_far_away(pixels: np.ndarray) -> bool:
    """Whether there is a face that only a closer look at parts of the picture finds."""
    for top in range(0, max(pixels.shape[0] - TILE // 2, 1), TILE // 2):
        for left in range(0, max(pixels.shape[1] - TILE // 2, 1), TILE // 2):
            if _boxes(pixels[top : top + TILE, left : left + TILE]):
                return True
    return False


def _meshes(rgb: np.ndarray) -> list[Face]:
    height, width = rgb.shape[:2]
    found = _mesh().process(np.ascontiguousarray(rgb)).multi_face_landmarks or []
    return [
        Face(
            np.array([(p.x * width, p.y * height, p.z * width) for p in one.landmark]),
            (width, height),
        )
        for one in found
    ]


def _boxes(rgb: np.ndarray) -> list[np.ndarray]:
    height, width = rgb.shape[:2]
    found = _detector().process(np.ascontiguousarray(rgb)).detections or []
    boxes = [one.location_data.relative_bounding_box for one in found]
    return [
        np.array(
            [
                b.xmin * width,
                b.ymin * height,
                (b.xmin + b.width) * width,
                (b.ymin + b.height) * height,
            ]
        )
        for b in boxes
    ]


def _is_inside(box: np.ndarray, face: np.ndarray) -> bool:
    """Whether the middle of a box lies in a face's: both are the same face."""
    middle = (box[:2] + box[2:]) / 2
    return bool(np.all(face[:2] <= middle) and np.all(middle <= face[2:]))


def close_up(pixels: np.ndarray, face: Face) -> CloseUp:
    """The face, cut out and brought to the common scale; landmarks found again in it, finer."""
    scale = EYES_APART / face.eyes_apart
    middle = face.eyes.mean(0)
    left, up, right, down = (round(part * EYES_APART) for part in FRAME)
    width, height = left + right, up + down
    shift = np.array([left, up]) - middle * scale
    if scale < 0.7:  # averaged, not sampled: fine noise must not depend on the camera's size
        half = cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        matrix = np.float32([[1, 0, shift[0]], [0, 1, shift[1]]])
        rgb = cv2.warpAffine(half, matrix, (width, height), borderMode=cv2.BORDER_REPLICATE)
    else:
        matrix = np.float32([[scale, 0, shift[0]], [0, scale, shift[1]]])
        rgb = cv2.warpAffine(pixels, matrix, (width, height), borderMode=cv2.BORDER_REPLICATE)
    faces = _meshes(rgb)
    points = face.points * scale
    points[:, :2] += shift
    near = faces[0] if len(faces) == 1 else Face(points, (width, height))
    lab = cv2.cvtColor(rgb.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    return CloseUp(rgb, lab, near)
