"""Signed links: whoever holds one may open what it names, without signing in, and nobody can make
one up.

It stands at the top of app/ because tools, contact form and mails share it; it knows the request,
which operations must not.
"""

from flask import current_app, g, request, url_for
from itsdangerous import BadSignature, URLSafeSerializer

# kind -> the page that its links open
PAGES = {"quote": "cost.quote"}
LONGEST = 200


def token(kind: str, row_id: int) -> str:
    """What an address carries in place of the row's number."""
    return _signer(kind).dumps(row_id)


def row_of(kind: str, told: str) -> int | None:
    """The row's number that a token names; none when it is not one of ours."""
    try:
        named = _signer(kind).loads(told) if len(told) <= LONGEST else None
    except BadSignature:
        return None
    return named if isinstance(named, int) else None


def address(kind: str, row_id: int) -> str:
    """The whole address of a row's page, as a mail needs it.

    By the host that was asked when it is the site's own; a host that somebody made up never gets
    into a mail.
    """
    path = url_for(PAGES[kind], token=token(kind, row_id))
    known = request.host.partition(":")[0] in g.site.hosts
    return (request.url_root.rstrip("/") if known else current_app.config["PUBLIC_URL"]) + path


def _signer(kind: str) -> URLSafeSerializer:
    return URLSafeSerializer(current_app.secret_key, salt=f"link {kind}")
