"""The snippet, and the page view of a browser without scripts. (`/collect` itself: door.py.)"""

from uuid import uuid4

import msgspec
from flask import Response, abort, current_app, request

from app.access import public
from app.assets import DIST, manifest
from app.blueprints.collect import blueprint
from app.blueprints.collect.wire import WireBatch, WirePage
from app.errors import ApiError

ENCODINGS = (("br", ".br"), ("gzip", ".gz"))
DAY, YEAR = 86_400, 31_536_000
PIXEL = bytes.fromhex(
    "47494638396101000100800000000000ffffff21f90401000000002c000000000100010000020144003b"
)


@blueprint.get("/track.js", defaults={"name": "track.js"})
@blueprint.get("/track-vitals.js", defaults={"name": "track-vitals.js"})
@public
def script(name: str):
    """The built snippet, compressed beforehand. Without a version it is asked for again after a
    day; with the version of now (`?v=`) never."""
    version = manifest()[name].split(".")[-2]
    answer = _file(name)
    versioned = request.args.get("v") == version
    answer.headers["Cache-Control"] = (
        f"public, max-age={YEAR}, immutable" if versioned else f"public, max-age={DAY}"
    )
    answer.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    answer.set_etag(version)
    return answer.make_conditional(request)


def _file(name: str) -> Response:
    accepted = request.headers.get("Accept-Encoding", "")
    answer = Response(content_type="text/javascript; charset=utf-8")
    answer.vary.add("Accept-Encoding")
    path = DIST / name
    for encoding, ending in ENCODINGS:
        compressed = path.with_name(name + ending)
        if encoding in accepted and compressed.exists():
            path, answer.content_encoding = compressed, encoding
            break
    try:
        answer.data = path.read_bytes()
    except FileNotFoundError:
        abort(404, "The browser files are not built yet: run `make assets`.")
    return answer


@blueprint.get("/pixel.gif")
@public
def pixel():
    """A page view without scripts: `?site=KEY`, and `url` where the referrer does not tell it.

    Always answers the same image: it cannot read why it was refused.
    """
    url = request.args.get("url") or request.referrer
    event = {"id": str(uuid4()), "type": "page_viewed", "at": 0}
    page = WirePage(url=url, referrer=request.args.get("referrer"))
    batch = WireBatch(
        v=1,
        site=request.args.get("site", ""),
        events=[msgspec.Raw(msgspec.json.encode(event))],
        page=msgspec.Raw(msgspec.json.encode(page)),
    )
    door = current_app.extensions["collector_door"]
    try:
        door.refuse_flood(request.remote_addr or "")
        door.take(batch, request.environ)
    except ApiError as refusal:
        current_app.logger.info("pixel refused: %s", refusal.message)
    answer = Response(PIXEL, content_type="image/gif")
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return answer
