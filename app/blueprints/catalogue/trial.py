"""Trying the catalogue: what a sentence leads to, and why."""

from flask import render_template, request

from app.access import role
from app.blueprints.catalogue import blueprint
from app.extensions import db
from app.queries.catalogue import catalogue
from app.queries.tools import recommendation

LONGEST = 600
REFUSALS = {
    "blank": "There is no word in it to go by.",
    "language": "It reads like another language than that of the catalogue. Visitors are told so.",
    "nothing": "Nothing in the catalogue speaks of this, so nothing is recommended. If a treatment "
    "does fit, add the words people use to its concerns or synonyms.",
    "left_out": "What would fit is what the sentence says no to.",
}


@blueprint.get("/try")
@role("agent")
def trial():
    """A sentence as a visitor would write it: what is recommended, what the search finds."""
    text = request.args.get("q", "").strip()[:LONGEST]
    offered = {row.slug: row for row in catalogue.treatments()}
    offers = recommendation.offers()
    found = recommendation.search(text) if text else []
    db.session.rollback()  # matching may take a moment the first time
    answer = recommendation.answer(offers, text if offers else "")
    matches = [(offered[match.key], match, _marked(text, match.spans)) for match in answer.matches]
    return render_template(
        "catalogue/trial.html",
        text=text,
        longest=LONGEST,
        matches=matches,
        left_out=[offered[key].name for key in answer.left_out],
        refusal=REFUSALS.get(answer.refusal),
        found=found[:5],
        empty=not offered,
    )


def _marked(text: str, spans: tuple[tuple[int, int], ...]) -> list[tuple[str, bool]]:
    """The text in pieces, each with whether it is what matched."""
    pieces, at = [], 0
    for starts, ends in spans:
        pieces += [(text[at:starts], False), (text[starts:ends], True)]
        at = ends
    return [piece for piece in (*pieces, (text[at:], False)) if piece[0]]
