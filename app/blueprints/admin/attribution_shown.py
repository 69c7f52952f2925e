"""What models credit to channels and sources, as tables, a chart and sentences."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from app.domain.attribution.attribution import MODELS, share_out
from app.domain.attribution.model_comparison import Disagreement, disagreements
from app.queries.attribution.attribution import Credited

MOST_LINES = 40
MOST_SERIES = 8
NO_SOURCE = "no source named"
CSV_COLUMNS = (
    "channel",
    "source",
    "model",
    "conversions",
    "share_percent",
    "revenue",
    "spend",
    "return_on_spend",
    "cost_per_conversion",
)


@dataclass(frozen=True, slots=True)
class Cell:
    """What one model credits: conversions and their share in percent, rounded so that a column
    sums exactly; revenue and its share; return and cost (minor units) where something was spent."""

    conversions: Decimal
    share: Decimal
    revenue: int
    revenue_share: Decimal
    returned: Decimal | None
    cost: int | None

    @property
    def heat(self) -> int:
        return _heat(self.share)

    @property
    def revenue_heat(self) -> int:
        return _heat(self.revenue_share)


@dataclass(frozen=True, slots=True)
class Line:
    """A channel, or a source of one, with a cell for each model; `channel` None: the others."""

    label: str
    channel: str | None
    source: str | None
    cells: dict[str, Cell]
    spent: int | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """All models side by side; `totals` are the columns' sums."""

    lines: list[Line]
    totals: dict[str, Cell]
    spent: int | None

    @property
    def has_revenue(self) -> bool:
        return any(cell.revenue for cell in self.totals.values())

    @property
    def has_conversions(self) -> bool:
        return any(cell.conversions for cell in self.totals.values())

    @property
    def differ(self) -> bool:
        """Whether some conversions were calculated by some of the models only."""
        return len({cell.conversions for cell in self.totals.values()}) > 1

    @property
    def spending(self) -> list[Line]:
        return [line for line in self.lines if line.spent]


def label_of(row: Credited, by_source: bool) -> str:
    if not by_source:
        return row.channel
    return f"{row.channel} · {row.source or NO_SOURCE}"


def compared(rows: Sequence[Credited], by_source: bool) -> Comparison:
    """The rows as lines of a table; beyond MOST_LINES they are added up."""
    kept, rest = list(rows[:MOST_LINES]), rows[MOST_LINES:]
    labels = [label_of(row, by_source) for row in kept]
    if rest:
        kept.append(_added(rest))
        labels.append(f"{len(rest)} others")
    columns = {model: _column(kept, model) for model in MODELS}
    lines = [
        Line(
            label=label,
            channel=None if rest and row is kept[-1] else row.channel,
            source=row.source,
            cells={model: columns[model][place] for model in MODELS},
            spent=row.spent,
        )
        for place, (label, row) in enumerate(zip(labels, kept, strict=True))
    ]
    everything = _added(kept)
    totals = {model: _cell(everything, model, Decimal(100), Decimal(100)) for model in MODELS}
    return Comparison(lines, totals, everything.spent)


def _added(rows: Iterable[Credited]) -> Credited:
    whole = Credited("", None)
    for row in rows:
        for model in MODELS:
            given = row.conversions.get(model, Decimal(0))
            whole.conversions[model] = whole.conversions.get(model, Decimal(0)) + given
            whole.revenue[model] = whole.revenue.get(model, 0) + row.revenue.get(model, 0)
        if row.spent:
            whole.spent = (whole.spent or 0) + row.spent
    return whole


def _column(rows: Sequence[Credited], model: str) -> list[Cell]:
    given = [row.conversions.get(model, Decimal(0)) for row in rows]
    revenue = [row.revenue.get(model, 0) for row in rows]
    told = _shared(sum(given), given, 2)
    shares, of_revenue = (_shared(Decimal(100), each, 1) for each in (given, revenue))
    return [
        _cell(row, model, share, revenue_share, conversions)
        for row, conversions, share, revenue_share in zip(
            rows, told, shares, of_revenue, strict=True
        )
    ]


def _cell(
    row: Credited,
    model: str,
    share: Decimal,
    revenue_share: Decimal,
    conversions: Decimal | None = None,
) -> Cell:
    exact = row.conversions.get(model, Decimal(0))
    return Cell(
        conversions=exact if conversions is None else conversions,
        share=share,
        revenue=row.revenue.get(model, 0),
        revenue_share=revenue_share,
        returned=row.return_on_spend(model),
        cost=round(row.spent / exact) if row.spent and exact else None,
    )


def _shared(whole: Decimal, parts: Sequence[Decimal | int], places: int) -> list[Decimal]:
    """The parts of `whole` to so many places, their sum exact; zeros where there is nothing."""
    if not sum(parts):
        return [Decimal(0)] * len(parts)
    return share_out(Decimal(whole), [Fraction(part) for part in parts], places)


def _heat(share: Decimal) -> int:
    return min(int(share / 10 + Decimal("0.5")), 10)


def chart_of(shown: Comparison) -> dict[str, Any]:
    """A bar for each model, divided among the channels."""
    lines = shown.lines
    if len(lines) > MOST_SERIES:
        lines = lines[: MOST_SERIES - 1]
    named = [(line.label, [line.cells[model].share for model in MODELS]) for line in lines]
    if len(lines) < len(shown.lines):
        rest = [
            shown.totals[model].conversions and 100 - sum(line.cells[model].share for line in lines)
            for model in MODELS
        ]
        named.append(("Others", rest))
    return {
        "type": "bar",
        "horizontal": True,
        "stacked": True,
        "unit": "%",
        "max": 100,
        "labels": [model.label for model in MODELS.values()],
        "series": [
            {"name": name, "values": [float(value) for value in values]} for name, values in named
        ],
    }


def disagreements_of(shown: Comparison) -> list[Disagreement]:
    """Where the models differ most, by the labels that the page shows."""
    shares = {
        line.label: {MODELS[model].label: cell.share for model, cell in line.cells.items()}
        for line in shown.lines
        if line.channel
    }
    return disagreements(shares)


def csv_rows(rows: Sequence[Credited], by_source: bool) -> list[Sequence[Any]]:
    """A line for each channel (and source) and model, in major units, nothing rounded."""
    whole = _added(rows)
    told: list[Sequence[Any]] = [CSV_COLUMNS]
    for row in rows:
        for model in MODELS:
            given, of_all = row.conversions.get(model, Decimal(0)), whole.conversions[model]
            cell = _cell(row, model, Decimal(0), Decimal(0))
            told.append(
                (
                    row.channel,
                    (row.source or "") if by_source else "",
                    model,
                    given,
                    (given * 100 / of_all).quantize(Decimal("0.0001")) if of_all else "",
                    _major(cell.revenue),
                    _major(row.spent),
                    cell.returned,
                    _major(cell.cost),
                )
            )
    return told


def _major(minor: int | None) -> Decimal | None:
    return None if minor is None else Decimal(minor) / 100
