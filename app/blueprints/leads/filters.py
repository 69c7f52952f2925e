"""The filters of an address: which leads they want, how they are said, what they may be."""

from datetime import date, timedelta

from flask import request

from app.access import may
from app.caller import caller_id, own_leads_of
from app.clock import utc_now
from app.domain.journeys.next_action import ACTIONS
from app.domain.leads.lead_view import (
    CAME,
    DAYS,
    GRADES,
    ME,
    NOBODY,
    OWN_DAYS,
    TEMPERATURES,
    UNCONTACTED,
    days_of,
    not_understood,
    understood,
    wrong_days,
)
from app.domain.leads.lifecycle import LABELS
from app.domain.period import edges
from app.queries.leads import lead_list as queries

SORTS = {name: label for name, (_, label) in queries.SORTS.items()}
ACTION_LABELS = {action.name: action.label for action in ACTIONS}
RISKS = {"40": "40% and more", "70": "70% and more"}
STAYS = {"7": "a week", "21": "three weeks", "60": "60 days"}

SHOWN = frozenset(("q", "sort", "stage"))


def asked() -> dict[str, str]:
    """The filters and the sort of this request's address."""
    return understood(request.args)


def left_out() -> list[str]:
    """What this request's address asks that is not understood, in words."""
    return [f"{name} “{value[:60]}”" for name, value in not_understood(request.args).items()]


def problems() -> dict[str, str]:
    """What is wrong with the days that this request's address asks: name -> what."""
    return wrong_days(request.args)


def typed_days() -> dict[str, str]:
    """The days of this request's address as they were written."""
    return {name: request.args.get(name, "") for name in DAYS}


def wanted_by(filters: dict[str, str]) -> queries.Wanted:
    """The leads that filters want, of those the caller sees."""

    def number(name: str) -> int | None:
        return int(filters[name]) if name in filters else None

    assignee = filters.get("assignee")
    if assignee == ME:
        assignee = str(caller_id() or 0)
    now = utc_now()
    hours, days = number("uncontacted"), number("stay")
    came_from, came_before = edges(*days_of(filters, now.date()))
    return queries.Wanted(
        stage=filters.get("stage"),
        temperature=filters.get("temperature"),
        grade=filters.get("grade"),
        low=number("min"),
        high=number("max"),
        source=filters.get("source"),
        assignee=assignee,
        q=filters.get("q"),
        open="open" in filters,
        risk=number("risk"),
        uncontacted_since=None if hours is None else now - timedelta(hours=hours),
        in_stage_since=None if days is None else now - timedelta(days=days),
        action=filters.get("action"),
        came_from=came_from,
        came_before=came_before,
        owner_id=own_leads_of(),
    )


def sort_of(filters: dict[str, str]) -> str:
    return filters.get("sort", "score")


def choices(filters: dict[str, str]) -> dict:
    """What the form of the filters offers, what the address asks included."""
    return {
        "stages": LABELS,
        "temperatures": {name: name.capitalize() for name in TEMPERATURES},
        "grades": {name: name for name in GRADES},
        "sources": {name: name.replace("_", " ") for name in queries.sources()},
        "people": {str(user.id): user.name for user in queries.assignable()}
        if may("analyst")
        else {},
        "sorts": SORTS,
        "came": {name: said.capitalize() for name, said in CAME.items()} | {OWN_DAYS: "Own days"},
        "actions": ACTION_LABELS,
        "risks": _with(RISKS, filters.get("risk"), "{}% and more"),
        "uncontacted": {hours: f"for {said}" for hours, said in UNCONTACTED.items()},
        "stays": _with(STAYS, filters.get("stay"), "{} days"),
    }


def _with(offered: dict[str, str], value: str | None, said: str) -> dict[str, str]:
    """The choices, and the value that somebody wrote into the address."""
    return offered if value is None or value in offered else {**offered, value: said.format(value)}


def in_words(filters: dict[str, str], people: dict[str, str]) -> str:
    """Filters as one line: "Hot · not contacted for 24 hours"."""
    others = {name: value for name, value in filters.items() if name not in DAYS}
    said = _own_days(filters) + [_said(name, value, people) for name, value in others.items()]
    return " · ".join(said) if said else "Every lead"


def _own_days(filters: dict[str, str]) -> list[str]:
    first, last = (filters.get(name) and _day(filters[name]) for name in DAYS)
    if first and last:
        return [f"came {first} – {last}" if first != last else f"came on {first}"]
    return [f"came since {first}"] if first else [f"came until {last}"] if last else []


def _day(text: str) -> str:
    return f"{date.fromisoformat(text):%-d %b %Y}"


def told(filters: dict[str, str], people: dict[str, str]) -> str:
    """The filters of which the form shows nothing until it is unfolded."""
    folded = {name: value for name, value in filters.items() if name not in SHOWN}
    return in_words(folded, people) if folded else ""


def _said(name: str, value: str, people: dict[str, str]) -> str:
    match name:
        case "stage":
            return LABELS[value]
        case "open":
            return "not ended"
        case "temperature":
            return value
        case "assignee":
            named = {ME: "me", NOBODY: "nobody"}
            return f"assigned to {named.get(value) or people.get(value, 'somebody who left')}"
        case "min" | "max":
            return f"score at {'least' if name == 'min' else 'most'} {value}"
        case "risk":
            return f"churn risk of {value}% and more"
        case "uncontacted":
            return f"not contacted for {UNCONTACTED[value]}"
        case "stay":
            return f"in their stage for {value} days"
        case "came":
            return f"came {CAME[value]}"
        case "action":
            return f"next: {ACTION_LABELS[value].lower()}"
        case "q":
            return f"“{value}”"
        case "sort":
            return f"by {SORTS[value].lower()}"
        case _:
            return f"{name} {value}"
