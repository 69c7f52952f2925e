"""Believable traffic: who comes when, from where, and what they do. Pure: a seed says it all."""

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from random import Random
from uuid import UUID
from zoneinfo import ZoneInfo

from app.demo.people import (
    CITIES,
    CLICKS,
    DEVICES,
    FIRST_NAMES,
    HOURS,
    IMPORTANT,
    LAST_NAMES,
    NOTES,
    QUERIES,
    RETURNS,
    STORIES,
    WAYS,
    WEEKDAYS,
    Way,
)
from app.domain.tracking.event import Event
from app.domain.uuid7 import uuid7
from app.models.types import to_millis

FEW_SECONDS, MANY_SECONDS = 4, 240
# How people differ: (weight, pages a visit, likely to use the calculator, to come again).
KINDS = ((64, 1.3, 0.015, 0.1), (26, 3.2, 0.15, 0.32), (10, 5.2, 0.62, 0.55))
GLANCES = 0.45  # of those who read little, and come cold
FUNNEL = {"form_shown": 1.0, "form_started": 0.62, "form_sent": 0.71}
MOST_VISITS, MOST_PAGES = 4, 14
LETTERS = str.maketrans("łøı", "loi")
BOTS_A_DAY = 6


@dataclass(frozen=True, slots=True)
class Shop:
    """What the clinic offers, as far as its visitors' ways depend on it."""

    address: str  # such as http://127.0.0.1:5000
    treatments: tuple[str, ...]
    zone: ZoneInfo


@dataclass(slots=True)
class Contact:
    """What somebody gives in the form, after which use of the tool, and what comes of it."""

    use_id: bytes
    at: datetime
    given: dict
    consents: tuple[str, ...]
    story: tuple[tuple[float, str], ...]


@dataclass(slots=True)
class PlannedVisit:
    """A visit with its events in order."""

    visitor_id: UUID
    starts_at: datetime
    url: str
    referrer: str
    user_agent: str
    language: str
    events: list[Event] = field(default_factory=list)
    contact: Contact | None = None


def plan(seed: int, visitors: int, days: int, until: datetime, shop: Shop) -> list[PlannedVisit]:
    """The visits of `visitors` people in the `days` before `until`, oldest first."""
    chance = Random(f"{seed} {visitors} {days}")
    planned: list[PlannedVisit] = []
    for _ in range(visitors):
        planned += _Person(chance, shop, until - timedelta(days=days), until).visits()
    return sorted(planned, key=lambda visit: (visit.starts_at, visit.visitor_id))


def bots(seed: int, day: int) -> int:
    """How many bots knock on a day."""
    return Random(f"bots {seed} {day}").randrange(BOTS_A_DAY)


class _Person:
    """One visitor, from the first visit to the last."""

    def __init__(self, chance: Random, shop: Shop, since: datetime, until: datetime):
        self.chance, self.shop, self.since, self.until = chance, shop, since, until
        self.id = UUID(int=chance.getrandbits(128), version=4)
        _, self.agent, self.language = _one_of(chance, DEVICES)
        _, self.pages, self.calculates, self.returns = _one_of(chance, KINDS)
        self.wants = chance.sample(shop.treatments, k=chance.choice((1, 1, 2)))
        self.known = False
        self.numbers = count()

    def visits(self) -> Iterator[PlannedVisit]:
        at, way = self._first_moment(), _one_of(self.chance, WAYS)
        for _ in range(MOST_VISITS):
            visit = self._visit(at, way)
            if visit.events[-1].occurred_at >= to_millis(self.until):
                return
            yield visit
            if self.chance.random() > self.returns:
                return
            at = self._at_hour(at + timedelta(days=1 + self.chance.expovariate(1 / 3)))
            way = _one_of(self.chance, RETURNS)

    def _first_moment(self) -> datetime:
        days = max((self.until - self.since).days, 1)
        weights = [
            WEEKDAYS[(self.since + timedelta(days=day)).weekday()] * (1 + 0.5 * day / days)
            for day in range(days)
        ]
        day = self.chance.choices(range(days), weights)[0]
        return self._at_hour(self.since + timedelta(days=day))

    def _at_hour(self, day: datetime) -> datetime:
        """A moment of this day as people's days go, by the clinic's clock."""
        hour = self.chance.choices(range(24), HOURS)[0]
        local = day.astimezone(self.shop.zone).replace(hour=hour, minute=0, second=0, microsecond=0)
        return local + timedelta(seconds=self.chance.randrange(3600))

    def _visit(self, at: datetime, way: Way) -> PlannedVisit:
        url = self._landing(way)
        visit = PlannedVisit(self.id, at, url, way.referrer, self.agent, self.language)
        walk = _Walk(self, visit, way)
        walk.go()
        return visit

    def _landing(self, way: Way) -> str:
        pages = {
            "home": "/",
            "treatment": f"/treatments/{self.wants[0]}",
            "tool": "/enhanced-cost/",
        }
        query = f"?{way.query}" if way.query else ""
        return f"{self.shop.address}{pages[way.lands_on]}{query}"


class _Walk:
    """What a person does in one visit."""

    def __init__(self, person: _Person, visit: PlannedVisit, way: Way):
        self.person, self.visit, self.chance = person, visit, person.chance
        self.at, self.url, self.warmth = visit.starts_at, visit.url, way.warmth

    def go(self):
        if self.chance.random() < GLANCES / self.person.pages / self.warmth:
            self._turn_away()
            return
        pages = 1 + int(self.chance.expovariate(1 / self.person.pages))
        for number in range(min(pages, MOST_PAGES)):
            self._look_at(self.visit.url if number == 0 else self._next_page())
        if self.chance.random() < self.person.calculates * self.warmth:
            self._calculate()
        if self.chance.random() < 0.93:  # some close the lid, and the sweep ends their visit
            self._add("leave", engaged=self._engaged())

    def _turn_away(self):
        """Comes, glances, goes."""
        self.page_at = self.at
        self._add("page_viewed")
        self.at += timedelta(seconds=self.chance.randrange(1, 9))
        self._add("leave", engaged=self._engaged())

    def _look_at(self, url: str):
        self.url, self.page_at = url, self.at
        self._add("page_viewed")
        self._wait()
        if self.chance.random() < 0.5:
            self._add("scrolled", data={"depth": self.chance.choice((25, 50, 75, 100))})
        if self.chance.random() < 0.35:
            self._add("click", label=self.chance.choice(CLICKS))
            self._wait(0.4)
        if self.chance.random() < 0.05 * self.warmth:
            self._add("click", label=self.chance.choice(IMPORTANT), important=True)
        if self.chance.random() < 0.04:
            query, results = self.chance.choice(QUERIES)
            self._add("search", label=query, data={"query": query, "results": results})
        if self.chance.random() < 0.4:
            self._add("engaged", engaged=self._engaged())

    def _next_page(self) -> str:
        wanted = [f"/treatments/{slug}" for slug in self.person.wants]
        some = f"/treatments/{self.chance.choice(self.person.shop.treatments)}"
        path = self.chance.choice(("/", "/treatments", *wanted, *wanted, some, "/enhanced-cost/"))
        return self.person.shop.address + path

    def _calculate(self):
        self._look_at(f"{self.person.shop.address}/enhanced-cost/")
        self._wait(2)
        use = self._add(
            "cost_calculator",
            data={
                "procedures": list(self.person.wants),
                "budget": self.chance.choices(("low", "medium", "high"), (35, 45, 20))[0],
                "urgency": self.chance.choices(
                    ("immediate", "this_month", "just_looking"), (18, 37, 45)
                )[0],
            },
        )
        if self.person.known:
            return
        self._wait(0.3)
        self._add("form_shown", label="contact")
        if self.chance.random() > FUNNEL["form_started"]:
            self._add("form_dismissed", label="contact")
            return
        self._wait(0.3)
        self._add("form_started", label="contact")
        self._wait(0.8)
        if self.chance.random() < FUNNEL["form_sent"]:
            self._give_contact(use)
        else:
            self._add("form_abandoned", label="contact", data={"field": "phone"})

    def _give_contact(self, use: Event):
        self.person.known = True
        first, last = self.chance.choice(FIRST_NAMES), self.chance.choice(LAST_NAMES)
        given = {"email": _address(first, last, self.chance)}
        given |= {name: use.data[name] for name in ("budget", "urgency")}
        more = {
            "first_name": (0.9, first),
            "last_name": (0.75, last),
            "phone": (0.55, f"+33 6 39 98 {self.chance.randrange(10**4):04d}"),
            "location": (0.6, self.chance.choice(CITIES)),
            "preferred_time": (0.4, self.chance.choice(("morning", "afternoon", "evening"))),
            "interests": (0.7, list(self.person.wants)),
            "notes": (0.2, self.chance.choice(NOTES)),
        }
        given |= {
            name: value for name, (odds, value) in more.items() if self.chance.random() < odds
        }
        consents = (
            kind for kind, odds in (("email", 0.7), ("sms", 0.3)) if self.chance.random() < odds
        )
        story = _one_of(self.chance, STORIES)[1]
        self.visit.contact = Contact(use.id, self.at, given, tuple(consents), story)

    def _wait(self, factor: float = 1.0):
        seconds = min(max(self.chance.lognormvariate(3.1, 0.9), FEW_SECONDS), MANY_SECONDS)
        self.at += timedelta(seconds=round(seconds * factor, 3))

    def _engaged(self) -> int:
        """Seconds looked at the page shown: most of the time since it came."""
        return int((self.at - self.page_at).total_seconds() * 0.8)

    def _add(self, kind: str, **more) -> Event:
        at = to_millis(self.at)
        seed = self.person.id.bytes + next(self.person.numbers).to_bytes(4, "big")
        event = Event(id=uuid7(at, seed), type=kind, occurred_at=at, url=self.url, **more)
        self.visit.events.append(event)
        self.at += timedelta(milliseconds=self.chance.randrange(200, 1500))
        return event


def _one_of(chance: Random, weighted: Sequence[tuple]):
    return chance.choices(weighted, [choice[0] for choice in weighted])[0]


def _address(first: str, last: str, chance: Random) -> str:
    """An e-mail address that nobody has; example domains are reserved."""
    bare = unicodedata.normalize("NFKD", f"{first}.{last}".lower()).translate(LETTERS)
    plain = "".join(c for c in bare if c.isascii() and (c.isalnum() or c == "."))
    domain = chance.choice(("example.com", "example.org", "mail.example"))
    return f"{plain}{chance.randrange(10, 9999)}@{domain}"
