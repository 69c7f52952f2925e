"""Leads and their stages in CSV files of other systems."""

import csv
from collections.abc import Iterator
from functools import partial
from io import TextIOWrapper
from itertools import islice

import click

from app.clock import utc_now
from app.extensions import db
from app.models import Lead
from app.operations.journeys.refresh_journeys import refresh_journeys
from app.operations.leads.import_leads import (
    LEAD_FIELDS,
    STAGE_FIELDS,
    Receipt,
    import_leads,
    import_stages,
)
from app.operations.scoring.score_leads import keep_scores, scores_of

AT_ONCE = 500
FIELDS = {"leads": LEAD_FIELDS, "stages": STAGE_FIELDS}
DELIMITERS = ",;\t"


def take_in(file, kind: str, columns: str | None, stage: str | None) -> Receipt:
    """Takes in a whole file part by part, telling what it refuses by line; its `refused` counts
    them. Raises click.ClickException for a file that cannot be read."""
    rows, whole = _rows(file, kind, columns), Receipt()
    operation = import_leads if kind == "leads" else partial(import_stages, stage=stage)
    while part := list(islice(rows, AT_ONCE)):
        now = utc_now()
        receipt = operation([row for _, row in part if isinstance(row, dict)], now=now)
        good = [number for number, row in part if isinstance(row, dict)]
        bad = [(number, row) for number, row in part if isinstance(row, str)]
        bad += [(good[place], why) for place, why in receipt.refused]
        _score(receipt.lead_ids, now)
        db.session.commit()
        for number, why in sorted(bad):
            click.echo(f"line {number}: {why}", err=True)
        whole.stored, whole.known = whole.stored + receipt.stored, whole.known + receipt.known
        whole.refused += bad
        click.echo(f"{part[-1][0]} lines read", err=True)
    return whole


def _score(lead_ids: list[int], now):
    """What has just come in has its score and its journey at once."""
    if not lead_ids:
        return
    wanted = db.select(Lead).where(Lead.id.in_(lead_ids)).order_by(Lead.id)
    leads = list(db.session.scalars(wanted))
    keep_scores(scores_of(leads, now), reason="imported", now=now)
    db.session.expire_all()
    refresh_journeys(list(db.session.scalars(wanted)), now=now)


def _rows(file, kind: str, columns: str | None) -> Iterator[tuple[int, dict | str]]:
    """(line, the row by our names) or, in place of a row that has no shape, what is wrong."""
    text = TextIOWrapper(file, encoding="utf-8-sig", newline="")
    try:
        first = text.readline()
        delimiter = max(DELIMITERS, key=first.count)
        header = next(csv.reader([first], delimiter=delimiter), [])
        names = _names([name.strip() for name in header], FIELDS[kind], columns)
        reader = csv.reader(text, delimiter=delimiter)
        line = 2
        for row in reader:
            if any(row):
                yield line, _row(row, header, names)
            line = reader.line_num + 2
    except UnicodeDecodeError:
        raise click.ClickException("This file is not UTF-8; save it as CSV UTF-8.") from None
    except csv.Error as error:
        raise click.ClickException(f"This file cannot be read as CSV: {error}.") from None
    finally:
        text.detach()  # whoever opened the file closes it


def _row(row: list[str], header: list[str], names: dict[str, int]) -> dict | str:
    if len(row) != len(header):
        return f"{len(row)} values, where the first line names {len(header)} columns"
    return {name: row[place] for name, place in names.items()}


def _names(header: list[str], fields: tuple[str, ...], columns: str | None) -> dict[str, int]:
    """Our name -> the place of its column. Without `columns` every column bears our name."""
    if columns is None:
        pairs = [(name, name) for name in header]
    else:
        pairs = [tuple(map(str.strip, part.partition("=")[::2])) for part in columns.split(",")]
        pairs = [(theirs, ours or theirs) for theirs, ours in pairs]
    names: dict[str, int] = {}
    for theirs, ours in pairs:
        if theirs not in header:
            told = ", ".join(header) or "none"
            raise click.UsageError(f"The file has no column {theirs!r}; its columns are {told}.")
        if ours not in fields:
            known = ", ".join(fields)
            hint = "" if columns else " Name those to be read by --columns."
            raise click.UsageError(f"{ours!r} is not a field; the fields are {known}.{hint}")
        if ours in names:
            raise click.UsageError(f"Two columns mean {ours!r}; name one.")
        names[ours] = header.index(theirs)
    return names
