"""`flask demo`: a business to look at, with some weeks behind it."""

import logging
from contextlib import contextmanager

import click
import structlog
from flask import current_app
from sqlalchemy import select

from app.clock import utc_now
from app.commands.door import command
from app.demo.catalogue import load_catalogue
from app.demo.clinic_life import ClinicLife
from app.extensions import db
from app.jobs import sizes
from app.models import Organization
from app.operations.invite_user import invite_user
from app.operations.tracking.create_site import create_site
from app.passwords import hash_password
from app.tenancy import acting_for

SLUG = "aurelia"
EMAIL = "demo@leadlight.example"
PASSWORD = "leadlight-demo"
PEOPLE = (
    (EMAIL, "Aurélie Demo", "owner"),
    ("ines@leadlight.example", "Inès Analyst", "analyst"),
    ("marc@leadlight.example", "Marc Agent", "agent"),
    ("lea@leadlight.example", "Léa Agent", "agent"),
)


@command("demo")
@click.option("--visitors", type=click.IntRange(1, 100_000), default=400, show_default=True)
@click.option("--days", type=click.IntRange(1, 730), default=30, show_default=True)
@click.option("--seed", type=int, default=1, show_default=True, help="The same seed, the same.")
def demo(visitors, days, seed):
    """Makes the demo clinic Aurelia with believable traffic; only completes one that is there."""
    there = db.session.scalar(select(Organization.id).where(Organization.slug == SLUG))
    if there:
        added = load_catalogue(there, utc_now())
        db.session.commit()
        click.echo(f"The demo is there already; {_told(added)}.")
    else:
        db.session.rollback()  # a password takes its time to hash: hold nobody up meanwhile
        with quietly():
            _make(hash_password(PASSWORD), visitors, days, seed)
            sizes.look()
    click.echo(f"Sign in as {EMAIL} with the password {PASSWORD}")


def _told(added: dict[str, int]) -> str:
    kinds = ", ".join(kind for kind, count in added.items() if count)
    return f"this version's {kinds} were added" if kinds else "nothing was changed"


@contextmanager
def quietly():
    """Inside, only warnings are logged: weeks of visits end within seconds."""
    before = structlog.get_config()["wrapper_class"]
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    try:
        yield
    finally:
        structlog.configure(wrapper_class=before)


def _make(password_hash: str, visitors: int, days: int, seed: int):
    now = utc_now()
    organization = Organization(
        slug=SLUG,
        name="Aurelia Aesthetics",
        timezone="Europe/Paris",
        currency="EUR",
        created_at=now,
    )
    db.session.add(organization)
    db.session.commit()
    organization_id = organization.id
    try:
        with acting_for(organization_id):
            _furnish(organization, password_hash, visitors, days, seed, now)
    except BaseException:  # half a demo would stand in the way of a whole one
        db.session.rollback()
        db.session.delete(db.session.get(Organization, organization_id))
        db.session.commit()
        raise


def _furnish(organization, password_hash, visitors, days, seed, now):
    load_catalogue(organization.id, now)
    host = f"{current_app.config['HOST']}:{current_app.config['PORT']}"
    values = {"name": "Aurelia website", "domain": host, "hosted": True}
    site = create_site(values, user_id=None, now=now)
    for email, name, role in PEOPLE:
        invite_user(email, name, role, password_hash, user_id=None, now=now)
    db.session.commit()
    life = ClinicLife(organization, site, seed, now)
    life.live(visitors, days, f"http://{host}", db.session.commit)
    click.echo(f"{organization.name}: {visitors} visitors in {days} days")
