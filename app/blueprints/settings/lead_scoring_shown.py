"""What a preview of the lead score found, as tables and sentences."""

from typing import Any, NamedTuple

from flask import url_for

from app.domain.scoring.lead_scoring import LeadScoring
from app.queries.contact.contact import leads

NOW, DRAFT = "In force", "Draft"
NAMES = {"grades": "Grades", "temperatures": "Temperatures", "named": "The most changed"}


class Row(NamedTuple):
    cells: tuple
    href: str | None = None


class Table(NamedTuple):
    """A table, and the chart of it where it has one; columns are (label, kind)."""

    says: str
    columns: tuple[tuple[str, str], ...]
    rows: list[Row]
    chart: dict | None = None


def tables_of(result: dict[str, Any]) -> dict[str, Table]:
    """The tables of a finished preview, by name."""
    return {
        "grades": _levels("leads by grade", "grade", result["grades"], chart=True),
        "temperatures": _levels("leads by temperature", "temperature", result["temperatures"]),
        "named": _named(result),
    }


def _levels(says: str, column: str, told: dict[str, Any], chart: bool = False) -> Table:
    """Each level opens the leads that have it now, by that column of their list."""
    names, moves = told["names"], told["moves"]
    before = [sum(row) for row in moves]
    after = [sum(row[place] for row in moves) for place in range(len(names))]
    rows = [
        Row((name, a, b, b - a), url_for("leads.index", **{column: name}))
        for name, a, b in zip(names, before, after, strict=True)
    ]
    series = [{"name": NOW, "values": before}, {"name": DRAFT, "values": after}]
    drawn = {"type": "bar", "labels": names, "series": series} if chart else None
    numbers = ((NOW, "number"), (DRAFT, "number"), ("Difference", "change"))
    return Table(says, ((column.capitalize(), "text"), *numbers), rows, drawn)


def _named(result: dict[str, Any]) -> Table:
    names = {lead.id: lead.name for lead in leads({row[2] for row in result["named"]})}
    rows = [
        Row((names[lead_id], a, b, b - a), url_for("leads.show", lead_id=lead_id))
        for a, b, lead_id in result["named"]
        if lead_id in names  # erased since
    ]
    numbers = ((NOW, "number"), (DRAFT, "number"), ("Change", "change"))
    return Table("ten leads whose score moves furthest", (("Lead", "text"), *numbers), rows)


def who_moves(result: dict[str, Any], before: LeadScoring, after: LeadScoring) -> list[str]:
    """How many leads would move by themselves, in sentences."""
    told = []
    for name, one, many in (
        ("qualify", "lead stands", "leads stand"),
        ("silent", "lead is", "leads are"),
    ):
        was, now = result[name]
        end = (
            f"at the score that qualifies ({after.lifecycle.qualified_at}) and not qualified yet: "
            "they move at their next engagement"
            if name == "qualify"
            else f"silent for {after.lifecycle.silent_days} days or more: the next night moves "
            "them to churned"
        )
        told.append(f"{now:,} {one if now == 1 else many} {end}; {was:,} by what is in force.")
    return told


def summary_of(result: dict[str, Any]) -> list[tuple[str, str, str]]:
    """The first figures to look at: (label, figure, what it was)."""
    everybody, changed = result["leads"], result["changed"]
    before, after = result["means"]
    share = f"{100 * changed / everybody:.1f}% of them" if everybody else "there are no leads yet"
    moved = {
        "Change grade": _between(result["grades"]),
        "Change temperature": _between(result["temperatures"]),
    }
    return [
        ("Leads looked at", f"{everybody:,}", "all there are"),
        ("Score otherwise", f"{changed:,}", share),
        ("Mean score", _mean(after), f"{_mean(before)} by what is in force"),
        *(
            (label, f"{up + down:,}", f"{up:,} up, {down:,} down")
            for label, (up, down) in moved.items()
        ),
    ]


def _between(told: dict[str, Any]) -> tuple[int, int]:
    """How many leads go up a level, and down; the first level is the highest."""
    moves = told["moves"]
    size = range(len(moves))
    up = sum(moves[a][b] for a in size for b in size if b < a)
    return up, sum(moves[a][b] for a in size for b in size if b > a)


def _mean(value: float | None) -> str:
    return "–" if value is None else f"{value:.1f}"
