"""What a lead's journey tells a salesperson, each with the evidence that fired it.

Sources: lead-journey-tracker, "generateInsights" (the first two); scoring.md 7.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import pairwise
from typing import Any, NamedTuple

from app.domain.journeys.journey import days_in_words, is_high_risk
from app.domain.journeys.journey_rules import DEFAULT_JOURNEY_RULES, JourneyRules
from app.domain.leads.lifecycle import EXITS
from app.domain.score import round_half_up

DAY_SECONDS = 86_400
ANSWER_WITHIN_DAYS = 1
SILENT_AFTER_INTENT_DAYS = 3
FORM_DAYS = 7
PRICE_DAYS, PRICE_VISITS = 14, 3
REVIVED_AFTER_DAYS, BACK_DAYS = 30, 7
STALLED_DAYS = 21
APPOINTMENT_DAYS = 14
UNANSWERED_OFFERS = 3
UNANSWERED_CALLS = 3
DID = {
    "ai_recommendation": "asked for a recommendation",
    "face_analysis": "had their face analysed",
    "cost_calculator": "used the cost calculator",
    "appointment_booked": "booked an appointment",
    "form_submitted": "sent a form",
    "meeting_scheduled": "agreed to meet",
    "purchase_made": "bought",
    "content_downloaded": "downloaded a file",
}
NEWS, GOOD, WARNING, URGENT = "news", "good", "warning", "urgent"


class Silence(NamedTuple):
    """A silence that is over: from the last sign of life before it to the first after it."""

    begun_at: datetime
    ended_at: datetime

    @property
    def days(self) -> float:
        return (self.ended_at - self.begun_at).total_seconds() / DAY_SECONDS


def last_silence(days: Iterable[tuple[datetime, datetime]]) -> Silence | None:
    """The newest silence of at least REVIVED_AFTER_DAYS, None without one; from the first and the
    last sign of life of each day that had any, in any order."""
    ordered = sorted(days)
    silences = (Silence(last, first) for (_, last), (first, _) in pairwise(ordered))
    return max((each for each in silences if each.days >= REVIVED_AFTER_DAYS), default=None)


@dataclass(frozen=True, slots=True)
class JourneyFacts:
    """What is known of a lead's journey. Times are moments or None: never; counts are of the
    windows that the insights name, `unanswered_calls` since anybody was reached; scores are whole,
    0 to 100; engagement and risk 0 to 1. `last_contact_at` is when we got in touch,
    `last_in_touch_at` when either side did, `last_seen_at` when they showed up themselves,
    `last_asked_at` when they sent a form or asked for a quote. `price_looks` are of the last
    PRICE_DAYS. `unclosed_appointment_at` is over, and nobody noted whether they came. Refused:
    consent was taken back, and not given again."""

    now: datetime
    stage: str = "new"
    stage_since: datetime | None = None
    score: int = 0
    temperature: str = "cold"
    qualified_at: int = 60
    engagement: Decimal = Decimal(0)
    trend: str = "stable"
    churn_risk: Decimal = Decimal(0)
    channels: frozenset[str] = frozenset()
    last_act_at: datetime | None = None
    last_seen_at: datetime | None = None
    last_silence: Silence | None = None
    last_contact_at: datetime | None = None
    last_in_touch_at: datetime | None = None
    unanswered_calls: int = 0
    last_unanswered_at: datetime | None = None
    last_high_intent_at: datetime | None = None
    last_high_intent: str = ""
    last_reply_at: datetime | None = None
    last_reply_channel: str = ""
    last_asked_at: datetime | None = None
    last_form_abandoned_at: datetime | None = None
    last_form_submitted_at: datetime | None = None
    price_looks: tuple[datetime, ...] = ()
    emails_sent: int = 0
    emails_opened: int = 0
    emails_answered: int = 0
    purchases: int = 0
    last_purchase_at: datetime | None = None
    last_booked_at: datetime | None = None
    last_attended_at: datetime | None = None
    last_missed_at: datetime | None = None
    last_cancelled_at: datetime | None = None
    next_appointment_at: datetime | None = None
    unclosed_appointment_at: datetime | None = None
    may_email: bool = False
    may_text: bool = False
    email_refused_at: datetime | None = None
    text_refused_at: datetime | None = None
    has_email: bool = False
    has_phone: bool = False
    rules: JourneyRules = DEFAULT_JOURNEY_RULES

    def days_since(self, at: datetime | None) -> float | None:
        """Days from a moment to now; None where it never came."""
        return None if at is None else (self.now - at).total_seconds() / DAY_SECONDS

    @property
    def is_over(self) -> bool:
        return self.stage in EXITS

    @property
    def is_customer(self) -> bool:
        return self.stage == "customer"


class Insight(NamedTuple):
    """Something to know: `name` for programs, `tone` news, good, warning or urgent, a sentence, and
    the facts it rests on in words."""

    name: str
    tone: str
    text: str
    evidence: str

    def to_json(self) -> dict[str, Any]:
        return self._asdict()


class Kind(NamedTuple):
    """A kind of insight; `evidence` gives the facts in words where it applies, else None."""

    name: str
    tone: str
    text: str
    evidence: Callable[[JourneyFacts], str | None]


def high_engagement(facts: JourneyFacts) -> str | None:
    """How engaged they are, where that is high."""
    high = facts.rules.high_engagement
    if facts.engagement * 100 > high and not facts.is_customer and not facts.is_over:
        return f"journey engagement {_above(facts.engagement, high)}"
    return None


def _multi_channel(facts: JourneyFacts) -> str | None:
    both = {"phone", "email"} <= facts.channels and not facts.is_over
    return "in touch by phone and by e-mail" if both else None


def _never_contacted(facts: JourneyFacts) -> str | None:
    if facts.temperature == "hot" and facts.last_in_touch_at is None and not ended(facts):
        if facts.unanswered_calls:
            return f"lead score {facts.score}, and nobody has reached them: {tried(facts)}"
        return f"lead score {facts.score}, and no call, e-mail, message or meeting yet"
    return None


def _reply_waits(facts: JourneyFacts) -> str | None:
    since = facts.days_since(facts.last_reply_at)
    return None if since is None or since < ANSWER_WITHIN_DAYS else unanswered_reply(facts)


def unanswered_reply(facts: JourneyFacts) -> str | None:
    """When they replied, where nobody has answered."""
    since = facts.days_since(facts.last_reply_at)
    if since is None or dealt_with(facts, facts.last_reply_at):
        return None
    return f"they replied {ago(since)}, and {nobody_since(facts, 'answered')}"


def did_not_come(facts: JourneyFacts) -> str | None:
    """When they missed an appointment, where nobody has spoken with them since."""
    since = _open_appointment(facts, facts.last_missed_at)
    return None if since is None else f"missed their appointment {ago(since)}"


def cancelled(facts: JourneyFacts) -> str | None:
    """When their appointment was cancelled, where nobody has spoken with them since."""
    since = _open_appointment(facts, facts.last_cancelled_at)
    return None if since is None else f"their appointment was cancelled {ago(since)}"


def came_lately(facts: JourneyFacts) -> str | None:
    """When they came to an appointment, where nobody has spoken with them since."""
    since = _open_appointment(facts, facts.last_attended_at)
    return None if since is None else f"came to their appointment {ago(since)}"


def _open_appointment(facts: JourneyFacts, at: datetime | None) -> float | None:
    """The days since an appointment ended this way, where nothing has followed on it."""
    since = facts.days_since(at)
    if since is None or since > APPOINTMENT_DAYS or facts.next_appointment_at is not None:
        return None
    followed = (
        facts.last_contact_at,
        facts.last_purchase_at,
        facts.last_booked_at,
        facts.last_attended_at,
        facts.last_missed_at,
        facts.last_cancelled_at,
    )
    later = any(other is not None and other > at for other in followed)
    return None if later or is_settled(facts, at) or contacted(facts, at) else since


def silent_after_intent(facts: JourneyFacts) -> str | None:
    """What they showed intent by, where silence followed."""
    at = facts.last_high_intent_at
    since = facts.days_since(at)
    quiet = facts.last_act_at is not None and facts.last_act_at == at
    if since is None or since < SILENT_AFTER_INTENT_DAYS or not quiet or ended(facts):
        return None
    if facts.last_high_intent == "appointment_booked" or facts.next_appointment_at is not None:
        return None  # they wait for their day
    if facts.unclosed_appointment_at is not None:
        return None  # nobody knows whether they came
    if facts.last_missed_at is not None and facts.last_missed_at >= at:
        return None  # that is another matter
    whose = "them" if contacted(facts, at) else "them or us"
    return (
        f"{did(facts.last_high_intent)} {days_in_words(since)} ago, and nothing from {whose} since"
    )


def asks_for_prices(facts: JourneyFacts, since: datetime | None = None) -> str | None:
    """How often they looked at prices lately, after a moment if one is given, since they bought or
    left at any rate; where that is often."""
    left_at = facts.stage_since if facts.is_over else None
    after = max(filter(None, (since, left_at, facts.last_purchase_at)), default=None)
    looks = sum(after is None or at > after for at in facts.price_looks)
    return (
        f"looked at prices {looks} times within {PRICE_DAYS} days"
        if looks >= PRICE_VISITS
        else None
    )


def abandoned_form(facts: JourneyFacts) -> str | None:
    """When they left a form lately that they have not sent since."""
    at, submitted = facts.last_form_abandoned_at, facts.last_form_submitted_at
    since = facts.days_since(at)
    if since is None or since > FORM_DAYS or is_settled(facts, at):
        return None
    if submitted and submitted >= at:
        return None
    return f"began a form {days_in_words(since)} ago and left it"


def revived(facts: JourneyFacts) -> str | None:
    """When they came back lately, and after how long."""
    silence = facts.last_silence
    since = facts.days_since(silence.ended_at) if silence else None
    if since is None or since > BACK_DAYS:
        return None
    return f"{ago(since)}, after {days_in_words(silence.days)} of silence"


def fading(facts: JourneyFacts) -> str | None:
    """By how much less they do than before."""
    if facts.trend == "declining" and not ended(facts) and facts.next_appointment_at is None:
        days, fewer = facts.rules.trend_days, 100 - facts.rules.falling
        return f"over {fewer}% fewer touches in the last {days} days than in the {days} before"
    return None


def _at_risk(facts: JourneyFacts) -> str | None:
    if is_high_risk(facts.churn_risk, facts.rules) and not facts.is_over:
        return f"the risk of losing them is {_above(facts.churn_risk, facts.rules.high_risk)}"
    return None


def stalled(facts: JourneyFacts) -> str | None:
    """How long they have been in their stage, where that is too long."""
    since = facts.days_since(facts.stage_since)
    if since is None or since < STALLED_DAYS or ended(facts) or facts.stage == "new":
        return None
    if facts.next_appointment_at is not None:
        return None  # they wait for their day
    return f"in stage {facts.stage} for {days_in_words(since)}"


def _unread_emails(facts: JourneyFacts) -> str | None:
    if facts.emails_sent >= UNANSWERED_OFFERS and not facts.emails_opened + facts.emails_answered:
        return f"{facts.emails_sent} e-mails sent, none opened or answered"
    return None


def calls_in_vain(facts: JourneyFacts) -> str | None:
    """The calls since anybody was reached, where they are too many."""
    if facts.unanswered_calls >= UNANSWERED_CALLS and not facts.is_over:
        return tried(facts)
    return None


def _reads_but_is_quiet(facts: JourneyFacts) -> str | None:
    if facts.emails_opened >= UNANSWERED_OFFERS and not facts.emails_answered:
        return f"e-mails opened {facts.emails_opened} times, none answered"
    return None


def _bought_again(facts: JourneyFacts) -> str | None:
    return f"{facts.purchases} purchases" if facts.purchases > 1 else None


def cannot_be_written_to(facts: JourneyFacts) -> str | None:
    """Why there is no way to reach them, where there is none."""
    if facts.has_email and not facts.may_email and not facts.has_phone:
        return "an e-mail address without consent to use it, and no phone number"
    return None


KINDS: tuple[Kind, ...] = (
    Kind("hot_not_contacted", URGENT, "A hot lead that nobody has contacted.", _never_contacted),
    Kind("reply_waits", URGENT, "A reply is waiting for an answer.", _reply_waits),
    Kind(
        "did_not_come", URGENT, "Did not come to the appointment: offer a new time.", did_not_come
    ),
    Kind("silent_after_intent", WARNING, "Showed intent, then fell silent.", silent_after_intent),
    Kind("at_risk", WARNING, "Likely to be lost.", _at_risk),
    Kind("stalled", WARNING, "Has not moved on for long.", stalled),
    Kind("form_abandoned", WARNING, "Left a form unfinished.", abandoned_form),
    Kind("fading", WARNING, "Interest is fading.", fading),
    Kind(
        "emails_unread",
        WARNING,
        "E-mails do not seem to reach them; try another way.",
        _unread_emails,
    ),
    Kind(
        "calls_unanswered",
        WARNING,
        "Calls do not seem to reach them; try another way.",
        calls_in_vain,
    ),
    Kind(
        "no_consent",
        WARNING,
        "Write only about what they asked for; ask for consent.",
        cannot_be_written_to,
    ),
    Kind(
        "came_lately",
        GOOD,
        "Came to the appointment, and nobody has been in touch since.",
        came_lately,
    ),
    Kind(
        "high_engagement",
        GOOD,
        "High engagement: consider moving to the proposal.",
        high_engagement,
    ),
    Kind("multi_channel", GOOD, "On several channels: strong buying signals.", _multi_channel),
    Kind("price_visits", GOOD, "Keeps coming back to the prices.", asks_for_prices),
    Kind("revived", GOOD, "In touch again after a long silence.", revived),
    Kind("bought_again", GOOD, "Has bought more than once.", _bought_again),
    Kind("reads_quietly", NEWS, "Reads the e-mails but does not answer.", _reads_but_is_quiet),
)


def insights(facts: JourneyFacts) -> list[Insight]:
    """What the facts tell, the most urgent first."""
    told = ((kind, kind.evidence(facts)) for kind in KINDS)
    return [Insight(kind.name, kind.tone, kind.text, why) for kind, why in told if why]


def contacted(facts: JourneyFacts, at: datetime) -> bool:
    """Whether the team got in touch at a moment or after it."""
    return facts.last_contact_at is not None and facts.last_contact_at >= at


def is_settled(facts: JourneyFacts, at: datetime | None) -> bool:
    """Whether they were lost or churned at a moment or after it, and still are."""
    if not facts.is_over or at is None:
        return False
    return facts.stage_since is None or facts.stage_since >= at


def dealt_with(facts: JourneyFacts, at: datetime | None) -> bool:
    """Whether something that happened has been answered: the team got in touch or met them at that
    moment or after it, or gave them up."""
    if at is None:
        return False
    met = facts.last_attended_at is not None and facts.last_attended_at >= at
    return met or contacted(facts, at) or is_settled(facts, at)


def nobody_since(facts: JourneyFacts, done: str) -> str:
    """That nobody has done something so far, as the calls tell."""
    return "no call has reached them since" if facts.unanswered_calls else f"nobody has {done}"


def ended(facts: JourneyFacts) -> bool:
    """Whether the lead is won, lost or churned."""
    return facts.is_over or facts.is_customer


def nobody_yet(facts: JourneyFacts) -> str:
    """That nobody has reached them so far, as the calls tell."""
    return f"nobody has {'reached them' if facts.unanswered_calls else 'been in touch'} yet"


def tried(facts: JourneyFacts) -> str:
    """The calls that nobody answered."""
    when = ago(facts.days_since(facts.last_unanswered_at))
    if facts.unanswered_calls == 1:
        return f"called {when}, and nobody answered"
    return f"called {facts.unanswered_calls} times without an answer, the last time {when}"


def did(name: str) -> str:
    """What they showed intent by, in words."""
    return DID.get(name) or f"showed intent ({name.replace('_', ' ')})"


def _above(share: Decimal, percent: int) -> str:
    """A share in percent, whole unless that would hide that it is above the other."""
    whole = round_half_up(100 * share)
    exact = f"{(100 * share).normalize():f}"
    return f"{whole if whole > percent else exact}%, above {percent}%"


def ago(days: float) -> str:
    """Days as a time ago, in words."""
    return "less than a day ago" if days < 1 else f"{days_in_words(days)} ago"
