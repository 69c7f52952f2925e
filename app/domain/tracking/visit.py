"""A visit as a fold of its interactions: what the log says of it, whatever the order of arrival.

`visit == fold(acts sorted by time)` always holds; `apply` is the step for an act that comes in
order. Times are whole milliseconds since 1970 UTC.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import NamedTuple

from app.domain.scoring.session_score import SessionFacts, SessionRules, score_session
from app.domain.tracking.event import TOOLS

# The funnel, each step a bit of `reached`.
STEPS = ("visited", "engaged", "high_intent", "form_shown", "form_started", "lead", "customer")
BIT = {step: 1 << place for place, step in enumerate(STEPS)}
ENGAGED_SECONDS = 10  # of visible, active time; two pages or a click count as engaged too

LONGEST_VISIT = 24 * 3600 * 1000
# What is told of a visit without the visitor doing anything.
PASSIVE = frozenset(("web_vital", "script_error", "stage_changed"))
# A click on a link that leads away or to a file is told by its own type, and is a click too.
CLICKS = frozenset(("click", "link_clicked", "content_downloaded"))
STEP_OF_TYPE = {
    **dict.fromkeys(TOOLS, BIT["high_intent"]),
    "form_shown": BIT["form_shown"],
    "form_started": BIT["form_shown"] | BIT["form_started"],
    "lead_created": BIT["lead"],
}
SCORE_BANDS = ((25, "0-25"), (50, "26-50"), (75, "51-75"), (100, "76-100"))


class Act(NamedTuple):
    """What the fold needs of an interaction; an Event has it too."""

    type: str
    occurred_at: int
    important: bool = False
    engaged: int | None = None
    url: str | None = None
    label: str | None = None


@dataclass(slots=True)
class Origin:
    """Where a visit came from and with what; kept with its first interaction."""

    referrer: str | None = None
    channel: str = "direct"
    source: str | None = None
    medium: str | None = None
    campaign: str | None = None
    term: str | None = None
    content: str | None = None
    click_id: str | None = None
    device: str | None = None
    browser: str | None = None
    os: str | None = None
    language: str | None = None


@dataclass(slots=True)
class Visit:
    """One row of visitor_sessions; times in milliseconds, ids the 16 bytes of a UUID."""

    id: bytes
    site_id: int
    visitor_id: bytes
    started_at: int
    last_activity_at: int
    origin: Origin
    ended_at: int | None = None
    interactions: int = 0
    page_views: int = 0
    regular_clicks: int = 0
    important_clicks: int = 0
    engaged_before: int = 0
    engaged_page: int = 0
    reached: int = BIT["visited"]
    lead_score: int | None = None
    entry_url: str | None = None
    exit_url: str | None = None

    @property
    def engaged_seconds(self) -> int:
        return self.engaged_before + self.engaged_page

    @property
    def facts(self) -> SessionFacts:
        """What the session score is made of."""
        return SessionFacts(
            (self.last_activity_at - self.started_at) // 1000,
            self.page_views,
            self.regular_clicks,
            self.important_clicks,
        )

    def takes(self, occurred_at: int, window: int) -> bool:
        """Whether an act at this moment belongs to this visit: silent for less than `window`
        milliseconds before it or after it, and the visit not older than a day (api.md)."""
        return (
            self.started_at - window < occurred_at < self.last_activity_at + window
            and abs(occurred_at - self.started_at) < LONGEST_VISIT
        )

    def is_in_order(self, act: Act) -> bool:
        """Whether `apply` may take the act as the next one."""
        return act.occurred_at >= self.last_activity_at or (
            act.type in PASSIVE and act.occurred_at >= self.started_at
        )


def apply(visit: Visit, act: Act, rules: SessionRules) -> None:
    """Takes the next act into the visit. A leave ends and scores it; anything else resumes it."""
    kind = act.type
    visit.interactions += 1
    visit.reached |= STEP_OF_TYPE.get(kind, 0)
    if kind in PASSIVE:
        if kind == "stage_changed" and act.label == "customer":
            visit.reached |= BIT["customer"]
        return
    visit.last_activity_at = act.occurred_at
    visit.ended_at = None
    if kind == "page_viewed":
        visit.page_views += 1
        visit.engaged_before += visit.engaged_page
        visit.engaged_page = 0
        visit.entry_url = visit.entry_url or act.url
        visit.exit_url = act.url or visit.exit_url
    elif kind in CLICKS:
        if act.important:
            visit.important_clicks += 1
        else:
            visit.regular_clicks += 1
    if act.engaged is not None:
        # Told as the seconds so far of the page shown, so the largest is the truth.
        visit.engaged_page = max(visit.engaged_page, act.engaged)
    if not visit.reached & BIT["engaged"] and _is_engaged(visit):
        visit.reached |= BIT["engaged"]
    if kind == "leave":
        end(visit, rules)


def _is_engaged(visit: Visit) -> bool:
    return (
        visit.page_views >= 2
        or visit.engaged_seconds >= ENGAGED_SECONDS
        or visit.regular_clicks + visit.important_clicks > 0
    )


def end(visit: Visit, rules: SessionRules) -> None:
    """Ends the visit with its last activity and scores it; ending twice changes nothing."""
    visit.ended_at = visit.last_activity_at
    visit.lead_score = score_session(visit.facts, rules).total


def end_if_silent(visit: Visit, now: int, window: int, rules: SessionRules) -> bool:
    """Ends a visit that fell silent for `window` milliseconds; whether it did."""
    over = now - visit.last_activity_at >= window or now - visit.started_at >= LONGEST_VISIT
    if visit.ended_at is None and over:
        end(visit, rules)
        return True
    return False


def begin(visit_id: bytes, site_id: int, visitor_id: bytes, at: int, origin: Origin) -> Visit:
    """A visit whose first act comes at `at`."""
    return Visit(visit_id, site_id, visitor_id, at, at, origin)


def fold(visit: Visit, acts: Iterable[Act], rules_at: Callable[[int], SessionRules]) -> Visit:
    """The visit told anew from all its acts in order of arrival; identity and origin stay.

    `rules_at` gives the session rules in force at a moment: those of its beginning hold.
    """
    acts = sorted(acts, key=lambda act: act.occurred_at)
    told = begin(visit.id, visit.site_id, visit.visitor_id, acts[0].occurred_at, visit.origin)
    rules = rules_at(told.started_at)
    for act in acts:
        apply(told, act, rules)
    return told


def score_band(points: int) -> str:
    """The band of the score charts: 0-25, 26-50, 51-75, 76-100 (scoring.md 8)."""
    return next(name for most, name in SCORE_BANDS if points <= most)


def tallies(visit: Visit | None) -> dict[tuple[str, str], int]:
    """What a visit adds to the roll-ups of the hour it began in."""
    if visit is None:
        return {}
    origin = visit.origin
    counts = {
        ("sessions", origin.channel): 1,
        ("source", origin.source or "direct"): 1,
        ("device", origin.device or "unknown"): 1,
        ("engaged_seconds", ""): visit.engaged_seconds,
    }
    if origin.campaign:
        counts["campaign", origin.campaign] = 1
    if visit.reached & BIT["lead"]:
        counts["source_leads", origin.source or "direct"] = 1
    if visit.lead_score is not None:
        counts["score_band", score_band(visit.lead_score)] = 1
        counts["session_score_sum", ""] = visit.lead_score
        counts["sessions_scored", ""] = 1
    return counts
