"""What the pages of this surface read from their address."""

from collections.abc import Mapping
from uuid import UUID

from flask import abort, request

from app.domain.period import edges, read_days
from app.domain.validation import Invalid
from app.queries.tracking.interactions import LogFilter
from app.queries.tracking.sites import site


def chosen_site() -> int | None:
    """The site in the address; none for all; 404 for one that is not the organization's."""
    given = request.args.get("site", "")
    if not given:
        return None
    if not given.isdecimal() or len(given) > 9 or site(int(given)) is None:
        abort(404, "There is no such site.")
    return int(given)


def read_log_filter(given: Mapping, types: list[str], site_id: int | None) -> LogFilter:
    """The filters of the interaction log. Raises Invalid, naming each that cannot be used."""
    problems: dict[str, str] = {}
    first, last = read_days(given, problems)
    score = given.get("score", "").strip()
    if score and not (score.isdecimal() and len(score) <= 3 and int(score) <= 100):
        problems["score"] = "must be a whole number 0..100"
    visitor = _uuid(given.get("visitor", "").strip(), problems)
    converted = given.get("converted", "")
    if converted not in ("", "yes", "no"):
        problems["converted"] = "must be yes or no"
    if problems:
        raise Invalid(problems)
    starts_at, ends_at = edges(first, last)
    return LogFilter(
        types=tuple(types),
        starts_at=starts_at,
        ends_at=ends_at,
        converted={"yes": True, "no": False}.get(converted),
        least_score=int(score) if score else None,
        site_id=site_id,
        visitor_id=visitor,
    )


def _uuid(text: str, problems: dict[str, str]) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        problems["visitor"] = "must be a visitor's id, as in the address of their page"
        return None
