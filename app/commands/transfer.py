"""`flask import` and `flask export`: data as JSON lines, leads of other systems as CSV."""

import json
from codecs import BOM_UTF8
from itertools import islice

import click
import msgspec

from app.clock import utc_now
from app.commands.door import chosen_organization, command, for_organization
from app.commands.lead_files import FIELDS, take_in
from app.domain.leads.lifecycle import STAGES
from app.extensions import db
from app.operations.tracking.import_interactions import import_interactions
from app.queries.export import rows_of_organization
from app.tenancy import acting_for

AT_ONCE = 500


@command("import")
@click.argument("file", type=click.File("rb"))
@click.option(
    "--as",
    "kind",
    type=click.Choice(("interactions", *FIELDS)),
    default="interactions",
    help="What the lines are; leads and stages are CSV with a line of names first.",
)
@click.option(
    "--columns",
    metavar="THEIRS=OURS,...",
    help="Which columns to read and what they are here, such as id=external_id,date=created_at.",
)
@click.option("--stage", type=click.Choice(STAGES), help="The stage that all lines of stages mean.")
@for_organization
def import_(file, kind, columns, stage, slug):
    """Takes in FILE ("-": what is piped in): a line an event, as POST /api/interactions takes them.

    With --as leads or --as stages a CSV file of another system. Fields of leads: external_id,
    created_at, source, email, phone, first_name and the other fields of a lead. Fields of stages:
    external_id or email, at, stage, reason. Moments without a time zone are UTC.

    What is stored is stored once: after a break, import the same file again. What is refused is
    printed with its line number and its reason.
    """
    if kind == "interactions" and (columns or stage):
        raise click.UsageError("--columns and --stage are for --as leads and --as stages.")
    if kind == "leads" and stage:
        raise click.UsageError("--stage is for --as stages; leads begin as new.")
    organization_id = chosen_organization(slug).id
    db.session.rollback()
    if kind in FIELDS:
        with acting_for(organization_id):
            whole = take_in(file, kind, columns, stage)
        return _sum_up(whole.stored, whole.known, len(whole.refused))
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
    return _sum_up(stored, doubles, refused)


def _sum_up(stored: int, doubles: int, refused: int):
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
