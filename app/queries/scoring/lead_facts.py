"""What the scores of leads depend on: the same few queries for one lead, for some or for all."""

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import accumulate
from operator import ne
from sys import intern

from sqlalchemy import BigInteger, Row, Subquery, func, select, type_coerce

from app.domain.scoring.lead_score import LeadFacts, LeadRules
from app.domain.tracking.event import NOT_THEIRS
from app.extensions import db
from app.models import Consent, Lead, Organization
from app.models.types import to_millis
from app.queries.leads.lead_acts import acts, branches
from app.queries.tracking.engagement_types import custom_points
from app.tenancy import acting_organization_id

DAY = timedelta(days=1)
DAY_MILLIS = 86_400_000
AT_ONCE = 2000
# Contact that went either way between the lead and us; app.queries.journeys.journey_facts.CONTACTS
# is ours alone.
IN_TOUCH = (
    "email_sent",
    "email_replied",
    "sms_sent",
    "sms_replied",
    "call_made",
    "meeting_scheduled",
    "appointment_booked",
)
PROFILE = (
    "email",
    "first_name",
    "last_name",
    "phone",
    "location",
    "customer_type",
    "category",
    "source",
    "stage",
)


def lead_rules() -> LeadRules:
    """How the organization acted for scores its leads, its own kinds of engagement included."""
    organization = db.session.get(Organization, acting_organization_id())
    rules = LeadRules.from_json((organization.settings or {}).get("lead_rules", {}))
    own = custom_points()
    return replace(rules, engagement_points={**rules.engagement_points, **own}) if own else rules


@dataclass(slots=True)
class _Done:
    """What one lead did and was told."""

    counts: dict[str, int] = field(default_factory=dict)
    last: dict[str, int] = field(default_factory=dict)  # milliseconds since 1970
    high_intent: int = 0
    replies: int = 0
    active_days: int = 0


def facts_of(
    leads: Sequence[Lead], rules: LeadRules, now: datetime
) -> Iterator[tuple[Lead, LeadFacts]]:
    """Each lead with what its score depends on, in three queries."""
    ids = [lead.id for lead in leads]
    return _facts(leads, _done(ids, rules, now), _consents(ids), now)


def facts_of_all(rules: LeadRules, now: datetime) -> Iterator[tuple[Lead, LeadFacts]]:
    """Every lead that has not been erased, with what its score depends on: the log is read twice,
    however many leads there are. A row has the lead's columns, and is no object of the session."""
    done, consents = _done(None, rules, now), _consents(None)
    return _facts(_every_lead(), done, consents, now)


def _every_lead() -> Iterator[Row]:
    """By pages, so that what is found can be written down between them."""
    wanted = (
        select(Lead.id, Lead.lead_score, Lead.interests, *(getattr(Lead, n) for n in PROFILE))
        .where(Lead.organization_id == acting_organization_id(), Lead.erased_at.is_(None))
        .order_by(Lead.id)
        .limit(AT_ONCE)
    )
    page = db.session.execute(wanted).all()
    while page:
        yield from page
        page = db.session.execute(wanted.where(Lead.id > page[-1].id)).all()


def _facts(leads, done: dict[int, _Done], consents: dict[int, set[str]], now: datetime):
    nothing = _Done()
    for lead in leads:
        yield lead, _told(lead, done.get(lead.id, nothing), consents.get(lead.id, ()), now)


def _told(lead, did: _Done, agreed: Collection[str], now: datetime) -> LeadFacts:
    theirs = [at for kind, at in did.last.items() if kind not in NOT_THEIRS]
    contacts = [did.last[kind] for kind in IN_TOUCH if kind in did.last]
    return LeadFacts(
        **{name: getattr(lead, name) for name in PROFILE},
        interests=tuple(lead.interests or ()),
        counts=did.counts,
        active_days=did.active_days,
        high_intent=did.high_intent,
        replies=did.replies,
        days_since_contact=_days_since(contacts, now),
        email_consent="email" in agreed,
        sms_consent="sms" in agreed,
        days_since_engagement=_days_since(theirs, now),
    )


class Past:
    """What one lead did and was told, read once, to tell what was known of it at any moment; of who
    they are, what is known now."""

    def __init__(self, lead: Lead, rules: LeadRules):
        self.lead, self.rules = lead, rules
        every = acts([lead.id])
        rows = db.session.execute(select(every.c.type, every.c.occurred_at)).tuples()
        self._times: dict[str, list[datetime]] = {}
        for kind, at in sorted(rows, key=lambda row: row[1]):
            self._times.setdefault(kind, []).append(at)
        self._alive = sorted(
            at for kind, times in self._times.items() if kind not in NOT_THEIRS for at in times
        )
        # Of each of those, the number of its day among the days that have one.
        new_day = map(ne, dates := [at.date() for at in self._alive], dates[:1] + dates)
        self._days = list(accumulate(new_day))
        consents = select(Consent).where(Consent.lead_id == lead.id)
        ordered = consents.order_by(Consent.given_at, Consent.id)
        self._consents = [(c.given_at, c.kind, c.granted) for c in db.session.scalars(ordered)]

    def moments(self) -> set[datetime]:
        """When anything happened."""
        return set().union(*self._times.values())

    def facts_at(self, at: datetime, stage: str) -> LeadFacts:
        """What the score depended on at a moment, in a stage."""
        until = {kind: bisect_right(times, at) for kind, times in self._times.items()}
        did = _Done(
            counts={kind: n for kind, n in until.items() if n},
            last={kind: to_millis(self._times[kind][n - 1]) for kind, n in until.items() if n},
            high_intent=self._since(self.rules.high_intent_types, until, at, "high_intent_window"),
            replies=self._since(self.rules.reply_types, until, at, "reply_window"),
            active_days=self._active_days(at),
        )
        agreed = {kind: granted for given_at, kind, granted in self._consents if given_at <= at}
        in_force = [kind for kind, granted in agreed.items() if granted]
        return replace(_told(self.lead, did, in_force, at), stage=stage)

    def _since(self, kinds: Collection[str], until: dict, at: datetime, window: str) -> int:
        begins = at - getattr(self.rules, window) * DAY
        known = [kind for kind in set(kinds) if kind in until]
        return sum(
            until[kind] - bisect_left(self._times[kind], begins, 0, until[kind]) for kind in known
        )

    def _active_days(self, at: datetime) -> int:
        begins = at - self.rules.active_day_window * DAY
        first, after = bisect_left(self._alive, begins), bisect_right(self._alive, at)
        return self._days[after - 1] - self._days[first] + 1 if after > first else 0


def _done(lead_ids: Collection[int] | None, rules: LeadRules, now: datetime) -> dict[int, _Done]:
    every = acts(lead_ids)
    found: dict[int, _Done] = {}
    # Counted apart, the acts of all leads need no sorting: an index holds those that name one.
    parts = [every] if lead_ids is not None else [each.subquery() for each in branches()]
    for part in parts:
        _count(found, part, rules, now)
    at = every.c.occurred_at
    day = at.op("/")(DAY_MILLIS)
    days = db.session.execute(
        select(every.c.lead_id, func.count(day.distinct()))
        .where(at >= now - rules.active_day_window * DAY, every.c.type.not_in(NOT_THEIRS))
        .group_by(every.c.lead_id)
    )
    for lead_id, count in days:
        found[lead_id].active_days = count
    return found


def _count(found: dict[int, _Done], part: Subquery, rules: LeadRules, now: datetime):
    """Adds what this part of the log holds."""
    at = part.c.occurred_at
    windows = (rules.high_intent_window, rules.reply_window)
    recent = [func.count().filter(at >= now - days * DAY) for days in windows]
    last = type_coerce(func.max(at), BigInteger)  # a million moments made for nothing
    rows = db.session.execute(
        select(part.c.lead_id, part.c.type, func.count(), last, *recent)
        .group_by(part.c.lead_id, part.c.type)
        .execution_options(yield_per=AT_ONCE)
    )
    intents, replies = frozenset(rules.high_intent_types), frozenset(rules.reply_types)
    for lead_id, kind, count, last_at, in_window, in_reply_window in rows:
        did = found.get(lead_id) or found.setdefault(lead_id, _Done())
        kind = intern(kind)  # the same few words a million times
        did.counts[kind] = did.counts.get(kind, 0) + count
        did.last[kind] = max(last_at, did.last.get(kind, last_at))
        if kind in intents:
            did.high_intent += in_window
        if kind in replies:
            did.replies += in_reply_window


def last_signs_of_life(lead_ids: Collection[int]) -> dict[int, datetime]:
    """When each of these leads last did something, on any channel."""
    every = acts(lead_ids)
    rows = db.session.execute(
        select(every.c.lead_id, func.max(every.c.occurred_at))
        .where(every.c.type.not_in(NOT_THEIRS))
        .group_by(every.c.lead_id)
    )
    return dict(rows.tuples().all())


def _consents(lead_ids: Collection[int] | None) -> dict[int, set[str]]:
    """The kinds of consent in force, by lead."""
    wanted = select(Consent.lead_id, Consent.kind, Consent.granted).where(
        Consent.organization_id == acting_organization_id(), Consent.lead_id.is_not(None)
    )
    if lead_ids is not None:
        wanted = wanted.where(Consent.lead_id.in_(lead_ids))
    found: dict[int, set[str]] = {}
    for lead_id, kind, granted in db.session.execute(wanted.order_by(Consent.given_at, Consent.id)):
        kinds = found.setdefault(lead_id, set())
        (kinds.add if granted else kinds.discard)(kind)
    return found


def _days_since(moments: list[int], now: datetime) -> float | None:
    return max((to_millis(now) - max(moments)) / DAY_MILLIS, 0.0) if moments else None
