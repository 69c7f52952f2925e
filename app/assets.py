"""Built browser files: addressed by content hash, served compressed and cached for a year."""

import json
from functools import lru_cache

from whitenoise import WhiteNoise

from app.config import ROOT

DIST = ROOT / "static" / "dist"


@lru_cache(maxsize=1)
def manifest() -> dict[str, str]:
    """Name -> name with content hash, as the asset build wrote it.

    Raises RuntimeError when the assets were never built.
    """
    try:
        return json.loads((DIST / "manifest.json").read_text())
    except FileNotFoundError:
        raise RuntimeError("The browser files are not built yet: run `make assets`.") from None


def asset(name: str) -> str:
    """The address of a built file, e.g. asset("admin.css")."""
    return "/static/" + manifest()[name]


def snippet() -> str:
    """The address of our snippet as it is now, to be kept for good."""
    return "/track.js?v=" + manifest()["track.js"].split(".")[-2]


def init_app(app):
    hashed = set()

    def immutable(path: str, url: str) -> bool:
        if not hashed and DIST.exists():
            hashed.update(manifest().values())
        return url.removeprefix("/static/") in hashed

    app.wsgi_app = WhiteNoise(
        app.wsgi_app,
        root=DIST if DIST.exists() else None,
        prefix="/static/",
        immutable_file_test=immutable,
        add_headers_function=_harden,
    )
    app.jinja_env.globals.update(asset=asset, snippet=snippet)


def _harden(headers, path, url):
    headers["X-Content-Type-Options"] = "nosniff"
