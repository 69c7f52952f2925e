"""The lead score: five components of 0..100, weighted, less decay; its grade and temperature.

Source: lead-tracking-analytics, "Multi-Dimensional Lead Scoring". Every figure is a default of
`LeadRules`, which belongs to the organization.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache, lru_cache
from math import inf
from typing import Any

from app.domain.leads.lifecycle import STAGES
from app.domain.score import Contribution, Number, Score, capped, round_half_up, total_of
from app.domain.scoring.decay import DEFAULT_DECAY_RULES, DecayRules, decay, whole_days
from app.domain.validation import Draft, plain

COMPONENTS = ("demographic", "behavioral", "firmographic", "engagement", "intent")
PROFILE_FIELDS = (
    "email",
    "first_name",
    "last_name",
    "phone",
    "location",
    "customer_type",
    "category",
    "interests",
)
MOST_POINTS = 1000


@dataclass(frozen=True, slots=True)
class Tier:
    """Points for a profile value that is among `values` (white space and case do not matter)."""

    name: str
    points: int
    values: tuple[str, ...]

    @classmethod
    def read(cls, draft: Draft) -> Tier:
        return cls(draft.text("name"), draft.integer("points"), draft.texts("values"))

    def to_json(self) -> dict[str, Any]:
        return {"name": self.name, "points": self.points, "values": list(self.values)}


@dataclass(frozen=True, slots=True)
class RecencyBand:
    """Points while the last contact is fewer than `below` days ago; None is any time."""

    below: int | None
    points: int

    @classmethod
    def read(cls, draft: Draft) -> RecencyBand:
        below = draft.optional("below", draft.integer, low=1, high=3650)
        return cls(below, draft.integer("points"))

    def to_json(self) -> dict[str, Any]:
        return {"below": self.below, "points": self.points}


@dataclass(frozen=True, slots=True)
class Threshold:
    """A name for scores of `at_least` and more."""

    at_least: int
    name: str

    @classmethod
    def read(cls, draft: Draft) -> Threshold:
        return cls(draft.integer("at_least"), draft.text("name", longest=20))

    def to_json(self) -> dict[str, Any]:
        return {"at_least": self.at_least, "name": self.name}


def _thresholds(*pairs: tuple[int, str]) -> tuple[Threshold, ...]:
    return tuple(Threshold(*pair) for pair in pairs)


def _shares(*percents: int) -> dict[str, Decimal]:
    return {n: Decimal(p) / 100 for n, p in zip(COMPONENTS, percents, strict=True)}


DEFAULT_WEIGHTS = _shares(20, 25, 15, 25, 15)
DEFAULT_PROFILE_POINTS = dict(
    zip(PROFILE_FIELDS, (15, 10, 10, 15, 10, 20, 10, 10), strict=True),
)
DEFAULT_ENGAGEMENT_POINTS = {
    "email_opened": 2,
    "email_clicked": 5,
    "email_replied": 10,
    "form_submitted": 15,
    "page_viewed": 1,
    "content_downloaded": 8,
    "meeting_scheduled": 20,
    "purchase_made": 50,
}
DEFAULT_STAGE_SCORES = dict(zip(STAGES, (20, 40, 60, 70, 80, 100, 0, 0), strict=True))
DEFAULT_STAGE_INTENT = {"qualified": 20, "engaged": 30, "opportunity": 40}
DEFAULT_CUSTOMER_TIERS = (
    Tier("high value", 15, ("coach", "team")),
    Tier("mid value", 10, ("bike_fitter",)),
    Tier("low value", 5, ("athlete",)),
)
DEFAULT_SOURCE_TIERS = (
    Tier("high quality", 15, ("referral", "partner")),
    Tier("medium quality", 10, ("ads", "ad", "forms", "form")),
)
DEFAULT_CONTACT_BANDS = tuple(
    RecencyBand(*pair) for pair in ((7, 40), (30, 30), (90, 20), (None, 10))
)
DEFAULT_GRADES = _thresholds(
    (90, "A+"), (80, "A"), (70, "B+"), (60, "B"), (50, "C+"), (40, "C"), (0, "D")
)
DEFAULT_TEMPERATURES = _thresholds((75, "hot"), (50, "warm"), (0, "cold"))
DEFAULT_HIGH_INTENT_TYPES = (
    "form_submitted",
    "meeting_scheduled",
    "purchase_made",
    "content_downloaded",
    "email_replied",
    "ai_recommendation",
    "face_analysis",
    "cost_calculator",
    "appointment_booked",
)


def _copy(mapping: Mapping[str, Any]) -> Any:
    return field(default_factory=lambda: dict(mapping))


@dataclass(frozen=True, slots=True)
class LeadRules:
    """How an organization scores its leads.

    `weights` sum to 1. Windows are in days. `stage_share` is the part of the stage's score that
    counts as engagement. `engagement_points` are per engagement over all history.
    """

    version: int = 1
    weights: Mapping[str, Decimal] = _copy(DEFAULT_WEIGHTS)
    component_cap: int = 100
    profile_points: Mapping[str, int] = _copy(DEFAULT_PROFILE_POINTS)
    engagement_points: Mapping[str, int] = _copy(DEFAULT_ENGAGEMENT_POINTS)
    active_day_points: int = 1
    active_day_cap: int = 10
    active_day_window: int = 30
    firmographic_base: int = 50
    target_location_points: int = 20
    target_locations: tuple[str, ...] = ()
    customer_tiers: tuple[Tier, ...] = DEFAULT_CUSTOMER_TIERS
    source_tiers: tuple[Tier, ...] = DEFAULT_SOURCE_TIERS
    contact_bands: tuple[RecencyBand, ...] = DEFAULT_CONTACT_BANDS
    email_consent_points: int = 30
    sms_consent_points: int = 15
    stage_share: Decimal = Decimal("0.15")
    stage_scores: Mapping[str, int] = _copy(DEFAULT_STAGE_SCORES)
    high_intent_types: tuple[str, ...] = DEFAULT_HIGH_INTENT_TYPES
    high_intent_points: int = 15
    high_intent_cap: int = 50
    high_intent_window: int = 30
    stage_intent: Mapping[str, int] = _copy(DEFAULT_STAGE_INTENT)
    reply_types: tuple[str, ...] = ("email_replied", "sms_replied")
    reply_points: int = 10
    reply_cap: int = 30
    reply_window: int = 14
    decay: DecayRules = DEFAULT_DECAY_RULES
    grades: tuple[Threshold, ...] = DEFAULT_GRADES
    temperatures: tuple[Threshold, ...] = DEFAULT_TEMPERATURES

    def to_json(self) -> dict[str, Any]:
        return {name: _as_json(getattr(self, name)) for name in self.__slots__}

    @classmethod
    def from_json(cls, data: Any) -> LeadRules:
        """Rules from their JSON; absent fields keep their defaults. Raises Invalid."""
        draft = Draft(data)
        values = {name: _read(draft, name, default) for name, default in _defaults().items()}
        draft.check()
        for name, message, fine in _whole_set_checks(values):
            if not fine:
                draft.problem(name, message)
        draft.check()
        return cls(**values)


def _as_json(value: Any) -> Any:
    if hasattr(value, "to_json"):
        return value.to_json()
    if isinstance(value, Mapping):
        return {key: plain(number) for key, number in value.items()}
    if isinstance(value, tuple):
        return [_as_json(item) for item in value]
    return plain(value) if isinstance(value, Decimal) else value


@cache
def _defaults() -> dict[str, Any]:
    rules = LeadRules()
    return {name: getattr(rules, name) for name in rules.__slots__}


LISTS: dict[str, Callable[[Draft], Any]] = {
    "customer_tiers": Tier.read,
    "source_tiers": Tier.read,
    "contact_bands": RecencyBand.read,
    "grades": Threshold.read,
    "temperatures": Threshold.read,
}
FRACTIONS = {"weights", "stage_share"}
DAYS = {"active_day_window", "high_intent_window", "reply_window"}


def _read(draft: Draft, name: str, default: Any) -> Any:
    if name in LISTS:
        return draft.each(name, default, LISTS[name])
    if name == "decay":
        return DecayRules.read(draft.part(name)) if name in draft.data else default
    if name == "version":
        return draft.integer(name, default, low=1, high=2**31 - 1)
    if isinstance(default, tuple):
        return draft.texts(name, default)
    if isinstance(default, Mapping):
        return draft.decimals(name, default, high=1) if name in FRACTIONS else _points(draft, name)
    if name in FRACTIONS:
        return draft.decimal(name, default, high=1)
    return draft.integer(name, default, low=int(name in DAYS), high=3650 if name in DAYS else 100)


def _points(draft: Draft, name: str) -> dict[str, int]:
    return draft.integers(name, _defaults()[name], high=MOST_POINTS)


def _whole_set_checks(values: Mapping[str, Any]) -> Iterable[tuple[str, str, bool]]:
    weights = values["weights"]
    yield "weights", "must name " + ", ".join(COMPONENTS), set(weights) == set(COMPONENTS)
    yield "weights", "must sum to 1", sum(weights.values()) == 1
    known = "may name " + ", ".join(PROFILE_FIELDS)
    yield "profile_points", known, set(values["profile_points"]) <= set(PROFILE_FIELDS)
    for name in ("stage_scores", "stage_intent"):
        yield name, "may name " + ", ".join(STAGES), set(values[name]) <= set(STAGES)
    for name in ("grades", "temperatures"):
        steps = [threshold.at_least for threshold in values[name]]
        falling = steps == sorted(set(steps), reverse=True) and steps[-1:] == [0]
        yield name, "must fall from step to step and end at 0", falling
    # None is any time: above all, and so the last.
    limits = [inf if band.below is None else band.below for band in values["contact_bands"]]
    rising = bool(limits) and limits == sorted(set(limits))
    yield "contact_bands", "must rise from band to band", rising


DEFAULT_LEAD_RULES = LeadRules()


@dataclass(frozen=True, slots=True)
class LeadFacts:
    """What a lead's score depends on.

    `counts`: engagements by type, all history. `active_days`: distinct days with an engagement in
    the rules' window (30 days); `high_intent` and `replies`: counts in theirs (30 and 14 days).
    `days_since_contact`: None when never contacted; `days_since_engagement`: None when there was
    none.
    """

    email: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    phone: str | None = None
    location: str | None = None
    customer_type: str | None = None
    category: str | None = None
    interests: tuple[str, ...] = ()
    source: str | None = None
    stage: str = "new"
    counts: Mapping[str, int] = field(default_factory=dict)
    active_days: int = 0
    high_intent: int = 0
    replies: int = 0
    days_since_contact: float | None = None
    email_consent: bool = False
    sms_consent: bool = False
    days_since_engagement: float | None = None


@dataclass(frozen=True, slots=True)
class LeadScore:
    """A lead's score, taken apart.

    `components`: each with its own contributions. `undecayed` less `decay` is `total` (two
    decimals). `contributions` sum exactly to `total`: every cause at its weight, then caps,
    rounding and decay.
    """

    components: Mapping[str, Score]
    undecayed: Decimal
    decay: Decimal
    total: Decimal
    grade: str
    temperature: str
    contributions: tuple[Contribution, ...]
    weights: Mapping[str, Decimal]
    version: int

    @property
    def shown(self) -> int:
        """The total as people see it, a whole number."""
        return round_half_up(self.total)

    def score(self) -> Score:
        return Score(self.total, self.contributions)

    def component_points(self) -> dict[str, int | float]:
        return {name: plain(score.points) for name, score in self.components.items()}

    def score_factors(self, likelihood: float | None = None) -> dict[str, Any]:
        """The six factors and the weights, as the API answers. `likelihood` is the conversion
        likelihood 0..1, None when unknown. Source: lead-analytics-insights."""
        weights = {name: plain(weight) for name, weight in self.weights.items()}
        factors = self.component_points() | {"conversion_likelihood": likelihood}
        return factors | {"weights": weights}


def score_lead(facts: LeadFacts, rules: LeadRules = DEFAULT_LEAD_RULES) -> LeadScore:
    """The lead score with everything that made it."""
    components = {
        name: capped(_nonzero(COMPONENT_PARTS[name](facts, rules)), high=rules.component_cap)
        for name in COMPONENTS
    }
    undecayed = combine({n: score.points for n, score in components.items()}, rules)
    lost = decay(undecayed, facts.days_since_engagement, rules.decay)
    total = undecayed - lost
    parts = tuple(_weighted(components, rules))
    ends = (
        Contribution("Rounding", undecayed - total_of(parts), "to two decimals"),
        Contribution("Decay", -lost, _decay_detail(facts)),
    )
    return LeadScore(
        components=components,
        undecayed=undecayed,
        decay=lost,
        total=total,
        grade=grade(total, rules),
        temperature=temperature(total, rules),
        contributions=parts + tuple(end for end in ends if end.points),
        weights=rules.weights,
        version=rules.version,
    )


def combine(components: Mapping[str, Number], rules: LeadRules = DEFAULT_LEAD_RULES) -> Decimal:
    """The five components, each held within 0..cap, at their weights, to two decimals."""
    held = {n: min(max(Decimal(str(components[n])), 0), rules.component_cap) for n in COMPONENTS}
    return round_half_up(sum(Decimal(rules.weights[n]) * held[n] for n in COMPONENTS), 2)


def grade(total: Number, rules: LeadRules = DEFAULT_LEAD_RULES) -> str:
    """A+ to D, from the total as rounded to a whole number."""
    return _named(total, rules.grades)


def temperature(total: Number, rules: LeadRules = DEFAULT_LEAD_RULES) -> str:
    """hot, warm or cold, from the total as rounded to a whole number."""
    return _named(total, rules.temperatures)


def _named(total: Number, thresholds: tuple[Threshold, ...]) -> str:
    shown = round_half_up(total)
    return next((t.name for t in thresholds if shown >= t.at_least), thresholds[-1].name)


def _demographic(facts: LeadFacts, rules: LeadRules) -> Iterable[Contribution]:
    for name, points in rules.profile_points.items():
        if _given(getattr(facts, name)):
            yield _plain_part(_words(name), points)


def _behavioral(facts: LeadFacts, rules: LeadRules) -> Iterable[Contribution]:
    for kind, points in rules.engagement_points.items():
        if (count := facts.counts.get(kind, 0)) > 0:
            yield _counted(kind, count, points)
    days, points = facts.active_days, rules.active_day_points
    yield from _limited("Active days", days, points, rules.active_day_cap)


def _firmographic(facts: LeadFacts, rules: LeadRules) -> Iterable[Contribution]:
    yield _plain_part("Base", rules.firmographic_base)
    if _among(facts.location, rules.target_locations):
        yield Contribution("Target location", rules.target_location_points, facts.location)
    yield from _tier("Customer type", facts.customer_type, rules.customer_tiers)
    yield from _tier("Source", facts.source, rules.source_tiers)


def _engagement(facts: LeadFacts, rules: LeadRules) -> Iterable[Contribution]:
    yield _contact(facts.days_since_contact, rules)
    if facts.email_consent:
        yield _plain_part("Email consent", rules.email_consent_points)
    if facts.sms_consent:
        yield _plain_part("SMS consent", rules.sms_consent_points)
    yield _share_of(facts.stage, rules.stage_scores.get(facts.stage, 0), rules.stage_share)


def _intent(facts: LeadFacts, rules: LeadRules) -> Iterable[Contribution]:
    points, most = rules.high_intent_points, rules.high_intent_cap
    yield from _limited("High-intent activities", facts.high_intent, points, most)
    yield _plain_part("Stage", rules.stage_intent.get(facts.stage, 0), facts.stage)
    yield from _limited("Replies", facts.replies, rules.reply_points, rules.reply_cap)


COMPONENT_PARTS: dict[str, Callable[[LeadFacts, LeadRules], Iterable[Contribution]]] = {
    "demographic": _demographic,
    "behavioral": _behavioral,
    "firmographic": _firmographic,
    "engagement": _engagement,
    "intent": _intent,
}


def _nonzero(parts: Iterable[Contribution]) -> Iterable[Contribution]:
    return (part for part in parts if part.points)


# As with the parts at their weights: the same few come again and again.
@lru_cache(8192)
def _plain_part(name: str, points: int, detail: str = "") -> Contribution:
    return Contribution(name, points, detail)


@lru_cache(8192)
def _share_of(stage: str, score: int, share: Decimal) -> Contribution:
    return Contribution("Stage", Decimal(share) * score, f"{stage}: {score} × {share}")


@lru_cache(8192)
def _counted(kind: str, count: int, points: int) -> Contribution:
    return Contribution(_words(kind), count * points, f"{count} × {points}")


@lru_cache(8192)
def _limited(name: str, count: int, points: int, most: int) -> tuple[Contribution, ...]:
    """What was counted, and where it is more than `most`, a cap that names it."""
    counted = max(count, 0)
    all_of_it = counted * points
    part = Contribution(name, all_of_it, f"{counted} × {points}")
    if all_of_it <= most:
        return (part,)
    return (part, Contribution(f"Cap at {most}", most - all_of_it, name))


def _tier(name: str, value: str | None, tiers: Iterable[Tier]) -> Iterable[Contribution]:
    found = next((tier for tier in tiers if _among(value, tier.values)), None)
    return [Contribution(name, found.points, f"{value}: {found.name}")] if found else []


def _contact(days: float | None, rules: LeadRules) -> Contribution:
    if days is None:
        return Contribution("Last contact", 0)
    points = next((b.points for b in rules.contact_bands if b.below is None or days < b.below), 0)
    return Contribution("Last contact", points, f"{whole_days(days)} days ago")


def _weighted(components: Mapping[str, Score], rules: LeadRules) -> Iterable[Contribution]:
    for name, score in components.items():
        weight = rules.weights[name]
        for part in score.contributions:
            yield _weighted_part(name, Decimal(weight), part.name, part.points, part.detail)


# The same few parts make up the scores of all leads.
@lru_cache(8192)
def _weighted_part(
    component: str, weight: Decimal, name: str, points: int | Decimal, detail: str
) -> Contribution:
    told = ", ".join(filter(None, (component, detail, f"weight {plain(weight)}")))
    return Contribution(name, points * weight, told)


def _decay_detail(facts: LeadFacts) -> str:
    return f"{whole_days(facts.days_since_engagement)} days since the last engagement"


def _given(value: Any) -> bool:
    return bool(value.strip()) if isinstance(value, str) else bool(value)


@lru_cache(8192)
def _among(value: str | None, values: tuple[str, ...]) -> bool:
    return bool(value) and _folded(value) in map(_folded, values)


def _folded(text: str) -> str:
    return " ".join(text.split()).casefold()


@cache
def _words(name: str) -> str:
    return name.replace("_", " ").capitalize()
