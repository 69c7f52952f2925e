"""Settings. The only reader of the environment."""

import os
import secrets
from datetime import timedelta
from email.utils import parseaddr
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parent.parent


def settings_from_environment(environ: dict[str, str] | None = None) -> dict:
    """Flask settings from environment variables; see docs/deployment.md for each.

    Raises ValueError, naming the variable, when a value cannot be used.
    """
    env = os.environ if environ is None else environ
    data = Path(env.get("LEADLIGHT_DATA", ROOT / "instance")).resolve()
    data.mkdir(parents=True, exist_ok=True)
    return {
        "DATA": data,
        "SECRET_KEY": env.get("SECRET_KEY") or _kept_secret(data / "secret_key"),
        "SQLALCHEMY_DATABASE_URI": _database_url(env.get("DATABASE_URL"), data),
        "REDIS_URL": env.get("REDIS_URL") or None,
        "PORT": _whole(env, "PORT", 5000),
        "HOST": env.get("HOST", "127.0.0.1"),
        "THREADS": _whole(env, "LEADLIGHT_THREADS", 48),
        # How many proxies in front are trusted to name the client's address.
        "TRUSTED_PROXIES": _whole(env, "LEADLIGHT_TRUSTED_PROXIES", 0),
        # Requests a minute that one address may send to the collector.
        "COLLECT_PER_MINUTE": _whole(env, "LEADLIGHT_COLLECT_PER_MINUTE", 1200),
        # Calls a minute of one API token, or of one user; a tenth of it for an address without.
        "API_PER_MINUTE": _whole(env, "LEADLIGHT_API_PER_MINUTE", 6000),
        "COLLECT_QUEUE": _whole(env, "LEADLIGHT_COLLECT_QUEUE", 2000),
        "LOG_LEVEL": env.get("LEADLIGHT_LOG_LEVEL", "INFO").upper(),
        "LOG_FORMAT": env.get("LEADLIGHT_LOG_FORMAT", "console"),
        # Where mail goes (none: into a folder), from whom, and where links in it lead.
        "MAIL": _mail_server(env.get("LEADLIGHT_MAIL")),
        "MAIL_FROM": _mail_sender(env),
        "PUBLIC_URL": _public_url(env),
        # A transcriber elsewhere with OpenAI's interface; none: recordings stay in this house.
        "SPEECH_URL": _speech_url(env.get("LEADLIGHT_SPEECH_URL")),
        "SPEECH_KEY": env.get("LEADLIGHT_SPEECH_KEY") or None,
        "SPEECH_MODEL": env.get("LEADLIGHT_SPEECH_MODEL") or "whisper-1",
        "METRICS_TOKEN": env.get("LEADLIGHT_METRICS_TOKEN") or None,
        "SESSION_COOKIE_NAME": "leadlight",
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": env.get("LEADLIGHT_HTTPS", "") == "1",
        # How long a browser is not asked again for what it told the contact form.
        "PERMANENT_SESSION_LIFETIME": timedelta(days=30),
        "SESSION_REFRESH_EACH_REQUEST": False,
        "REMEMBER_COOKIE_HTTPONLY": True,
        "REMEMBER_COOKIE_SAMESITE": "Lax",
        "REMEMBER_COOKIE_SECURE": env.get("LEADLIGHT_HTTPS", "") == "1",
        "MAX_CONTENT_LENGTH": 2 * 1024 * 1024,
        "WTF_CSRF_CHECK_DEFAULT": False,  # access.py asks, because a bearer token needs none
        "WTF_CSRF_TIME_LIMIT": None,
        "RATELIMIT_STORAGE_URI": env.get("REDIS_URL") or "memory://",
        "RATELIMIT_HEADERS_ENABLED": True,
        "COMPRESS_MIMETYPES": ["text/html", "application/json", "text/csv", "text/plain"],
    }


def _kept_secret(path: Path) -> str:
    """A secret made once and kept beside the database, so that sign-ins outlive a restart."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text()
    with os.fdopen(descriptor, "w") as file:
        secret = secrets.token_urlsafe(48)
        file.write(secret)
    return secret


def _database_url(given: str | None, data: Path) -> str:
    if not given:
        return f"sqlite:///{data / 'leadlight.db'}"
    for prefix in ("postgres://", "postgresql://"):
        if given.startswith(prefix):
            return "postgresql+psycopg://" + given[len(prefix) :]
    return given


def _speech_url(given: str | None) -> str | None:
    if not given:
        return None
    parts = urlsplit(given)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("LEADLIGHT_SPEECH_URL must be an address such as https://host/v1")
    return given


def _mail_server(given: str | None) -> str | None:
    if not given:
        return None
    parts = urlsplit(given)
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
        raise ValueError("LEADLIGHT_MAIL must be smtp://user:password@host:587 or smtps://…")
    try:
        _ = parts.port
    except ValueError:
        raise ValueError("LEADLIGHT_MAIL names a port that is none") from None
    return given


def _mail_sender(env) -> str:
    given = env.get("LEADLIGHT_MAIL_FROM", "")
    if given and "@" not in parseaddr(given)[1]:
        raise ValueError("LEADLIGHT_MAIL_FROM must be an address, or a name and an <address>")
    if env.get("LEADLIGHT_MAIL") and not given:
        raise ValueError("LEADLIGHT_MAIL_FROM must say from whom mail is sent")
    return given or "leadlight@localhost"


def _public_url(env) -> str:
    own = f"http://{env.get('HOST', '127.0.0.1')}:{env.get('PORT', 5000)}"
    given = (env.get("LEADLIGHT_URL") or own).rstrip("/")
    if not given.startswith(("http://", "https://")):
        raise ValueError("LEADLIGHT_URL must begin with https:// or http://")
    return given


def _whole(env, name: str, default: int) -> int:
    try:
        value = int(env.get(name, default))
    except ValueError:
        raise ValueError(f"{name} must be a whole number, not {env.get(name)!r}") from None
    if value < 0:
        raise ValueError(f"{name} must not be negative")
    return value
