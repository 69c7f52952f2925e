"""`flask import` and `flask export`: data as JSON lines."""

import json
from codecs import BOM_UTF8
from itertools import islice

import click
import msgspec

from app.clock import utc_now
from app.commands.door import chosen_organization, command, for_organization
from app.extensions import db
from app.operations.import_interactions import import_interactions
from app.queries.export import rows_of_organization
from app.tenancy import acting_for

AT_ONCE = 500


@command("import")
@click.argument("file", type=click.File("rb"))
@for_organization
def import_(file, slug):
    """Takes in FILE ("-": what is piped in): a line an event, as POST /api/interactions takes them.

    What is stored is stored once: after a break, import the same file again. What is refused is
    printed with its line number and its reason.
    """
    organization_id = chosen_organization(slug).id
    db.session.rollback()
    stored = doubles = refused = done = 0
    with acting_for(organization_id):
        for lines in _in_parts(file):
            events, bad = _read(lines)
            receipt = import_interactions([event for _, event in events], now=utc_now())
            db.session.commit()
            bad += [(events[r.place][0], f"{r.reason}: {r.message}") for r in receipt.refused]
            for number, why in sorted(bad):
                click.echo(f"line {number}: {why}", err=True)
            stored, doubles = stored + receipt.accepted, doubles + receipt.duplicates
            refused, done = refused + len(bad), lines[-1][0]
            click.echo(f"{done} lines read", err=True)
    click.echo(f"{stored} stored, {doubles} known already, {refused} refused")
    if refused:
        raise SystemExit(1)


def _in_parts(file):
    numbered = ((n, line) for n, line in enumerate(file, start=1) if line.strip())
    while part := list(islice(numbered, AT_ONCE)):
        yield part


def _read(lines) -> tuple[list, list]:
    events, bad = [], []
    for number, line in lines:
        try:
            events.append((number, msgspec.json.decode(line.removeprefix(BOM_UTF8))))
        except (ValueError, RecursionError):
            bad.append((number, "not_json: This line is not JSON."))
    return events, bad


@command("export")
@for_organization
def export(slug):
    """Prints every row of an organization, a line each; secrets are left out."""
    organization = chosen_organization(slug)
    with acting_for(organization):
        for table, row in rows_of_organization():
            click.echo(json.dumps({"table": table, **row}, ensure_ascii=False))
