"""Who a visitor is, without knowing who they are.

Cookieless (the default): a hash of the day's random salt, the site, the shortened address and the
user agent. Cookie and consent mode: the id that the snippet keeps in a first-party cookie.
"""

import hashlib
import secrets
from datetime import datetime, timedelta
from ipaddress import ip_address, ip_network
from typing import NamedTuple
from uuid import UUID

from flask import current_app, request
from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.domain.tracking.device import is_bot
from app.domain.tracking.origin import origin_of
from app.domain.tracking.visit import Origin
from app.extensions import db, writing
from app.models import Salt, Site
from app.queries.tracking.sites import SiteFacts

COOKIE = "ll_visitor"
DAY = timedelta(days=1)


class Identity(NamedTuple):
    """A visitor's id; in cookieless mode also the one they had yesterday, for a visit that crosses
    midnight. `origin` is where a visit comes from that begins with this."""

    visitor_id: UUID
    earlier_id: UUID | None = None
    origin: Origin | None = None

    @property
    def as_bytes(self) -> tuple[bytes, bytes | None]:
        """Both ids as the tracker takes them."""
        return self.visitor_id.bytes, self.earlier_id and self.earlier_id.bytes


class Salts:
    """The salts of today and yesterday, from the database; older ones are deleted."""

    def __init__(self, app):
        self._app = app
        self._known: dict[datetime, bytes] = {}

    def of(self, day: datetime) -> bytes:
        """The salt of a UTC day, made when it is first asked for."""
        if day not in self._known:
            self._known = {d: s for d, s in self._known.items() if d >= day - DAY}
            self._known[day] = self._kept(day)
        return self._known[day]

    def _kept(self, day: datetime) -> bytes:
        # A session of its own: the salt must be committed before any id is made of it.
        with self._app.app_context(), writing(), Session(db.engine) as session:
            salt = session.get(Salt, day)
            if salt is None:
                session.execute(delete(Salt).where(Salt.day < day - DAY))
                session.add(Salt(day=day, value=secrets.token_bytes(16)))
                try:
                    session.commit()
                except IntegrityError:  # another process was first
                    session.rollback()
                salt = session.scalars(select(Salt).where(Salt.day == day)).one()
            return salt.value


def cookieless(salts: Salts, site_id: int, address: str, agent: str, now: datetime) -> Identity:
    """The ids of an address and user agent on a site, today's and yesterday's (api.md: a visitor
    in cookieless mode)."""
    day = now.replace(hour=0, minute=0, second=0, microsecond=0)
    today = _hash(salts.of(day), site_id, address, agent)
    return Identity(today, _hash(salts.of(day - DAY), site_id, address, agent))


def _hash(salt: bytes, site_id: int, address: str, agent: str) -> UUID:
    told = f"{site_id}|{shorten(address)}|{agent}".encode("utf-8", "replace")
    return UUID(bytes=hashlib.sha256(salt + told).digest()[:16], version=4)


def shorten(address: str) -> str:
    """An IP address without its last part: /24 of version 4, /48 of version 6."""
    try:
        ip = ip_address(address)
    except ValueError:
        return address
    bits = 24 if ip.version == 4 else 48
    return str(ip_network((ip, bits), strict=False).network_address)


def refuses_tracking(headers) -> bool:
    """Do Not Track or Global Privacy Control."""
    return headers.get("DNT") == "1" or headers.get("Sec-GPC") == "1"


def cookie_identity(value: str | None) -> Identity | None:
    """The id in the snippet's cookie; none when it is missing or not a UUID."""
    try:
        return Identity(UUID(value)) if value else None
    except ValueError:
        return None


def identity_of_request(site: Site | SiteFacts, now: datetime) -> Identity | None:
    """Who asks, on our own pages, and where they came from. None when they refuse, have not
    consented, or are a bot."""
    agent = request.headers.get("User-Agent", "")
    if is_bot(agent) or (site.honours_do_not_track and refuses_tracking(request.headers)):
        return None
    if site.identity_mode != "cookieless":
        identity = cookie_identity(request.cookies.get(COOKIE))
    else:
        salts = current_app.extensions["salts"]
        identity = cookieless(salts, site.id, request.remote_addr or "", agent, now)
    origin = origin_of(request.url, request.referrer, agent)
    return identity and identity._replace(origin=origin)
