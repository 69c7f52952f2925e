"""`flask sweep` and `flask rebuild`: what follows from the log."""

import click
from sqlalchemy import select

from app.clock import utc_now
from app.commands.door import command
from app.extensions import db
from app.models import Organization
from app.operations.rebuild import rebuild as derive_again
from app.operations.sweep import sweep as end_silent_visits


@command("sweep")
def sweep():
    """Ends the visits that fell silent and scores them; prints how many."""
    click.echo(f"{_sweep_all()} visits ended")


@command("rebuild")
def rebuild():
    """Derives everything again from the log; prints what differed, and puts it right."""
    _sweep_all()
    differed = 0
    for organization in db.session.scalars(select(Organization).order_by(Organization.id)).all():
        slug, counts = organization.slug, derive_again(organization, now=utc_now())
        db.session.commit()
        for table, count in sorted(counts.items()):
            if count:
                click.echo(f"{slug}: {table}: {count} differed")
                differed += count
    if not differed:
        click.echo("nothing differed")


def _sweep_all() -> int:
    """Ends every silent visit, some at a time so that nobody waits long for the database."""
    total = 0
    while ended := end_silent_visits(now=utc_now()):
        db.session.commit()
        total += ended
    db.session.commit()
    return total
