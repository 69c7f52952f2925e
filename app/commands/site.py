"""`flask site ...`"""

import secrets
from urllib.parse import urlsplit

import click
from flask.cli import AppGroup

from app.clock import utc_now
from app.commands.door import chosen_organization, command, for_organization
from app.extensions import db
from app.models import Site
from app.tenancy import acting_for

site = AppGroup("site", help="Websites that are tracked, each with its key.")


@command("create", site)
@for_organization
@click.option("--domain", required=True, help="The website's host name, such as clinic.example.")
@click.option("--name", help="What to call it; the domain when left out.")
@click.option("--hosted", is_flag=True, help="Its public pages and tools are shown here.")
def create(slug, domain, name, hosted):
    """Makes a site and prints its key, alone."""
    organization = chosen_organization(slug)
    with acting_for(organization):
        made = make_site(domain, name, hosted)
        db.session.commit()
        click.echo(made.key)


def make_site(domain: str, name: str | None, hosted: bool) -> Site:
    """A new site of the organization acted for, with a random key. Not committed."""
    host = host_of(domain)
    made = Site(
        key=secrets.token_urlsafe(18),
        name=name or host,
        domain=host,
        hosted=hosted,
        created_at=utc_now(),
    )
    db.session.add(made)
    db.session.flush()
    return made


def host_of(domain: str) -> str:
    """The host, and port if there is one, of a domain or of an address."""
    domain = domain.strip().lower()
    parts = urlsplit(domain if "//" in domain else f"//{domain}")
    if not parts.hostname or " " in domain:
        raise click.UsageError(f"{domain!r} is not a domain; one is clinic.example.")
    return parts.netloc.rpartition("@")[2]
