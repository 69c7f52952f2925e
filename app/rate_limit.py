"""How often programs may call the API: by token or user, and by address for whoever is neither."""

import math
import time

import structlog
from flask import current_app, request
from limits import RateLimitItem, RateLimitItemPerMinute
from limits.storage import storage_from_string
from limits.strategies import FixedWindowRateLimiter
from werkzeug.exceptions import TooManyRequests

from app.models import ApiToken

STRANGERS_SHARE = 10  # an address without a token that opens anything has a tenth of the calls
log = structlog.get_logger()


class RateLimit:
    """So many calls within a minute that begins with the first; all of them may come at once."""

    def __init__(self, per_minute: int, storage: str):
        self._callers = RateLimitItemPerMinute(per_minute)
        self._strangers = RateLimitItemPerMinute(max(per_minute // STRANGERS_SHARE, 1))
        self._storage = storage_from_string(storage)
        self._counted = FixedWindowRateLimiter(self._storage)

    def refuse(self, *caller: str):
        """Raises TooManyRequests where this caller's calls are used up; counts none."""
        self._ask(self._counted.test, self._callers, caller)

    def count(self, *caller: str):
        """Counts a call. Raises TooManyRequests where it is one too many."""
        self._ask(self._counted.hit, self._callers, caller)

    def count_stranger(self, address: str):
        """Counts a call that nobody known made. Raises TooManyRequests where it is one too many."""
        self._ask(self._counted.hit, self._strangers, ("stranger", address))

    def _ask(self, fits, limit: RateLimitItem, caller: tuple[str, ...]):
        try:
            if fits(limit, *caller):
                return
            over = self._counted.get_window_stats(limit, *caller).reset_time
        except self._storage.base_exceptions:  # what cannot be counted is not refused
            log.exception("rate_limit.broke")
            return
        raise TooManyRequests(retry_after=max(math.ceil(over - time.time()), 1))


def init_app(app):
    per_minute = app.config["API_PER_MINUTE"]
    storage = app.config["RATELIMIT_STORAGE_URI"]
    app.extensions["rate_limit"] = RateLimit(per_minute, storage) if per_minute else None


def refuse_token(secret: str):
    """Before the database is asked for it. Raises TooManyRequests."""
    if limit := current_app.extensions["rate_limit"]:
        limit.refuse("token", ApiToken.digest(secret))


def count_token(secret: str):
    """A call with a token that is known. Raises TooManyRequests."""
    if limit := current_app.extensions["rate_limit"]:
        limit.count("token", ApiToken.digest(secret))


def count_user(user_id: int):
    """A signed-in user's call of an address for programs; their pages are not counted. Raises
    TooManyRequests."""
    limit = current_app.extensions["rate_limit"]
    if limit and request.path.startswith(("/api/", "/crm/")):
        limit.count("user", str(user_id))


def count_stranger():
    """A call that is about to be answered with 401. Raises TooManyRequests."""
    if limit := current_app.extensions["rate_limit"]:
        limit.count_stranger(request.remote_addr or "")
