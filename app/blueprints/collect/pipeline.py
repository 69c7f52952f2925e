"""What a batch goes through before the tracker: a readable list of named steps.

Each step takes the request and the hit being made; a `drop_` step raises Dropped with its reason,
a `put_` step adds what it knows.
"""

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from werkzeug.datastructures import EnvironHeaders

from app.blueprints.collect.wire import WireBatch, WirePage, id_of, read_event, url_of
from app.domain.scoring.session_score import is_important
from app.domain.tracking.device import is_bot
from app.domain.tracking.event import Dropped
from app.domain.tracking.origin import origin_of
from app.domain.tracking.visit import CLICKS
from app.identity import Identity, Salts, cookie_identity, cookieless, refuses_tracking
from app.operations.tracking.track import Hit
from app.queries.tracking.sites import SiteFacts


@dataclass(slots=True)
class Incoming:
    """One request to the collector."""

    batch: WireBatch
    page: WirePage | None
    site: SiteFacts
    headers: EnvironHeaders
    agent: str
    address: str
    host: str
    now: datetime
    salts: Salts


def drop_foreign_origin(incoming: Incoming, hit: Hit):
    """A browser says which site its page is of; only the site's own may send."""
    origin = incoming.headers.get("Origin")
    if origin is not None and not allowed(host_of(origin), incoming):
        raise Dropped("foreign_origin")


def host_of(address: str) -> str:
    """The host of an origin or of host:port, in lower case; "" when it cannot be read."""
    try:
        return urlsplit(address if "//" in address else f"//{address}").hostname or ""
    except ValueError:
        return ""


def allowed(host: str, incoming: Incoming) -> bool:
    """The site's domain, its subdomains, its further origins; and for the site whose pages we
    serve ourselves the host we are asked by."""
    hosts = incoming.site.hosts
    return bool(host) and (
        host in hosts
        or (incoming.site.hosted and host == host_of(incoming.host))
        or any(host.endswith("." + known) for known in hosts if known)
    )


def drop_inactive_site(incoming: Incoming, hit: Hit):
    if not incoming.site.active:
        raise Dropped("site_inactive")


def drop_bots(incoming: Incoming, hit: Hit):
    if is_bot(incoming.agent):
        raise Dropped("bot")


def drop_prerender(incoming: Incoming, hit: Hit):
    if "prerender" in incoming.headers.get("Sec-Purpose", ""):
        raise Dropped("prerender")


def drop_do_not_track(incoming: Incoming, hit: Hit):
    if incoming.site.honours_do_not_track and refuses_tracking(incoming.headers):
        raise Dropped("do_not_track")


def put_visitor(incoming: Incoming, hit: Hit):
    identity = _identity(incoming)
    if identity is None:
        raise Dropped("no_visitor")
    hit.visitor_id, hit.earlier_id = identity.as_bytes


def _identity(incoming: Incoming) -> Identity | None:
    site = incoming.site
    if site.identity_mode == "cookieless":
        return cookieless(incoming.salts, site.id, incoming.address, incoming.agent, incoming.now)
    return cookie_identity(incoming.batch.visitor)


def put_events(incoming: Incoming, hit: Hit):
    """Each event judged alone: the good beside a bad one are kept."""
    page = incoming.page
    url = url_of(page)
    for raw in incoming.batch.events:
        try:
            event, context = read_event(raw, page, url, hit.received_at)
        except Dropped as dropped:
            hit.dropped.append((id_of(raw), dropped.reason))
            continue
        if event.type in CLICKS and not event.important:
            rules = incoming.site.rules_at(event.occurred_at)
            event.important = is_important(event.label, rules)
        hit.events.append(event)
        if context:
            hit.contexts[event.id] = context


def put_origin(incoming: Incoming, hit: Hit):
    """Where the visit came from, should this batch begin one."""
    page = incoming.page or WirePage()
    hit.origin = origin_of(page.url, page.referrer, incoming.agent, page.language)


PIPELINE = (
    drop_foreign_origin,
    drop_inactive_site,
    drop_bots,
    drop_prerender,
    drop_do_not_track,
    put_visitor,
    put_events,
    put_origin,
)


def run(incoming: Incoming, received_at: int) -> Hit:
    """The hit of a request: its good events, and what was dropped and why."""
    hit = Hit(incoming.site.organization_id, received_at, [], site=incoming.site)
    try:
        for step in PIPELINE:
            step(incoming, hit)
    except Dropped as dropped:
        hit.events.clear()
        hit.dropped = [(id_of(raw), dropped.reason) for raw in incoming.batch.events]
    return hit
