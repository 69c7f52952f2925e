"""One lead, as its page shows it: facts put beside each other, nothing worked out anew."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from app.models import Interaction, VisitorSession

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
    "call_unanswered": "Called, no answer",
    "meeting_scheduled": "Meeting",
    "purchase_made": "Purchase",
    "social_interaction": "Social interaction",
    "ad_clicked": "Clicked an ad",
}
# Noise for a salesperson, folded with the visit but not named in its summary.
QUIET = frozenset(("web_vital", "script_error", "engaged", "scrolled", "leave"))
WHILE_FRESH = timedelta(days=1)
# Told of the lead, not done in a visit, whichever visit the log ties them to.
OF_THE_LEAD = frozenset(("stage_changed", "lead_created"))


def can_be_taken_back(act: Interaction, user_id: int | None, is_admin: bool, now: datetime) -> bool:
    """Whether this user may take an act back: it was noted by hand, by themselves since yesterday
    at this time; an admin any that was."""
    data = act.data or {}
    if act.lead_id is None or not _by_hand(act.type, data):
        return False
    own = user_id is not None and data.get("user_id") == user_id
    return is_admin or (own and now - act.received_at <= WHILE_FRESH)


def _by_hand(type: str, data: dict) -> bool:
    if type == "stage_changed":
        return "trigger" not in data
    return data.get("source_type") == "manual" and "user_id" in data


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
    acts: Iterable[tuple[Interaction, VisitorSession | None]], reasons: dict[tuple, str]
) -> list[Entry]:
    """Acts with their visits, newest first, folded by visit; each visit stands where its newest act
    does. `reasons`: why a stage was entered, by stage and moment."""
    entries: list[Entry] = []
    by_visit: dict[UUID, Entry] = {}
    for act, visit in acts:
        if visit is None or act.type in OF_THE_LEAD:
            reason = reasons.get((act.label, act.occurred_at), "")
            entries.append(Entry(act.occurred_at, [act], None, reason))
        elif visit.id in by_visit:
            by_visit[visit.id].acts.append(act)
        else:
            by_visit[visit.id] = Entry(act.occurred_at, [act], visit)
            entries.append(by_visit[visit.id])
    return entries
