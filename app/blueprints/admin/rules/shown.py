"""What a preview found, as tables, charts and words."""

from collections.abc import Iterator
from typing import Any, NamedTuple
from uuid import UUID

from flask import url_for

from app.blueprints.admin.panels import Row, Shown, share
from app.blueprints.admin.rules.kinds import Rules
from app.domain.scoring.ranking import LEAST
from app.domain.wording import type_in_words
from app.models import Job
from app.queries.contact.contact import leads

BAND = 10
OUTCOMES = {"lead": "became leads", "customer": "became customers"}
PARTS = {"duration": "Duration", "pages": "Pages", "clicks": "Clicks"}
NOW, DRAFT = "Rules in force", "Draft"


class Figure(NamedTuple):
    """One number of the summary, and what it was."""

    label: str
    value: str
    said: str


class Changed(NamedTuple):
    """Somebody whose score changes much, and where their path is."""

    name: str
    href: str | None
    before: int
    after: int

    @property
    def change(self) -> int:
        return self.after - self.before


class Table(NamedTuple):
    """A table with what it shows and says."""

    title: str
    says: str
    shown: Shown

    @property
    def columns(self):
        return self.shown.columns

    @property
    def rows(self):
        return self.shown.rows


def shown_of(of: Rules, job: Job, before, after) -> dict[str, Table]:
    """The tables of a finished preview, by name."""
    result = job.result
    tables = {
        "scores": Table("Scores", f"how many {of.words.acts} score how much", _scores(of, result)),
        "levels": Table(
            "Who changes level",
            "visitors by the level of their best score"
            if of.kind == "interaction"
            else "visitors by the band of their mean score",
            _levels(result),
        ),
        "parts": Table(
            "What fires" if of.kind == "interaction" else "Where points come from",
            "in how many interactions each rule counts, and the points it comes to"
            if of.kind == "interaction"
            else "mean points of a visit",
            _parts(of, result, before, after),
        ),
        "ranking": Table(
            "How well the scores rank", "who became a lead or a customer", _ranking(result)
        ),
        "every score": Table("Every score", "one by one", _every_score(result)),
    }
    if of.kind == "interaction":
        tables["asks"] = Table(
            "Contact forms",
            "after how many uses the rules ask for contact, dismissals aside",
            _asks(result),
        )
    return tables


def summary_of(of: Rules, result: dict[str, Any]) -> list[Figure]:
    """The first figures to look at."""
    acts, changed, people = result["acts"], result["changed_acts"], result["people"]
    before, after = result["means"]
    up, down = _moved(result)
    figures = [
        Figure(f"{of.words.acts.capitalize()} looked at", f"{acts:,}", f"of {people:,} visitors"),
        Figure("Score otherwise", f"{changed:,}", f"{share(changed, acts) or 0.0}% of them"),
        Figure("Mean score", _mean(after), f"{_mean(before)} by the rules in force"),
        Figure("Visitors who change level", f"{up + down:,}", f"{up:,} up, {down:,} down"),
    ]
    if of.kind == "interaction":
        asks = [sum(pair[side] for pair in result["asks"].values()) for side in (0, 1)]
        told = f"{asks[1]:,} against {asks[0]:,}"
        figures.append(Figure("Contact forms", f"{asks[1] - asks[0]:+,}", told))
    return figures


def verdicts_of(of: Rules, result: dict[str, Any]) -> list[tuple[str, str]]:
    """What the ranking says, in words: (about whom, what)."""
    return [(words, _verdict(result["ranking"][name])) for name, words in OUTCOMES.items()]


def who_changed(result: dict[str, Any]) -> list[Changed]:
    """The most changed, by the name of their lead where they became one."""
    rows = result["named"]
    names = {lead.id: lead.name for lead in leads({row[3] for row in rows} - {None})}
    return [Changed(*_whose(*row[2:], names), row[0], row[1]) for row in rows]


def _whose(visitor: str | None, lead_id: int | None, names: dict) -> tuple[str, str | None]:
    if visitor:
        href = url_for("admin.visitor", visitor_id=UUID(visitor))
        return names.get(lead_id) or f"Visitor {visitor[:8]}", href
    if lead_id in names:
        return names[lead_id], url_for("leads.show", lead_id=lead_id)
    return "Somebody without a visit", None


def _scores(of: Rules, result) -> Shown:
    bands: dict[int, list[int]] = {start: [0, 0] for start in range(0, 100, BAND)}
    for score, *counts in result["scores"]:
        band = bands[min(score // BAND * BAND, 100 - BAND)]
        for side in (0, 1):
            band[side] += counts[side]
    names = [f"{start}–{start + BAND - (start + BAND < 100)}" for start in bands]
    rows = [
        Row((name, *counts, counts[1] - counts[0]))
        for name, counts in zip(names, bands.values(), strict=True)
    ]
    series = [
        {"name": name, "values": [counts[side] for counts in bands.values()]}
        for side, name in enumerate((NOW, DRAFT))
    ]
    chart = {"type": "bar", "labels": names, "series": series}
    return Shown(_columns("Score"), rows if result["acts"] else [], chart, _nothing(of))


def _every_score(result) -> Shown:
    return Shown(_columns("Score"), [Row((s, a, b, b - a)) for s, a, b in result["scores"]])


def _asks(result) -> Shown:
    rows = [Row((type_in_words(k), a, b, b - a)) for k, (a, b) in result["asks"].items()]
    return Shown(_columns("Tool"), rows, None, "Nobody used a tool in this time.")


def _levels(result) -> Shown:
    names, moves = result["levels"], result["moves"]
    columns = ((f"{NOW} ↓ · {DRAFT} →", "text"), *((name, "number") for name in names))
    rows = [Row((name, *counts)) for name, counts in zip(names, moves, strict=True)]
    return Shown(columns, rows if result["people"] else [], None, "Nobody to compare yet.")


def _parts(of: Rules, result, before, after) -> Shown:
    found = result["parts"]
    if of.kind == "session":
        acts = max(result["acts"], 1)
        means = {n: [round(v / acts, 2) for v in found.get(n, (0,) * 4)[2:]] for n in PARTS}
        rows = [Row((PARTS[n], a, b, round(b - a, 2))) for n, (a, b) in means.items()]
        columns = (("Part", "text"), *((n, "score") for n in (NOW, DRAFT, "Difference")))
        return Shown(columns, rows if result["acts"] else [], None, _nothing(of))
    names = {rule.id: rule.name for rules in (before, after) for rule in rules.ordered}
    rows = [Row((name, *found.get(rule_id, (0,) * 4))) for rule_id, name in names.items()]
    told = ("Counts now", "by the draft", "Points now", "by the draft")
    columns = (("Rule", "text"), *((words, "number") for words in told))
    return Shown(columns, rows if result["acts"] else [], None, _nothing(of))


def _ranking(result) -> Shown:
    columns = (
        ("Who", "text"),
        ("By", "text"),
        ("Came to it", "text"),
        ("AUC (95% interval)", "text"),
        ("Lift, top tenth", "text"),
    )
    return Shown(columns, list(_ranking_rows(result["ranking"])))


def _ranking_rows(ranking) -> Iterator[Row]:
    for name, words in OUTCOMES.items():
        told = ranking[name]
        people = told["positives"] + told["negatives"]
        who, came = f"Visitors who {words}", f"{told['positives']:,} of {people:,}"
        if told["auc"] is None:
            yield Row((who, "both", came, f"too few: it takes {LEAST}", "–"))
            continue
        for side, by in enumerate((NOW, DRAFT)):
            lift = f"{told['lift'][side]:.2f} ×"
            yield Row((who, by, came, _estimate(told["auc"][side]), lift))
        gained = _signed(f"{told['lift'][1] - told['lift'][0]:+.2f}")
        yield Row((who, "Difference", came, _estimate(told["difference"], "+.3f"), gained))


def _estimate(told: list[float], shape: str = ".3f") -> str:
    value, low, high = (_signed(f"{number:{shape}}") for number in told)
    return f"{value} ({low} to {high})"


def _signed(text: str) -> str:
    return text.replace("-", "−") if float(text) else text.replace("-", "").replace("+", "")


def _verdict(told: dict[str, Any]) -> str:
    if told["difference"] is None:
        fewest = min(told["positives"], told["negatives"])
        which = "came to it" if told["positives"] <= told["negatives"] else "did not"
        return f"Too few to tell: {fewest:,} visitors {which}, and it takes {LEAST}."
    value, low, high = told["difference"]
    if low > 0:
        return "The draft ranks them better, and more than by chance."
    if high < 0:
        return "The draft ranks them worse, and more than by chance."
    if value == low == high == 0:
        return "Both rank them exactly alike."
    return "No clear difference: it may be chance."


def _moved(result) -> tuple[int, int]:
    moves = result["moves"]
    size = range(len(moves))
    up = sum(moves[row][column] for row in size for column in size if column > row)
    return up, sum(moves[row][column] for row in size for column in size if column < row)


def _columns(first: str):
    return ((first, "text"), (NOW, "number"), (DRAFT, "number"), ("Difference", "number"))


def _mean(value: float | None) -> str:
    return "–" if value is None else f"{value:.1f}"


def _nothing(of: Rules) -> str:
    return (
        f"There are no {of.words.acts} in this time. Choose more of the past, or publish: nothing "
        "that happened would score otherwise."
    )
