"""The collector's door: /collect, answered before Flask is asked.

A page's visit costs many requests here and each must be light, so this is plain WSGI in front of
the application: Flask's own request would cost more than storing the event.
"""

import time
from uuid import UUID

import msgspec
import structlog
from limits import RateLimitItemPerMinute
from limits.storage import storage_from_string
from limits.strategies import FixedWindowRateLimiter
from werkzeug.datastructures import EnvironHeaders

from app.blueprints.collect.group_commit import GroupCommit, Overloaded
from app.blueprints.collect.pipeline import Incoming, run
from app.blueprints.collect.wire import BODY_BYTES, WireBatch, page_of, read_batch
from app.clock import utc_now
from app.errors import ApiError
from app.extensions import db
from app.identity import Salts
from app.models.types import to_millis
from app.operations.tracking.track import Hit
from app.queries.scoring.rules import HEARD_AFTER
from app.queries.tracking.sites import SiteFacts, facts_of, site_by_key

SITE_KEPT = HEARD_AFTER / 1000  # seconds a site's settings are remembered
UNKNOWN_KEPT = 1000  # keys nobody has that are remembered, so that they cost no query each
MOST_DRAINED = 4 * 1024 * 1024
STATUS = {
    202: "202 Accepted",
    204: "204 No Content",
    400: "400 Bad Request",
    403: "403 Forbidden",
    405: "405 Method Not Allowed",
    413: "413 Content Too Large",
    429: "429 Too Many Requests",
    500: "500 Internal Server Error",
    503: "503 Service Unavailable",
}
encode = msgspec.json.Encoder().encode
log = structlog.get_logger()


class CollectorDoor:
    """WSGI in front of the application; `app.collector` is its group commit."""

    def __init__(self, app):
        self.app = app
        self.inner = app.wsgi_app
        self.salts = app.extensions["salts"] = Salts(app)
        app.extensions["collector_door"] = self
        self.commits = app.collector = GroupCommit(app, app.config["COLLECT_QUEUE"])
        self._sites: dict[str, tuple[float, SiteFacts | None]] = {}
        self._limit = None
        if app.config["COLLECT_PER_MINUTE"]:
            self._limit = RateLimitItemPerMinute(app.config["COLLECT_PER_MINUTE"])
            storage = storage_from_string(app.config["RATELIMIT_STORAGE_URI"])
            self._limiter = FixedWindowRateLimiter(storage)

    def __call__(self, environ, start_response):
        if environ.get("PATH_INFO") != "/collect":
            return self.inner(environ, start_response)
        extra = _cross_origin(environ)
        try:
            status, body = self._answer(environ)
        except ApiError as error:
            status, body = error.status, error.body
        except Overloaded:
            error = ApiError(503, "Too much is waiting to be stored. Try again in a moment.")
            status, body = 503, error.body
        except Exception:  # whatever it was, nobody may believe that the event is kept
            log.exception("collector.broke")
            error = ApiError(503, "The event could not be stored. It was not accepted.")
            status, body = 503, error.body
        if status == 405:
            extra.append(("Allow", "POST, OPTIONS"))
        if status in (429, 503):
            extra.append(("Retry-After", "60" if status == 429 else "2"))
        payload = encode(body) if body is not None else b""
        start_response(
            STATUS[status],
            [
                ("Content-Type", "application/json"),
                ("Content-Length", str(len(payload))),
                ("Cache-Control", "no-store"),
                ("X-Content-Type-Options", "nosniff"),
                *extra,
            ],
        )
        return [payload]

    def _answer(self, environ) -> tuple[int, dict | None]:
        method = environ["REQUEST_METHOD"]
        if method == "OPTIONS":
            return 204, None
        if method != "POST":
            raise ApiError(405, "Send events by POST.")
        self.refuse_flood(environ.get("REMOTE_ADDR", ""))
        hit = self.take(read_batch(_body(environ)), environ)
        return 202, receipt(hit)

    def take(self, batch: WireBatch, environ) -> Hit:
        """The batch's hit, on disk when this returns. Raises ApiError, Overloaded."""
        site = self.site(batch.site)
        if site is None:
            raise ApiError(403, "No site has this key.", "unknown_key")
        now = utc_now()
        incoming = Incoming(
            batch=batch,
            page=page_of(batch),
            site=site,
            headers=EnvironHeaders(environ),
            agent=environ.get("HTTP_USER_AGENT", ""),
            address=environ.get("REMOTE_ADDR", ""),
            host=environ.get("HTTP_HOST", ""),
            now=now,
            salts=self.salts,
        )
        hit = run(incoming, to_millis(now))
        self.commits.store(hit)
        if any(reason == "foreign_origin" for _, reason in hit.dropped):
            origin = incoming.headers["Origin"][:100]
            raise ApiError(403, f"{origin} is not an allowed origin of this site.", "origin")
        return hit

    def refuse_flood(self, address: str):
        """Raises ApiError 429 when an address sends too often."""
        if self._limit and not self._limiter.hit(self._limit, "collect", address):
            raise ApiError(429, "Too many batches from this address. Wait a minute.")

    def site(self, key: str) -> SiteFacts | None:
        """The facts of the site with this key, at most two seconds old."""
        kept = self._sites.get(key)
        now = time.monotonic()
        if kept and kept[0] > now:
            return kept[1]
        with self.app.app_context():
            row = site_by_key(key)
            facts = facts_of(row) if row else None
            db.session.rollback()
        if len(self._sites) > UNKNOWN_KEPT:
            self._sites.clear()
        self._sites[key] = (now + SITE_KEPT, facts)
        return facts


def receipt(hit: Hit) -> dict:
    """What a sender is told of a hit (api.md, the wire format)."""
    visit_id, visitor_id = (UUID(bytes=i) if i else None for i in hit.stored_as)
    return {
        "accepted": hit.accepted,
        "duplicates": hit.duplicates,
        "dropped": [{"id": event_id, "reason": reason} for event_id, reason in hit.dropped],
        "session": visit_id,
        "visitor": visitor_id,
    }


def _body(environ) -> bytes:
    try:
        length = int(environ.get("CONTENT_LENGTH") or -1)
    except ValueError:
        raise ApiError(400, "The Content-Length is not a number.") from None
    if length > BODY_BYTES:
        environ["wsgi.input"].read(min(length, MOST_DRAINED))  # or the sender never hears why
        raise ApiError(413, f"A batch is at most {BODY_BYTES} bytes.")
    # Without a length (chunked) one byte more than allowed tells the rest.
    return environ["wsgi.input"].read(length if length >= 0 else BODY_BYTES + 1)


def _cross_origin(environ) -> list[tuple[str, str]]:
    """A snippet on another host may read its answer; nothing here depends on cookies."""
    if "HTTP_ORIGIN" not in environ:
        return []
    return [
        ("Access-Control-Allow-Origin", "*"),
        ("Access-Control-Allow-Methods", "POST, OPTIONS"),
        ("Access-Control-Allow-Headers", "Content-Type"),
        ("Access-Control-Expose-Headers", "Retry-After"),
        ("Access-Control-Max-Age", "86400"),
    ]
