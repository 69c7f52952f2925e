"""`flask site ...`"""

import click
from flask.cli import AppGroup

from app.clock import utc_now
from app.commands.door import chosen_organization, command, for_organization
from app.domain.tracking.host import host_of
from app.extensions import db
from app.operations.tracking.create_site import create_site
from app.tenancy import acting_for

site = AppGroup("site", help="Websites that are tracked, each with its key.")


@command("create", site)
@for_organization
@click.option("--domain", required=True, help="The website's host name, such as clinic.example.")
@click.option("--name", help="What to call it; the domain when left out.")
@click.option("--hosted", is_flag=True, help="Its public pages and tools are shown here.")
def create(slug, domain, name, hosted):
    """Makes a site and prints its key, alone."""
    try:
        host = host_of(domain)
    except ValueError as problem:
        raise click.UsageError(str(problem)) from None
    values = {"name": name or host, "domain": host, "hosted": hosted}
    with acting_for(chosen_organization(slug)):
        made = create_site(values, user_id=None, now=utc_now())
        db.session.commit()
        click.echo(made.key)
