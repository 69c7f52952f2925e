"""A business of any size, made through the tracker in the order in which things happen: leads who
come, are written to, buy; and strangers who only look."""

import random
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from flask_migrate import upgrade

from app import create_app
from app.clock import utc_now
from app.domain.tracking.event import Event
from app.domain.tracking.visit import Origin
from app.domain.uuid7 import uuid7
from app.extensions import db, writing
from app.models import (
    Consent,
    Lead,
    LeadLifecycle,
    LeadVisitor,
    Membership,
    Organization,
    Site,
    User,
)
from app.operations.tracking.book_shelf import BookShelf
from app.operations.tracking.track import Hit, track
from app.queries.tracking.sites import SiteFacts, facts_of
from app.tenancy import acting_for

DAY = 86_400
DAYS = 365
MINUTE = 60
LONG_LIFE = 10_000  # acts of the lead who did most
AT_ONCE = 1500  # visits and engagements a transaction
BUYERS = 0.12
PAGES = 40
ORIGINS = [
    Origin(channel=channel, source=source, campaign=campaign, device=device)
    for channel, source, campaign in (
        ("direct", None, None),
        ("organic search", "google", None),
        ("paid search", "google", "spring"),
        ("social", "instagram", None),
        ("email", "news", "may"),
        ("referral", "beauty.example", None),
    )
    for device in ("mobile", "desktop")
]
ENGAGEMENTS = (
    ("email_sent", "email"),
    ("email_sent", "email"),
    ("email_opened", "email"),
    ("email_opened", "email"),
    ("email_clicked", "email"),
    ("email_replied", "email"),
    ("sms_sent", "sms"),
    ("sms_replied", "sms"),
    ("call_made", "phone"),
    ("meeting_scheduled", "phone"),
    ("social_interaction", "social"),
    ("ad_clicked", "ads"),
)
SOURCES = ("website", "referral", "ads", "forms")
PATH = ("new", "contacted", "qualified", "opportunity", "customer")
ENGAGEMENTS_A_LEAD, VISITS_A_LEAD = 12, 5


@dataclass(frozen=True, slots=True)
class Life:
    """What becomes of one lead; moments in seconds since 1970."""

    created_at: int
    stays: tuple[tuple[str, int], ...]
    purchases: tuple[tuple[int, int], ...]  # when, and revenue in minor units
    visits: tuple[int, ...]
    engagements: tuple[tuple[int, int], ...]  # when, and the place in ENGAGEMENTS


@dataclass(frozen=True, slots=True)
class Made:
    """A database with its history; `leads` are the ids, the one with the long life first."""

    app: object
    organization_id: int
    user_id: int
    leads: range
    interactions: int


def life_of(lead: int, now: int, longest: int) -> Life:
    """The lead's life: the same for the same number and moment; the first lead does `longest` acts,
    if it is told."""
    chance = random.Random(lead)
    begun = now - DAYS * DAY
    created_at = begun + int(chance.random() ** 0.8 * (DAYS - 2) * DAY)
    reached = len(PATH) if chance.random() < BUYERS else chance.choice((1, 1, 2, 2, 3, 4))
    stays, at = [("new", created_at)], created_at
    for stage in PATH[1:reached]:
        at = min(at + int(chance.expovariate(1 / (9 * DAY))) + 60, now - 60)
        stays.append((stage, at))
    bought = [at + n * 20 * DAY for n in range(chance.choice((1, 1, 1, 2)))]
    bought = bought if reached == len(PATH) else []
    visits, acts = VISITS_A_LEAD, ENGAGEMENTS_A_LEAD
    if lead == 0 and longest:
        visits, acts = longest // 8, longest // 3
    first = max(begun, created_at - int(chance.expovariate(1 / (15 * DAY))))
    span = now - 3600 - first
    return Life(
        created_at,
        tuple(stays),
        tuple((at, chance.randrange(8_000, 400_000)) for at in bought if at < now),
        (first, *(first + int(chance.random() ** 2 * span) for _ in range(_about(chance, visits)))),
        tuple(
            (
                created_at + int(chance.random() ** 2 * (now - 60 - created_at)),
                chance.randrange(len(ENGAGEMENTS)),
            )
            for _ in range(_about(chance, acts))
        ),
    )


def _about(chance: random.Random, mean: int) -> int:
    """Most have fewer than the mean, a few many more."""
    return mean if mean > 1000 else min(int(chance.expovariate(1 / mean)), 12 * mean)


@contextmanager
def history(folder: Path, leads: int, interactions: int) -> Iterator[Made]:
    """A database of so many leads and (about) so many interactions in the folder; one that is there
    already is taken as it is."""
    path = folder / f"scale-{leads}-{interactions}.db"
    made = path.with_suffix(".made")
    if not made.exists():
        for left in folder.glob(f"{path.name}*"):
            left.unlink()
    app = create_app(
        {
            "SQLALCHEMY_DATABASE_URI": f"sqlite:///{path}",
            "DATA": folder,
            "LOG_LEVEL": "WARNING",
            "RATELIMIT_ENABLED": False,
        }
    )
    with app.app_context(), writing():
        if not made.exists():
            upgrade()
            _make(leads, interactions)
            made.touch()
        bench = db.session.query(Organization).one()
        user = db.session.query(User).one()
        with acting_for(bench.id):
            ids = db.session.query(db.func.min(Lead.id), db.func.max(Lead.id)).one()
            count = db.session.execute(db.text("SELECT max(id) FROM interactions")).scalar()
        bench_id, user_id = bench.id, user.id
        db.session.rollback()
        with acting_for(bench_id):
            yield Made(app, bench_id, user_id, range(ids[0], ids[1] + 1), count)
        db.session.remove()
        app.collector.stop()
        db.engine.dispose()


def _make(leads: int, interactions: int):
    now = utc_now()
    bench = Organization(slug="bench", name="Bench", timezone="Europe/Paris", created_at=now)
    user = User(email="a@bench.example", name="Ada", password_hash="none", created_at=now)
    db.session.add_all((bench, user))
    db.session.flush()
    with acting_for(bench.id):
        site = Site(key="bench", name="Bench", domain="bench.example", created_at=now)
        db.session.add_all((site, Membership(user_id=user.id, role="owner")))
        db.session.flush()
        bench_id, site = bench.id, facts_of(site)
        db.session.commit()
        longest = LONG_LIFE if interactions > 10 * LONG_LIFE else 0
        first = _add_leads(leads, now, longest)
        maker = _Maker(bench_id, site, first, int(now.timestamp()), longest)
        maker.make(maker.plan(leads, interactions), now)
        db.session.execute(db.text("ANALYZE"))
        db.session.commit()


def _add_leads(count: int, now: datetime, longest: int) -> int:
    """The leads with their stays, browsers and consents; the id of the first."""
    seconds, first = int(now.timestamp()), None
    for start in range(0, count, 2000):
        numbers = range(start, min(start + 2000, count))
        lives = [life_of(n, seconds, longest) for n in numbers]
        leads = [_lead(n, life, now) for n, life in zip(numbers, lives, strict=True)]
        db.session.add_all(leads)
        db.session.flush()
        first = first or leads[0].id
        for number, lead, life in zip(numbers, leads, lives, strict=True):
            db.session.add_all(_around(number, lead, life))
        db.session.commit()
        db.session.expunge_all()
    return first


def _lead(number: int, life: Life, now: datetime) -> Lead:
    chance = random.Random(number)
    return Lead(
        email=f"lead{number}@example.com",
        first_name="Ada" if chance.random() < 0.7 else None,
        last_name=f"Number {number}",
        phone=f"+336{number:08d}" if chance.random() < 0.4 else None,
        location="Paris",
        source=chance.choice(SOURCES),
        stage=life.stays[-1][0],
        created_at=_moment(life.created_at),
        updated_at=now,
    )


def _around(number: int, lead: Lead, life: Life) -> Iterator:
    ends = [at for _, at in life.stays[1:]] + [None]
    before = None
    for (stage, at), end in zip(life.stays, ends, strict=True):
        yield LeadLifecycle(
            lead_id=lead.id,
            stage=stage,
            previous_stage=before,
            entered_at=_moment(at),
            exited_at=end and _moment(end),
            is_current_stage=end is None,
        )
        before = stage
    yield LeadVisitor(
        lead_id=lead.id,
        visitor_id=UUID(bytes=_browser(number)),
        starts_at=_moment(min(life.visits)),
    )
    if number % 2:
        at = _moment(life.created_at)
        yield Consent(
            lead_id=lead.id, kind="email", granted=True, text_version="1", text="Yes", given_at=at
        )


def _moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _browser(number: int) -> bytes:
    return b"browser." + number.to_bytes(8, "big")


# A plan is a sorted list of whole numbers: the second, whose (a lead, or a stranger beyond them),
# and what.
WHOSE, WHAT = 1 << 32, 1 << 6
VISIT, CREATED, PURCHASE, STAGE = 0, 1, 2, 8
ENGAGED = 32


class _Maker:
    def __init__(
        self, organization_id: int, site: SiteFacts, first_lead: int, now: int, longest: int
    ):
        self.organization_id, self.site = organization_id, site
        self.first_lead, self.now, self.longest = first_lead, now, longest
        self.chance = random.Random(5)

    def plan(self, leads: int, interactions: int) -> list[int]:
        """All that will happen, in order."""
        self.leads = leads
        found, count = [], 0
        for number in range(leads):
            life = life_of(number, self.now, self.longest)
            found += [self._planned(at, number, VISIT) for at in life.visits]
            found += [self._planned(at, number, ENGAGED + kind) for at, kind in life.engagements]
            found += [self._planned(at, number, PURCHASE) for at, _ in life.purchases]
            found += [
                self._planned(at, number, STAGE + PATH.index(stage)) for stage, at in life.stays[1:]
            ]
            found.append(self._planned(life.created_at, number, CREATED))
            count += len(life.visits) * 5 + len(life.engagements)
            count += len(life.stays) + len(life.purchases)
        stranger = leads
        while count < interactions:
            at = self.now - self.chance.randrange(3600, DAYS * DAY)
            found.append(self._planned(at, stranger, VISIT))
            stranger, count = stranger + 1, count + 5
        return sorted(found)

    @staticmethod
    def _planned(at: int, whose: int, what: int) -> int:
        return at * WHOSE + whose * WHAT + what

    def make(self, plan: list[int], now: datetime):
        shelf, begun, stored = BookShelf(), time.perf_counter(), 0
        for start in range(0, len(plan), AT_ONCE):
            hits = [self._hit(each) for each in plan[start : start + AT_ONCE]]
            track(hits, now=now, shelf=shelf)
            db.session.commit()
            stored += sum(hit.accepted for hit in hits)
            if start // AT_ONCE % 100 == 0:
                rate = stored / (time.perf_counter() - begun)
                _say(f"{stored:,} interactions, {rate:,.0f} a second")

    def _hit(self, planned: int) -> Hit:
        at, rest = divmod(planned, WHOSE)
        whose, what = divmod(rest, WHAT)
        at *= 1000
        if what == VISIT:
            return self._visit(at, whose)
        event = self._event(at, whose, what)
        return Hit(self.organization_id, at, [event])

    def _visit(self, at: int, whose: int) -> Hit:
        chance, browser = self.chance, _browser(whose)
        used = chance.random()
        kinds = ["page_viewed", "click", "page_viewed", "scrolled", "leave"]
        if whose < self.leads and used < 0.1:
            kinds.insert(3, "cost_calculator" if used < 0.06 else "ai_recommendation")
        events = [
            Event(
                uuid7(at + place, browser + bytes([place])),
                kind,
                at + place * 20_000,
                url=f"https://bench.example/{chance.randrange(PAGES)}",
                engaged=60 if kind == "leave" else None,
                data={"procedures": ["peel"], "budget": "high"} if "_c" in kind else None,
            )
            for place, kind in enumerate(kinds)
        ]
        origin = chance.choice(ORIGINS)
        return Hit(
            self.organization_id, at, events, site=self.site, visitor_id=browser, origin=origin
        )

    def _event(self, at: int, whose: int, what: int) -> Event:
        seed = whose.to_bytes(8, "big") + bytes([what]) + self.chance.randbytes(4)
        values = {"id": uuid7(at, seed), "occurred_at": at, "lead_id": self.first_lead + whose}
        if what == CREATED:
            return Event(type="lead_created", data={"source": "website", "tool": None}, **values)
        if what == PURCHASE:
            revenue = dict(life_of(whose, self.now, self.longest).purchases)[at // 1000]
            return Event(type="purchase_made", revenue=revenue, **values)
        if what < ENGAGED:
            stage = PATH[what - STAGE]
            told = {"from": PATH[what - STAGE - 1], "to": stage}
            return Event(type="stage_changed", label=stage, data=told, **values)
        kind, channel = ENGAGEMENTS[what - ENGAGED]
        source = f"{channel} {self.chance.randrange(5)}"
        told = {"source_name": source, "source_type": "campaign"}
        return Event(type=kind, channel=channel, data=told, **values)


def _say(text: str):
    print(f"  {text}", file=sys.stderr, flush=True)
