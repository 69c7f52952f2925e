"""The signed link of an appointment: whoever has it may look at it, move it and cancel it.

It stands at the top of app/ because the public pages and the staff's both give it out, and no
blueprint imports another.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from uuid import UUID

from flask import current_app, g, request, url_for
from itsdangerous import BadSignature, Signer

from app.queries.tracking.sites import sites


def token_of(event_id: UUID) -> str:
    """The signed name of the appointment that this interaction booked."""
    return _signer().sign(urlsafe_b64encode(event_id.bytes).rstrip(b"=")).decode()


def read_token(token: str) -> UUID | None:
    """The id in a token; none when it was not signed here."""
    try:
        told = _signer().unsign(token.encode())
        return UUID(bytes=urlsafe_b64decode(told + b"=="))
    except (BadSignature, ValueError):
        return None


def link_to(event_id: UUID) -> str:
    """The whole address of the appointment's page; empty where no public pages are served.

    By the host that was asked when it is the site's own; a host that somebody made up never gets
    into a mail.
    """
    site = g.get("site") or next((one for one in sites() if one.hosted), None)
    if site is None:
        return ""
    known = request.host.partition(":")[0] in site.hosts
    base = request.host_url if known else current_app.config["PUBLIC_URL"]
    return base.rstrip("/") + url_for("appointments.manage", token=token_of(event_id))


def _signer() -> Signer:
    return Signer(current_app.secret_key, salt="appointment")
