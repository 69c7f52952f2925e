"""`flask user ...`"""

import click
from email_validator import EmailNotValidError, validate_email
from flask.cli import AppGroup

from app.clock import utc_now
from app.commands.door import chosen_organization, command, for_organization, role
from app.extensions import db
from app.operations.invite_user import AlreadyMember, invite_user
from app.passwords import LONGEST, SHORTEST, hash_password, one_time_password
from app.tenancy import acting_for

user = AppGroup("user", help="People who sign in.")


@command("create", user)
@for_organization
@click.option("--email", required=True)
@click.option("--role", type=role, required=True)
@click.option("--name", help="What to call them; taken from the e-mail when left out.")
@click.option("--password", help="Made up and printed when left out.")
def create(slug, email, role, name, password):
    """Makes a user; or adds somebody who is one already to another organization."""
    email = checked_email(email)
    given = checked_password(password) if password is not None else one_time_password()
    kept = hash_password(given)  # slow on purpose: before the database is held
    organization = chosen_organization(slug)
    with acting_for(organization):
        try:
            found, is_new = invite_user(
                email, name or name_of(email), role, kept, user_id=None, now=utc_now()
            )
        except AlreadyMember:
            raise click.UsageError(f"{email} belongs to this organization already.") from None
        db.session.commit()
    if is_new and password is None:
        click.echo(given)
    elif not is_new:
        click.echo(f"{found.email} is a user already and keeps their password.", err=True)


def name_of(email: str) -> str:
    """sofia.meyer@clinic.example -> Sofia Meyer."""
    return email.partition("@")[0].replace(".", " ").replace("_", " ").title()


def checked_email(email: str) -> str:
    try:
        checked = validate_email(
            email, check_deliverability=False, test_environment=email.endswith(".test")
        )
    except EmailNotValidError as problem:
        raise click.UsageError(f"{email!r} is not an e-mail address: {problem}") from None
    return checked.normalized.lower()


def checked_password(password: str) -> str:
    if not SHORTEST <= len(password) <= LONGEST:
        raise click.UsageError(f"A password has {SHORTEST} to {LONGEST} characters.")
    return password
