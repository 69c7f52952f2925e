"""What was sent to be analysed: a photo, two consents, and answers about oneself."""

from dataclasses import dataclass, field

from werkzeug.datastructures import FileStorage, MultiDict

from app.domain.tools.cost import BUDGETS, URGENCIES
from app.domain.tools.skin import Concern
from app.operations.contact.create_lead_from_form import ConsentGiven

CONSENT_VERSION = "2026-11"
ANALYSIS = (
    "Measure my skin in this one photo. I know that a photo of my face can tell something about my"
    " health, and that I need not do this. The photo is never saved: it stays in the server’s"
    " memory and is gone within 15 minutes."
)
MEASUREMENTS = (
    "Keep the measurements, three numbers and never the photo, with my request, so that the doctor"
    " can look at them. I can have them deleted."
)
BOXES = {"consent": ("face_analysis", ANALYSIS), "keep": ("face_measurements", MEASUREMENTS)}

ASKED_FIRST = "Tick this box first: without your word we do not look at the photo."
NO_PHOTO = "Take a photo, or choose one."
NOT_OFFERED = "Choose one of the answers, or leave this open."


@dataclass
class Answers:
    """What is told besides the photo; consents are never kept for another photo."""

    concerns: list[str] = field(default_factory=list)
    procedures: list[str] = field(default_factory=list)
    budget: str = ""
    urgency: str = ""
    came_from: str = ""

    def to_json(self) -> dict:
        """What the log keeps of it; the rules of scoring read procedures, budget, urgency."""
        told = {
            "concerns": self.concerns,
            "procedures": self.procedures,
            "budget": self.budget,
            "urgency": self.urgency,
            "from": self.came_from,
        }
        return {name: value for name, value in told.items() if value}

    @classmethod
    def from_use(cls, data: dict) -> "Answers":
        """The answers of an earlier use."""
        return cls(
            concerns=data.get("concerns", []),
            procedures=data.get("procedures", []),
            budget=data.get("budget", ""),
            urgency=data.get("urgency", ""),
        )


def read(form: MultiDict) -> Answers:
    """The answers as they were sent, each text cut to what it can mean."""
    return Answers(
        concerns=_texts(form, "concerns"),
        procedures=_texts(form, "procedures"),
        budget=form.get("budget", "")[:40],
        urgency=form.get("urgency", "")[:40],
        came_from="ai" if form.get("from") == "ai" else "",
    )


def _texts(form: MultiDict, name: str) -> list[str]:
    return list(dict.fromkeys(text[:80] for text in form.getlist(name)))[:50]


def consents(form: MultiDict) -> dict[str, ConsentGiven]:
    """The boxes that were ticked, by kind of consent, with the words that stood beside them."""
    return {
        kind: ConsentGiven(True, words, CONSENT_VERSION)
        for name, (kind, words) in BOXES.items()
        if form.get(name) == "1"
    }


def photo(files: MultiDict[str, FileStorage]) -> bytes:
    """The first photo that holds anything: there are two places to choose one."""
    return next((body for file in files.getlist("photo") if (body := file.read())), b"")


def check(
    answers: Answers, given: dict, has_photo: bool, concerns: list[Concern], slugs: set[str]
) -> dict[str, str]:
    """What is wrong, by field."""
    errors = {}
    if not has_photo:
        errors["photo"] = NO_PHOTO
    if not set(answers.concerns) <= {concern.key for concern in concerns}:
        errors["concerns"] = "Choose among the answers shown."
    if not set(answers.procedures) <= slugs:
        errors["procedures"] = "A treatment you chose is no longer offered. Please choose again."
    for name, known in (("budget", BUDGETS), ("urgency", URGENCIES)):
        if getattr(answers, name) not in ("", *known):
            errors[name] = NOT_OFFERED
    if "face_analysis" not in given:
        errors["consent"] = ASKED_FIRST
    return errors
