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

from flask import current_app, has_request_context, request
from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.domain.channel import attribute_visit
from app.domain.device import is_bot, parse_user_agent
from app.domain.visit import Origin
from app.extensions import db
from app.models import Salt, Site
from app.queries.sites import SiteFacts

COOKIE = "ll_visitor"
DAY = timedelta(days=1)


class Identity(NamedTuple):
    """A visitor's id, and in the first hour of a day the one they had yesterday."""

    visitor_id: UUID
    earlier_id: UUID | None = None

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
        with self._app.app_context(), Session(db.engine) as session:
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
    """The ids of an address and user agent on a site, today's and, just after midnight UTC,
    yesterday's too (api.md: a visitor in cookieless mode)."""
    day = now.replace(hour=0, minute=0, second=0, microsecond=0)
    today = _hash(salts.of(day), site_id, address, agent)
    if now - day >= timedelta(hours=12):  # no window of a visit is longer
        return Identity(today)
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
    """Who asks, on our own pages. None when they refuse, have not consented, or are a bot."""
    agent = request.headers.get("User-Agent", "")
    if is_bot(agent) or (site.honours_do_not_track and refuses_tracking(request.headers)):
        return None
    if site.identity_mode != "cookieless":
        return cookie_identity(request.cookies.get(COOKIE))
    salts = current_app.extensions["salts"]
    return cookieless(salts, site.id, request.remote_addr or "", agent, now)


def origin_of_request() -> Origin | None:
    """Where a visit that begins with this request comes from; none outside a request."""
    if not has_request_context():
        return None
    device = parse_user_agent(request.headers.get("User-Agent", ""))
    source = attribute_visit(request.url, request.referrer or "")
    return Origin(
        channel=source.channel,
        source=source.source,
        medium=source.medium,
        campaign=source.campaign,
        term=source.term,
        content=source.content,
        click_id=source.click_id,
        device=device.kind,
        browser=device.browser,
        os=device.os,
    )
