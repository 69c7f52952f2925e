"""Take in interactions that happened elsewhere or long ago: from servers, files, old records."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid5

import msgspec
from sqlalchemy import select

from app.domain.money import MOST_MONEY, in_minor_units
from app.domain.scoring.session_score import is_important
from app.domain.tracking.channel import clean_url
from app.domain.tracking.event import (
    CHANNELS,
    ENGAGEMENT_TYPES,
    WIRE_TYPES,
    Dropped,
    Event,
    check_data,
    check_engaged,
    text,
)
from app.domain.tracking.origin import origin_of
from app.domain.tracking.visit import Origin
from app.extensions import db
from app.models import Interaction, Lead, Site, Visitor
from app.models.types import to_millis
from app.operations.tracking.catch_up import catch_up
from app.operations.tracking.follow_engagement import follow_engagement
from app.operations.tracking.track import Hit, track
from app.queries.tracking.returning import leads_of_acts
from app.queries.tracking.sites import SiteFacts, facts_of
from app.tenancy import acting_organization_id

TYPES = WIRE_TYPES | ENGAGEMENT_TYPES.keys()
OLDEST = datetime(2000, 1, 1, tzinfo=UTC)
AHEAD = timedelta(minutes=5)  # how far another server's clock may be before ours
# Events without an id get one made of what they say, so that a file can be sent twice.
NAMELESS = UUID("0f6f3c1e-6f0e-5d0c-9a52-1f3a7c0c9b11")
REASONS = {
    "unknown_type": f"The types are {', '.join(sorted(TYPES))}.",
    "unknown_channel": f"The channels are {', '.join(CHANNELS)}.",
    "unknown_lead": "No lead of this organization has this lead_id.",
    "unknown_site": "No site of this organization has this key; name one in site.",
    "nobody": "Say who it was: visitor (a UUID) or lead_id.",
    "in_the_future": "occurred_at is still to come.",
    "too_old": "occurred_at is before the year 2000.",
    "no_time_zone": "occurred_at needs a time zone, such as Z or +02:00.",
    "invalid_revenue": (
        "revenue is an amount of the organization's currency, revenue_minor the same in whole "
        f"minor units (cents); give one of them, from 0 to {MOST_MONEY // 100:,}."
    ),
}


class Imported(msgspec.Struct):
    """One event as a server or a file gives it. `revenue` is an amount of the organization's
    currency; a file that has minor units gives them as `revenue_minor`."""

    type: str
    occurred_at: datetime
    id: UUID | None = None
    visitor: UUID | None = None
    lead_id: int | None = None
    site: str | None = None
    url: str | None = None
    title: str | None = None
    referrer: str | None = None
    user_agent: str | None = None
    language: str | None = None
    label: str | None = None
    target: str | None = None
    name: str | None = None
    important: bool = False
    engaged: float | None = None
    channel: str | None = None
    revenue: float | None = None
    revenue_minor: int | None = None
    data: dict | None = None


class Refused(msgspec.Struct):
    """An event that was not stored: its place among those given, and why."""

    place: int
    id: str | None
    reason: str
    message: str


@dataclass(slots=True)
class Receipt:
    """What became of a batch; `last` is the visit and visitor of its last stored event."""

    accepted: int = 0
    duplicates: int = 0
    refused: list[Refused] = field(default_factory=list)
    last: tuple[UUID | None, UUID | None] = (None, None)


def import_interactions(events: Sequence[dict], *, now: datetime) -> Receipt:
    """Stores each event once through the tracker; leads named in them are moved and scored.

    What cannot be stored is named with its reason; the good beside it is kept. Not committed.
    """
    receipt, known, hits = Receipt(), _Known(events), []
    for place, told in enumerate(events):
        try:
            hits.append(_hit(told, known, now))
        except Dropped as dropped:
            message = getattr(dropped, "message", None) or REASONS.get(dropped.reason, "")
            receipt.refused.append(Refused(place, _id_of(told), dropped.reason, message))
    track(hits, now=now)
    _follow(hits, known, now)
    receipt.accepted = sum(hit.accepted for hit in hits)
    receipt.duplicates = sum(hit.duplicates for hit in hits)
    visit_id, visitor_id = hits[-1].stored_as if hits else (None, None)
    receipt.last = (visit_id and UUID(bytes=visit_id), visitor_id and UUID(bytes=visitor_id))
    return receipt


class _Malformed(Dropped):
    """A field that cannot be read; `message` says which."""

    def __init__(self, message: str):
        super().__init__("invalid_event")
        self.message = message


class _Known:
    """The leads, visitors and sites that a batch names, each looked up once."""

    def __init__(self, events: Sequence):
        named = [told for told in events if isinstance(told, dict)]
        lead_ids = {t["lead_id"] for t in named if type(t.get("lead_id")) is int}
        lead_ids = {lead_id for lead_id in lead_ids if 0 < lead_id < 2**31}
        wanted = select(Lead).where(Lead.id.in_(lead_ids), Lead.erased_at.is_(None))
        self.leads = {lead.id: lead for lead in db.session.scalars(wanted)}
        sites = db.session.scalars(select(Site).order_by(Site.id)).all()
        self.sites: dict[str, SiteFacts] = {site.key: facts_of(site) for site in sites}
        self.by_id = {site.id: site for site in self.sites.values()}
        self._homes: dict[UUID, SiteFacts | None] = {}

    def site(self, key: str | None, visitor_id: UUID) -> SiteFacts:
        """The site named; else where the visitor was seen; else the organization's first."""
        site = self.sites.get(key) if key else self._home(visitor_id)
        if site is None:
            raise Dropped("unknown_site")
        return site

    def _home(self, visitor_id: UUID) -> SiteFacts | None:
        if visitor_id not in self._homes:
            seen = db.session.scalar(select(Visitor.site_id).where(Visitor.id == visitor_id))
            first = next(iter(self.sites.values()), None)
            self._homes[visitor_id] = self.by_id.get(seen, first)
        return self._homes[visitor_id]


def _hit(told: dict, known: _Known, now: datetime) -> Hit:
    """One event as the tracker takes it. Raises Dropped."""
    event = _read(told)
    _check(event, known, now)
    site = known.site(event.site, event.visitor) if event.visitor or event.site else None
    event_id = (event.id or _id_made_of(told)).bytes
    data = check_data(event.data, len(msgspec.json.encode(event.data))) if event.data else None
    url = clean_url(event.url) if event.url else None
    stored = Event(
        id=event_id,
        type=event.type,
        occurred_at=to_millis(event.occurred_at),
        url=url,
        label=text(event.label),
        important=event.important or _clicked_important(event, site),
        engaged=check_engaged(event.engaged),
        data=data,
        channel=event.channel or ENGAGEMENT_TYPES.get(event.type, "web"),
        lead_id=event.lead_id,
        revenue=_revenue(event),
    )
    context = {name: value for name in ("name", "target", "title") if (value := _told(event, name))}
    return Hit(
        organization_id=acting_organization_id(),
        received_at=to_millis(now),
        events=[stored],
        site=site,
        visitor_id=event.visitor and event.visitor.bytes,
        origin=_origin(event) if event.visitor else None,
        contexts={event_id: context} if context else {},
    )


def _read(told) -> Imported:
    if not isinstance(told, dict):
        raise _Malformed("An event is a JSON object.")
    unknown = told.keys() - set(Imported.__struct_fields__)
    if unknown:
        raise _Malformed(f"{min(unknown)[:60]}: not a known field.")
    try:
        return msgspec.convert(told, Imported)
    except msgspec.ValidationError as error:
        message, _, place = str(error).partition(" - at `$.")
        raise _Malformed(f"{place.rstrip('`')}: {message}." if place else f"{message}.") from None


def _check(event: Imported, known: _Known, now: datetime):
    if event.type not in TYPES:
        raise Dropped("unknown_type")
    if event.type == "event" and not text(event.name):
        raise Dropped("name_required")
    if event.visitor is None and event.lead_id is None:
        raise Dropped("nobody")
    if event.lead_id is not None and event.lead_id not in known.leads:
        raise Dropped("unknown_lead")
    if event.channel is not None and event.channel not in CHANNELS:
        raise Dropped("unknown_channel")
    if not 0 <= (_revenue(event) or 0) <= MOST_MONEY:
        raise Dropped("invalid_revenue")
    if event.occurred_at.tzinfo is None:
        raise Dropped("no_time_zone")
    if event.occurred_at > now + AHEAD:
        raise Dropped("in_the_future")
    if event.occurred_at < OLDEST:
        raise Dropped("too_old")


def _revenue(event: Imported) -> int | None:
    """In minor units. Raises Dropped."""
    if event.revenue is None:
        return event.revenue_minor
    if event.revenue_minor is not None or abs(event.revenue) > MOST_MONEY:
        raise Dropped("invalid_revenue")
    return in_minor_units(event.revenue)


def _clicked_important(event: Imported, site: SiteFacts | None) -> bool:
    if event.type != "click" or site is None:
        return False
    return is_important(event.label, site.rules_at(to_millis(event.occurred_at)))


def _told(event: Imported, name: str) -> str | None:
    return text(getattr(event, name))


def _origin(event: Imported) -> Origin:
    return origin_of(event.url, event.referrer, event.user_agent, event.language)


def _id_made_of(told: dict) -> UUID:
    return uuid5(NAMELESS, msgspec.json.encode(told, order="deterministic").decode())


def _id_of(told) -> str | None:
    given = told.get("id") if isinstance(told, dict) else None
    return given[:64] if isinstance(given, str) else None


def _follow(hits: list[Hit], known: _Known, now: datetime):
    """Leads whose engagements these are: their stage, attribution and score."""
    stored = [event for hit in hits if hit.accepted for event in hit.events]
    fresh = {UUID(bytes=event.id) for event in stored if event.lead_id is not None}
    _follow_named(fresh, known, now)
    seen = leads_of_acts({UUID(bytes=event.id) for event in stored} - fresh)
    catch_up(seen, now=now)


def _follow_named(fresh: set[UUID], known: _Known, now: datetime):
    if not fresh:
        return
    acts: dict[int, list[Interaction]] = {}
    wanted = select(Interaction).where(Interaction.event_id.in_(fresh))
    ordered = wanted.order_by(Interaction.occurred_at, Interaction.id)
    for act in db.session.scalars(ordered):
        acts.setdefault(act.lead_id, []).append(act)
    for lead_id, theirs in acts.items():
        follow_engagement(known.leads[lead_id], theirs, now=now)
