"""A lead's score as its page shows it: a sum of bars, and a line through time."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from itertools import pairwise
from typing import Any

from app.domain.scoring.lead_score import COMPONENTS, LeadRules, Threshold
from app.domain.scoring.score_words import part_in_words
from app.models import LeadScore

MEANING = {
    "demographic": "Who they are",
    "behavioral": "What they did so far",
    "firmographic": "How well they fit",
    "engagement": "How close we are",
    "intent": "How much they want it now",
}
CHART_WIDTH, CHART_HEIGHT = 600, 100  # the height is the score's own scale


def waterfall(contributions: Iterable[dict], most: float | None = None) -> list[dict]:
    """Contributions with where their bar begins and how wide it is, in whole percent of `most`, or
    else of the highest level that they reach."""
    steps, level = [], 0
    for part in contributions:
        start, level = level, level + part["points"]
        steps.append({**part, "from": min(start, level), "to": max(start, level)})
    most = most or max([step["to"] for step in steps], default=0) or 1
    for step in steps:
        step["off"] = round(100 * max(step["from"], 0) / most)
        step["width"] = max(round(100 * step["to"] / most) - step["off"], 0)
    return steps


def taken_apart(score: LeadScore, rules: LeadRules) -> dict[str, Any]:
    """A lead score as a waterfall: a bar for each component, with its sentences, then one for
    what belongs to none. The points of all bars sum to the score."""
    bars = {
        name: {
            "name": name.capitalize(),
            "meaning": MEANING[name],
            "of_100": score.score_factors[name],
            "weight": score.score_factors["weights"][name],
            "points": Decimal(0),
            "parts": [],
        }
        for name in COMPONENTS
    }
    rest = []
    for part in score.contributions:
        component, sentence = part_in_words(part, rules)
        points = Decimal(str(part["points"]))
        if component is None:
            rest.append({"name": part["name"], "meaning": sentence, "points": points, "parts": []})
        else:
            bars[component]["points"] += points
            bars[component]["parts"].append({"sentence": sentence, "points": points})
    steps = waterfall([*bars.values(), *rest], most=100)
    return {"steps": steps, "total": sum((step["points"] for step in steps), Decimal(0))}


def chart(scores: Sequence, temperatures: Sequence[Threshold]) -> dict[str, Any] | None:
    """The points of an SVG polyline through the scores (newest first), oldest left, in a box of
    CHART_WIDTH by CHART_HEIGHT, and the (top, height) of the bands of the two highest
    temperatures; None for fewer than two."""
    if len(scores) < 2:
        return None
    told = sorted((s.calculated_at.timestamp(), float(s.total_score)) for s in scores)
    start, span = told[0][0], (told[-1][0] - told[0][0]) or 1
    points = [
        (f"{(at - start) / span * CHART_WIDTH:.1f}", f"{CHART_HEIGHT - score:.1f}")
        for at, score in told
    ]
    tops = [CHART_HEIGHT, *(level.at_least for level in temperatures[:-1][:2])]
    return {
        "bands": [(CHART_HEIGHT - top, top - bottom) for top, bottom in pairwise(tops)],
        "line": " ".join(f"{x},{y}" for x, y in points),
        "dots": " ".join(f"M{x} {y}h0" for x, y in points),
        "first": min(s.calculated_at for s in scores),
        "last": max(s.calculated_at for s in scores),
        "width": CHART_WIDTH,
        "height": CHART_HEIGHT,
    }
