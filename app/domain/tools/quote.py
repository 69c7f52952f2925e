"""A numbered quote: its number, how long it holds, and what its document says."""

from __future__ import annotations

import unicodedata
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from app.domain.money import money_to_the_cent

STATES = {"valid": "Valid", "expired": "Expired", "replaced": "Replaced"}
USUAL_PREFIX = "Q"
COLUMNS = {"monthly": "Each month", "last": "The last one"}
WITH_INTEREST = COLUMNS | {"interest": "Interest in all", "total": "In all"}


def number_of(prefix: str, year: int, sequence: int) -> str:
    """AUR, 2026, 42 -> AUR-2026-00042."""
    return f"{prefix}-{year}-{sequence:05d}"


def prefix_of(name: str) -> str:
    """The usual prefix of an organization's numbers: the first three letters of its name."""
    flat = unicodedata.normalize("NFKD", name).upper()
    letters = [c for c in flat if c.isascii() and c.isalnum()]
    return "".join(letters[:3]) or USUAL_PREFIX


def valid_until(issued_on: date, days: int) -> date:
    """The last day on which a quote holds; the day of issue is none of the `days`."""
    return issued_on + timedelta(days=days)


def state_of(last_day: date, replaced: bool, today: date) -> str:
    """One of STATES, on a day in the organization's time zone."""
    if replaced:
        return "replaced"
    return "expired" if today > last_day else "valid"


def day(moment: date) -> str:
    """2026-12-21 -> 21 December 2026."""
    return f"{moment.day} {moment:%B %Y}"


def document(
    content: dict[str, Any],
    *,
    number: str,
    issued_on: date,
    last_day: date,
    recipient: dict[str, str],
) -> dict[str, Any]:
    """What the document of a quote says, as texts ready to be set.

    `content` is what was frozen at its issue: organization (name, phone, email, colour), clinic,
    currency, estimate, financing, terms, replaces.
    """
    currency, estimate = content["currency"], content["estimate"]
    organization = content["organization"]
    contact = [organization.get("phone", ""), organization.get("email", "")]
    return {
        "title": f"Quote {number}",
        "organization": organization["name"],
        "contact": [line for line in contact if line],
        "colour": organization["colour"],
        "facts": _facts(content, issued_on, last_day),
        "recipient": [recipient[n] for n in ("name", "email", "phone") if recipient.get(n)],
        "lines": [_line(line, currency) for line in estimate["lines"]],
        "subtotal": _amounts(estimate["subtotal"], currency),
        "discounts": [_discount(one, currency) for one in estimate["discounts"]],
        "total": _amounts(estimate["total"], currency),
        "is_range": _is_range(estimate["total"]),
        "financing": _financing(content["financing"], currency),
        "validity": f"These prices hold until {day(last_day)}.",
        "terms": [line.strip() for line in content["terms"].splitlines() if line.strip()],
    }


def _facts(content, issued_on: date, last_day: date) -> list[list[str]]:
    facts = [
        ["Date", day(issued_on)],
        ["Valid until", day(last_day)],
        ["At", content["clinic"]],
    ]
    if content.get("replaces"):
        facts.append(["Replaces", content["replaces"]])
    return facts


def _line(line: dict, currency: str) -> dict:
    parts = [part for part in line["parts"] if part["price"]["low"] or part["price"]["high"]]
    return {
        "name": line["name"],
        "price": _amounts(line["price"], currency),
        "parts": [
            {
                "name": part["name"],
                "detail": part["detail"],
                "price": _amounts(part["price"], currency),
            }
            for part in parts
        ],
    }


def _discount(discount: dict, currency: str) -> dict:
    return {
        "name": discount["name"],
        "detail": f"−{_percent(discount['percent'])}",
        "price": _amounts(discount["price"], currency),
    }


def _financing(financing: dict, currency: str) -> dict | None:
    """The plan that was chosen; all that are offered when none was."""
    chosen, plans = financing["months"], financing["plans"]
    shown = [plan for plan in plans if plan["months"] == chosen] or plans
    if not shown:
        return None
    rate = shown[0]["yearly_percent"]
    columns = WITH_INTEREST if rate else COLUMNS
    return {
        "chosen": bool(chosen),
        "head": ["Over", *columns.values()],
        "rows": [
            [f"{plan['months']} months", *(_between(plan, name, currency) for name in columns)]
            for plan in shown
        ],
        "rate": _rate(rate, shown[0]["effective_percent"]),
    }


def _rate(nominal: float, effective: float) -> str:
    if not nominal:
        return "Without interest and without fees. The last instalment settles the cents."
    return (
        f"At a nominal rate of {_percent(nominal)} a year, effectively {_percent(effective)}. "
        "Interest is part of each instalment; the last one settles the cents."
    )


def _between(plan: dict, name: str, currency: str) -> str:
    low, high = (money_to_the_cent(plan[end][name], currency) for end in ("low", "high"))
    return low if low == high else f"{low} – {high}"


def _amounts(price: dict, currency: str) -> list[str]:
    texts = (money_to_the_cent(price[end], currency) for end in ("low", "high"))
    return [text.replace("-", "−", 1) for text in texts]


def _is_range(price: dict) -> bool:
    return price["low"] != price["high"]


def _percent(number: float) -> str:
    return f"{Decimal(str(number)).normalize():f}%"
