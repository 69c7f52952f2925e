"""`flask token ...`"""

import click
from flask.cli import AppGroup

from app.clock import utc_now
from app.commands.door import chosen_organization, command, for_organization, role
from app.extensions import db
from app.operations.issue_token import issue_token
from app.tenancy import acting_for

ROLES_SAY = (
    "agent: works on all leads; analyst: reads everything; admin: also erases and assigns leads, "
    "imports, changes settings; owner: everything."
)
token = AppGroup("token", help="Keys by which programs call the API.")


@command("create", token)
@for_organization
@click.option("--role", type=role, required=True, help=ROLES_SAY)
@click.option("--name", default="From the command line", show_default=True)
def create(slug, role, name):
    """Makes an API token and prints it, alone, once: only its hash is kept."""
    with acting_for(chosen_organization(slug)):
        secret = issue_token(name, role, user_id=None, now=utc_now())
        db.session.commit()
    click.echo(secret)
