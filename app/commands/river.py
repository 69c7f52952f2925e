"""`flask sweep` and `flask rebuild`: what follows from the log."""

import click
from sqlalchemy import select

from app.clock import utc_now
from app.commands.door import command
from app.extensions import db
from app.jobs.sweep import run as end_silent_visits
from app.models import Organization
from app.operations.rebuild import rebuild as derive_again


@command("sweep")
def sweep():
    """Ends the visits that fell silent and scores them; prints how many."""
    click.echo(f"{end_silent_visits()} visits ended")


@command("rebuild")
def rebuild():
    """Derives everything again from the log; prints what differed, and puts it right."""
    end_silent_visits()
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
