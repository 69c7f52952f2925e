"""One lead, as its page shows it: facts put beside each other, nothing worked out anew."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from app.domain.attribution import MODELS
from app.domain.lead_score import COMPONENTS
from app.models import Interaction, LeadAttribution, LeadLifecycle, LeadScore, VisitorSession

ACTS = {
    "page_viewed": "Viewed a page",
    "click": "Clicked",
    "link_clicked": "Followed a link",
    "content_downloaded": "Downloaded",
    "scrolled": "Scrolled",
    "form_started": "Began the form",
    "form_abandoned": "Left the form",
    "form_submitted": "Sent the form",
    "form_shown": "Was asked for contact",
    "form_dismissed": "Dismissed the form",
    "search": "Searched",
    "engaged": "Stayed on the page",
    "leave": "Left the page",
    "web_vital": "Page speed measured",
    "script_error": "Script error",
    "identify": "Said who they are",
    "consent": "Gave or withdrew consent",
    "event": "Event",
    "lead_created": "Became a lead",
    "stage_changed": "Stage changed",
    "quote_requested": "Asked for a quote",
    "quote_sent": "Quote sent to them",
    "quote_viewed": "Viewed a quote",
    "ai_recommendation": "Used the AI recommendation",
    "face_analysis": "Used the face analysis",
    "cost_calculator": "Used the cost calculator",
    "appointment_booked": "Booked an appointment",
    "appointment_moved": "Moved the appointment",
    "appointment_cancelled": "Cancelled the appointment",
    "appointment_restored": "Took the appointment up again",
    "appointment_attended": "Came to the appointment",
    "appointment_missed": "Missed the appointment",
    "booking_step": "Looked for a time",
    "email_sent": "E-mail to them",
    "email_opened": "Opened an e-mail",
    "email_clicked": "Clicked in an e-mail",
    "email_replied": "E-mail from them",
    "sms_sent": "Text message to them",
    "sms_replied": "Text message from them",
    "call_made": "Call",
    "meeting_scheduled": "Meeting",
    "purchase_made": "Purchase",
    "social_interaction": "Social interaction",
    "ad_clicked": "Clicked an ad",
}
# Noise for a salesperson, folded with the visit but not named in its summary.
QUIET = frozenset(("web_vital", "script_error", "engaged", "scrolled", "leave"))
# Told of the lead, not done in a visit, whichever visit the log ties them to.
OF_THE_LEAD = frozenset(("stage_changed", "lead_created"))
MOST_TOUCHES = 12
CHART = (300, 64)


class Blank(dict):
    """What was said of fields, by name; nothing of a field not named."""

    def __missing__(self, name: str) -> str:
        return ""


@dataclass(slots=True)
class Entry:
    """A line of the timeline: a visit with its acts, or one act outside any."""

    at: datetime
    acts: list[Interaction] = field(default_factory=list)
    visit: VisitorSession | None = None
    reason: str = ""

    @property
    def summary(self) -> str:
        """What was done in the visit, each kind once: "Viewed a page × 4, Sent the form"."""
        counts: dict[str, int] = {}
        for act in reversed(self.acts):
            if act.type not in QUIET:
                counts[act.type] = counts.get(act.type, 0) + 1
        told = ((ACTS.get(kind, kind), count) for kind, count in counts.items())
        return ", ".join(f"{words} × {n}" if n > 1 else words for words, n in told)

    @property
    def best(self) -> int | None:
        """The highest interaction score of the visit."""
        return max((act.score for act in self.acts if act.score is not None), default=None)


def timeline(
    acts: Iterable[Interaction],
    visits: dict[UUID, VisitorSession],
    stays: Iterable[LeadLifecycle],
) -> list[Entry]:
    """Acts, newest first, folded by visit; each visit stands where its newest act does."""
    reasons = {(stay.stage, stay.entered_at): stay.transition_reason for stay in stays}
    entries: list[Entry] = []
    by_visit: dict[UUID, Entry] = {}
    for act in acts:
        visit = visits.get(act.visitor_session_id)
        if visit is None or act.type in OF_THE_LEAD:
            reason = reasons.get((act.label, act.occurred_at), "")
            entries.append(Entry(act.occurred_at, [act], None, reason))
        elif visit.id in by_visit:
            by_visit[visit.id].acts.append(act)
        else:
            by_visit[visit.id] = Entry(act.occurred_at, [act], visit)
            entries.append(by_visit[visit.id])
    return entries


def waterfall(contributions: Iterable[dict]) -> list[dict]:
    """Contributions with where their bar begins and how wide it is, in whole percent."""
    steps, level = [], 0
    for part in contributions:
        start, level = level, level + part["points"]
        steps.append({**part, "from": min(start, level), "to": max(start, level)})
    most = max([step["to"] for step in steps], default=0) or 1
    for step in steps:
        step["off"] = round(100 * max(step["from"], 0) / most)
        step["width"] = max(round(100 * step["to"] / most) - step["off"], 0)
    return steps


def taken_apart(score: LeadScore) -> dict[str, Any]:
    """A lead score's components, each with its weighted parts, and the lines that are of none.

    The points of all lines sum to the score.
    """
    factors = score.score_factors
    components = [
        {
            "name": name,
            "points": factors[name],
            "weight": factors["weights"][name],
            "parts": [],
        }
        for name in COMPONENTS
    ]
    named = {component["name"]: component for component in components}
    rest = []
    for part in score.contributions:
        name, _, detail = part["detail"].partition(", ")
        if name in named:
            line = {**part, "detail": ", ".join(detail.split(", ")[:-1])}
            named[name]["parts"].append(line)
        else:
            rest.append(part)
    for component in components:
        component["weighted"] = _sum(component["parts"])
    return {"components": components, "rest": rest, "total": _sum(score.contributions)}


def _sum(parts: Iterable[dict]) -> Decimal:
    return sum((Decimal(str(part["points"])) for part in parts), Decimal(0))


def chart(scores: Sequence[LeadScore]) -> str | None:
    """The points of an SVG polyline through the scores, oldest left; None for fewer than two."""
    if len(scores) < 2:
        return None
    told = [(s.calculated_at.timestamp(), float(s.total_score)) for s in reversed(scores)]
    start, end = told[0][0], max(at for at, _ in told)
    width, height = CHART
    span = (end - start) or 1
    return " ".join(
        f"{max(at - start, 0) / span * width:.1f},{height - points / 100 * height:.1f}"
        for at, points in told
    )


def credit(rows: Iterable[LeadAttribution]) -> dict[str, Any] | None:
    """One conversion's touches against all models; beyond MOST_TOUCHES, summed by source."""
    by_model = {row.model: row for row in rows}
    if not by_model:
        return None
    first = next(iter(by_model.values()))
    models = [
        name
        for name, row in ((name, by_model.get(name)) for name in MODELS)
        if row and len(row.touchpoints) == len(first.touchpoints)
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
        "at": first.conversion_at,
        "touches": len(lines),
        "models": [(name, MODELS[name].label, MODELS[name].description) for name in models],
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
