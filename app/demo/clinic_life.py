"""Play the planned traffic through the tracker, and what the clinic then does with its leads."""

from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import count
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from sqlalchemy import select, update

from app.demo.appointments import book, close, moment_of_booking, wants_to_come
from app.demo.desk import write_down
from app.demo.spend import enter_spend, learn
from app.demo.timeline import Act, Arrivals, Timeline
from app.demo.traffic import PlannedVisit, Shop, bots, plan
from app.domain.leads.lifecycle import StageError
from app.domain.tools.cost import DEFAULT_DISCOUNTS, Selection, estimate
from app.domain.tools.financing import plans
from app.domain.tracking.event import ENGAGEMENT_TYPES, Event
from app.domain.tracking.origin import origin_of
from app.extensions import db
from app.identity import Identity
from app.models import Interaction, Lead, Organization, OutboxMessage, Site
from app.models.types import from_millis, to_millis
from app.operations.contact.create_lead_from_form import ConsentGiven, create_lead_from_form
from app.operations.contact.tell_of_lead import tell_of_lead
from app.operations.journeys.learn_history import learn_history
from app.operations.journeys.refresh_journeys import refresh_journeys
from app.operations.leads.enter_stage import enter_stage
from app.operations.scoring.score_lead import score_lead
from app.operations.tools.follow_quote import note_sent, note_viewed
from app.operations.tools.issue_quote import issue_quote
from app.operations.tracking.catch_up import catch_up
from app.operations.tracking.follow_engagement import follow_engagement
from app.operations.tracking.sweep import sweep
from app.operations.tracking.track import Hit, track
from app.queries.catalogue import catalogue
from app.queries.tracking.sites import facts_of

DAY, HOUR, MINUTE = (timedelta(**{unit: 1}) for unit in ("days", "hours", "minutes"))
TOLD_OF = 3
AT_ONCE = 200
WORDS = {
    "email": ConsentGiven(True, "You may write to me by e-mail", "2026-01"),
    "sms": ConsentGiven(True, "You may send me text messages", "2026-01"),
}


class ClinicLife:
    """The demo organization's last weeks, a day at a time."""

    def __init__(self, organization: Organization, site: Site, seed: int, now: datetime):
        self.organization, self.site, self.seed, self.now = organization, site, seed, now
        self.facts = facts_of(site)
        self.treatments = {row.slug: catalogue.priced(row) for row in catalogue.treatments()}
        clinics = catalogue.clinics()
        self.clinic = catalogue.placed(clinics[0] if clinics else None, organization.name)
        self.timeline, self.arrivals = Timeline(), Arrivals()
        self.priced: dict[tuple, dict] = {}
        self.leads: set[UUID] = set()  # visitors
        self.wanting_to_come = count()

    def live(self, visitors: int, days: int, address: str, after_day: Callable[[], None]) -> None:
        """Plays everything; calls `after_day` after each day, to commit."""
        shop = Shop(address, tuple(self.treatments), ZoneInfo(self.organization.timezone))
        by_day: dict[datetime, list[PlannedVisit]] = defaultdict(list)
        for visit in plan(self.seed, visitors, days, self.now, shop):
            by_day[_day(visit.starts_at)].append(visit)
        day = _day(self.now) - days * DAY
        while day <= self.now:
            self._play(day, by_day.get(day, []))
            after_day()
            day += DAY
        enter_spend(self.seed, days, self.now)
        self._tonight()
        write_down(self.seed, self.now)
        self._tell_of_leads(address)
        after_day()

    def _play(self, day: datetime, visits: list[PlannedVisit]):
        evening = min(day + DAY, self.now)
        track(self._bots(day), now=evening)
        self.arrivals.add(map(self._hit, visits))
        for visit in visits:
            ends_at = from_millis(visit.events[-1].occurred_at)
            if visit.contact:
                self.timeline.add(visit.contact.at, partial(self._become_lead, visit))
            if visit.contact or visit.visitor_id in self.leads:
                self.timeline.add(ends_at, lambda at: None)  # and so what they did is taken in
        for at, act in self.timeline.until(evening):
            self._take_in(at)
            act(at)
        self._take_in(evening)
        while sweep(now=evening):
            pass

    def _take_in(self, at: datetime):
        """What was done on the website up to a moment, and what it does to leads."""
        met = track(self.arrivals.until(to_millis(at)), now=at)
        catch_up(met.get(self.organization.id, {}), now=at)

    def _later(self, at: datetime, act: Act):
        """What is yet to come does not happen."""
        if at < self.now:
            self.timeline.add(at, act)

    def _hit(self, visit: PlannedVisit) -> Hit:
        for event in visit.events:
            if event.type == "cost_calculator":
                event.data |= self._priced(event.data["procedures"])
        return Hit(
            organization_id=self.organization.id,
            received_at=visit.events[-1].occurred_at,
            events=visit.events,
            site=self.facts,
            visitor_id=visit.visitor_id.bytes,
            origin=origin_of(visit.url, visit.referrer, visit.user_agent, visit.language),
        )

    def _priced(self, slugs: list[str]) -> dict:
        wanted = tuple(slugs)
        if wanted not in self.priced:
            chosen = [Selection(self.treatments[slug]) for slug in wanted]
            told = estimate(chosen, self.clinic, DEFAULT_DISCOUNTS)
            by_month = plans(told.total, (6, 12, 24))
            self.priced[wanted] = {
                "estimate": told.to_json(),
                "financing": {"months": 0, "plans": [plan.to_json() for plan in by_month]},
                "clinic": f"{self.clinic.name}, {self.clinic.city}",
                "currency": self.organization.currency,
            }
        return self.priced[wanted]

    def _bots(self, day: datetime) -> list[Hit]:
        knocks = [(None, "bot")] * bots(self.seed, day.toordinal())
        return [Hit(self.organization.id, to_millis(day), [], self.facts, dropped=knocks)]

    def _become_lead(self, visit: PlannedVisit, at: datetime):
        contact = visit.contact
        use = db.session.scalar(
            select(Interaction).where(Interaction.event_id == UUID(bytes=contact.use_id))
        )
        origin = origin_of(visit.url, visit.referrer, visit.user_agent)
        lead, _ = create_lead_from_form(
            contact.given,
            site=self.site,
            interaction=use,
            identity=Identity(visit.visitor_id),
            source=origin.channel,
            utm=None,
            consents={kind: WORDS[kind] for kind in contact.consents},
            now=at,
        )
        self.leads.add(visit.visitor_id)
        if use.type == "cost_calculator":
            self._quote(use, lead, at, visit)
        for days, what in contact.story:
            self._later(at + days * DAY, partial(self._go_on, lead.id, what))
        if wants_to_come(contact.story):
            number = next(self.wanting_to_come)
            if booked_at := moment_of_booking(number, at, self.now):
                self._later(booked_at, partial(self._book, number, lead.id))

    def _book(self, number: int, lead_id: int, at: datetime):
        if booked := book(number, _lead(lead_id), at):
            self._later(booked.ends_at + HOUR, partial(close, number, booked.id))

    def _quote(self, use: Interaction, lead: Lead, at: datetime, visit: PlannedVisit):
        """They get their quote; two of three open it in the following days."""
        identity = Identity(visit.visitor_id)
        whom = {"name": lead.name, "email": lead.email}
        quote = issue_quote(use, lead, whom, site=self.site, identity=identity, link=None, now=at)
        self._later(at + MINUTE, partial(_send, quote.id))
        for look in range(use.event_id.int % 3):
            event_id = uuid5(use.event_id, f"seen {look}")
            looked = partial(self._look_at_quote, quote.id, use.url, event_id)
            self._later(at + (5 + 29 * look) * HOUR, looked)

    def _look_at_quote(self, quote_id: int, url: str, event_id: UUID, at: datetime):
        more = {"site": self.site, "identity": None, "event_id": event_id}
        note_viewed(quote_id, url=url, now=at, **more)

    def _go_on(self, lead_id: int, what: str, at: datetime):
        lead = _lead(lead_id)
        stage, colon, reason = what.partition(": ")
        if colon:
            try:
                enter_stage(lead, stage, reason, now=at, user_id=lead.assignee_id)
            except StageError:
                return  # a score moved them there before
            score_lead(lead, reason=f"stage {stage}", now=at)
            return
        event_id = uuid5(self._maker(lead), f"{what} {at.isoformat()}")
        event = Event(
            id=event_id.bytes,
            type=what,
            occurred_at=to_millis(at),
            channel=ENGAGEMENT_TYPES[what],
            lead_id=lead.id,
            revenue=self._price(lead) if what == "purchase_made" else None,
            data={"source_type": "manual", "source_name": "Consultations"},
        )
        track([Hit(self.organization.id, to_millis(at), [event])], now=at)
        follow_engagement(lead, [_act(event_id)], now=at)

    def _maker(self, lead: Lead):
        wanted = select(Interaction.event_id).where(Interaction.id == lead.interaction_id)
        return db.session.scalar(wanted)

    def _price(self, lead: Lead) -> int:
        """What they pay, in cents: near the middle of the estimate they got."""
        wanted = select(Interaction.data).where(Interaction.id == lead.interaction_id)
        total = db.session.scalar(wanted)["estimate"]["total"]
        return (total["low"] + total["high"]) // 2 // 1000 * 1000

    def _tonight(self):
        """What the night does: it learns, lets scores decay, and brings journeys up to date."""
        learn(self.now)
        learn_history(now=self.now)
        leads = db.session.scalars(select(Lead).order_by(Lead.id)).all()
        for lead in leads:
            score_lead(lead, reason="nightly", now=self.now)
        for first in range(0, len(leads), AT_ONCE):
            refresh_journeys(leads[first : first + AT_ONCE], now=self.now)

    def _tell_of_leads(self, address: str):
        """The team is told of the newest leads only: weeks of mails would be no news."""
        db.session.execute(
            update(OutboxMessage)
            .where(OutboxMessage.done_at.is_(None))
            .values(done_at=OutboxMessage.due_at)
        )
        newest = select(Lead.id).order_by(Lead.created_at.desc(), Lead.id).limit(TOLD_OF)
        for lead_id in db.session.scalars(newest).all():
            tell_of_lead(lead_id, came_at=self.now, base=address, now=self.now)


def _lead(lead_id: int) -> Lead:
    return db.session.scalar(select(Lead).where(Lead.id == lead_id))


def _send(quote_id: int, at: datetime):
    note_sent(quote_id, now=at)


def _act(event_id: UUID) -> Interaction:
    return db.session.scalar(select(Interaction).where(Interaction.event_id == event_id))


def _day(moment: datetime) -> datetime:
    """The beginning of the UTC day."""
    return moment.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
