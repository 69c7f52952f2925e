"""`flask token ...`"""

import secrets

import click
from flask.cli import AppGroup

from app.clock import utc_now
from app.commands.door import chosen_organization, command, for_organization, role
from app.extensions import db
from app.models import ApiToken
from app.tenancy import acting_for

token = AppGroup("token", help="Keys by which programs call the API.")


@command("create", token)
@for_organization
@click.option("--role", type=role, required=True, help="What the token may do.")
@click.option("--name", default="From the command line", show_default=True)
def create(slug, role, name):
    """Makes an API token and prints it, alone, once: only its hash is kept."""
    organization = chosen_organization(slug)
    secret = f"ll_{secrets.token_urlsafe(32)}"
    with acting_for(organization):
        db.session.add(
            ApiToken(
                name=name,
                role=role,
                token_hash=ApiToken.digest(secret),
                prefix=secret[:8],
                created_at=utc_now(),
            )
        )
        db.session.commit()
    click.echo(secret)
