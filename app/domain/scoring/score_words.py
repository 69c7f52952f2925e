"""The parts of a lead score as a salesperson says them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from app.domain.scoring.lead_score import COMPONENTS, DEFAULT_LEAD_RULES, LeadRules

# Component -> part -> its sentence. {n} is how often, {detail} what the part says of itself; what
# stands after | is said of one.
SENTENCES: Mapping[str, Mapping[str, str]] = {
    "demographic": {
        "Email": "Gave an e-mail address",
        "First name": "Gave a first name",
        "Last name": "Gave a last name",
        "Phone": "Gave a phone number",
        "Location": "Said where they live",
        "Customer type": "Their type is known",
        "Category": "Their category is known",
        "Interests": "Told what interests them",
    },
    "behavioral": {
        "Email opened": "Opened {n} e-mails|Opened an e-mail",
        "Email clicked": "Clicked in {n} e-mails|Clicked in an e-mail",
        "Email replied": "Answered {n} e-mails|Answered an e-mail",
        "Form submitted": "Sent the form {n} times|Sent the form once",
        "Page viewed": "Viewed {n} pages|Viewed a page",
        "Content downloaded": "Downloaded {n} files|Downloaded a file",
        "Meeting scheduled": "{n} meetings|A meeting",
        "Purchase made": "Bought {n} times|Bought once",
        "Active days": "Active on {n} of the last {active_days} days",
    },
    "firmographic": {
        "Base": "Where everybody begins",
        "Target location": "Lives in {detail}, a target location",
        "Customer type": "Type {detail}",
        "Source": "Came by {detail}",
    },
    "engagement": {
        "Last contact": "Last contact {n} days ago|Last contact yesterday",
        "Email consent": "May be written to",
        "SMS consent": "May be texted",
        "Stage": "Is in stage {stage}",
    },
    "intent": {
        "High-intent activities": (
            "{n} signs of intent in {intent_days} days|A sign of intent in {intent_days} days"
        ),
        "Stage": "Is in stage {stage}",
        "Replies": "{n} replies in {reply_days} days|A reply in {reply_days} days",
    },
}
# What a cap says it holds (nothing: the whole component), and its sentence.
CAPS = {
    "": "More than {most} counts as {most}",
    "Active days": "Active days count {most} of 100 at most",
    "High-intent activities": "Signs of intent count {most} of 100 at most",
    "Replies": "Replies count {most} of 100 at most",
}
OF_NONE = {"Decay": "Silent: {detail}", "Rounding": "Rounded to two decimals"}
TOLD = re.compile(
    rf"(?P<component>{'|'.join(COMPONENTS)})(?:, (?P<detail>.*))?, weight (?P<weight>[\d.]+)", re.S
)
CAP = re.compile(r"Cap at (\d+)")
COUNT = re.compile(r"(\d+) (?:×|days ago)")


class Part(NamedTuple):
    """A contribution read back: of which component (None: of none), and as a sentence."""

    component: str | None
    sentence: str


def part_in_words(contribution: Mapping[str, Any], rules: LeadRules = DEFAULT_LEAD_RULES) -> Part:
    """A contribution of a stored lead score (name, detail), in words. What the words do not know,
    such as an organization's own kind of engagement, keeps its name."""
    name, told = contribution["name"], TOLD.fullmatch(contribution["detail"])
    if told is None:
        detail = contribution["detail"]
        return Part(None, OF_NONE.get(name, name).format(detail=detail))
    detail = told["detail"] or ""
    if (cap := CAP.fullmatch(name)) and detail in CAPS:
        return Part(told["component"], CAPS[detail].format(most=cap[1]))
    found = COUNT.match(detail)
    many, _, once = SENTENCES[told["component"]].get(name, _unknown(name, found)).partition("|")
    count = int(found[1]) if found else 0
    if name == "Last contact" and count == 0:
        return Part(told["component"], "Last contact today")
    words = (once if count == 1 and once else many).format(
        n=count,
        detail=detail.replace("_", " "),
        stage=detail.partition(":")[0],
        active_days=rules.active_day_window,
        intent_days=rules.high_intent_window,
        reply_days=rules.reply_window,
    )
    return Part(told["component"], words)


def _unknown(name: str, count) -> str:
    plain = name.replace("{", "{{").replace("}", "}}").replace("|", "/")
    return f"{plain}, {{n}} times|{plain}, once" if count else plain
