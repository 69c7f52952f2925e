"""The fields of lead score and automatic moves: their bounds, and what people call them."""

from typing import NamedTuple

from app.domain.leads.lifecycle import LABELS, STAGES
from app.domain.scoring.lead_score import DEFAULT_GRADES, DEFAULT_TEMPERATURES, PROFILE_FIELDS
from app.domain.tracking.event import ENGAGEMENT_TYPES
from app.domain.wording import type_in_words

MODE_WORDS = {
    "linear": "So many points a day",
    "exponential": "Half of it after so many days",
    "none": "Never: silence takes nothing",
}
MOVE_WORDS = {
    "outbound_contact": ("First contact from us", "to contacted"),
    "score_reached": ("The score reaches the threshold", "to qualified"),
    "reply": ("They reply", "to engaged"),
    "meeting": ("A meeting or an appointment is made", "to engaged"),
    "purchase": ("They buy", "to customer, also out of churned and lost"),
    "silent": ("Silent for too long", "to churned"),
}
TIERS = {"customer_tiers": "Customer type", "source_tiers": "Source"}
TIER_PARTS = ("name", "points", "values")


class Number(NamedTuple):
    """A whole number of the form, and the bounds it has in the rules."""

    label: str
    low: int = 0
    high: int = 100


DAYS = {"low": 1, "high": 3650}
NUMBERS = {
    "active_day_points": Number("Points for each active day"),
    "active_day_cap": Number("At most, for active days"),
    "active_day_window": Number("Days looked back for active days", **DAYS),
    "firmographic_base": Number("Everybody begins with"),
    "target_location_points": Number("Points of a target location"),
    "email_consent_points": Number("Consent to e-mail"),
    "sms_consent_points": Number("Consent to text messages"),
    "high_intent_points": Number("Points for each high-intent act"),
    "high_intent_cap": Number("At most, for high-intent acts"),
    "high_intent_window": Number("Days looked back for high intent", **DAYS),
    "reply_points": Number("Points for each reply"),
    "reply_cap": Number("At most, for replies"),
    "reply_window": Number("Days looked back for replies", **DAYS),
    "component_cap": Number("Most points of one part"),
}
LIFECYCLE_NUMBERS = {
    "qualified_at": Number("Score that qualifies", 1, 100),
    "silent_days": Number("Days of silence", **DAYS),
}
POINTS = {
    "profile_points": ("profile", PROFILE_FIELDS),
    "engagement_points": ("points", tuple(ENGAGEMENT_TYPES)),
    "stage_scores": ("stage", STAGES),
    "stage_intent": ("intent", STAGES),
}
CHOICES = {"high_intent_types": "high", "reply_types": "reply"}
THRESHOLDS = {"grades": "grade", "temperatures": "temperature"}


# The parts of the page, and how the names of their fields begin.
PARTS = {
    "weights": ("weight",),
    "demographic": ("profile-",),
    "behavioral": ("points-", "active_"),
    "firmographic": ("firmographic_", "target_", *TIERS),
    "engagement": ("band-", "email_", "sms_", "stage"),
    "intent": ("high", "reply", "intent-"),
    "levels": ("grade-", "temperature-", "component_"),
    "decay": ("decay-",),
    "moves": ("move-", "qualified_", "silent_"),
}


def label_of(name: str) -> str:
    """What the page calls a field."""
    if number := NUMBERS.get(name) or LIFECYCLE_NUMBERS.get(name):
        return number.label
    if name == "weights":
        return "Weights"
    first, _, rest = name.partition("-")
    if first in TIERS:
        place, _, part = rest.partition("-")
        return f"{TIERS[first]}, line {int(place) + 1}, {part}"
    if first == "band":
        place, _, part = rest.partition("-")
        return f"Last contact, line {int(place) + 1}, {'days' if part == 'below' else part}"
    return WORDED[first](rest)


GRADE_NAMES = dict(enumerate(grade.name for grade in DEFAULT_GRADES))
WARMTH_NAMES = dict(enumerate(each.name for each in DEFAULT_TEMPERATURES))
WORDED = {
    "weight": lambda n: f"Weight of {n}",
    "profile": lambda n: n.replace("_", " ").capitalize(),
    "points": lambda n: f"Points: {type_in_words(n)}",
    "stage": lambda n: f"Stage score of {LABELS[n]}",
    "intent": lambda n: f"Intent of stage {LABELS[n]}",
    "high": lambda n: f"High intent: {type_in_words(n)}",
    "reply": lambda n: f"Counts as a reply: {type_in_words(n)}",
    "grade": lambda n: f"Grade {GRADE_NAMES.get(int(n), n)} from",
    "temperature": lambda n: f"{WARMTH_NAMES.get(int(n), n).capitalize()} from",
    "move": lambda n: f"Moves by itself: {MOVE_WORDS[n][0].lower()}",
    "target_locations": lambda _: "Target locations",
    "stage_share": lambda _: "Part of the stage score, in percent",
    "decay": lambda n: {
        "mode": "Decay",
        "rate": "Points lost a day",
        "half_life_days": "Half-life in days",
    }[n],
}
