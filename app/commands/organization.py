"""`flask organization ...`"""

import re
import unicodedata
from zoneinfo import available_timezones

import click
from flask.cli import AppGroup
from sqlalchemy import select

from app.clock import utc_now
from app.commands.door import command
from app.extensions import db
from app.models import Organization

SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")

organization = AppGroup("organization", help="Organizations: each sees its own data only.")


@command("create", organization)
@click.argument("name")
@click.option("--slug", help="Its short name; made of NAME when left out.")
@click.option("--timezone", default="UTC", show_default=True, help="Such as Europe/Paris.")
@click.option("--currency", default="EUR", show_default=True, help="Three letters, ISO 4217.")
def create(name, slug, timezone, currency):
    """Makes an organization and prints its slug."""
    slug = slug or slug_of(name)
    if not SLUG.fullmatch(slug or ""):
        raise click.UsageError("Give a --slug of small letters, digits and hyphens.")
    if db.session.scalar(select(Organization.id).where(Organization.slug == slug)):
        raise click.UsageError(f"There is an organization {slug} already.")
    db.session.add(
        Organization(
            name=name.strip(),
            slug=slug,
            timezone=checked_timezone(timezone),
            currency=checked_currency(currency),
            created_at=utc_now(),
        )
    )
    db.session.commit()
    click.echo(slug)


def slug_of(name: str) -> str:
    """Aurélia Aesthetics -> aurelia-aesthetics; empty when no Latin letter or digit is left."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:63].strip("-")


def checked_timezone(name: str) -> str:
    if name not in available_timezones():
        raise click.UsageError(f"{name} is not a time zone; one is Europe/Paris.")
    return name


def checked_currency(code: str) -> str:
    if not re.fullmatch(r"[A-Za-z]{3}", code):
        raise click.UsageError("Give the currency by its three letters, such as EUR.")
    return code.upper()
