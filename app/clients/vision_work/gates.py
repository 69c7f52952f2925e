"""What must hold before anything is measured. Each gate raises Refused with a reason of its own.

Distances are pixels of the picture, lightness is L* (0 to 100), turns are degrees.
"""

import math

import cv2
import numpy as np

from app.clients.vision_work.face import EYES_APART, CloseUp, Face
from app.clients.vision_work.measures import CHEEKS, FULL, inside
from app.clients.vision_work.refused import Refused

LEAST_EYES_APART = 90
MARGIN = 0.01  # of the picture's side: a face that touches the edge is cut off
MOST_TURNS = (25, 22, 25)  # roll, yaw, pitch
DARK = 50  # the lightest percent of a face, the white of the eyes say, in too little light
GLARING = 0.2  # the share of the face that is burnt out in one colour or more
SIDE = 12  # how much lighter one cheek is than the other
EDGE = 9.0  # how many pixels of the close-up the sharpest edges take up
COLOURLESS = 4.0  # the strongest chroma of a face in a black and white photo

FOREHEAD, CHIN, TEMPLES = 10, 152, (127, 356)
EYELIDS = (
    (33, 246, 161, 160, 159, 158, 157, 173, 133, 155, 154, 153, 145, 144, 163, 7),
    (263, 466, 388, 387, 386, 385, 384, 398, 362, 382, 381, 380, 374, 373, 390, 249),
)


def check_place(face: Face):
    """Whether the face is whole, large enough and turned to the camera."""
    width, height = face.size
    left, top, right, bottom = face.box
    if (
        left < MARGIN * width
        or top < MARGIN * height
        or right > (1 - MARGIN) * width
        or bottom > (1 - MARGIN) * height
    ):
        raise Refused("cut_off")
    if face.eyes_apart < LEAST_EYES_APART:
        raise Refused("too_small")
    if any(abs(turn) > most for turn, most in zip(turns(face), MOST_TURNS, strict=True)):
        raise Refused("turned")


def turns(face: Face) -> tuple[float, float, float]:
    """Roll, yaw and pitch of the head, by the depths that the landmarks come with."""
    across = face.points[TEMPLES[1]] - face.points[TEMPLES[0]]
    down = face.points[CHIN] - face.points[FOREHEAD]
    roll = math.degrees(math.atan2(across[1], across[0]))
    yaw = math.degrees(math.atan2(across[2], math.hypot(across[0], across[1])))
    pitch = math.degrees(math.atan2(down[2], math.hypot(down[0], down[1])))
    return roll, yaw, pitch


def check_light(close: CloseUp):
    """Whether there is light enough, from the front, in colour, and the face is in focus."""
    whole = cv2.fillConvexPoly(
        np.zeros(close.lab.shape[:2], np.uint8), _hull(close.face), 1
    ).astype(bool)
    lightness = close.lab[..., 0][whole]
    if np.percentile(lightness, 99) < DARK:
        raise Refused("too_dark")
    if np.mean(np.any(close.rgb[whole] >= FULL, axis=1)) > GLARING:
        raise Refused("too_bright")
    if edge_width(close) > EDGE:
        raise Refused("blurred")
    one, other = (close.lab[inside(close, cheek)] for cheek in CHEEKS)
    if abs(np.median(one[:, 0]) - np.median(other[:, 0])) > SIDE:
        raise Refused("light_from_side")
    if np.percentile(np.hypot(*close.lab[whole][:, 1:].T), 95) < COLOURLESS:
        raise Refused("no_colour")


def _hull(face: Face) -> np.ndarray:
    return cv2.convexHull(face.points[:468, :2].round().astype(np.int32))


def edge_width(close: CloseUp) -> float:
    """How wide the sharpest edges of the eyes are: what is dark there and what is light, divided
    by the steepest way from one to the other. Light and skin tone do not change it; noise hardly,
    for the steepest percent is taken."""
    widths = []
    for eyelid in EYELIDS:
        left, top = close.face[eyelid].min(0).astype(int) - EYES_APART // 12
        right, bottom = close.face[eyelid].max(0).astype(int) + EYES_APART // 12
        eye = close.lab[max(top, 0) : bottom, max(left, 0) : right, 0]
        dark, light = np.percentile(eye, (5, 95))
        slope = np.hypot(cv2.Sobel(eye, -1, 1, 0) / 8, cv2.Sobel(eye, -1, 0, 1) / 8)
        widths.append((light - dark) / max(np.percentile(slope, 99), 0.01))
    return float(min(widths))
