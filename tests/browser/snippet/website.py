"""A small website that carries the snippet, and a collector that answers as a test tells it to.

Pages: any path ending in "/" or ".html" is PAGES' page of that name, or a plain one. The query says
how the tag looks: `?mode=cookie`, `?from=/x/track.js`, `?head=name` puts a script of HEADS first.
"""

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from tests.browser.conftest import DIST, eventually

HIDE = """() => {
  Object.defineProperty(document, 'visibilityState', {value: 'hidden', configurable: true});
  Object.defineProperty(document, 'hidden', {value: true, configurable: true});
  document.dispatchEvent(new Event('visibilitychange'));
}"""
SHOW = """() => {
  delete document.visibilityState;
  delete document.hidden;
  document.dispatchEvent(new Event('visibilitychange'));
}"""

BODY = """
<h1>A page</h1>
<a id="inside" href="/second.html?secret=1#part">Second   page</a>
<a id="outside" href="http://127.0.0.1:9/elsewhere?token=abc">Elsewhere</a>
<a id="file" href="/files/Price-List.PDF?x=1">Prices</a>
<a id="mail" href="mailto:jane@example.com">Write</a>
<button id="demo" data-ll-important>Get a
  Demo</button>
<button id="icon" aria-label="Call us"><svg></svg></button>
<div id="named" data-ll-event="Video played">Play</div>
<div id="typed" data-ll-event contenteditable>words of the visitor</div>
<textarea id="note" data-ll-event>typed by the visitor</textarea>
<form id="contact" action="/thanks.html">
  <input name="email"><input name="phone"><textarea name="message"></textarea>
  <input type="password" name="password"><button>Send it</button>
</form>
<form id="quiet" data-ll-ignore action="/thanks.html"><input name="iban"><button>Pay</button></form>
<div style="height: 4000px"></div>
"""
HEADS = {
    "none": "",
    "stub": "window.leadlight = window.leadlight || function () "
    "{ (leadlight.q = leadlight.q || []).push(arguments) };"
    "leadlight('event', 'Early', {a: 1});",
    "no-storage": "Object.defineProperty(window, 'localStorage', "
    "{get() { throw new Error('denied') }});",
    "broken-fetch": "window.fetch = () => { throw new Error('broken') };",
    "odd-fetch": "window.fetch = () => undefined;",
    "no-beacon": "Object.defineProperty(Navigator.prototype, 'sendBeacon', {value: undefined});",
    "no-uuid": "crypto.randomUUID = undefined;",
    "dnt": "Object.defineProperty(navigator, 'doNotTrack', {value: '1'});",
    "gpc": "Object.defineProperty(navigator, 'globalPrivacyControl', {value: true});",
    "prerender": "Object.defineProperty(document, 'prerendering', "
    "{value: true, configurable: true});",
    "globals": "window.before = Object.keys(window);",
    "twice": "",
    "error": "window.fail = () => setTimeout(() => { throw new Error('my secret message') });",
}


class SnippetSite:
    """`batches` are the bodies as they came; `answers` the next statuses (202 when none is left).

    An answer is a status, (status, headers), "hang up" for a connection that breaks, or "silence"
    for one that stays open without an answer.
    """

    def __init__(self):
        self.batches: list[dict] = []
        self.bodies: list[str] = []
        self.requests: list[tuple[str, str]] = []
        self.answers: list = []
        self.always = 202
        self.closing = threading.Event()
        self._lock = threading.Lock()
        site = self

        class Handler(_Handler):
            pass

        Handler.site = site
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.address = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self):
        self.closing.set()
        self._server.shutdown()
        self._server.server_close()

    def take(self, body: str, origin: str):
        with self._lock:
            answer = self.answers.pop(0) if self.answers else self.always
            self.bodies.append(body)
            status = answer[0] if isinstance(answer, tuple) else answer
            batch = json.loads(body)
            batch["status"] = status
            batch["origin"] = origin
            self.batches.append(batch)
            return answer

    def events(self, type: str | None = None, stored: bool = True) -> list[dict]:
        """What the collector holds: each id once, in the order of arrival, with its page."""
        with self._lock:
            batches = list(self.batches)
        held = {}
        for batch in batches:
            if stored and batch["status"] != 202:
                continue
            for event in batch["events"]:
                held.setdefault(event["id"], {"page": batch["page"], **event})
        return [one for one in held.values() if type in (None, one["type"])]

    def wait_for(self, type: str, count: int = 1, seconds: float = 8, **same) -> list[dict]:
        """The events of a type, once there are `count` of them (with these values)."""

        def come():
            found = [
                one
                for one in self.events(type)
                if all(one.get(name) == value for name, value in same.items())
            ]
            return len(found) >= count and found

        try:
            return eventually(come, f"{count} {type} {same}", seconds)
        except AssertionError as late:
            seen = [(one["type"], one.get("label") or one.get("data")) for one in self.events()]
            raise AssertionError(f"{late}; there are {seen}") from None

    def wait_until_asked(self, method: str, path: str):
        eventually(lambda: (method, path) in self.requests, f"{method} {path}")


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    site: SnippetSite

    def log_message(self, *args):
        pass

    def do_GET(self):
        parts = urlsplit(self.path)
        self.site.requests.append(("GET", parts.path))
        name = parts.path.rpartition("/")[2]
        if name in ("track.js", "track-vitals.js"):
            return self._send(200, (DIST / name).read_bytes(), "text/javascript")
        if name == "favicon.ico":
            return self._send(204, b"")
        if name.lower().endswith(".pdf"):
            return self._send(
                200, b"%PDF-1.4", "application/pdf", {"Content-Disposition": "attachment"}
            )
        return self._send(200, page(parts.path, parse_qs(parts.query)).encode(), "text/html")

    def do_POST(self):
        parts = urlsplit(self.path)
        self.site.requests.append(("POST", parts.path))
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        origin = self.headers.get("Origin", "*")
        answer = self.site.take(body, origin)
        if answer == "silence":
            self.site.closing.wait()
        if answer in ("hang up", "silence"):
            self.close_connection = True
            self.connection.close()
            return None
        status, headers = answer if isinstance(answer, tuple) else (answer, {})
        allowed = {
            "Access-Control-Allow-Origin": origin,
            "Access-Control-Expose-Headers": "Retry-After",
        }
        return self._send(status, b"{}", "application/json", allowed | headers)

    def _send(self, status, body, kind="text/plain", headers=None):
        self.send_response(status)
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


def page(path: str, query: dict) -> str:
    def first(name, otherwise):
        return query.get(name, [otherwise])[0]

    mode = f' data-mode="{query["mode"][0]}"' if "mode" in query else ""
    collect = f' data-collect="{query["collect"][0]}"' if "collect" in query else ""
    tag = (
        f'<script defer src="{first("from", "/track.js")}" data-site="KEY"{mode}{collect}></script>'
    )
    head = first("head", "none")
    return (
        f"<!doctype html><html lang=en><head><meta charset=utf-8><title>Title of {path}</title>"
        f"<script>{HEADS[head]}</script>{tag * (2 if head == 'twice' else 1)}</head>"
        f"<body>{BODY}</body></html>"
    )


def quiet_for(seconds: float):
    time.sleep(seconds)
