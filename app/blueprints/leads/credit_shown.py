"""Who is credited with a lead's conversions, all models side by side."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from itertools import groupby
from typing import Any

from app.domain.attribution.attribution import MODELS, AttributionRules
from app.models import LeadAttribution

MOST_TOUCHES = 12
WORDS = {
    "lead_created": "becoming a lead",
    "qualified": "qualifying",
    "opportunity": "becoming an opportunity",
    "customer": "a purchase",
}


def credits(rows: Iterable[LeadAttribution], rules: AttributionRules) -> list[dict[str, Any]]:
    """Each conversion's touches against all models, in the order of the rows; `rules` are those
    that the models are described by."""
    by_conversion = groupby(rows, key=lambda row: (row.conversion_at, row.conversion_type))
    return [_credit({row.model: row for row in group}, rules) for _, group in by_conversion]


def _credit(by_model: dict[str, LeadAttribution], rules: AttributionRules) -> dict[str, Any]:
    """One conversion's touches against all models; beyond MOST_TOUCHES, summed by source."""
    first = next(iter(by_model.values()))
    models = [
        name
        for name in MODELS
        if name in by_model and len(by_model[name].touchpoints) == len(first.touchpoints)
    ]
    lines = [
        {
            "channel": touch["channel"],
            "source": touch["source"],
            "at": datetime.fromisoformat(touch["occurred_at"]),
            "touches": 1,
            "weights": {m: Decimal(by_model[m].touchpoints[n]["weight"]) for m in models},
        }
        for n, touch in enumerate(first.touchpoints)
    ]
    summed = len(lines) > MOST_TOUCHES
    return {
        "type": first.conversion_type,
        "words": WORDS.get(first.conversion_type, first.conversion_type),
        "first": lines[0] if lines else None,
        "last": lines[-1] if lines else None,
        "at": first.conversion_at,
        "value": first.conversion_value,
        "touches": len(lines),
        "models": [(name, MODELS[name].label, MODELS[name].described(rules)) for name in models],
        "lines": _by_source(lines, models) if summed else lines,
        "summed": summed,
    }


def _by_source(lines: list[dict], models: list[str]) -> list[dict]:
    found: dict[tuple[str, str], dict] = {}
    for line in lines:
        key = (line["channel"], line["source"])
        if key not in found:
            found[key] = {**line, "touches": 0, "weights": dict.fromkeys(models, Decimal(0))}
        found[key]["touches"] += 1
        for model in models:
            found[key]["weights"][model] += line["weights"][model]
    return sorted(found.values(), key=lambda line: -line["touches"])
