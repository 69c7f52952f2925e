"""Ways of looking at the leads: the filters that an address may hold, and views made of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import NamedTuple
from urllib.parse import parse_qsl, urlencode

from app.domain.journeys.next_action import ACTIONS
from app.domain.leads.lifecycle import EXITS, STAGES
from app.domain.period import last_days, last_month, read_day, read_days, this_month
from app.domain.scoring.lead_score import DEFAULT_GRADES, DEFAULT_TEMPERATURES

GRADES = tuple(threshold.name for threshold in DEFAULT_GRADES)
TEMPERATURES = tuple(threshold.name for threshold in DEFAULT_TEMPERATURES)
SORTS = ("score", "newest", "engaged", "risk", "contact", "stay")
ME, NOBODY = "me", "none"
# The stages in which nothing more is to be won.
ENDED = ("customer", *EXITS)
# hours -> how people say it
UNCONTACTED = {"24": "24 hours", "72": "3 days", "168": "7 days", "720": "30 days"}
# When leads came, told from today: so a view that is kept stays true. Days, or a name -> in words
CAME = {
    "1": "today",
    "7": "in the last 7 days",
    "30": "in the last 30 days",
    "90": "in the last 90 days",
    "365": "in the last year",
    "month": "this month",
    "last-month": "last month",
}
OWN_DAYS = "days"  # said of `came` by who gives `from` or `to`
MOST_DAYS = 3650
LONGEST_TEXT = 100
DAYS = ("from", "to")


def _among(*choices: str) -> Callable[[str], str]:
    return lambda text: text if text in choices else ""


def _up_to(most: int) -> Callable[[str], str]:
    def read(text: str) -> str:
        fits = text.isascii() and text.isdigit() and len(text) < 10
        return str(min(int(text), most)) if fits else ""

    return read


def _assignee(text: str) -> str:
    return text if text in (ME, NOBODY) else _up_to(10**9)(text)


def _day(text: str) -> str:
    day = read_day(text, "", {})
    return day.isoformat() if day else ""


def _text(text: str) -> str:
    return text[:LONGEST_TEXT].strip()


# name in the address -> what is understood of its value; "" filters nothing
FILTERS: dict[str, Callable[[str], str]] = {
    "stage": _among(*STAGES),
    "open": _among("1"),
    "temperature": _among(*TEMPERATURES),
    "grade": _among(*GRADES),
    "min": _up_to(100),
    "max": _up_to(100),
    "risk": _up_to(100),
    "uncontacted": _among(*UNCONTACTED),
    "stay": _up_to(MOST_DAYS),
    "came": _among(*CAME),
    "from": _day,
    "to": _day,
    "action": _among(*(action.name for action in ACTIONS)),
    "source": _text,
    "assignee": _assignee,
    "q": _text,
    "sort": _among(*SORTS[1:]),
}


def understood(given: Mapping[str, str]) -> dict[str, str]:
    """Of the parameters of an address the filters and the sort, each in its one form and order;
    what is not known or says nothing is left out, and so is the usual sort. Days of one's own take
    the place of what `came` says, and those of which none can be are left out."""
    read = ((name, clean(given.get(name, "").strip())) for name, clean in FILTERS.items())
    known = {name: value for name, value in read if value}
    if "from" in known or "to" in known:
        known.pop("came", None)
    if known.get("from", "") > known.get("to", "9999"):
        del known["from"], known["to"]
    return known


def not_understood(given: Mapping[str, str]) -> dict[str, str]:
    """The filters of an address that filter nothing, because their value is none: name -> value.
    Days are told of by `wrong_days`."""
    known, usual = understood(given), {"sort": SORTS[0], "came": OWN_DAYS}
    values = {name: given.get(name, "").strip() for name in FILTERS if name not in DAYS}
    if any(given.get(name) for name in DAYS):
        values.pop("came")
    return {n: v for n, v in values.items() if v and n not in known and usual.get(n) != v}


def wrong_days(given: Mapping[str, str]) -> dict[str, str]:
    """What is wrong with the days that an address gives: name -> what."""
    problems: dict[str, str] = {}
    told = {name: given.get(name, "").strip() for name in DAYS}
    read_days(told, problems)
    if given.get("came") == OWN_DAYS and not any(told.values()):
        problems["from"] = "must be given, or the last day"
    return problems


def days_of(filters: Mapping[str, str], today: date) -> tuple[date | None, date | None]:
    """The first and the last day (UTC) on which the leads came that filters want, both included;
    none where there is no such bound. The last is today where only the first is given."""
    came = filters.get("came")
    if came is None:
        first, last = read_days(filters, {})
        return first, last or (first and today)
    named = {"month": this_month, "last-month": last_month}
    period = named[came](today) if came in named else last_days(int(came), today)
    return period.first, period.last


def canonical(query: str) -> str:
    """A query string with nothing but what is understood of it: two that ask for the same leads in
    the same order are equal."""
    return urlencode(filters_of(query))


def filters_of(query: str) -> dict[str, str]:
    """The filters that a query string holds; of one given twice the first, as a page reads it."""
    return understood(dict(reversed(parse_qsl(query))))


class View(NamedTuple):
    """A view that nobody has to make; `for_all` is false where it says nothing to agents, who see
    but their own leads."""

    name: str
    title: str
    filters: dict[str, str]
    for_all: bool = True


BUILT_IN = (
    View("All", "Every lead", {}),
    View("Mine", "Assigned to me", {"assignee": ME}, for_all=False),
    View(
        "Hot, not contacted",
        "Hot leads that nobody has called or written to in 24 hours",
        {"open": "1", "temperature": "hot", "uncontacted": "24"},
    ),
    View("Unassigned", "Assigned to nobody, not ended", {"open": "1", "assignee": NOBODY}, False),
    View("Going silent", "Churn risk of 70% and more", {"open": "1", "risk": "70"}),
    View("Stalled", "In the same stage for three weeks", {"open": "1", "stay": "21"}),
)
