"""What every command needs: a database with tables, and the organization it is about."""

import click
from flask.cli import with_appcontext
from flask_migrate import upgrade
from sqlalchemy import inspect, select

from app.extensions import db, writing
from app.models import Organization
from app.models.user import ROLES

role = click.Choice(ROLES)
for_organization = click.option(
    "--organization", "slug", metavar="SLUG", help="The organization's short name."
)


def command(name: str, group=click):
    """Marks a command that works on the database; it writes, so it takes the lock at once."""

    def mark(function):
        def run(**given):
            _make_tables()
            with writing():
                return function(**given)

        run.__doc__, run.__name__ = function.__doc__, function.__name__
        run.__click_params__ = getattr(function, "__click_params__", [])
        return group.command(name)(with_appcontext(run))

    return mark


def _make_tables():
    """A database nobody has used yet gets its tables."""
    if not inspect(db.engine).has_table("organizations"):
        upgrade()
    db.session.rollback()


def chosen_organization(slug: str | None) -> Organization:
    """The organization with this slug; without one, the only one there is."""
    wanted = select(Organization).order_by(Organization.id)
    if slug is not None:
        wanted = wanted.where(Organization.slug == slug)
    found = db.session.scalars(wanted.limit(2)).all()
    if len(found) == 1:
        return found[0]
    if slug is not None:
        raise click.UsageError(f"There is no organization {slug}.")
    if found:
        raise click.UsageError("There are several organizations: say which by --organization SLUG.")
    raise click.UsageError("There is no organization yet: make one by `organization create NAME`.")
