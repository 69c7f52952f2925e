"""Why a photo is not measured, and what to do about it."""

from typing import NamedTuple


class Refusal(NamedTuple):
    """What is said of the photo, and the tip for a better one."""

    said: str
    tip: str


REFUSALS = {
    # the file
    "no_photo": Refusal(
        "There was no photo in what you sent.", "Take a photo or choose one, then send it again."
    ),
    "not_a_photo": Refusal(
        "This file is not a photo that we can open.",
        "Send a JPEG, PNG or WebP. Every phone and camera makes JPEG.",
    ),
    "vector": Refusal(
        "This file is a drawing (SVG), not a photo.", "Send a photo as JPEG, PNG or WebP."
    ),
    "heic": Refusal(
        "This photo is in the format HEIC or AVIF, which we cannot open.",
        "Take it here with the camera button, or send it as JPEG: on an iPhone, Settings > Camera >"
        " Formats > Most Compatible, or share the photo by mail to yourself.",
    ),
    "animation": Refusal(
        "This is a moving picture.", "Send one still photo, as JPEG, PNG or WebP."
    ),
    "too_many_pixels": Refusal(
        "This picture has too many pixels: more than 40 million, or 16,000 on one side.",
        "Send it smaller. 2,000 pixels across are plenty.",
    ),
    "truncated": Refusal(
        "The file ends in the middle of the photo.",
        "It was probably not copied whole. Choose it again, or take a new one.",
    ),
    "damaged": Refusal(
        "The file is damaged, and the photo in it cannot be opened.",
        "Choose another one, or take a new one.",
    ),
    "stowaway": Refusal(
        "Something else is hidden behind the photo in this file: an archive, a page or a program.",
        "Open the photo, save it anew as JPEG, and send that one.",
    ),
    # the face
    "no_face": Refusal(
        "We see no face in this photo.",
        "Look straight into the camera, with the whole face in the picture and nothing in front of"
        " it.",
    ),
    "several_faces": Refusal(
        "There is more than one face in this photo.",
        "Take it with only yourself in the picture; posters and mirrors count too.",
    ),
    "too_small": Refusal(
        "Your face is too small in this photo to measure anything.",
        "Come closer: your face should fill about half the height of the picture.",
    ),
    "cut_off": Refusal(
        "Part of your face is outside the picture.",
        "Hold the camera a little farther away, so that forehead, chin and both cheeks are in it.",
    ),
    "turned": Refusal(
        "Your head is turned or tilted too far.",
        "Hold the camera at the height of your eyes and look straight into it.",
    ),
    "no_skin": Refusal(
        "Too little of the skin can be seen.",
        "Take off a mask or glasses, and brush the hair out of your face.",
    ),
    # the light
    "too_dark": Refusal(
        "The photo is too dark to compare colours.",
        "Stand facing a window by day, or switch on the light in front of you.",
    ),
    "too_bright": Refusal(
        "The photo is too bright: parts of the face are burnt out to white.",
        "Switch off the flash and step out of the direct sun.",
    ),
    "light_from_side": Refusal(
        "The light comes from one side, so one half of your face is much darker.",
        "Turn towards the window or the lamp, so that it is in front of you.",
    ),
    "blurred": Refusal(
        "The photo is blurred.",
        "Wipe the lens, hold the camera still and wait until it has focused.",
    ),
    "no_colour": Refusal(
        "The photo is black and white, and all we compare are colours.",
        "Send it in colour, without a filter.",
    ),
}
