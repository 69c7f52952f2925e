"""A recommendation as it is kept, and as its page shows it."""

from dataclasses import dataclass

from flask import current_app, url_for

from app.blueprints.tools.recommendation.forms import Wish
from app.domain.tools.recommendation import Answer, Match
from app.domain.tools.words import words_of
from app.models import Treatment

EXAMPLES = 8
MOST_CONCERNS = 6


@dataclass(frozen=True)
class Fit:
    """A treatment that fits: the visitor's `words`, and what of it they matched."""

    treatment: Treatment
    words: list[str]
    concerns: list[str]
    names: list[str]
    book: str


def data(wish: Wish, answer: Answer) -> dict:
    """What the log keeps of a use. `procedures` are those that the visitor named, never those that
    were merely offered: the rules of scoring read them."""
    concerns = dict.fromkeys(text for match in answer.matches for text in match.concerns)
    kept = {
        "text": wish.text,
        **wish.answers,
        "spoken": wish.spoken,
        "procedures": list(answer.named),
        "concerns": list(concerns)[:MOST_CONCERNS],
        "matches": [_kept(match, wish.text) for match in answer.matches],
        "left_out": list(answer.left_out),
    }
    return {name: value for name, value in kept.items() if value}


def _kept(match: Match, text: str) -> dict:
    parts = [text[start:end] for start, end in match.spans]
    words = (part[word.start : word.end] for part in parts for word in words_of(part))
    return {
        "treatment": match.key,
        "score": match.score,
        "words": list(dict.fromkeys(words)),
        "concerns": list(match.concerns),
        "names": list(match.names),
    }


def fits(data: dict, offered: dict[str, Treatment]) -> list[Fit]:
    """The treatments of a use that are still offered, the best first."""
    kept = [match for match in data.get("matches", ()) if match["treatment"] in offered]
    return [
        Fit(
            offered[match["treatment"]],
            match.get("words", []),
            match.get("concerns", []),
            match.get("names", []),
            booking(match["treatment"]),
        )
        for match in kept
    ]


def marked(data: dict) -> list[tuple[str, bool]]:
    """The visitor's text in pieces, those that matched marked."""
    text = data.get("text", "")
    matched = {word for kept in data.get("matches", ()) for word in kept.get("words", ())}
    pieces, last = [], 0
    for word in words_of(text):
        if text[word.start : word.end] in matched:
            pieces += [(text[last : word.start], False), (text[word.start : word.end], True)]
            last = word.end
    pieces.append((text[last:], False))
    return [piece for piece in pieces if piece[0]]


def booking(slug: str | None) -> str:
    """Where a treatment is booked; where to ask, while nothing can be."""
    if "appointments.form" in current_app.view_functions:
        return url_for("appointments.form", treatment=slug)
    return url_for("site.home", _anchor="visit")


def examples(treatments: list[Treatment]) -> list[str]:
    """What people come with, from the catalogue itself: the first concern of each treatment."""
    first = dict.fromkeys(t.concerns[0] for t in treatments if t.concerns)
    return list(first)[:EXAMPLES]
