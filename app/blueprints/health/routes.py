"""Is the process well, and what has it done: for load balancers and Prometheus."""

import hmac
from ipaddress import ip_address

from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import current_app, request
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from app.access import public
from app.blueprints.health import blueprint, metrics
from app.clock import utc_now
from app.errors import ApiError
from app.extensions import db
from app.queries.outgoing import lag_of_everybody


class Unwell(Exception):
    """A check that failed; the message may be shown to anyone."""


def _database() -> dict:
    try:
        db.session.execute(text("SELECT 1"))
    except SQLAlchemyError:
        raise Unwell("The database does not answer.") from None
    return {}


def _migrations() -> dict:
    try:
        context = MigrationContext.configure(db.session.connection())
        have = context.get_current_heads()
    except SQLAlchemyError:
        raise Unwell("The database does not answer.") from None
    if set(have) != set(_heads()):
        raise Unwell("The database is not at the newest migration; run `flask db upgrade`.")
    return {"revision": ", ".join(have)}


def _heads() -> list[str]:
    known = current_app.extensions
    if "migration_heads" not in known:
        folder = known["migrate"].directory
        known["migration_heads"] = ScriptDirectory(str(folder)).get_heads()
    return known["migration_heads"]


def _collector() -> dict:
    collector = current_app.collector
    told = {"waiting": collector.depth, "most": collector.most_waiting}
    if collector.depth >= collector.most_waiting:
        raise Unwell("More events are waiting than can be stored soon.")
    if not collector.is_alive:
        raise Unwell("The log's writer has ended; the next event begins it again.")
    return told


def _outgoing() -> dict:
    """How far mail is behind. A mail server that is away makes no web process unwell."""
    now = utc_now()
    try:
        lag = lag_of_everybody(now)
    except SQLAlchemyError:
        raise Unwell("The outbox cannot be read.") from None
    return {"due": lag.due, "seconds": int((now - lag.oldest).total_seconds()) if lag.due else 0}


CHECKS = {
    "database": _database,
    "migrations": _migrations,
    "collector": _collector,
    "outgoing": _outgoing,
}


@blueprint.get("/health")
@public
def health():
    """200 when every check is well, else 503; each says what it found."""
    checks = {name: _checked(check) for name, check in CHECKS.items()}
    well = all(told["ok"] for told in checks.values())
    body = {"status": "ok" if well else "unwell", "checks": checks}
    return body, 200 if well else 503, {"Cache-Control": "no-store"}


def _checked(check) -> dict:
    try:
        return {"ok": True, **check()}
    except Unwell as problem:
        db.session.rollback()
        return {"ok": False, "message": str(problem)}


@blueprint.get("/metrics")
@public
def prometheus():
    """Counters for Prometheus: for this machine, or with the metrics token."""
    if not (_is_local() or _has_token()):
        raise ApiError(403, "Ask from this machine, or send the metrics token.")
    return metrics.told(), 200, {"Content-Type": metrics.CONTENT_TYPE, "Cache-Control": "no-store"}


def _is_local() -> bool:
    """From this machine itself; a proxy on it speaks for somebody else."""
    if any(name in request.headers for name in ("X-Forwarded-For", "Forwarded", "X-Real-Ip")):
        return False
    try:
        return ip_address(request.remote_addr or "").is_loopback
    except ValueError:
        return False


def _has_token() -> bool:
    token = current_app.config["METRICS_TOKEN"]
    given = request.headers.get("Authorization", "").removeprefix("Bearer ").strip()
    return bool(token) and hmac.compare_digest(given.encode(), token.encode())
